// The page behind a scanned code: what it is worth and where; into this phone; show it, pass it on, see the others.

import * as network from "./network.js";
import { chosenLanguage, words } from "./words.js";

const one = document.getElementById("one");
const mine = document.getElementById("mine");
const language = document.getElementById("language");

let say = words[chosenLanguage()];
let draw = () => {};
const coalitions = new Map();

// Everything that comes from elsewhere goes into the page as text.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") made.addEventListener("click", value);
    else if (value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// The reader's own way to write dates and money, where it is of the chosen language.
function locale() {
  const own = navigator.languages.find((tag) => tag.slice(0, 2) === language.value && tag !== "en-US");
  return own ?? (language.value === "en" ? "en-GB" : language.value);
}

function money(minor, currency) {
  const format = new Intl.NumberFormat(locale(), { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

// `expires_at` is the midnight that ends the last day, where the coalition is.
function lastDay(certificate, slug) {
  const timeZone = coalitions.get(slug)?.time_zone ?? "UTC";
  const within = new Date(new Date(certificate.expires_at).getTime() - 1000);
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeZone }).format(within);
}

const why = (code) => say.codes[code] ?? say.codes.other;

function show(redraw, { focus = true } = {}) {
  draw = redraw;
  one.replaceChildren(redraw());
  if (focus) one.focus({ preventScroll: true });
}

function card(...children) {
  return element("div", { class: "card" }, ...children);
}

function headline(certificate, title) {
  return [
    title ? element("p", { class: "small" }, title) : null,
    element("h1", { class: "value" }, money(certificate.outstanding ?? certificate.face, certificate.currency)),
    element("div", {},
      element("p", { class: "small" }, say.at),
      element("p", { class: "place" }, certificate.acceptor_name),
      certificate.acceptor_address ? element("p", { class: "address" }, certificate.acceptor_address) : null),
  ];
}

function facts(certificate, slug) {
  const line = (name, value) => element("div", {}, element("dt", {}, name), element("dd", {}, value));
  return element("dl", { class: "facts" },
    line(say.last_day, lastDay(certificate, slug)),
    certificate.smallest_bill ? line(say.smallest, money(certificate.smallest_bill, certificate.currency)) : null,
    line(say.parts, certificate.partial_redemption ? say.parts_yes : say.parts_no),
    line(say.from, certificate.issuer_name));
}

// A button that waits: pressed once, and told plainly when the network is away.
function doing(label, work, main = true) {
  const button = element("button", { type: "button", class: main ? "main" : "" }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = say.loading;
    try {
      await work();
    } catch (problem) {
      trouble(problem, () => work());
    }
  });
  return button;
}

function trouble(problem, again) {
  if (!(problem instanceof network.Refused || problem instanceof network.NoConnection)) console.error(problem);
  const away = problem instanceof network.NoConnection;
  const before = draw;
  show(() => card(
    element("p", { class: away ? "note" : "ended", role: "alert" }, away ? say.no_connection : why(problem.code)),
    away ? doing(say.again, again) : null,
    element("button", { type: "button", class: "plain", onclick: () => show(before) }, say.back)));
}

function arriving(token, seen) {
  if (!seen.counts) return () => ended(seen, seen.refusal.code);
  if (seen.in_wallet) return () => ended(seen, "certificate_already_held");
  return () => card(
    ...headline(seen, say.gift),
    facts(seen, seen.slug),
    element("p", { class: "note" }, say.paper),
    doing(say.claim, async () => {
      const copy = await network.claim(seen.slug, token, seen);
      history.replaceState(null, "", location.pathname);
      await showCopy(seen.slug, { ...seen, ...copy }, say.yours);
      await list();
    }));
}

function ended(seen, code) {
  return card(element("p", { class: "ended" }, why(code)), element("div", { class: "past" }, ...headline(seen, "")),
    facts(seen, seen.slug));
}

async function showCopy(slug, copy, title = "") {
  const source = await network.picture(slug, copy.token);
  show(() => card(
    ...headline(copy, title),
    element("div", { class: "qr" }, element("img", { src: source, alt: `${say.show}: ${copy.typed_code}` })),
    element("p", { class: "middle" }, say.show),
    element("div", { class: "middle" },
      element("p", { class: "small" }, say.say),
      element("p", { class: "code" }, copy.typed_code)),
    facts(copy, slug),
    copy.transferable ? element("button", { type: "button", onclick: () => askToPass(slug, copy, draw) }, say.pass) : null));
}

function askToPass(slug, copy, before) {
  show(() => card(
    ...headline(copy, ""),
    element("p", { class: "note" }, say.pass_sure),
    element("div", { class: "actions" },
      doing(say.pass_now, async () => {
        showLink(copy, await network.passOn(slug, copy));
        await list();
      }),
      element("button", { type: "button", class: "plain", onclick: () => show(before) }, say.back))));
}

function showLink(copy, link) {
  const copying = element("button", { type: "button" }, say.copy);
  copying.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(link);
    copying.textContent = say.copied;
  });
  const sharing = navigator.share
    ? element("button", { type: "button", class: "main", onclick: () => navigator.share({ url: link }).catch(() => {}) }, say.share)
    : null;
  show(() => card(
    ...headline(copy, ""),
    element("p", { class: "note" }, say.passed),
    element("p", { class: "link" }, link),
    element("div", { class: "actions" }, sharing, copying)));
}

