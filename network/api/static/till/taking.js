// A scan without a network: the form's fields in, a big yes or no out.

import { judged, standing } from "./judge.js";
import * as receipts from "./receipts.js";
import * as clock from "./clock.js";
import { showMain } from "../pages/screen.js";
import { cashier, fill, money, say, spoken, template } from "./shell.js";
import * as store from "./store.js";

const TOKEN_LEAST = 64;
// What a scanner's keys come out as under a Russian layout, turned back: as network/api/pages/till/redeem.py.
const RUSSIAN = "ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ";
const LATIN = "QWERTYUIOP[]ASDFGHJKL;'ZXCVBNM,.";

function tokenIn(scanned) {
  const upright = [...scanned.toUpperCase()].map((sign) => LATIN[RUSSIAN.indexOf(sign)] ?? sign).join("");
  const words = upright.match(/[0-9A-Z]+/g) ?? [];
  const longest = words.reduce((most, word) => (word.length > most.length ? word : most), "");
  return longest.length >= TOKEN_LEAST ? longest : null;
}

// An amount as people type it, in minor units; null where it is none.
export function amountOf(typed) {
  const text = typed.replace(/[\s\u00a0\u202f€']/g, "").replace(",", ".");
  const digits = Number(document.getElementById("till").dataset.digits);
  if (!/^[0-9]{1,12}(\.[0-9]{1,3})?$/.test(text)) return null;
  const [whole, part = ""] = text.split(".");
  if (/[1-9]/.test(part.slice(digits))) return null;
  const minor = Number(whole + part.slice(0, digits).padEnd(digits, "0"));
  return minor > 0 && Number.isSafeInteger(minor) ? minor : null;
}

// Whether the form was answered here. `sent`: the network may have done it already; then only a yes for the same bill
// and amount is safe, because the network knows the two for one, and everything else waits for its answer.
export async function answerScan(fields, sent) {
  const typed = Object.fromEntries(["presented", "bill", "bill_reference", "amount"].map((name) => [name, (fields.get(name) ?? "").trim()]));
  await template("offline-yes"); // without the words for it, nothing is taken
  const said = await decided(typed);
  if (!said.yes && sent) {
    const told = document.querySelector("[data-offline-about]");
    told.dataset.because = said.code;
    told.textContent = await say("waits_because", { reason: await say(said.code, said.facts) });
    return false;
  }
  await (said.yes ? showYes(said, typed) : showNo(said, typed));
  return true;
}

async function decided(typed) {
  const no = (code) => ({ yes: false, code, facts: {} });
  const by = await cashier();
  const state = await standing(by);
  if (!state.ready) return no(state.code);
  const scanned = tokenIn(typed.presented);
  if (!typed.presented) return no("nothing_scanned");
  if (!scanned) return no("typed_code");
  if (!typed.bill || !typed.bill_reference) return no("bill_missing");
  const [bill, amount] = [amountOf(typed.bill), typed.amount ? amountOf(typed.amount) : null];
  if (bill === null || (typed.amount && amount === null)) return no("amount_malformed");
  const asked = { scanned, bill, amount, billReference: typed.bill_reference };
  const said = await receipts.take(() => judged(asked, by), { person: by.person, shift: by.shift, name: by.name });
  if (said.yes) await clock.saw(said.receipt.taken_at);
  return said;
}

async function showYes({ amount, toPay }, { bill_reference }) {
  const answer = fill(await template("offline-yes"), { amount: money(amount), to_pay: money(toPay), bill: bill_reference });
  showMain(answer.getElementById("main"), { bodyClass: "narrow" });
}

async function showNo({ code, facts }, typed) {
  const answer = await template("offline-no");
  fill(answer, { ...typed, reason: await say(code, facts) });
  const again = answer.querySelector("form");
  if (!typed.bill || !typed.bill_reference) again.remove();
  else answer.querySelector("[data-without-bill]").remove();
  showMain(answer.getElementById("main"), { bodyClass: "narrow" });
}

// A paid bill goes on record when the network is back; a certificate for it needs the network now.
export async function keepBill(fields) {
  const [amount, reference] = [amountOf(fields.get("amount") ?? ""), (fields.get("bill_reference") ?? "").trim()];
  if (amount === null || !reference) return showNo({ code: amount === null ? "amount_malformed" : "bill_missing", facts: {} }, {});
  await store.put("bills", { command_id: fields.get("command_id"), amount: fields.get("amount"), minor: amount,
    bill_reference: reference, at: await clock.now() });
  const said = fill(await template("offline-kept"), await spoken({ bill_reference: reference, amount }));
  showMain(said.getElementById("main"), { bodyClass: "narrow" });
}

// What this till redeemed by the network counts as taken here too, before the list says so.
export async function rememberShown() {
  const shown = document.querySelector("[data-redeemed]");
  if (shown) {
    const { redeemed, bill, amount } = shown.dataset;
    await store.put("taken", { certificate_id: redeemed, bill_reference: bill, amount: Number(amount), at: await clock.now() });
  }
  const undone = document.querySelector("[data-undone]");
  if (undone) await store.remove("taken", undone.dataset.undone);
}
