// Calls of the till's scripts to its own pages: with the till's cookie, and the token that says that it is this page.

export class NoNetwork extends Error {}

// This device is no till any more, or nobody is at it.
export class SignedOut extends Error {}

// The network said no; `code` and `detail` are those of its refusal.
export class Refused extends Error {
  constructor(facts) {
    super(facts.code);
    Object.assign(this, { code: facts.code ?? "unexpected", detail: facts.detail ?? "" });
  }
}

const PATIENCE_MS = 20000;
export const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];

// An answer of whatever kind. A network that is busy, or between two starts, is none.
export async function raw(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { redirect: "manual", ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new NoNetwork();
  }
  if (answer.status >= 500) throw new NoNetwork();
  if (answer.type === "opaqueredirect") throw new SignedOut();
  return answer;
}

export const ask = (path) => told(path, { cache: "no-store" });

export const post = (path, fields) => told(path, { method: "POST", body: new URLSearchParams({ ...fields, csrf: csrf() }) });

async function told(path, options) {
  const answer = await raw(path, options);
  const facts = await answer.json().catch(() => { throw new NoNetwork(); });
  if (!answer.ok) throw new Refused(facts);
  return facts;
}
