// Calls to the network, and the wallets that this phone has opened: one in each coalition it has a certificate of.

export class Refused extends Error {
  constructor(code, facts) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}

export class NoConnection extends Error {}

const positions = new Map();

async function send(method, path, { secret, body, key, slug } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (secret) headers.Authorization = `Bearer ${secret}`;
  if (key) headers["Idempotency-Key"] = key;
  if (method === "GET" && positions.has(slug)) headers["Pollen-Position"] = positions.get(slug);
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new NoConnection();
  }
  if (answer.ok) {
    const position = answer.headers.get("Pollen-Position");
    if (slug && position) positions.set(slug, position);
    return answer;
  }
  if (answer.status >= 500) throw new NoConnection();
  const facts = await answer.json().catch(() => ({}));
  throw new Refused(facts.code ?? "other", facts);
}

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function wallets() {
  return JSON.parse(localStorage.getItem("pollen.wallets") ?? "{}");
}

function keep(slug, wallet) {
  localStorage.setItem("pollen.wallets", JSON.stringify({ ...wallets(), [slug]: wallet }));
}

// The id and the key are kept before they are sent: a lost answer is asked for again, and it is the same wallet.
export async function walletIn(slug) {
  let wallet = wallets()[slug];
  if (!wallet) {
    wallet = { wallet_id: randomId(), key: randomId() };
    keep(slug, wallet);
  }
  if (!wallet.secret) {
    const path = `/v1/coalitions/${encodeURIComponent(slug)}/wallets`;
    const answer = await send("POST", path, { body: { wallet_id: wallet.wallet_id }, key: wallet.key, slug });
    wallet = { ...wallet, secret: (await answer.json()).credential.secret };
    keep(slug, wallet);
  }
  return wallet.secret;
}

export async function open(token) {
  return (await send("POST", "/v1/open", { body: { token } })).json();
}

export async function coalition(slug) {
  return (await send("GET", `/v1/coalitions/${encodeURIComponent(slug)}`)).json();
}

export async function claim(slug, token, { certificate_id, epoch }) {
  const secret = await walletIn(slug);
  const key = `claim-${certificate_id}-${epoch}`;
  return (await send("POST", "/v1/claims", { secret, body: { token }, key, slug })).json();
}

export async function passOn(slug, { certificate_id, epoch }) {
  const secret = await walletIn(slug);
  const key = `pass-${certificate_id}-${epoch}`;
  const passed = await (await send("POST", `/v1/certificates/${certificate_id}/passing`, { secret, key, slug })).json();
  localStorage.setItem(`pollen.link.${certificate_id}`, passed.link);
  return passed.link;
}

export const keptLink = (certificateId) => localStorage.getItem(`pollen.link.${certificateId}`);

export async function held(slug) {
  const secret = await walletIn(slug);
  return (await (await send("GET", "/v1/wallet/certificates", { secret, slug })).json()).certificates;
}

export async function copyOf(slug, certificateId) {
  const secret = await walletIn(slug);
  return (await send("GET", `/v1/certificates/${certificateId}/copy`, { secret, slug })).json();
}

export async function picture(slug, token) {
  const secret = await walletIn(slug);
  const answer = await send("POST", "/v1/qr.svg", { secret, body: { token }, slug });
  return URL.createObjectURL(await answer.blob());
}
