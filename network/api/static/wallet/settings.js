// Settings and help: the recovery code, another phone's certificates, contact, and delete me.

import { contacts, wayBack } from "./contact.js";
import { button, card, element, note, small } from "./elements.js";
import * as network from "./network.js";
import { doing, show, trouble } from "./screen.js";
import { _ } from "./words.js";

const REMINDED = "pollen.reminded";

// Said once, until the code was looked at: a browser may forget everything it stored.
export function remindToKeep(home) {
  if (localStorage.getItem(REMINDED)) return null;
  return element("div", { class: "note reminder" },
    element("p", {}, _("Browsers forget. Keep a recovery code, and you get your certificates back on any phone.")),
    button(_("Show my recovery code"), () => showSettings(home)));
}

// `code`: a recovery code that a link brought.
export function showSettings(home, code = "") {
  const known = network.slugs().filter(network.isOpen);
  show(() => [
    element("h1", { class: "place" }, _("Settings and help")),
    code ? getting(home, code) : null,
    known.length ? keeping(known) : null,
    known.length ? contacts(known, () => showSettings(home)) : null,
    code ? null : getting(home),
    known.length ? deleting(known, home) : null,
    button(_("All my certificates"), home, "plain"),
  ].filter(Boolean));
}

function keeping(slugs) {
  const place = element("div", { class: "codes", "aria-live": "polite" });
  const showing = doing(_("Show my recovery code"), async () => {
    const rows = [];
    for (const slug of slugs) {
      const code = await network.recoveryCode(slug);
      rows.push(element("div", {}, small(network.coalitions()[slug]?.name ?? slug), element("p", { class: "code" }, code)));
    }
    localStorage.setItem(REMINDED, "1");
    place.replaceChildren(...rows, small(_("Write it down or take a picture, and keep it to yourself: who has it has your certificates.")));
    showing.remove();
  });
  return card(element("h2", {}, _("If you lose this phone")), place, showing);
}

function getting(home, given = "") {
  const field = element("input", {
    value: given, id: "recovery", type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 40,
  });
  const form = element("form", { class: "form", onsubmit: async (event) => {
    event.preventDefault();
    const code = field.value.trim();
    if (!code) return;
    try {
      await network.recover(code);
      localStorage.setItem(REMINDED, "1");
      await home();
    } catch (problem) {
      trouble(problem, null);
    }
  } },
  element("label", { for: "recovery" }, _("Recovery code")), field,
  element("button", { type: "submit" }, _("Get my certificates back")),
  small(_("The phone that had them before cannot show them any more.")));
  return card(element("h2", {}, _("From another phone")), form, given ? null : wayBack());
}

function deleting(slugs, home) {
  const ask = () => show(() => card(
    element("h1", { class: "place" }, _("Delete me?")),
    note(_("Everything that leads to you is deleted, here and in the network. Certificates that you have not used are lost. Shops keep their sums, without you in them.")),
    element("div", { class: "actions" },
      doing(_("Yes, delete me"), async () => {
        await network.deleteMe();
        show(() => card(element("p", { class: "done", role: "status" }, _("You are deleted.")), button(_("Start again"), home, "plain")));
      }, "danger"),
      button(_("Back"), () => showSettings(home), "plain"))));
  return card(element("h2", {}, _("Your privacy")),
    element("p", {}, _("The network knows this phone by a number: no name, no list of friends, and no address unless you gave one above.")),
    button(_("Delete me"), ask, "danger"));
}
