// Which certificates were used, passed on or cancelled, by places in a list that the network signs: two bits each (Token
// Status List). Whole once, then by what changed. docs/pages.md says where it comes from.

import { hex, same } from "./bytes.js";
import { isBytes } from "./cbor.js";
import { NotCose, loads, opened } from "./cose.js";
import { verifies } from "./public_keys.js";

const [TYPE, KID, SUBJECT, EXP, IAT] = [16, 4, 2, 4, 6];
const [STATUS_LIST, OURS, CHANGED] = [65533, -65537, -65540];
const WHOLE = "application/statuslist+cwt";
const DELTA = "application/pollen-status-delta+cwt";
const BYTES_MAX = 64 * 1024 * 1024;
const UNTOUCHED = 0;
const ONLINE_ONLY = 3;

// A list that cannot be trusted, or is older than the one that is here. `code`: malformed, root_unknown,
// signature_invalid, another_list, rolled_back.
export class ListRefused extends Error {
  constructor(code) {
    super(code);
    this.code = `status_list_${code}`;
  }
}

export const quarterOf = (seconds) => {
  const at = new Date(seconds * 1000);
  return `${at.getUTCFullYear()}Q${Math.floor(at.getUTCMonth() / 3) + 1}`;
};

// `about`: {root, coalition, coalitionId (bytes), quarter}. A list: {quarter, version, issued, expires, entries, bits}.
export async function openList(signed, about, before = null) {
  const said = await claimsOf(signed, about, WHOLE);
  const { lst, bits } = Object.fromEntries(mapOf(said.claims.get(STATUS_LIST)));
  if (bits !== 2 || !isBytes(lst)) throw new ListRefused("malformed");
  const places = await inflated(lst);
  return newer({ ...said.head, entries: places.length * 4, places }, before);
}

// The list as it is after what changed.
export async function openDelta(signed, about, before) {
  const said = await claimsOf(signed, about, DELTA);
  const [from, entries, pairs] = said.claims.get(CHANGED) ?? [];
  if (![from, entries].every(Number.isSafeInteger) || !Array.isArray(pairs) || pairs.length % 2) throw new ListRefused("malformed");
  if (before.version < from || entries > BYTES_MAX * 4) throw new ListRefused("another_list");
  const places = new Uint8Array(Math.max(before.places.length, Math.ceil(entries / 4)));
  places.set(before.places);
  for (let at = 0; at < pairs.length; at += 2) setStatus(places, pairs[at], pairs[at + 1]);
  return newer({ ...said.head, entries: Math.max(before.entries, entries), places }, before);
}

function setStatus(places, index, status) {
  if (!Number.isSafeInteger(index) || index < 0 || index >= places.length * 4 || !(status >= 0 && status <= 3)) {
    throw new ListRefused("malformed");
  }
  const shift = 2 * (index % 4);
  const at = Math.floor(index / 4);
  places[at] = (places[at] & ~(3 << shift)) | (status << shift);
}

// 0 untouched, 1 dead, 2 suspended, 3 online only; a place that the list does not have yet is online only.
export function statusAt(list, index) {
  if (index >= list.entries) return ONLINE_ONLY;
  return (list.places[Math.floor(index / 4)] >> (2 * (index % 4))) & 3;
}

export const isUntouched = (list, index) => statusAt(list, index) === UNTOUCHED;

async function claimsOf(signed, about, type) {
  try {
    const envelope = opened(signed);
    const header = mapOf(loads(envelope.header));
    if (hex(header.get(KID) ?? []) !== hex(about.root.kid)) throw new ListRefused("root_unknown");
    if (!(await verifies(about.root, envelope.signature, envelope.signed))) throw new ListRefused("signature_invalid");
    if (header.get(TYPE) !== type) throw new ListRefused("malformed");
    const claims = mapOf(loads(envelope.payload));
    return { claims, head: headOf(claims, about) };
  } catch (problem) {
    if (problem instanceof NotCose) throw new ListRefused("malformed");
    throw problem;
  }
}

function headOf(claims, { coalition, coalitionId, quarter }) {
  const [issued, expires] = [claims.get(IAT), claims.get(EXP)];
  const [form, number, id, ofQuarter, version] = claims.get(OURS) ?? [];
  const fine = [issued, expires, version].every(Number.isSafeInteger) && isBytes(id) && typeof claims.get(SUBJECT) === "string";
  if (form !== 1 || !fine) throw new ListRefused("malformed");
  if (number !== coalition || !same(id, coalitionId) || ofQuarter !== quarter) throw new ListRefused("another_list");
  return { quarter, version, issued, expires };
}

function newer(list, before) {
  if (before && (list.version < before.version || list.issued < before.issued)) throw new ListRefused("rolled_back");
  return list;
}

function mapOf(value) {
  if (!(value instanceof Map)) throw new ListRefused("malformed");
  return value;
}

// A signed list of ours is small; whatever else comes is not unpacked beyond all memory.
async function inflated(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const parts = [];
  let length = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read().catch(() => { throw new ListRefused("malformed"); });
    if (done) break;
    length += value.length;
    if (length > BYTES_MAX) throw new ListRefused("malformed");
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  parts.reduce((at, part) => { whole.set(part, at); return at + part.length; }, 0);
  return whole;
}
