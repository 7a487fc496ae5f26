// Keeps the page for when there is no network. Calls to the network itself are never kept here.

const SHELL = "pollen-wallet-2";
const PATIENCE_MS = 4000;
const DOWN_MS = 10000;
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

let downUntil = 0;

// The newest when there is a network, else what was kept. One that says nothing for a while, or is between two starts,
// is as good as none to a guest who stands at a till.
addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin || !FILES.includes(pathname)) return;
  event.respondWith((async () => {
    const cache = await caches.open(SHELL);
    const kept = await cache.match(pathname);
    if (!kept) return fetch(event.request);
    if (Date.now() < downUntil) return kept;
    try {
      const answer = await inTime(whole(event.request));
      if (answer.status >= 500) throw new Error("busy");
      if (answer.ok) await cache.put(pathname, answer.clone());
      return answer;
    } catch {
      downUntil = Date.now() + DOWN_MS;
      return kept;
    }
  })());
});

// To its end: an answer that began and whose rest never comes is none.
async function whole(request) {
  const answer = await fetch(request);
  if (!answer.body) return answer;
  const { status, statusText, headers } = answer;
  return new Response(await answer.blob(), { status, statusText, headers });
}

const inTime = (answer) => Promise.race([
  answer, new Promise((_, late) => { setTimeout(() => late(new Error("too slow")), PATIENCE_MS); }),
]);
