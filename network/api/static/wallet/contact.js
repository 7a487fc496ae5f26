// How the guest can be reached: kept only if the guest wants so, for each purpose apart; and the way back by a message.
// Where this network sends no messages, none of it is shown. A changed sentence of consent is a new TEXT_VERSION.

import { button, card, element, note, small } from "./elements.js";
import * as network from "./network.js";
import { doing, show, trouble } from "./screen.js";
import { why } from "./sentences.js";
import { _, moment, spoken } from "./words.js";

const TEXT_VERSION = 2;
const yes = () => ({
  recovery: _("Send me a link back to my certificates when I ask for one."),
  news: _("Send me news from the shops here. I can end this at any time."),
});

// One card for each coalition, drawn when the network has told what is kept; `again` draws the settings anew.
export function contacts(slugs, again) {
  const place = element("div", { class: "contacts" });
  const draw = async () => {
    const cards = [];
    for (const slug of slugs) {
      const kept = await network.contact(slug).catch(() => null);
      if (kept?.channels.length) cards.push(one(slug, kept, slugs.length > 1, again));
    }
    place.replaceChildren(...cards);
  };
  draw();
  return place;
}

function one(slug, kept, isOneOfMany, again) {
  const name = isOneOfMany ? small(network.coalitions()[slug]?.name ?? slug) : null;
  const head = [element("h2", {}, _("How to reach you")), name];
  if (!kept.contact) return card(...head, element("p", {}, _("Only if you want to be reached. Nobody here needs it.")), asking(slug, kept, again));
  const { address, confirmed_at } = kept.contact;
  const standing = kept.consents.filter((consent) => !consent.withdrawn_at);
  return card(...head,
    element("p", { class: "link" }, address),
    confirmed_at ? null : confirming(slug, address, again),
    element("ul", { class: "small" }, ...standing.map((consent) => element("li", {}, yes()[consent.purpose], " ",
      _("You said yes on {at}.", { at: moment(consent.given_at) })))),
    element("details", {}, element("summary", {}, _("Change this")), asking(slug, kept, again)),
    doing(_("Delete my address"), async () => { await network.dropContact(slug); again(); }, "danger"));
}

function confirming(slug, address, again) {
  const field = element("input", { id: `code-${slug}`, type: "text", autocomplete: "one-time-code", spellcheck: "false", maxlength: 20 });
  return element("form", { class: "form", onsubmit: submitting(async () => {
    await network.confirmContact(slug, field.value.trim());
    again();
  }) },
  note(_("A code is on its way to {address}. It counts for 15 minutes; until you type it here, this address counts for nothing.", { address })),
  element("label", { for: `code-${slug}` }, _("Code from the message")), field,
  element("button", { type: "submit" }, _("Confirm")));
}

function asking(slug, kept, again) {
  const standing = kept.consents.filter((consent) => !consent.withdrawn_at).map((consent) => consent.purpose);
  const field = addressField(`address-${slug}`, kept.channels, kept.contact?.address ?? "");
  const boxes = Object.entries(yes()).map(([purpose, text]) => {
    const box = element("input", { type: "checkbox", value: purpose, checked: standing.includes(purpose) });
    return element("label", { class: "tick" }, box, element("span", {}, text));
  });
  const told = element("p", { class: "ended", role: "alert", hidden: true });
  return element("form", { class: "form", onsubmit: submitting(async () => {
    const purposes = boxes.map((label) => label.querySelector("input")).filter((box) => box.checked).map((box) => box.value);
    told.hidden = purposes.length > 0;
    told.textContent = _("Say yes to one of them, or leave your address out.");
    if (!purposes.length) return;
    await network.keepContact(slug, { address: field.value.trim(), purposes, text_version: TEXT_VERSION, language: spoken() });
    again();
  }, told) },
  element("label", { for: `address-${slug}` }, label(kept.channels)), field, ...boxes, told,
  element("button", { type: "submit" }, _("Keep it")));
}

// For a phone that has nothing: a message with a recovery code, if this address was kept for it.
export function wayBack() {
  const place = element("div", {});
  const draw = async () => {
    const { channels } = await network.waysBack().catch(() => ({ channels: [] }));
    if (!channels.length) return;
    const field = addressField("way-back", channels, "");
    const told = element("p", { class: "note", role: "status", hidden: true });
    place.replaceChildren(element("form", { class: "form", onsubmit: submitting(async () => {
      await network.sendWayBack(field.value.trim(), spoken());
      told.className = "note";
      told.textContent = _("If this address was confirmed here, a message with a link is on its way. It counts for 15 minutes.");
      told.hidden = false;
    }, told) },
    element("label", { for: "way-back" }, _("No code? Get a link by a message.")), small(label(channels)), field,
    element("button", { type: "submit" }, _("Send me a link")), told));
  };
  draw();
  return place;
}

function addressField(id, channels, value) {
  const onlyMail = channels.length === 1 && channels[0] === "email";
  return element("input", { id, class: "plain", type: onlyMail ? "email" : "text", autocomplete: onlyMail ? "email" : "on",
    maxlength: 254, required: true, value });
}

const label = (channels) => (channels.includes("phone") ? _("E-mail address, or phone number with its country") : _("E-mail address"));

// What is wrong with what was typed is told beside it; anything else on a screen of its own.
function submitting(work, told) {
  return async (event) => {
    event.preventDefault();
    const pressed = event.target.querySelector("[type=submit]");
    pressed.disabled = true;
    try {
      await work();
    } catch (problem) {
      if (!told || !(problem instanceof network.Refused)) return trouble(problem, null);
      told.className = "ended";
      told.textContent = why(problem.code, problem.facts);
      told.hidden = false;
    } finally {
      pressed.disabled = false;
    }
  };
}
