// What a till has to know before the network goes: the coalition's keys, the list of what was used, the rules of its
// partners, and that the network knows its own key. Asked for again and again while there is a network.

import { hex, unb64u, unhex } from "./bytes.js";
import * as clock from "./clock.js";
import { deviceKey, registration } from "./device.js";
import { openKeySet } from "./key_set.js";
import { ask, post, raw } from "./network.js";
import { all } from "./receipts.js";
import { openDelta, openList } from "./status_list.js";
import * as store from "./store.js";

const ENOUGH_MS = 60 * 1000;

// Asks if the last time is a minute ago; one tab at a time, the others only look whether the network is there.
export const keepFresh = () => navigator.locks.request("pollen-till-fresh", { ifAvailable: true }, async (mine) => {
  const known = await store.kept("kit");
  const isOurs = known?.till_id === document.getElementById("till").dataset.till;
  if (!mine || (isOurs && Date.now() - ((await store.kept("asked")) ?? 0) < ENOUGH_MS)) {
    await ask("/healthz");
    return;
  }
  const askedMs = Date.now();
  const kit = await ask("/till/kit");
  if (known && known.till_id !== kit.till_id) await store.forget();
  await clock.compare(kit.at, askedMs);
  const root = await pinned(kit);
  await register(kit);
  await keepKeySet(kit, root);
  await keepLists(kit, root);
  await store.keep("kit", kit);
  await seeStandings(kit);
  await store.keep("asked", askedMs);
  navigator.storage?.persist?.();
});

// The root key is believed once, when this device became a till; another one later is somebody else's.
async function pinned(kit) {
  const root = { kid: unhex(kit.root_key.kid), curve: kit.root_key.algorithm === "Ed25519" ? "Ed25519" : "P-256",
    point: unb64u(kit.root_key.public_key) };
  const known = await store.kept("root");
  if (known && hex(known.point) !== hex(root.point)) throw new Error("another root key");
  if (!known) await store.keep("root", root);
  return known ?? root;
}

// The network knows this device's key. One that was revoked, or whose journal it knows further than this device does
// (an old backup came back), is followed by a new one with a journal of its own.
async function register(kit) {
  const key = await deviceKey();
  const mine = kit.journals.find((one) => one.kid === key.kid);
  await store.keep("blocked", kit.journals.find((one) => one.blocked)?.blocked ?? null);
  const written = (await all()).filter((one) => one.kid === key.kid).length;
  if (mine?.state === "revoked" || (mine && mine.next_sequence > written + 1)) {
    await store.drop("key");
    return register({ ...kit, journals: kit.journals.filter((one) => one !== mine) });
  }
  if (!mine) await post("/till/key", await registration(key, kit.till_id));
  return store.keep("registered", key.kid);
}

// What was booked may be in conflict since: another till's earlier one came in.
async function seeStandings(kit) {
  const mine = new Map(kit.journals.map((one) => [one.kid, one.journal]));
  const open = (await all()).filter((one) => one.answer?.status === "booked" && mine.has(one.kid));
  for (const kid of new Set(open.map((one) => one.kid))) {
    const ofKey = open.filter((one) => one.kid === kid);
    const after = Math.min(...ofKey.map((one) => one.sequence)) - 1;
    const { receipts } = await ask(`/till/standings?journal=${mine.get(kid)}&after=${after}`);
    for (const told of receipts) {
      const one = ofKey.find(({ sequence }) => sequence === told.sequence);
      const { status, code, borne_by, breaches } = told;
      if (one && (status !== one.answer.status || code !== one.answer.code)) {
        await store.put("receipts", { ...one, answer: { ...one.answer, status, code, borne_by, breaches } });
      }
    }
  }
}

async function keepKeySet(kit, root) {
  const known = await store.kept("keys");
  const set = await openKeySet(await bytesAt(kit.keys_url), root, { atSeconds: await clock.now(), versionMin: known?.version ?? 0 });
  await store.keep("keys", set);
}

async function keepLists(kit, root) {
  const before = (await store.kept("lists")) ?? {};
  const lists = {};
  for (const { quarter, url } of kit.lists) {
    const about = { root, coalition: kit.coalition_number, coalitionId: unhex(kit.coalition_id), quarter };
    lists[quarter] = await newestList(url, about, before[quarter] ?? null);
  }
  await store.keep("lists", lists);
}

async function newestList(url, about, before) {
  if (before) {
    const changed = await bytesAt(`${url.replace(/\.cwt$/, "")}/since/${before.version}.cwt`, [404, 410]);
    if (changed) return openDelta(changed, about, before);
  }
  return openList(await bytesAt(url), about, before);
}

// Null for an answer that says that there is none.
async function bytesAt(url, none = []) {
  const answer = await raw(url, { cache: "no-cache" });
  if (none.includes(answer.status)) return null;
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}
