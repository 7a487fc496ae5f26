// A form that is a command: its id is made here and kept until the network has answered, so that a cut in the middle is
// sent again with the same id. Nothing is lost and nothing is done twice: the same id gets the same answer.

import { isThere, showNetwork } from "./network.js";
import { showMain } from "./screen.js";

const KEPT = "pollen.command";
const AGAIN_MS = 1500;
const PATIENCE_MS = 10000;
const MISTAKES_MAX = 2;
const FAILED_ENOUGH = 2;
const RECENT_MS = 120000;
let sending = false;

const kept = () => JSON.parse(localStorage.getItem(KEPT) ?? "null");

// The same fields again are the same command; other fields are another one.
function fieldsOf(form) {
  const fields = new URLSearchParams(new FormData(form));
  fields.delete("command_id");
  const content = fields.toString();
  if (form.dataset.content !== content) {
    form.dataset.content = content;
    form.dataset.commandId = crypto.randomUUID();
  }
  fields.set("command_id", form.dataset.commandId);
  return fields.toString();
}

async function answerOf(command) {
  const answer = await fetch(command.url, {
    method: "POST",
    body: command.fields,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  // Busy, or between two starts: it will pass. A mistake of ours does not pass: the till must be free for the next guest.
  if (answer.status > 500 || (answer.status === 500 && command.mistakes++ < MISTAKES_MAX)) throw new Error("busy");
  return answer;
}

async function send(command) {
  if (sending) return;
  sending = true;
  command.began ??= Date.now();
  localStorage.setItem(KEPT, JSON.stringify(command));
  command.mistakes = 0;
  for (let failed = 0; ; ) {
    try {
      document.body.classList.add("sending");
      const answer = await answerOf(command);
      const text = await answer.text();
      showNetwork(true);
      if (answer.redirected && /\/(till\/pin|enrol)/.test(answer.url)) { location.assign(answer.url); return; }
      localStorage.removeItem(KEPT);
      show(text);
      break;
    } catch {
      failed += 1;
      showNetwork(false);
      document.body.classList.remove("sending");
      if ((failed >= FAILED_ENOUGH || !navigator.onLine) && isRecent(command) && await answeredHere(command, true)) {
        localStorage.removeItem(KEPT);
        break;
      }
      await new Promise((resume) => { setTimeout(resume, AGAIN_MS); addEventListener("online", resume, { once: true }); });
    }
  }
  sending = false;
  document.body.classList.remove("sending");
}

// The guest still stands there.
const isRecent = ({ began }) => Date.now() - began < RECENT_MS;

// Whether this device answers by itself without a network. `sent`: the network may have had the command already.
function answeredHere(command, sent) {
  const asked = new CustomEvent("pollen:unsent", { detail: { ...command, sent, answer: null } });
  document.dispatchEvent(asked);
  return Promise.resolve(asked.detail.answer).then(Boolean, () => false);
}

// Without a network this device is asked first, also while another command still waits for its answer.
async function begin(command) {
  if (!isThere() && await answeredHere(command, false)) return;
  await send(command);
}

function show(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  showMain(page.getElementById("main"), { title: page.title, bodyClass: page.body.className });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("command" in form.dataset) || event.defaultPrevented) return;
  event.preventDefault();
  begin({ url: form.action, fields: fieldsOf(form) });
});

// Enter goes on to the next field that is empty, and sends when there is none: a queue has no time for Tab. A scanner's
// Enter is the scanner's own.
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key !== "Enter" || event.defaultPrevented || target.tagName !== "INPUT" || !("command" in (target.form?.dataset ?? {}))) return;
  const fields = [...target.form.querySelectorAll("input:not([type=hidden])")].filter((field) => !field.closest("details:not([open])"));
  const next = fields.slice(fields.indexOf(target) + 1).find((field) => !field.value);
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// The page was closed, or the till lost its power, before an answer came. The form's token is this page's.
const begun = kept();
if (begun) {
  const fields = new URLSearchParams(begun.fields);
  fields.set("csrf", JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"]);
  send({ ...begun, fields: fields.toString() });
}
