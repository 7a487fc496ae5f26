// What this device keeps for the time without a network. Written with strict durability: it is on the disk when the
// promise resolves, so a receipt survives the browser, the battery and the plug.

const NAME = "pollen-till";

let database = null;

function opened() {
  database ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const made = request.result;
      made.createObjectStore("kept");
      made.createObjectStore("receipts", { keyPath: ["kid", "sequence"] });
      made.createObjectStore("taken", { keyPath: "certificate_id" });
      made.createObjectStore("bills", { keyPath: "command_id" });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => { database = null; failed(request.error); };
  });
  return database;
}

// `work(store)` asks for one thing; its result comes when everything is written.
async function inStore(name, mode, work) {
  const transaction = (await opened()).transaction(name, mode, { durability: "strict" });
  return new Promise((done, failed) => {
    const request = work(transaction.objectStore(name));
    transaction.oncomplete = () => done(request?.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

export const kept = (name) => inStore("kept", "readonly", (store) => store.get(name));
export const keep = (name, value) => inStore("kept", "readwrite", (store) => store.put(value, name));
export const drop = (name) => inStore("kept", "readwrite", (store) => store.delete(name));

export const all = (name) => inStore(name, "readonly", (store) => store.getAll());
export const one = (name, key) => inStore(name, "readonly", (store) => store.get(key));
export const put = (name, value) => inStore(name, "readwrite", (store) => store.put(value));
// Fails where there is one already: a sequence is written once.
export const add = (name, value) => inStore(name, "readwrite", (store) => store.add(value));
export const remove = (name, key) => inStore(name, "readwrite", (store) => store.delete(key));

// Everything but receipts and bills: what another till left behind is still to be delivered.
export async function forget() {
  await inStore("kept", "readwrite", (store) => store.clear());
  await inStore("taken", "readwrite", (store) => store.clear());
}

// One tab at a time, whatever it does in between.
export const alone = (what, work) => navigator.locks.request(`pollen-till-${what}`, work);

// WebCrypto and locks are there only on HTTPS and on this machine itself.
export const isPossible = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB && navigator.locks
  && globalThis.DecompressionStream);
