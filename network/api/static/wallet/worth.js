// What every screen says of a certificate first: the value, the place and the last day.

import { element, small } from "./elements.js";
import { coalitions } from "./network.js";
import { _, lastDay, money } from "./words.js";

export const zoneOf = (slug) => coalitions()[slug]?.time_zone;

export function headline(certificate, slug, title) {
  return [
    title ? small(title) : null,
    element("h1", { class: "value" }, money(certificate.outstanding || certificate.face, certificate.currency)),
    element("div", {},
      small(_("To spend at")),
      element("p", { class: "place" }, certificate.acceptor_name),
      certificate.acceptor_address ? address(certificate.acceptor_address) : null),
    element("p", { class: "until" }, small(_("Last day")), element("b", {}, lastDay(certificate, zoneOf(slug)))),
  ];
}

// The map opens only when it is pressed: the page itself asks no other host for anything.
function address(text) {
  const href = `https://www.openstreetmap.org/search?query=${encodeURIComponent(text)}`;
  const label = _("How to get there: {address}", { address: text });
  return element("a", { class: "address", href, target: "_blank", rel: "noreferrer", "aria-label": label }, text);
}

export function facts(certificate) {
  const line = (name, value) => element("div", {}, element("dt", {}, name), element("dd", {}, value));
  const smallest = certificate.smallest_bill;
  const partly = certificate.outstanding !== null && certificate.outstanding < certificate.face && certificate.outstanding > 0;
  return element("dl", { class: "facts" },
    partly ? line(_("It began with"), money(certificate.face, certificate.currency)) : null,
    smallest ? line(_("For a bill of at least"), money(smallest, certificate.currency)) : null,
    line(_("In parts"), certificate.partial_redemption ? _("yes, bit by bit") : _("no, in one go")),
    line(_("A gift from"), certificate.issuer_name));
}

// One line on what became of it.
export function became(certificate, slug) {
  const at = (instant) => lastDay({ expires_at: new Date(new Date(instant).getTime() + 1000) }, zoneOf(slug));
  switch (certificate.state) {
    case "active": return _("until {day}", { day: lastDay(certificate, zoneOf(slug)) });
    case "redeemed": return _("used on {day}", { day: at(certificate.ended_at) });
    case "expired": return _("its last day was {day}", { day: lastDay(certificate, zoneOf(slug)) });
    case "revoked": return _("cancelled on {day}", { day: at(certificate.ended_at) });
    case "printed": return _("on paper since {day}", { day: at(certificate.passed_on_at) });
    case "passed_on": return _("passed on, not opened yet");
    default: return certificate.on_paper
      ? _("the paper was used, or put into a phone")
      : _("passed on, and opened on {day}", { day: at(certificate.taken_at) });
  }
}
