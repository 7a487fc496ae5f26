// The page that stands in for every other one while there is no network: it is kept on the device in the cashier's
// language, and has the templates of every answer and the sentence of every refusal.

import { raw } from "./network.js";
import * as store from "./store.js";

const CACHE = "pollen-till-1";
const SHELL = "/till/offline";
const KEPT_MS = 10 * 60 * 1000;

let parsed = null;

async function shell() {
  if (document.querySelector("template[data-say]")) return document;
  if (parsed) return parsed;
  const answer = await (await caches.open(CACHE)).match(SHELL);
  if (answer) parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  return parsed;
}

// Whether it is kept for this cashier and language.
export const isShellKept = async () => (await store.kept("shell"))?.wanted === wantedNow();

function wantedNow() {
  const { person, shift, lang } = about();
  return `${person} ${shift} ${lang}`;
}

// As the page is now, for this cashier and language. A device without one shows nothing without a network.
export async function keepShell() {
  const wanted = wantedNow();
  const kept = (await store.kept("shell")) ?? {};
  if (kept.wanted === wanted && Date.now() - kept.at < KEPT_MS) return;
  const answer = await raw(SHELL, { cache: "no-store" });
  if (!answer.ok) return;
  await (await caches.open(CACHE)).put(SHELL, answer);
  await store.keep("shell", { wanted, at: Date.now() });
  parsed = null;
}

export async function dropShell() {
  parsed = null;
  await store.drop("shell");
  await (await caches.open(CACHE)).delete(SHELL);
}

export async function template(name) {
  const page = await shell();
  return document.importNode(page.getElementById(name).content, true);
}

// The sentence of a code, its facts filled in; of an unknown code, the one for what is unknown.
export async function say(code, facts = {}) {
  const page = await shell();
  const found = page?.querySelector(`template[data-say="${CSS.escape(code)}"]`)
    ?? page?.querySelector(`template[data-say="${code.startsWith("token_") ? "token" : "other"}"]`);
  return found ? filled(found.content.textContent.trim(), await spoken(facts)) : "";
}

export const filled = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);

// Fills every text in an element, and every attribute that a reader hears.
export function fill(within, facts) {
  const texts = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = filled(texts.currentNode.data, facts);
  for (const input of within.querySelectorAll("input[data-fact]")) input.value = facts[input.dataset.fact] ?? "";
  return within;
}

const about = () => document.getElementById("till").dataset;

export function money(minor) {
  const { lang, currency, digits } = about();
  return new Intl.NumberFormat(lang === "en" ? "en-GB" : lang, { style: "currency", currency }).format(minor / 10 ** Number(digits));
}

// The time of day, with the day where it is not today.
export function when(seconds) {
  const { lang, zone } = about();
  const at = new Date(seconds * 1000);
  const day = (date) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(date);
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" }).format(at);
  if (day(at) === day(new Date())) return time;
  const named = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { timeZone: zone, day: "numeric", month: "short" });
  return `${named.format(at)}, ${time}`;
}

const MONEY = new Set(["bill", "smallest", "outstanding", "requested", "whole", "amount", "ceiling", "sum"]);
const TIMES = new Set(["at", "until", "list", "oldest", "expired_at"]);

// Facts as people read them.
export async function spoken(facts) {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => {
    if (typeof value !== "number") return [name, value];
    if (MONEY.has(name)) return [name, money(value)];
    return [name, TIMES.has(name) ? when(value) : String(value)];
  }));
}

// Who is at the till, as the page says; `ends`: when the shift is over at the latest.
export async function cashier() {
  const { till, person, shift, ends, name } = about();
  if (!person || (await store.kept("left")) === shift) return null;
  return { till, person, shift, name, ends: Number(ends) };
}
