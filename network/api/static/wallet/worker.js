// Keeps the page for when there is no network. Calls to the network itself are never kept here.

const SHELL = "pollen-wallet-2";
const FILES = [
  "/v", "/v/manifest.webmanifest", "/static/shared.css", "/static/wallet/wallet.css", "/static/wallet/icon.svg",
  "/v/words/lv.json", "/v/words/ru.json",
  ...["wallet", "contact", "copy", "elements", "keys", "live", "network", "paper", "passing", "qr", "screen", "sentences", "settings",
    "words", "worth"].map((name) => `/static/wallet/${name}.js`),
];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith("pollen-wallet-") && name !== SHELL; // a cashier's phone keeps a till's files too
  const old = caches.keys().then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => clients.claim()));
});

// The newest when there is a network, else what was kept.
addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin || !FILES.includes(pathname)) return;
  event.respondWith((async () => {
    const cache = await caches.open(SHELL);
    try {
      const answer = await fetch(event.request);
      if (answer.ok) await cache.put(pathname, answer.clone());
      return answer;
    } catch (problem) {
      const kept = await cache.match(pathname);
      if (kept) return kept;
      throw problem;
    }
  })());
});
