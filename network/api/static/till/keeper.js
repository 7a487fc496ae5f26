// Whether this device has the till's pages for a time without a network: the worker that gives them is there and has
// every file, and the page that stands in is kept for who is here now. What is not so is tried again at each meeting.

import { isShellKept } from "./shell.js";

const WORKER = "/till/worker.js";
const SCOPE = "/till";
const PATIENCE_MS = 30 * 1000;
const SOON_MS = 5 * 1000;
const SELDOM_MS = 5 * 60 * 1000;

let said = "pages_coming";
let failures = 0;
let keeping = null;

// Null when everything is there, else the code of what to say about it.
export const lacking = async () => said ?? ((await isShellKept()) ? null : "pages_coming");

// When to try again: soon at first, seldom where it goes on failing.
export const nextTryMs = async () => ((await lacking()) ? Math.min(SOON_MS * 2 ** Math.max(failures - 1, 0), SELDOM_MS) : Infinity);

// One try at a time; the next meeting is the next try.
export function keepPages() {
  keeping ??= tried().then((code) => {
    said = code;
    failures = code ? failures + 1 : 0;
  }).finally(() => { keeping = null; });
  return keeping;
}

async function tried() {
  try {
    const missing = await inTime(missingFiles());
    return missing.length ? "pages_failed" : null;
  } catch {
    return "pages_failed"; // no worker allowed here, its script or a file did not come, or it does not answer
  }
}

async function missingFiles() {
  const registration = await navigator.serviceWorker.register(WORKER, { scope: SCOPE });
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  await begun(worker);
  const { port1, port2 } = new MessageChannel();
  return new Promise((done) => {
    port1.onmessage = ({ data }) => { port1.close(); done(data.missing); };
    worker.postMessage(null, [port2]);
  });
}

function begun(worker) {
  return new Promise((done, failed) => {
    const look = () => {
      if (worker.state === "activated") done();
      if (worker.state === "redundant") failed(new Error("the worker did not begin"));
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

const inTime = (answer) => Promise.race([
  answer, new Promise((_, late) => { setTimeout(() => late(new Error("too slow")), PATIENCE_MS); }),
]);
