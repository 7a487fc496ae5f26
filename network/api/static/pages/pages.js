// What every page does in the browser: little things that need no server. Texts stand in the page, in its language.

import "./network.js";
import { showMain } from "./screen.js";

const one = (selector, within = document) => within.querySelector(selector);

export function toast(text) {
  const shown = document.createElement("p");
  shown.className = "toast";
  shown.textContent = text;
  one("#toasts").append(shown);
  setTimeout(() => shown.remove(), 4000);
}

// A one-time code comes behind the # of a link: no server log sees it, and neither does the history.
function takeCodeFromLink() {
  const field = one(".from-link input");
  const code = decodeURIComponent(location.hash.slice(1));
  if (!field || !/^\d+-[\w-]{8,24}$/.test(code)) return;
  history.replaceState(null, "", location.pathname);
  field.value = code;
  field.form.requestSubmit();
}

function narrow(field) {
  const wanted = field.value.trim().toLocaleLowerCase();
  for (const line of document.getElementById(field.dataset.narrows).children) {
    line.hidden = !line.textContent.toLocaleLowerCase().includes(wanted);
  }
}

document.addEventListener("input", (event) => {
  if (event.target.dataset?.narrows) narrow(event.target);
});

document.addEventListener("submit", (event) => {
  const asks = event.target.dataset.confirm;
  if (asks && !confirm(asks)) event.preventDefault();
  else if (!("command" in event.target.dataset) && !event.defaultPrevented) {
    if ("file" in event.target.dataset) { saveAsked(event); return; }
    holdOnce(event);
    if (event.defaultPrevented) return;
    wait();
    if (event.target.dataset.tells) sendLong(event);
  }
});

// A form that asks for a file leaves the page where it is.
function saveAsked(event) {
  event.preventDefault();
  const asked = new URLSearchParams(new FormData(event.target));
  const { name, value } = event.submitter ?? {};
  if (name) asked.set(name, value);
  save(`${event.target.action}?${asked}`);
}

// What takes longer than a moment says so: the next page, an upload, a file that has to be written first.
const MOMENT_MS = 400;
let waiting = 0;
function wait() {
  clearTimeout(waiting);
  waiting = setTimeout(() => (one("#busy").hidden = false), MOMENT_MS);
}
function rest() {
  clearTimeout(waiting);
  one("#busy").hidden = true;
  one("#busy progress").removeAttribute("value");
}
addEventListener("pagehide", rest);

// A long command is sent by itself, and asked how far it is until its answer comes. Without an answer the browser sends
// the form, whose command is the same one.
let long = 0;
async function sendLong(event) {
  event.preventDefault();
  const form = event.target;
  const fields = new FormData(form);
  const asking = setInterval(async () => {
    const answer = await fetch(form.dataset.tells + fields.get("command_id")).catch(() => null);
    const { share } = answer?.ok ? await answer.json() : {};
    if (share) one("#busy progress").value = share / 100;
  }, MOMENT_MS);
  long += 1;
  try {
    const body = form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
    const answer = await fetch(form.action, { method: "POST", body });
    if (answer.redirected) { location.assign(answer.url); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    showMain(page.getElementById("main"), { title: page.title, bodyClass: page.body.className });
    rest();
  } catch {
    form.submit();
  } finally {
    long -= 1;
    clearInterval(asking);
    delete form.dataset.sent;
  }
}

// How much of a file is here, where its length is known; what is written while it is sent has none.
async function whole(answer) {
  const length = answer.headers.has("content-encoding") ? 0 : Number(answer.headers.get("content-length"));
  const parts = [];
  let got = 0;
  for (const reader = answer.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts);
    parts.push(value);
    got += value.length;
    if (length) one("#busy progress").value = got / length;
  }
}

const saving = new Set();
async function save(address) {
  if (saving.has(address)) return;
  saving.add(address);
  wait();
  try {
    const answer = await fetch(address);
    const named = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "");
    if (!named) { location.assign(address); return; } // a refusal, or somebody has to sign in: that is a page
    const file = URL.createObjectURL(await whole(answer));
    Object.assign(document.createElement("a"), { href: file, download: named[1] }).click();
    setTimeout(() => URL.revokeObjectURL(file), 60_000);
  } finally {
    saving.delete(address);
    if (!saving.size) rest();
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.target) return;
  if (link.hasAttribute("download")) {
    event.preventDefault();
    save(link.href);
  } else if (!link.hash) wait();
});

