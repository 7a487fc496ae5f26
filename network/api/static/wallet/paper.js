// Put it on paper: a bearer's copy. The page says first that the phone's own copy dies.

import { drawn } from "./copy.js";
import { button, card, element, note } from "./elements.js";
import * as network from "./network.js";
import { doing, show } from "./screen.js";
import { facts, headline } from "./worth.js";
import { _ } from "./words.js";

export function askToPrint(slug, certificate, copy, home) {
  show(() => card(
    ...headline(certificate, slug),
    note(_("On paper it belongs to whoever shows it first, like cash. The copy in this phone stops counting at once. Scan the paper to put it back into a phone.")),
    element("div", { class: "actions" },
      doing(_("Yes, put it on paper"), async () => {
        const paper = await network.print(slug, copy);
        showPaper(slug, { ...certificate, ...paper }, paper.link, paper.typed_code, home);
      }),
      button(_("Back"), home, "plain"))));
}

export function showPaper(slug, certificate, link, code, home) {
  const cut = link.indexOf("#") + 1;
  show(() => [
    element("div", { class: "card paper" },
      ...headline(certificate, slug),
      element("div", { class: "shown" },
        element("div", { class: "qr" }, drawn(link.slice(0, cut), link.slice(cut))),
        code ? element("p", { class: "code" }, code) : null),
      facts(certificate)),
    element("div", { class: "actions screen" },
      button(_("Print"), () => print(), "main"),
      button(_("All my certificates"), home, "plain")),
  ]);
}