function row(slug, certificate) {
  const { state } = certificate;
  const said = say.states[state].replace("{day}", lastDay(certificate, slug));
  const inside = [
    element("span", {}, certificate.acceptor_name),
    element("b", {}, money(certificate.outstanding || certificate.face, certificate.currency)),
    element("span", { class: "small" }, said),
  ];
  const link = state === "passed_on" ? network.keptLink(certificate.certificate_id) : null;
  if (state !== "active" && !link) return element("li", {}, element("div", { class: "row over" }, ...inside));
  const pressed = async () => {
    try {
      if (link) return showLink(certificate, link);
      const copy = await network.copyOf(slug, certificate.certificate_id);
      return await showCopy(slug, { ...certificate, ...copy });
    } catch (problem) {
      return trouble(problem, pressed);
    } finally {
      scrollTo({ top: 0 });
    }
  };
  return element("li", {}, element("button", { type: "button", class: "row", onclick: pressed }, ...inside));
}

async function list() {
  const rows = [];
  for (const [slug, wallet] of Object.entries(network.wallets())) {
    if (!wallet.secret) continue;
    await know(slug);
    rows.push(...(await network.held(slug)).map((certificate) => row(slug, certificate)));
  }
  mine.hidden = rows.length === 0;
  mine.replaceChildren(element("h2", {}, say.mine), element("ul", { class: "list" }, ...rows));
  return rows.length;
}

async function know(slug) {
  if (!coalitions.has(slug)) coalitions.set(slug, await network.coalition(slug));
}

async function begin() {
  const token = location.hash.slice(1);
  show(() => card(element("p", {}, say.loading)), { focus: false });
  try {
    if (token) {
      const seen = await network.open(token);
      await know(seen.slug);
      show(arriving(token, seen), { focus: false });
      await list();
    } else if (await list()) {
      show(() => element("div"), { focus: false });
    } else {
      show(() => card(element("p", { class: "note" }, say.empty)), { focus: false });
    }
  } catch (problem) {
    trouble(problem, begin);
  }
}

function speak() {
  say = words[language.value];
  document.documentElement.lang = language.value;
  document.getElementById("language-label").textContent = say.language;
}

language.value = chosenLanguage();
language.addEventListener("change", async () => {
  localStorage.setItem("pollen.language", language.value);
  speak();
  show(draw, { focus: false });
  await list().catch(() => {});
});
addEventListener("hashchange", begin);
speak();
begin();
