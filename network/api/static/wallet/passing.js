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
    try {
      await navigator.clipboard.writeText(link);
      copying.textContent = _("Copied");
    } catch { // refused, or a browser on plain http, which has none
      getSelection().selectAllChildren(written);
    }
  });
  const written = element("p", { class: "link" }, link);
  const failed = element("p", { class: "small", role: "alert" });
  const sharing = navigator.share ? button(_("Send the link"), async () => {
    failed.textContent = "";
    await navigator.share({ title: _("A certificate for you"), url: link }).catch((problem) => {
      if (problem.name === "AbortError") return; // the guest thought better of it
      failed.textContent = _("This phone could not send it. Copy the link, and send it yourself.");
      sharing.className = "";
      copying.className = "main";
    });
  }, "main") : null;
  if (!sharing) copying.className = "main";
  const keeping = button(_("Keep it after all"), () => (location.hash = link.slice(link.indexOf("#") + 1)), "plain");
  show(() => card(
    ...headline(certificate, slug),
    note(_("Send this link to your friend. It is the certificate: give it to nobody else.")),
    written,
    failed,
    element("div", { class: "actions" }, sharing, copying,
      keeping,
      button(_("All my certificates"), home, "plain")),
    taken));
  const timer = setInterval(async () => {
    const all = await network.held(slug).catch(() => []);
    if (all.find((one) => one.certificate_id === certificate.certificate_id)?.state !== "taken") return;
    clearInterval(timer);
    taken.className = "done";
    keeping.remove();
    taken.textContent = _("Your friend has it now.");
  }, ASKED_SECONDS * 1000);
  whenLeft(() => clearInterval(timer));
}
