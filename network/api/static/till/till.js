// On every page of the till: keeps it ready for the time without a network, says what stands, delivers what waits.

import { isThere, showNetwork } from "../pages/network.js";
import { toast } from "../pages/pages.js";
import { deliver } from "./deliver.js";
import { keepFresh } from "./fresh.js";
import { standing } from "./judge.js";
import { keepPages, lacking, nextTryMs } from "./keeper.js";
import { drawLists, waiting } from "./listing.js";
import { NoNetwork, Refused, SignedOut, csrf, post, raw } from "./network.js";
import { cashier, dropShell, filled, keepShell, money, say, when } from "./shell.js";
import * as store from "./store.js";
import { answerScan, keepBill, rememberShown } from "./taking.js";

const FRESH_MS = 5 * 60 * 1000;
const LOST_MS = 5000;
const DELIVER_MS = 30 * 1000;
const PLACES = { "/till": "home", "/till/offline": "home", "/till/redeem": "redeem", "/till/pay": "pay", "/till/deliveries": "deliveries",
  "/till/shift": "deliveries" };
// What the page that stands in can do as well as the one that it stands for.
const PLACES_HERE = ["/till/redeem", "/till/pay", "/till/deliveries"];
const about = document.getElementById("till");

// This page stands in for another one that the network did not give.
const standsIn = about.dataset.path !== location.pathname;

// What the banner, the sign of what waits, and the lists say now.
async function show() {
  const state = await standing(await cashier());
  const told = document.querySelector("[data-offline-about]");
  if (isThere()) delete told?.dataset.because;
  else if (told && !told.dataset.because) told.textContent = await say(state.ready ? "ready" : state.code, { until: state.until, list: state.listFrom });
  await showStanding(state);
  await showWaiting();
  await drawLists();
}

// Until the device has the words for it, the page's own stay: that it is not ready.
async function showStanding(state) {
  const facts = Number.isFinite(state.listFrom) ? { until: state.until, list: state.listFrom } : {};
  const code = state.ready ? (isThere() ? (await lacking()) ?? "prepared" : "ready") : state.code;
  for (const one of document.querySelectorAll("[data-standing]")) {
    one.textContent = (await say(code, facts)) || one.textContent;
    one.dataset.code = code;
  }
}

async function showWaiting() {
  const { count, sum, oldest } = await waiting();
  for (const sign of document.querySelectorAll("[data-waiting]")) {
    sign.hidden = !count;
    const text = sign.querySelector("[data-waiting-text]");
    text.dataset.text ??= text.textContent;
    text.textContent = filled(text.dataset.text, { count: String(count), sum: money(sum), oldest: count ? when(oldest) : "" });
  }
  document.querySelectorAll("[data-deliver]").forEach((button) => { button.hidden = !count; });
}

async function deliverAll() {
  try {
    await deliver();
    for (const bill of await store.all("bills")) await deliverBill(bill);
  } finally {
    await show();
  }
}

// A bill that the network will not have is shown with the reason, until somebody has read it.
async function deliverBill(bill) {
  if (bill.refused) return;
  const { command_id, amount, bill_reference } = bill;
  try {
    await post("/till/bill", { command_id, amount, bill_reference });
    await store.remove("bills", command_id);
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    await store.put("bills", { ...bill, refused: problem.detail || problem.code });
  }
}

// What is asked for, what is delivered, whether the network is there at all.
async function meetNetwork() {
  if (isThere()) keepPages().then(show);
  for (const step of [leaveIfLeft, keepShell, keepFresh, deliverWaiting]) {
    try {
      await step();
      if (step === keepFresh) showNetwork(true);
    } catch (problem) {
      if (!(problem instanceof NoNetwork)) continue; // it is there, and something is wrong that waiting may mend
      showNetwork(false);
      break;
    }
  }
  await show();
}

async function deliverWaiting() {
  if ((await waiting()).count) await deliverAll();
}

let due = 0;
let meeting = null;

async function pauseMs() {
  if (!isThere()) return LOST_MS;
  return Math.min((await waiting()).count ? DELIVER_MS : FRESH_MS, await nextTryMs());
}

// One meeting at a time, and the next when it is due.
function goOn() {
  meeting ??= meetNetwork().finally(async () => {
    meeting = null;
    const pause = await pauseMs();
    clearTimeout(due);
    due = setTimeout(goOn, pause);
  });
  return meeting;
}

document.addEventListener("pollen:unsent", (event) => {
  if (!store.isPossible()) return;
  const { url, fields, sent } = event.detail;
  const { pathname } = new URL(url, location.href);
  if (pathname === "/till/redeem") event.detail.answer = answerScan(new URLSearchParams(fields), sent).finally(show);
  if (pathname === "/till/pay" && !sent) event.detail.answer = keepBill(new URLSearchParams(fields)).then(() => true).finally(show);
});

document.addEventListener("pollen:network", () => {
  if (!isThere()) { show(); return; }
  if (standsIn && !PLACES_HERE.includes(location.pathname)) location.reload();
  else goOn();
});
document.addEventListener("pollen:shown", () => rememberShown().then(show));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-deliver]");
  if (!button) return;
  button.disabled = true;
  goOn().finally(() => { button.disabled = false; });
});

// Whoever leaves is gone at once, also without a network: then the till waits, locked, until it can tell the network.
document.addEventListener("submit", async (event) => {
  const leaves = new URL(event.target.action).pathname === "/till/leave";
  if (!leaves && (isThere() || "command" in event.target.dataset)) return;
  event.preventDefault();
  if (!leaves) { toast(await say("not_now")); return; }
  const { receipts } = await waiting();
  if (receipts && !confirm(await say("leave_waiting", { count: receipts }))) return;
  await store.keep("left", about.dataset.shift);
  await leaveIfLeft().catch(() => location.assign("/till"));
});

async function leaveIfLeft() {
  const { shift } = about.dataset;
  if (!shift || (await store.kept("left")) !== shift) return;
  await raw("/till/leave", { method: "POST", body: new URLSearchParams({ csrf: csrf() }) }).catch((problem) => {
    if (!(problem instanceof SignedOut)) throw problem; // it leads to the next one's PIN
  });
  await dropShell();
  location.assign("/till/pin");
}

async function begin() {
  if (standsIn) showNetwork(false);
  fillPlace();
  if (!store.isPossible()) { sayImpossible(); return; }
  await rememberShown();
  await show();
  await goOn();
}

// Nothing is kept on such a device, so the page brings the words along.
function sayImpossible() {
  document.querySelectorAll("[data-standing]").forEach((one) => { one.textContent = one.dataset.impossible; });
}

// The page that stands in shows what belongs to the address that it stands for.
function fillPlace() {
  const place = PLACES[location.pathname] ?? "other";
  const found = document.querySelector(`#main > template[data-place~="${place}"]`);
  if (!found) return;
  const main = document.getElementById("main");
  main.append(document.importNode(found.content, true));
  main.querySelector("[autofocus]")?.focus();
}

begin();
