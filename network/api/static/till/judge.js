// Whether a certificate may be taken without a network: everything that this till can know alone, in the order in which
// a cashier can do something about it. What it cannot know, the network judges when the receipt is delivered.

import { uuid } from "./bytes.js";
import * as clock from "./clock.js";
import { keysByKid } from "./key_set.js";
import { quarterOf, statusAt } from "./status_list.js";
import * as store from "./store.js";
import { TokenRefused, bytesOfText, verifyPresented } from "./token.js";

const [DEAD, SUSPENDED] = [1, 2];
const no = (code, facts = {}) => ({ yes: false, code, facts });

// Whether this till may take anything now. `until` and `listFrom` in seconds since 1970. `by`: who is at the till.
export async function standing(by) {
  const [kit, keys, lists, registered] = await Promise.all(["kit", "keys", "lists", "registered"].map(store.kept));
  if (!kit || !keys || !registered) return { ready: false, code: "not_prepared" };
  const at = await clock.now();
  const listFrom = Math.min(...Object.values(lists ?? {}).map((list) => list.issued));
  const until = Math.min(listFrom + kit.list_seconds_max, keys.expires, by?.ends ?? Infinity);
  const known = { kit, keys, lists, at, listFrom, until };
  if (!Number.isFinite(listFrom) || (by && by.till !== kit.till_id)) return { ready: false, code: "not_prepared" };
  if (!by?.person) return { ...known, ready: false, code: "nobody_here" };
  if (await store.kept("blocked")) return { ...known, ready: false, code: "till_blocked" };
  if (await clock.wasSetBack()) return { ...known, ready: false, code: "clock_set_back" };
  if (at >= (by.ends ?? Infinity)) return { ...known, ready: false, code: "shift_over" };
  if (at >= keys.expires || at - listFrom >= kit.list_seconds_max) return { ...known, ready: false, code: "list_old" };
  return { ...known, ready: true, code: null };
}

// `asked`: {scanned (a token's text), bill, amount or null (minor units), billReference}.
export async function judged(asked, by) {
  const state = await standing(by);
  if (!state.ready) return no(state.code);
  let claims;
  let scanned;
  try {
    scanned = bytesOfText(asked.scanned);
    claims = await verifyPresented(scanned, keysByKid(state.keys.keys), state.at);
  } catch (problem) {
    if (problem instanceof TokenRefused) return no(problem.code, problem.facts);
    throw problem;
  }
  const refusal = refusedByClaims(claims, state) ?? refusedByList(claims, state) ?? (await refusedByUse(claims));
  return refusal ?? withBill(asked, { claims, scanned, state });
}

function refusedByClaims(claims, { kit }) {
  if (claims.coalition !== kit.coalition_number || claims.acceptor !== kit.merchant_number) return no("wrong_acceptor");
  if (claims.currency !== kit.currency) return no("wrong_acceptor");
  return claims.onlineOnly ? no("needs_network") : null;
}

function refusedByList(claims, { lists, at, kit }) {
  const list = lists[quarterOf(claims.expires)];
  if (!list) return no("needs_network");
  if (at - list.issued >= kit.list_seconds_max || at >= list.expires) return no("list_old");
  const status = statusAt(list, claims.statusIndex);
  if (status === DEAD) return no("list_dead");
  if (status === SUSPENDED) return no("list_suspended");
  return status ? no("list_online_only") : null;
}

// What this till itself took, here or by the network.
async function refusedByUse(claims) {
  const id = uuid(claims.id);
  const taken = (await store.all("receipts")).filter((one) => one.certificate_id === id);
  if (taken.length) return no("taken_here", { at: Math.max(...taken.map((one) => one.taken_at)) });
  const online = await store.one("taken", id);
  return online ? no("taken_here", { at: online.at }) : null;
}

async function withBill(asked, { claims, scanned, state }) {
  const { kit, at, lists } = state;
  const rule = kit.rules.find((one) => one.issuer_number === claims.issuer);
  if (!rule || !rule.ceiling) return no("never_offline");
  if (asked.bill < rule.smallest_bill) return no("bill_too_small_to_redeem", { bill: asked.bill, smallest: rule.smallest_bill });
  const left = asked.bill - (await takenOff(asked));
  if (left <= 0) return no("bill_covered");
  const fits = Math.min(claims.face, left);
  const amount = asked.amount ?? fits;
  if (amount > fits) return no(amount > left ? "more_than_the_bill" : "insufficient_balance", { bill: left, outstanding: claims.face, requested: amount });
  if (amount !== fits && !rule.partial) return no("partial_redemption_not_allowed", { whole: fits });
  if (amount > rule.ceiling) return no("over_ceiling", { amount, ceiling: rule.ceiling });
  const list = lists[quarterOf(claims.expires)];
  const taking = { till: kit.till_id, claims, scanned, amount, bill: asked.bill, billReference: asked.billReference, list, at, rule };
  return { yes: true, taking, amount, toPay: left - amount };
}

// Certificates on the same bill, taken by this till before.
async function takenOff({ billReference }) {
  const offline = (await store.all("receipts")).filter((one) => one.bill_reference === billReference);
  const online = (await store.all("taken")).filter((one) => one.bill_reference === billReference);
  return [...offline, ...online].reduce((sum, one) => sum + one.amount, 0);
}
