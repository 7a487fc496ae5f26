// Keeps the till's pages for when there is no network. What a page says is never kept, only the one page that stands in
// for all of them; what was taken is kept by the page, not here.

const CACHE = "pollen-till-1";
const SHELL = "/till/offline";
const PATIENCE_MS = 6000;
const DOWN_MS = 10000;
const FILE_MS = 20000;
const FILES = [
  "/static/shared.css", "/static/pages/pollen.css", "/static/pages/icon.svg", "/static/vendor/htmx/htmx.min.js",
  ...["commands", "network", "pages", "scanner", "screen"].map((name) => `/static/pages/${name}.js`),
  ...["bytes", "cbor", "clock", "cose", "deliver", "device", "edwards25519", "fresh", "judge", "keeper", "key_set", "listing",
    "network", "public_keys", "receipts", "shell", "status_list", "store", "taking", "till", "token"].map((name) => `/static/till/${name}.js`),
  "/static/vendor/barcode-detector/ponyfill.js", "/static/vendor/barcode-detector/zxing-exported.js",
  "/static/vendor/zxing-wasm/zxing_reader.wasm",
];
let downUntil = 0;

// A file that does not come now holds nothing up: the page asks again for what is missing, and is not ready before.
addEventListener("install", (event) => {
  event.waitUntil(keep(FILES).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const ours = (name) => name.startsWith("pollen-till-") && name !== CACHE;
  const old = caches.keys().then((names) => Promise.all(names.filter(ours).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => clients.claim()));
});

// A page asks what is still missing. One that was on its way while this worker began has none yet, so it is claimed here.
addEventListener("message", (event) => {
  const told = keepMissing().then((missing) => event.ports[0].postMessage({ missing }));
  event.waitUntil(Promise.allSettled([clients.claim(), told]));
});

let keeping = null;

// Fetches what is missing, and tells what is missing still.
function keepMissing() {
  keeping ??= missing().then(keep).then(missing).finally(() => { keeping = null; });
  return keeping;
}

async function missing() {
  const kept = await (await caches.open(CACHE)).keys();
  const paths = new Set(kept.map(({ url }) => new URL(url).pathname));
  return FILES.filter((path) => !paths.has(path));
}

// Each by itself, so that one that fails takes no other along.
async function keep(paths) {
  const cache = await caches.open(CACHE);
  await Promise.allSettled(paths.map(async (path) => {
    const answer = await fetch(path, { cache: "no-cache", signal: AbortSignal.timeout(FILE_MS) });
    if (answer.ok) await cache.put(path, answer);
  }));
}

const isPage = ({ mode, method }, pathname) => method === "GET" && mode === "navigate"
  && (pathname === "/till" || pathname.startsWith("/till/"));

addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== location.origin) return;
  if (isPage(event.request, pathname)) event.respondWith(page(event.request));
  else if (event.request.method === "GET" && FILES.includes(pathname)) event.respondWith(file(event.request, pathname));
});

// Busy, or between two starts, is as good as no network to somebody with a queue in front of them.
async function page(request) {
  const kept = await (await caches.open(CACHE)).match(SHELL);
  try {
    const answer = await (kept ? inTime(whole(request)) : fetch(request));
    if (!kept || answer.status < 502 || answer.status > 504) { downUntil = 0; return answer; }
  } catch (problem) {
    if (!kept) throw problem;
  }
  downUntil = Date.now() + DOWN_MS;
  return kept;
}

// The newest while there is a network, else what was kept.
async function file(request, pathname) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(pathname);
  if (kept && Date.now() < downUntil) return kept;
  try {
    const answer = await (kept ? inTime(whole(request)) : fetch(request));
    if (answer.ok) await cache.put(pathname, answer.clone());
    return answer;
  } catch (problem) {
    if (!kept) throw problem;
    downUntil = Date.now() + DOWN_MS;
    return kept;
  }
}

// To its end: an answer that began and whose rest never comes is none. One that leads elsewhere has nothing to read.
async function whole(request) {
  const answer = await fetch(request);
  if (!answer.body) return answer;
  const { status, statusText, headers } = answer;
  return new Response(await answer.blob(), { status, statusText, headers });
}

const inTime = (answer) => Promise.race([
  answer, new Promise((_, late) => { setTimeout(() => late(new Error("too slow")), PATIENCE_MS); }),
]);
