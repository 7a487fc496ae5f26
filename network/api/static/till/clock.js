// The network's time, in seconds since 1970: a device's own clock may be wrong. It is compared whenever the network
// answers, and a clock that was set back since is seen.

import * as store from "./store.js";

const BACK_SECONDS = 60;

// `at`: what the network said its time was when this answer was made.
export async function compare(at, askedMs) {
  const middle = (askedMs + Date.now()) / 2;
  await store.keep("clock", { offsetMs: Date.parse(at) - middle, seen: Math.floor(Date.parse(at) / 1000) });
}

export async function now() {
  const { offsetMs = 0 } = (await store.kept("clock")) ?? {};
  return Math.floor((Date.now() + offsetMs) / 1000);
}

export async function wasSetBack() {
  const known = await store.kept("clock");
  return Boolean(known) && (await now()) < known.seen - BACK_SECONDS;
}

// Time has come so far: whatever is said later is later.
export async function saw(at) {
  const known = (await store.kept("clock")) ?? { offsetMs: 0, seen: 0 };
  if (at > known.seen) await store.keep("clock", { ...known, seen: at });
}
