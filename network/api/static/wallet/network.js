// Calls to the network, and what this phone remembers: its wallets (one in each coalition), what they held when it last
// asked, and every command that has no answer yet. A command's id is kept before it is sent, so a lost answer is asked
// for again and nothing happens twice.

import { forgetAll, nameOf, pairFor, pairOf } from "./keys.js";

export class Refused extends Error {
  constructor(code, facts, status) {
    super(code);
    Object.assign(this, { code, facts, status });
  }
}

export class NoConnection extends Error {}

const read = (name, otherwise) => JSON.parse(localStorage.getItem(`pollen.${name}`) ?? "null") ?? otherwise;
const write = (name, value) => localStorage.setItem(`pollen.${name}`, JSON.stringify(value));
const positions = new Map();
const PATIENCE_MS = 15 * 1000;
const RENEWED_MS = 30 * 24 * 3600 * 1000;

export const wallets = () => read("wallets", {});
export const slugs = () => Object.keys(wallets());
const keep = (slug, wallet) => write("wallets", { ...wallets(), [slug]: wallet });

// The network's clock, in seconds: a phone's own may be wrong, and a code that seems old is refused.
export const now = () => Math.floor((Date.now() + read("clock", 0)) / 1000);

// `as`: the coalition whose wallet asks, by its cookie.
async function send(method, path, { as, secret, body, key, slug } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (secret) headers.Authorization = `Bearer ${secret}`;
  if (as) headers["Pollen-Coalition"] = as;
  if (key) headers["Idempotency-Key"] = key;
  if (method === "GET" && positions.has(slug)) headers["Pollen-Position"] = positions.get(slug);
  let answer, text;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS) });
    text = await answer.text();
  } catch {
    throw new NoConnection();
  }
  if (answer.ok) {
    const position = answer.headers.get("Pollen-Position");
    if (slug && position) positions.set(slug, position);
    return JSON.parse(text);
  }
  if (answer.status >= 500) throw new NoConnection();
  const facts = factsOf(text);
  throw new Refused(facts.code ?? "other", facts, answer.status);
}

// What stands between a phone and the network may answer in words of its own.
function factsOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Whether this phone has a wallet there.
export const isOpen = (slug) => Boolean(wallets()[slug]?.kept);

// The wallet in this coalition, opened with the first certificate from there. What proves that it is ours is in a cookie
// that no script reads, this one neither. The cookie is renewed now and then, because browsers let them end.
async function opened(slug) {
  if (!wallets()[slug]) await remember();
  if (!wallets()[slug]) keep(slug, { wallet_id: randomId(), key: randomId() });
  const { wallet_id, key, kept } = wallets()[slug];
  if (kept && Date.now() - kept > RENEWED_MS) await enter(slug, { as: slug });
  if (kept) return slug;
  const path = `/v1/coalitions/${encodeURIComponent(slug)}/wallets`;
  const { credential } = await send("POST", path, { body: { wallet_id }, key, slug });
  await enter(slug, { secret: credential.secret });
  return slug;
}

async function enter(slug, who) {
  const { wallet_id } = await send("POST", "/v1/wallet/cookie", { ...who, slug });
  keep(slug, { wallet_id, kept: Date.now() });
}

// The wallets whose cookies are still there although the browser forgot everything else.
export async function remember() {
  const found = await send("GET", "/v1/wallets");
  for (const { slug, wallet_id } of found.wallets) if (!wallets()[slug]) keep(slug, { wallet_id, kept: Date.now() });
}

// Commands. `unanswered` holds {key: {slug, path, body, about}} until the network has said yes or no.
async function command(slug, path, body, key, about) {
  write("unanswered", { ...read("unanswered", {}), [key]: { slug, path, body, about } });
  const answer = await send("POST", path, { as: await opened(slug), body, key, slug }).catch((problem) => {
    if (problem instanceof Refused) answered(key);
    throw problem;
  });
  answered(key);
  return answer;
}

function answered(key) {
  const rest = read("unanswered", {});
  delete rest[key];
  write("unanswered", rest);
}

export const unanswered = () => Object.values(read("unanswered", {}));

// Ask again for every answer that was lost; says what was done, so that the page can show it.
export async function askAgain() {
  const done = [];
  for (const [key, { slug, path, body, about }] of Object.entries(read("unanswered", {}))) {
    try {
      const answer = await command(slug, path, body, key, about);
      if (about.what === "pass" || about.what === "print") rememberLink(about.certificate_id, answer.link);
      done.push({ ...about, slug, answer });
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      done.push({ ...about, slug, problem });
    }
  }
  return done;
}

export const open = (token) => send("POST", "/v1/open", { body: { token } });

export async function coalition(slug) {
  const found = await send("GET", `/v1/coalitions/${encodeURIComponent(slug)}`);
  write("coalitions", { ...coalitions(), [slug]: { name: found.name, time_zone: found.time_zone } });
  return found;
}
export const coalitions = () => read("coalitions", {});

export async function claim(slug, token, { certificate_id, epoch }) {
  const pair = await pairFor(certificate_id);
  const body = { token, ...(pair && { holder_key: pair.shown }) };
  return command(slug, "/v1/claims", body, `claim-${certificate_id}-${epoch}`, { what: "claim", certificate_id });
}

export async function passOn(slug, { certificate_id, epoch }) {
  const path = `/v1/certificates/${certificate_id}/passing`;
  const { link } = await command(slug, path, undefined, `pass-${certificate_id}-${epoch}`, { what: "pass", certificate_id });
  return rememberLink(certificate_id, link);
}

