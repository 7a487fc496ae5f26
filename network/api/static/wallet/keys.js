// This phone's keys, one for each certificate, so that shops cannot tell by a key that two guests are one. The browser
// keeps the private part and gives it to nobody, not even to this page.

const opened = () => new Promise((done, failed) => {
  const request = indexedDB.open("pollen", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("keys");
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});

async function inStore(mode, work) {
  const database = await opened();
  try {
    return await new Promise((done, failed) => {
      const transaction = database.transaction("keys", mode);
      const request = work(transaction.objectStore("keys"));
      transaction.oncomplete = () => done(request.result);
      transaction.onerror = transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    database.close();
  }
}

// WebCrypto is there only on HTTPS and on this machine itself.
export const canSign = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);

export const pairOf = (name) => (canSign() ? inStore("readonly", (keys) => keys.get(name)) : undefined);

export const forgetAll = () => inStore("readwrite", (keys) => keys.clear());

// The pair of this name, made now if there is none; null where the browser cannot.
export async function pairFor(name) {
  if (!canSign()) return null;
  const there = await pairOf(name);
  if (there) return there;
  const pair = await made();
  await inStore("readwrite", (keys) => keys.put(pair, name));
  return pairOf(name);
}

async function made() {
  for (const [curve, how] of [["Ed25519", "Ed25519"], ["P-256", { name: "ECDSA", namedCurve: "P-256" }]]) {
    try {
      const { privateKey, publicKey } = await crypto.subtle.generateKey(how, false, ["sign", "verify"]);
      const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
      return { curve, privateKey, shown: y ? { kty, crv, x, y } : { kty, crv, x } };
    } catch (problem) {
      if (problem.name !== "NotSupportedError") throw problem;
    }
  }
  throw new Error("this browser makes no keys");
}

// The key as the network keeps it (base64url of its COSE_Key), to see whether a copy is bound to this phone.
export function nameOf({ shown }) {
  const raw = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const core = shown.y
    ? [0xa4, 0x01, 0x02, 0x20, 0x01, 0x21, 0x58, 0x20, ...raw(shown.x), 0x22, 0x58, 0x20, ...raw(shown.y)]
    : [0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20, ...raw(shown.x)];
  return btoa(String.fromCharCode(...core)).replaceAll("+", "-").replaceAll("/", "_");
}
