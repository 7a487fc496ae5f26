// The reader's language: the texts from the catalogue, and how money, days and times are written in it.

const NAMES = { en: "English", lv: "Latviešu", ru: "Русский" };
let language = "en";
let texts = {};

export const languages = () => Object.entries(NAMES);
export const spoken = () => language;

// A text in the reader's language; `{name}` in it is replaced by the fact of that name.
export function _(text, facts = {}) {
  return (texts[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

export async function speak(wanted) {
  const chosen = [wanted, localStorage.getItem("pollen.language"), ...navigator.languages]
    .map((tag) => String(tag ?? "").slice(0, 2))
    .find((tag) => tag in NAMES) ?? "en";
  if (wanted) localStorage.setItem("pollen.language", chosen);
  if (chosen !== "en") {
    const answer = await fetch(`/v/words/${chosen}.json`).catch(() => null);
    texts = answer?.ok ? await answer.json() : {};
    language = answer?.ok ? chosen : "en";
  } else {
    [texts, language] = [{}, "en"];
  }
  document.documentElement.lang = language;
}

// The reader's own way to write dates and money, where it is of the chosen language.
function locale() {
  const own = navigator.languages.find((tag) => tag.slice(0, 2) === language && tag !== "en-US");
  return own ?? (language === "en" ? "en-GB" : language);
}

export function money(minor, currency) {
  const format = new Intl.NumberFormat(locale(), { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

// `expires_at` is the midnight that ends the last day, where the coalition is.
export function lastDay({ expires_at }, timeZone = "UTC") {
  const within = new Date(new Date(expires_at).getTime() - 1000);
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeZone }).format(within);
}

export function moment(at, timeZone) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(at));
}