export async function print(slug, { certificate_id, epoch }) {
  const path = `/v1/certificates/${certificate_id}/printing`;
  const paper = await command(slug, path, undefined, `print-${certificate_id}-${epoch}`, { what: "print", certificate_id });
  rememberLink(certificate_id, paper.link, paper.typed_code);
  return paper;
}

function rememberLink(certificateId, link, code) {
  write("links", { ...read("links", {}), [certificateId]: { link, code } });
  return link;
}

export const keptLink = (certificateId) => read("links", {})[certificateId];

// Everything of one wallet, newest first. What it held is kept for when there is no network.
export async function held(slug) {
  const as = await opened(slug);
  let certificates = [];
  let page = {};
  for (let query = ""; page.next_before !== null; query = `?before=${page.next_before}&before_id=${page.next_id}`) {
    page = await send("GET", `/v1/wallet/certificates${query}`, { as, slug });
    certificates = [...certificates, ...page.certificates];
    if (page.certificates.length < 100) break;
  }
  write("clock", new Date(page.at).getTime() - Date.now());
  write("held", { ...read("held", {}), [slug]: { at: Date.now(), certificates } });
  return certificates;
}

// What was just claimed, for a guest who walks out of the network's reach before the list was ever asked for.
export function keepHeld(slug, certificate) {
  const before = heldBefore(slug) ?? { at: Date.now(), certificates: [] };
  const others = before.certificates.filter((one) => one.certificate_id !== certificate.certificate_id);
  write("held", { ...read("held", {}), [slug]: { ...before, certificates: [certificate, ...others] } });
}

export const heldBefore = (slug) => read("held", {})[slug];

// The copy to show, bound to this phone's key. One that is bound to another key, or to none, is bound to this one now:
// the key was lost, or the shop's till put it into the wallet. Its older copies die with that.
export async function copyOf(slug, { certificate_id }) {
  const as = await opened(slug);
  let copy = await send("GET", `/v1/certificates/${certificate_id}/copy`, { as, slug });
  const pair = await pairFor(certificate_id);
  if (pair && copy.holder_key !== nameOf(pair)) copy = await bind(slug, copy, pair);
  write("copies", { ...read("copies", {}), [certificate_id]: { ...copy, at: Date.now() } });
  return { copy, pair };
}

async function bind(slug, { certificate_id, epoch }, pair) {
  const path = `/v1/certificates/${certificate_id}/binding`;
  const key = `bind-${epoch}-${nameOf(pair).slice(-20).replaceAll("=", "")}`;
  return command(slug, path, { holder_key: pair.shown }, key, { what: "bind", certificate_id });
}

// The copy as this phone last had it; there is one for every certificate that was ever shown or claimed on it.
export async function keptCopy(certificateId) {
  const copy = read("copies", {})[certificateId];
  return copy && { copy, pair: await pairOf(certificateId) };
}

export function keepCopy(copy) {
  write("copies", { ...read("copies", {}), [copy.certificate_id]: { ...copy, at: Date.now() } });
}

export async function codeFor(slug, certificateId) {
  return send("POST", `/v1/certificates/${certificateId}/code`, { as: await opened(slug), slug });
}

export async function historyOf(slug, certificateId) {
  return (await send("GET", `/v1/certificates/${certificateId}/history`, { as: await opened(slug), slug })).history;
}

// For the day when this browser forgets: the code opens the wallet again, on any phone.
export async function recoveryCode(slug) {
  return (await send("POST", "/v1/wallet/recovery", { as: await opened(slug), slug })).recovery_code;
}

export async function recover(code) {
  const kept = read("recovering", {});
  const key = kept[code] ?? randomId();
  write("recovering", { [code]: key });
  const { slug, credential } = await send("POST", "/v1/recoveries", { body: { recovery_code: code }, key });
  await enter(slug, { secret: credential.secret });
  localStorage.removeItem("pollen.recovering");
  return slug;
}

// How this guest can be reached, if at all.
const asGuest = async (slug, method, path, body) => send(method, path, { as: await opened(slug), body, slug });
export const contact = (slug) => asGuest(slug, "GET", "/v1/wallet/contact");
export const keepContact = (slug, asked) => asGuest(slug, "PUT", "/v1/wallet/contact", asked);
export const confirmContact = (slug, code) => asGuest(slug, "POST", "/v1/wallet/contact/confirmation", { code });
export const dropContact = (slug) => asGuest(slug, "DELETE", "/v1/wallet/contact");
export const waysBack = () => send("GET", "/v1/recoveries/channels");
export const sendWayBack = (address, language) => send("POST", "/v1/recoveries/messages", { body: { address, language } });

export const lose = (slug) => {
  const rest = wallets();
  delete rest[slug];
  write("wallets", rest);
};

// Delete me: in every coalition, then in this browser. A wallet that the network no longer knows is deleted already.
export async function deleteMe() {
  for (const [slug, wallet] of Object.entries(wallets())) {
    if (isOpen(slug)) {
      await send("DELETE", "/v1/wallet", { as: await opened(slug), key: `erase-${wallet.wallet_id}`, slug }).catch((problem) => {
        if (problem.status !== 401) throw problem;
      });
    }
    lose(slug);
  }
  for (const name of Object.keys(localStorage)) if (name.startsWith("pollen.")) localStorage.removeItem(name);
  await forgetAll().catch(() => {});
  for (const name of await (globalThis.caches?.keys() ?? [])) await caches.delete(name);
}

