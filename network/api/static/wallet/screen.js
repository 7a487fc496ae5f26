// The one screen: what is drawn now, how it is drawn again in another language, and how trouble is told.

import { button, card, element } from "./elements.js";
import { NoConnection, Refused } from "./network.js";
import { why } from "./sentences.js";
import { _ } from "./words.js";

const main = document.getElementById("main");
let draw = () => [];
let leaving = [];

// Put a screen up. `redraw` gives its elements; whatever it starts is stopped with `whenLeft`. Returns what `isShown` asks
// about.
export function show(redraw, { focus = true } = {}) {
  leaving.splice(0).forEach((stop) => stop());
  draw = redraw;
  main.replaceChildren(...[redraw()].flat());
  scrollTo({ top: 0 });
  if (focus) main.focus({ preventScroll: true });
  return redraw;
}

export const redraw = () => show(draw, { focus: false });
export const isShown = (redrawn) => draw === redrawn;
export const whenLeft = (stop) => leaving.push(stop);

export const waiting = () => show(() => card(element("p", { role: "status" }, _("One moment"))), { focus: false });

// A button that waits: pressed once, and told plainly when the network is away.
export function doing(label, work, kind = "main") {
  const made = button(label, async () => {
    made.disabled = true;
    made.textContent = _("One moment");
    try {
      await work();
    } catch (problem) {
      trouble(problem, work);
    }
  }, kind);
  return made;
}

export function trouble(problem, again, { back = draw } = {}) {
  const away = problem instanceof NoConnection;
  if (!away && !(problem instanceof Refused)) console.error(problem);
  const told = away
    ? _("There is no connection right now. Nothing is lost: try again when you are online.")
    : why(problem.code, problem.facts);
  show(() => card(
    element("p", { class: away ? "note" : "ended", role: "alert" }, told),
    element("div", { class: "actions" },
      away && again ? doing(_("Try again"), again) : null,
      button(_("Back"), () => show(back), "plain"))));
}

