// What was taken without a network, newest first, and what the network said about each. Kept on this device.

import { all, isWaiting } from "./receipts.js";
import { fill, money, say, template, when } from "./shell.js";
import * as store from "./store.js";

export async function waiting() {
  const found = (await all()).filter(isWaiting);
  const bills = await store.all("bills");
  return {
    count: found.length + bills.length,
    receipts: found.length,
    sum: found.reduce((sum, one) => sum + one.amount, 0),
    oldest: Math.min(...found.map((one) => one.taken_at), ...bills.map((one) => one.at)),
  };
}

// Into every list of this page. `shift`: only what was taken in it.
export async function drawLists() {
  for (const list of document.querySelectorAll("[data-offline-list]")) {
    const shift = list.dataset.shift;
    const found = (await all()).filter((one) => !shift || one.shift === shift).sort((a, b) => b.taken_at - a.taken_at || b.sequence - a.sequence);
    const bills = (await store.all("bills")).map(async (bill) => line("offline-bill", { ...bill, at: when(bill.at), amount: money(bill.minor) }));
    const lines = [...await Promise.all(bills), ...await Promise.all(found.map(receiptLine))];
    list.replaceChildren(...lines);
    const section = list.closest("[data-offline-section]");
    section.querySelectorAll("[data-empty]").forEach((one) => { one.hidden = lines.length > 0; });
    if ("onlyFilled" in section.dataset) section.hidden = lines.length === 0;
  }
}

async function receiptLine(receipt) {
  const { answer } = receipt;
  const status = answer?.status === "reversed" ? "booked" : answer?.status ?? "waiting";
  const made = await line("offline-line", { at: when(receipt.taken_at), issuer: receipt.issuer_name, bill: receipt.bill_reference,
    amount: money(receipt.amount), by: receipt.name ?? "" });
  for (const badge of made.querySelectorAll("[data-status]")) if (badge.dataset.status !== status) badge.remove();
  const why = made.querySelector("[data-why]");
  why.textContent = await meaning(answer);
  why.hidden = !why.textContent;
  made.classList.toggle("open", status === "waiting");
  return made;
}

// What it means, who bears it, and what was against the rules, in plain words.
async function meaning(answer) {
  if (!answer) return "";
  const parts = answer.code ? [await say(`about_${answer.code}`)] : [];
  if (answer.status === "conflicted") parts.push(await say(`borne_${answer.borne_by ?? "acceptor"}`));
  if (answer.status === "refused") parts.push(await say("borne_nobody"));
  for (const breach of answer.breaches ?? []) parts.push(await say(`about_${breach.code ?? breach}`));
  return parts.filter(Boolean).join(" ");
}

const line = async (name, facts) => fill(await template(name), facts).firstElementChild;
