// Pass it on: what that means, the link, and word when the friend has opened it.

import { button, card, element, note } from "./elements.js";
import * as network from "./network.js";
import { doing, show, whenLeft } from "./screen.js";
import { headline } from "./worth.js";
import { _ } from "./words.js";

const ASKED_SECONDS = 3;

export function askToPass(slug, certificate, copy, home) {
  show(() => card(
    ...headline(certificate, slug),
    note(_("Your copy stops counting at once. Whoever opens the link first has the certificate.")),
    element("div", { class: "actions" },
      doing(_("Yes, make the link"), async () => showLink(slug, certificate, await network.passOn(slug, copy), home)),
      button(_("Back"), home, "plain"))));
}

export function showLink(slug, certificate, link, home) {
  const taken = element("p", { class: "small", role: "status" }, _("Not opened yet. This page tells you when it is."));
  const copying = button(_("Copy the link"), async () => {
    await navigator.clipboard.writeText(link).then(() => { copying.textContent = _("Copied"); }, () => selectAll(written));
  });
  const written = element("p", { class: "link" }, link);
  const sharing = navigator.share
    ? button(_("Send the link"), () => navigator.share({ title: _("A certificate for you"), url: link }).catch(() => {}), "main")
    : null;
  if (!sharing) copying.className = "main";
  show(() => card(
    ...headline(certificate, slug),
    note(_("Send this link to your friend. It is the certificate: give it to nobody else.")),
    written,
    element("div", { class: "actions" }, sharing, copying, button(_("All my certificates"), home, "plain")),
    taken));
  const timer = setInterval(async () => {
    const all = await network.held(slug).catch(() => []);
    if (all.find((one) => one.certificate_id === certificate.certificate_id)?.state !== "taken") return;
    clearInterval(timer);
    taken.className = "done";
    taken.textContent = _("Your friend has it now.");
  }, ASKED_SECONDS * 1000);
  whenLeft(() => clearInterval(timer));
}

function selectAll(of) {
  getSelection().selectAllChildren(of);
}
