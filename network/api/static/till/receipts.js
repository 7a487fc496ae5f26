// The journal of what this till took without a network: each receipt signed by the device's key, numbered, and bound to
// the one before by its hash. It is on the disk before anybody hears a yes.

import { hex, sha256, unhex, uuid } from "./bytes.js";
import { encode } from "./cbor.js";
import { sealed } from "./cose.js";
import { deviceKey, signs } from "./device.js";
import { NUMBERS } from "./public_keys.js";
import * as store from "./store.js";

const [ALG, KID, TAKEN_AT, RECEIPT] = [1, 4, 6, -65539];
const NONE_BEFORE = new Uint8Array(32);

export const all = () => store.all("receipts");
export const isWaiting = (receipt) => receipt.answer === null;

// Signed and written, one tab at a time; resolves when it is safe. `judged` is of judge.js: it judges again inside, for
// another tab may have taken the same certificate a moment ago. Returns what it says, with the receipt where it is a yes.
export const take = (judged, by) => store.alone("receipts", async () => {
  const said = await judged();
  if (!said.yes) return said;
  const key = await deviceKey();
  const journal = (await all()).filter((one) => one.kid === key.kid);
  const last = journal.reduce((newest, one) => (newest && newest.sequence > one.sequence ? newest : one), null);
  const receipt = await signed(said.taking, key, last);
  await store.add("receipts", { ...receipt, ...by });
  return { ...said, receipt };
});

async function signed(taking, key, last) {
  const { till, claims, scanned, amount, bill, billReference, list, at } = taking;
  const sequence = (last?.sequence ?? 0) + 1;
  const previous = last ? unhex(last.hash) : NONE_BEFORE;
  const said = [1, unhex(till), sequence, previous, claims.id, claims.epoch, amount, billReference, bill, list.version, list.issued, scanned];
  const header = new Map([[ALG, NUMBERS[key.curve][0]], [KID, unhex(key.kid)]]);
  const payload = encode(new Map([[TAKEN_AT, at], [RECEIPT, said]]));
  const bytes = await sealed(header, payload, (message) => signs(key, message));
  return {
    kid: key.kid, sequence, till, bytes, hash: hex(await sha256(bytes)), certificate_id: uuid(claims.id), epoch: claims.epoch,
    shown_at: claims.shownAt, amount, bill, bill_reference: billReference, issuer_name: taking.rule.issuer_name, taken_at: at,
    answer: null,
  };
}
