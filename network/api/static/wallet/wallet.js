// The wallet: opening a scanned code, the list of what this phone holds, and what became of the rest.

import { showCertificate } from "./copy.js";
import { button, card, element, note } from "./elements.js";
import * as network from "./network.js";
import { showPaper } from "./paper.js";
import { showLink } from "./passing.js";
import { doing, isShown, redraw, show, trouble, waiting } from "./screen.js";
import { why } from "./sentences.js";
import { remindToKeep, showSettings } from "./settings.js";
import { became, facts, headline } from "./worth.js";
import { _, languages, moment, money, speak, spoken } from "./words.js";

const language = document.getElementById("language");

async function arrive(token) {
  waiting();
  try {
    const seen = await network.open(token);
    await network.coalition(seen.slug);
    if (!seen.counts) return showEnded(seen, seen.refusal);
    if (seen.in_wallet) return (await mine(seen)) ?? showEnded(seen, { code: "certificate_already_held" });
    show(() => card(
      ...headline(seen, seen.slug, _("A certificate for you")),
      note(_("Whoever shows this code first uses it. Put it into your phone and it is yours alone: the paper or link it came from stops counting at that moment.")),
      doing(_("Put it into this phone"), () => take(seen, token)),
      facts(seen)), { focus: false });
  } catch (problem) {
    trouble(problem, () => arrive(token), { back: home });
  }
}

async function take(seen, token) {
  const copy = await network.claim(seen.slug, token, seen);
  network.keepCopy(copy);
  network.keepHeld(seen.slug, { ...seen, ...copy, state: "active", held: true });
  history.replaceState(null, "", location.pathname);
  await showCertificate(seen.slug, { ...seen, ...copy }, { title: _("It is in your phone now"), home });
}

// A code of one's own, opened by one's own camera, leads to the certificate.
async function mine({ slug, certificate_id }) {
  if (!network.isOpen(slug)) return null;
  const one = (await network.held(slug)).find((held) => held.certificate_id === certificate_id && held.held);
  if (!one) return null;
  history.replaceState(null, "", location.pathname);
  await showCertificate(slug, one, { home });
  return true;
}

function showEnded(seen, refusal) {
  show(() => card(
    element("p", { class: "ended", role: "alert" }, why(refusal.code, refusal)),
    element("div", { class: "past" }, ...headline(seen, seen.slug)),
    button(_("All my certificates"), home, "plain")));
}

// The phone's own way back leads from what was opened in the list to the list, and only then out.
const goInside = () => history.pushState(null, "", location.pathname);

// The list, at once from what this phone knows, then from the network: unless the guest has gone on meanwhile, who may
// be showing a code at a till.
export async function home() {
  history.replaceState(null, "", location.pathname);
  const known = collect((slug) => network.heldBefore(slug));
  const shown = known.length ? showList(known, null) : waiting();
  try {
    if (!network.slugs().length) await network.remember().catch(() => {});
    const done = await network.askAgain();
    for (const slug of network.slugs()) {
      if (!network.coalitions()[slug]) await network.coalition(slug);
      if (network.isOpen(slug)) await network.held(slug);
    }
    const refused = done.find((one) => one.problem);
    if (refused || isShown(shown)) showList(collect((slug) => network.heldBefore(slug)), null, refused);
  } catch (problem) {
    if (!isShown(shown)) return;
    if (problem instanceof network.NoConnection && known.length) return showList(known, oldest());
    if (["credential_unknown", "credential_missing"].includes(problem.code)) return showMoved(problem);
    return trouble(problem, home, { back: home });
  }
}

const oldest = () => Math.min(...network.slugs().map((slug) => network.heldBefore(slug)?.at ?? Infinity));

function collect(of) {
  return network.slugs().flatMap((slug) => (of(slug)?.certificates ?? []).map((one) => ({ ...one, slug })));
}

function showMoved(problem) {
  show(() => card(
    element("p", { class: "ended", role: "alert" }, why(problem.code)),
    doing(_("Empty this phone"), async () => {
      for (const slug of network.slugs()) network.lose(slug);
      await home();
    }, "")));
}

function showList(all, offlineSince, refused) {
  const ready = all.filter((one) => one.state === "active" && one.held).sort((a, b) => a.expires_at.localeCompare(b.expires_at));
  const others = all.filter((one) => !ready.includes(one));
  return show(() => [
    ready.length || others.length ? element("h1", { class: "unseen" }, _("My certificates")) : null,
    offlineSince ? note(_("You are offline. This is what your phone knew on {at}.", { at: moment(offlineSince) })) : null,
    refused ? element("p", { class: "ended", role: "alert" }, why(refused.problem.code, refused.problem.facts)) : null,
    ready.length || others.length ? null : card(
      element("h1", { class: "place" }, _("No certificates yet")),
      element("p", {}, _("Scan the code on one that you were given, or open the link that somebody sent you.")),
      button(_("I have a recovery code"), () => showSettings(home), "plain")),
    ready.length ? part(_("Ready to use"), ready) : null,
    ready.length ? remindToKeep(home) : null,
    others.length ? part(_("What became of the others"), others) : null,
    ready.length || others.length ? button(_("Settings and help"), () => { goInside(); showSettings(home); }, "plain") : null,
  ].filter(Boolean), { focus: false });
}

function part(title, certificates) {
  return element("section", {}, element("h2", {}, title), element("ul", { class: "list" }, ...certificates.map(row)));
}

function row(certificate) {
  const { slug } = certificate;
  const kept = ["passed_on", "printed"].includes(certificate.state) && network.keptLink(certificate.certificate_id);
  const over = certificate.state !== "active";
  const inside = [
    element("b", {}, money(certificate.outstanding || certificate.face, certificate.currency)),
    element("span", {}, certificate.acceptor_name),
    element("span", { class: "small" }, became(certificate, slug)),
  ];
  if (over && !kept) return element("li", {}, element("div", { class: "row over" }, ...inside));
  const pressed = () => {
    goInside();
    if (certificate.state === "printed") return showPaper(slug, certificate, kept.link, kept.code, home);
    if (kept) return showLink(slug, certificate, kept.link, home);
    return showCertificate(slug, certificate, { home });
  };
  return element("li", {}, element("button", { type: "button", class: "row", onclick: pressed }, ...inside));
}

function begin() {
  const token = location.hash.slice(1);
  if (!token.includes("-")) return token ? arrive(token) : home();
  history.replaceState(null, "", location.pathname);
  return showSettings(home, token); // a recovery code is written in groups, a token is not
}

async function listen() {
  for (const [tag, name] of languages()) language.append(element("option", { value: tag, lang: tag }, name));
  await speak();
  label();
  language.addEventListener("change", async () => {
    await speak(language.value);
    label();
    redraw();
  });
  addEventListener("hashchange", begin);
  addEventListener("popstate", () => { if (!location.hash) home(); });
  addEventListener("online", () => { if (network.unanswered().length) home(); });
  navigator.serviceWorker?.register("/v/worker.js", { scope: "/v" }).catch(() => {});
  await begin();
}

function label() {
  language.value = spoken();
  document.getElementById("language-label").textContent = _("Language");
  document.title = _("My certificates");
}

listen();
