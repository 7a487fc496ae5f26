// A certificate as it is shown at the till: the live code, renewed with a countdown; the code to say; paper.

import { button, card, element, note, small, symbol } from "./elements.js";
import { RENEWED_SECONDS, shown } from "./live.js";
import * as network from "./network.js";
import { askToPass } from "./passing.js";
import { askToPrint } from "./paper.js";
import { QUIET_ZONE, modules, strokes } from "./qr.js";
import { doing, show, trouble, whenLeft } from "./screen.js";
import { facts, headline } from "./worth.js";
import { _, moment } from "./words.js";

const TAKEN_SECONDS = 3;

export function drawn(prefix, text) {
  const rows = modules(prefix, text);
  return symbol(rows.length + 2 * QUIET_ZONE, strokes(rows), _("The code to show at the till"));
}

// `kept` is what this phone knew when it was last online; it is shown at once, and brought up to date behind it.
export async function showCertificate(slug, certificate, { title = "", home } = {}) {
  const kept = await network.keptCopy(certificate.certificate_id);
  if (kept) showCopy(slug, certificate, kept, { title, home });
  try {
    const fresh = await network.copyOf(slug, certificate);
    const same = kept && kept.pair && kept.copy.token === fresh.copy.token && kept.copy.outstanding === fresh.copy.outstanding;
    if (!same) showCopy(slug, { ...certificate, ...fresh.copy }, fresh, { title, home });
  } catch (problem) {
    if (kept && problem instanceof network.NoConnection) {
      showCopy(slug, certificate, kept, { title, home, offline: true });
    } else {
      trouble(problem, () => showCertificate(slug, certificate, { title, home }), { back: home });
    }
  }
}

function showCopy(slug, certificate, { copy, pair }, { title, home, offline = false }) {
  const seen = { ...certificate, outstanding: copy.outstanding };
  const isLive = Boolean(copy.holder_key && pair);
  const lost = copy.holder_key && !pair;
  show(() => [
    offline || lost ? "" : watch(slug, seen, home),
    card(
      ...headline(seen, slug, title),
      offline ? note(_("You are offline. This is what your phone knew on {at}. The code still works where the till is online.", { at: moment(copy.at) })) : null,
      lost ? note(_("This browser lost the key of this certificate. Go online once, and it makes a new one.")) : code(copy, pair, isLive),
      offline || lost ? null : spoken(slug, copy, isLive)),
    card(
      facts(seen),
      element("div", { class: "actions" },
        copy.transferable ? button(_("Pass it to a friend"), () => askToPass(slug, seen, copy, home)) : null,
        button(_("Print it on paper"), () => askToPrint(slug, seen, copy, home)),
        button(_("All my certificates"), home, "plain"))),
  ]);
}

// The code itself. A live one is signed anew every 15 seconds; a countdown shows that it is alive.
function code(copy, pair, isLive) {
  const prefix = copy.link.slice(0, copy.link.indexOf("#") + 1);
  const place = element("div", { class: "qr" });
  if (!isLive) {
    place.append(drawn(prefix, copy.token));
    return element("div", { class: "shown" }, place, element("p", { class: "middle" }, _("Show this at the till")));
  }
  const left = element("span", { class: "seconds" });
  const bar = element("progress", { max: RENEWED_SECONDS, "aria-hidden": "true" });
  let until = 0;
  const tick = async () => {
    const rest = until - network.now();
    if (rest <= 0 || rest > RENEWED_SECONDS) {
      const at = network.now();
      until = at + RENEWED_SECONDS;
      const text = await shown(copy.token, pair, at);
      place.replaceChildren(drawn(prefix, text));
      place.dataset.shownAt = at;
    }
    const seconds = Math.min(RENEWED_SECONDS, Math.max(0, until - network.now()));
    bar.value = seconds;
    left.textContent = _("new in {seconds} s", { seconds });
  };
  tick();
  const timer = setInterval(tick, 1000);
  whenLeft(() => clearInterval(timer));
  return element("div", { class: "shown" }, place,
    element("p", { class: "middle" }, _("Show this at the till")),
    element("div", { class: "alive" }, bar, left),
    element("p", { class: "small middle" }, _("A picture of this code is worth nothing to anybody: it changes all the time.")));
}

// For a broken camera. A live certificate's code is asked for and ends after five minutes.
function spoken(slug, copy, isLive) {
  const place = element("div", { class: "middle", "aria-live": "polite" });
  const say = (typed, ends) => place.replaceChildren(
    small(_("Say this code at the till")),
    element("p", { class: "code" }, typed),
    ends ? small(_("It counts until {at}.", { at: moment(ends) })) : "");
  if (!isLive && copy.typed_code) {
    say(copy.typed_code);
    return place;
  }
  const asking = button(_("The camera does not work? Get a code to say"), async () => {
    try {
      const { typed_code, ends_at } = await network.codeFor(slug, copy.certificate_id);
      say(typed_code, ends_at);
    } catch (problem) {
      trouble(problem, null);
    }
  }, "plain");
  place.append(asking);
  return place;
}

// Tell the guest at once when the till has used it.
function watch(slug, certificate, home) {
  const timer = setInterval(async () => {
    const all = await network.held(slug).catch(() => []);
    const now = all.find((one) => one.certificate_id === certificate.certificate_id);
    if (!now || (now.state === "active" && now.outstanding === certificate.outstanding && now.held)) return;
    clearInterval(timer);
    if (now.state === "active" && now.held) showUsed(slug, now, home);
    else if (now.state === "redeemed") showUsed(slug, now, home);
    else home();
  }, TAKEN_SECONDS * 1000);
  whenLeft(() => clearInterval(timer));
  return "";
}

function showUsed(slug, certificate, home) {
  show(() => card(
    element("p", { class: "done", role: "status" }, certificate.state === "redeemed"
      ? _("Used. Enjoy!")
      : _("A part of it was used. The rest is still yours.")),
    ...headline(certificate, slug),
    certificate.state === "active" ? doing(_("Show the rest"), () => showCertificate(slug, certificate, { home })) : null,
    button(_("All my certificates"), home, "plain")));
}