// A live part asks again while somebody is there, and leaves alone what somebody types: a screen that nobody watches
// must not keep a session alive.
const WATCHED_MS = 10 * 60_000;
let touchedAt = Date.now();
for (const kind of ["pointerdown", "pointermove", "keydown", "scroll"]) {
  addEventListener(kind, () => (touchedAt = Date.now()), { passive: true, capture: true });
}
const chosen = (list) => [...list.options].findIndex((option) => option.defaultSelected);
const typed = (field) => (field.tagName === "SELECT" ? field.selectedIndex !== Math.max(0, chosen(field))
  : field.checked !== field.defaultChecked || field.value !== field.defaultValue);
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target;
  if (!("live" in part.dataset)) return;
  const fields = [...part.querySelectorAll("input, select, textarea")];
  const held = part.querySelector("details[open] form") || fields.some((field) => field === document.activeElement || typed(field));
  if (held || long || document.hidden || Date.now() - touchedAt > WATCHED_MS) event.preventDefault();
});

// A second tap on a slow phone is not a second order.
function holdOnce(event) {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.hasAttribute("hx-post")) return;
  form.dataset.sent = "1";
  if (!form.dataset.tells) setTimeout(() => delete form.dataset.sent, 3000); // a long one says itself when it is over
}
addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { share, copy, copied } = button.dataset;
  if ("print" in button.dataset) printed(button.dataset.print);
  if (copy) copyFrom(one(copy), copied);
  if (share) shareFrom(one(share), button.dataset.failed);
});

// A browser may have no clipboard (plain http has none), and may refuse it: then what is meant is selected.
async function copyFrom(written, copied) {
  try {
    await navigator.clipboard.writeText(written.textContent.trim());
    toast(copied);
  } catch {
    showSelected(written);
  }
}

async function shareFrom(written, failed) {
  try {
    await navigator.share({ url: written.textContent.trim() });
  } catch (problem) {
    if (problem.name === "AbortError") return; // somebody thought better of it
    toast(failed);
    showSelected(written);
  }
}

function showSelected(written) {
  written.hidden = false;
  getSelection().selectAllChildren(written);
}

// Who tapped a choice goes on in the field that it leads to. Arrow keys, which click too, may wander on.
document.addEventListener("click", (event) => {
  const leads = event.detail ? event.target.closest("[data-leads]") : null;
  if (leads && event.target.closest("label")) setTimeout(() => one(leads.dataset.leads).focus());
});

// Receipt printers take paper of 58 or 80 mm; everything else prints on what the printer has.
function printed(width) {
  document.body.classList.remove("print58", "print80");
  if (width) document.body.classList.add(`print${width}`);
  print();
}

// Fields that only some choices of a list need.
function fit(list) {
  for (const part of list.form.querySelectorAll(`[data-when="${list.name}"]`)) {
    part.hidden = !part.dataset.is.split(" ").includes(list.value);
  }
}
document.addEventListener("change", (event) => {
  if (event.target.matches?.("form select")) fit(event.target);
});
document.querySelectorAll("form select").forEach(fit);

function hideWhatThisBrowserCannot() {
  if (!navigator.share) document.querySelectorAll("[data-share]").forEach((button) => (button.hidden = true));
}
// On a phone the places lie in one row: the one that is open is in sight.
const open = one(".places [aria-current]");
if (open) open.parentElement.scrollLeft = open.offsetLeft - (open.parentElement.clientWidth - open.offsetWidth) / 2;

hideWhatThisBrowserCannot();
document.addEventListener("htmx:afterSwap", hideWhatThisBrowserCannot);
document.addEventListener("pollen:shown", hideWhatThisBrowserCannot);
takeCodeFromLink();
one("main [aria-invalid]")?.focus(); // where something has to be put right
one("[data-goes-on]")?.requestSubmit(); // who just showed who they are need not press again
