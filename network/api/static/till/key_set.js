// The coalition's verify keys, signed by its root key, which this till took once and keeps. As network/key_set.py.

import { encode, hex, isBytes, same } from "./cbor.js";
import { NotCose, loads, opened } from "./cose.js";
import { KeyRefused, NUMBERS, coreOf, keyOfCore, verifies } from "./public_keys.js";

const [ALG, CONTENT_TYPE, KID, CWT_CLAIMS] = [1, 3, 4, 15];
const [EXP, IAT, POLLEN] = [4, 6, -65537];
const STATES = ["active", "retired", "compromised"];

// `root`: {kid, curve, point}. `atSeconds`: now, since 1970. Throws KeyRefused as the network's reader does.
export async function openKeySet(signed, root, { atSeconds, versionMin = 0 }) {
  const set = await read(signed, root).catch((problem) => {
    if (problem instanceof KeyRefused && problem.code !== "key_malformed" && problem.code !== "key_weak") throw problem;
    throw new KeyRefused("key_set_malformed");
  });
  if (set.version < versionMin) throw new KeyRefused("key_set_rolled_back");
  if (atSeconds >= set.expires) throw new KeyRefused("key_set_expired");
  return set;
}

async function read(signed, root) {
  const envelope = opened(signed);
  const header = loads(envelope.header);
  if (!same(header.get(KID), root.kid)) throw new KeyRefused("key_set_root_unknown");
  if (!(await verifies(root, envelope.signature, envelope.signed))) throw new KeyRefused("key_set_signature_invalid");
  const claims = header.get(CWT_CLAIMS);
  const [, coalition, coalitionId, version] = claims.get(POLLEN);
  const set = { version, coalition, coalitionId, issued: claims.get(IAT), expires: claims.get(EXP) };
  const spelled = new Map([
    [ALG, NUMBERS[root.curve][0]], [CONTENT_TYPE, "application/cose-key-set"], [KID, root.kid],
    [CWT_CLAIMS, new Map([[EXP, set.expires], [IAT, set.issued], [POLLEN, [1, coalition, coalitionId, version]]])],
  ]);
  if (!same(encode(spelled), envelope.header) || !(version >= 1)) throw new NotCose("malformed");
  return { ...set, keys: loads(envelope.payload).map((key) => keyOf(key, coalition)) };
}

function keyOf(members, coalition) {
  const core = new Map([1, -1, -2, -3].filter((label) => members.has(label)).map((label) => [label, members.get(label)]));
  const key = keyOfCore(core);
  const kid = members.get(2);
  const [merchant, merchantId, state, faceMax, validFrom, validUntil, created] = members.get(POLLEN);
  const spelled = new Map([
    ...coreOf(key), [2, kid], [3, NUMBERS[key.curve][0]], [4, [2]],
    [POLLEN, [merchant, merchantId, state, faceMax, validFrom, validUntil, created]],
  ]);
  const numbers = [merchant, faceMax, validFrom, validUntil, created];
  const fine = isBytes(kid) && kid.length === 8 && isBytes(merchantId) && STATES[state] && numbers.every(Number.isSafeInteger);
  if (!fine || !same(encode(spelled), encode(members))) throw new NotCose("malformed");
  return { ...key, kid, merchant, merchantId, coalition, state: STATES[state], faceMax, validFrom, validUntil };
}

// {kid in hex: [keys]}: eight bytes may collide, so one kid can lead to several keys.
export function keysByKid(keys) {
  const found = new Map();
  for (const key of keys) found.set(hex(key.kid), [...(found.get(hex(key.kid)) ?? []), key]);
  return found;
}
