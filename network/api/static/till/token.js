// The signed certificate as a QR carries it, and the same inside a phone's live proof: everything that they can prove
// alone. The same rules, in the same order and with the same codes as network/token.py and network/presentation.py.

import { encode, hex, isBytes, same } from "./cbor.js";
import { NotCose, decoded, loads, opened } from "./cose.js";
import { ED25519, KeyRefused, NUMBERS, P256, checkKey, coreOf, keyOfCore, verifies } from "./public_keys.js";

const BYTES_MAX = 400;
const PROOF_SECONDS = 45;
const SECONDS_MAX = 253402300799; // the last second of year 9999
const UINT32_MAX = 2 ** 32 - 1;
const [ALG, KID] = [1, 4];
const [EXP, CTI, CNF, CERTIFICATE] = [4, 7, 8, -65537];
const [IAT, NONCE, TOKEN] = [6, 10, -65538];
const ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWX";
const HEADERS = { a10132: ED25519, a10128: P256 };

export class TokenRefused extends Error {
  constructor(code, facts = {}) {
    super(code);
    Object.assign(this, { code, facts });
  }
}

const malformed = () => new TokenRefused("token_malformed");
const whole = (value, least, most) => typeof value === "number" && value >= least && value <= most;

// The token in whatever a scanner typed. Non-zero tail bits would be further spellings of one token.
export function bytesOfText(scanned) {
  const words = scanned.match(/[0-9A-Za-z]{64,}/g) ?? [];
  if (words.length !== 1) throw new TokenRefused("token_text_malformed");
  const word = words[0] === words[0].toLowerCase() ? words[0].toUpperCase() : words[0];
  const length = Math.floor((5 * word.length) / 8);
  if (length > BYTES_MAX) throw new TokenRefused("token_too_long");
  const bytes = new Uint8Array(length);
  let [held, bits, at] = [0, 0, 0];
  for (const symbol of word) {
    const value = ALPHABET.indexOf(symbol);
    if (value < 0) throw new TokenRefused("token_text_malformed");
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes[at++] = (held >>> (bits -= 8)) & 0xff;
  }
  if (bits >= 5 || held & ((1 << bits) - 1)) throw new TokenRefused("token_text_malformed");
  return bytes;
}

// What was scanned: a bare token, or a presentation around one. `at`: now, in seconds since 1970. Resolves to the
// claims, with `shownAt` of the phone that proved to be there and `proof`, its whole text, or null for a bearer's.
export async function verifyPresented(scanned, keys, at, nonce = null) {
  try {
    return await checked(scanned, keys, at, nonce);
  } catch (problem) {
    if (problem instanceof NotCose) throw new TokenRefused(`token_${problem.reason}`);
    throw problem;
  }
}

async function checked(scanned, keys, at, nonce) {
  const shown = takenApart(scanned);
  const claims = await verify(shown ? shown.token : scanned, keys, at);
  if (!shown) {
    if (claims.holderKey) throw new TokenRefused("token_proof_missing");
    return { ...claims, shownAt: null, proof: null };
  }
  const proves = claims.holderKey?.curve === shown.curve
    && (await verifies(claims.holderKey, shown.envelope.signature, shown.envelope.signed));
  if (!proves) throw new TokenRefused("token_proof_invalid");
  if (nonce && !(shown.nonce && same(shown.nonce, nonce))) throw new TokenRefused("token_proof_nonce");
  if (Math.abs(at - shown.shownAt) > PROOF_SECONDS) throw new TokenRefused("token_proof_stale");
  return { ...claims, shownAt: shown.shownAt, proof: scanned };
}

function takenApart(scanned) {
  if (scanned.length > BYTES_MAX) throw new TokenRefused("token_too_long");
  const envelope = opened(scanned);
  const curve = HEADERS[hex(envelope.header)];
  if (!curve) return null;
  const payload = loads(envelope.payload);
  if (!(payload instanceof Map)) throw malformed();
  const [shownAt, nonce, token] = [IAT, NONCE, TOKEN].map((label) => payload.get(label));
  if (!whole(shownAt, 1, SECONDS_MAX) || !isBytes(token)) throw malformed();
  if (nonce !== undefined && !(isBytes(nonce) && nonce.length >= 1 && nonce.length <= 16)) throw malformed();
  if (payload.size !== (nonce === undefined ? 2 : 3)) throw malformed();
  return { token, shownAt, nonce, curve, envelope };
}

async function verify(token, keys, at) {
  if (token.length > BYTES_MAX) throw new TokenRefused("token_too_long");
  const envelope = opened(token);
  const key = await signingKey(envelope, keys);
  const claims = await claimsOf(envelope.payload);
  refuseOutsideLimits(claims, key, at);
  if (at >= claims.expires) throw new TokenRefused("token_expired", { expired_at: claims.expires });
  return { ...claims, token, onlineOnly: key.state === "compromised" };
}

async function signingKey(envelope, keys) {
  const header = decoded(envelope.header);
  if (!hasLabels(header, [ALG, KID])) throw malformed();
  const [algorithm, kid] = [header.get(ALG), header.get(KID)];
  if (typeof algorithm !== "number" || !isBytes(kid) || kid.length !== 8) throw malformed();
  if (!same(encode(new Map([[ALG, algorithm], [KID, kid]])), envelope.header)) throw new TokenRefused("token_not_canonical");
  const candidates = keys.get(hex(kid)) ?? [];
  if (!candidates.length) throw new TokenRefused("token_key_unknown");
  // The key's record decides the algorithm; the header only has to agree with it.
  const fitting = candidates.filter((key) => NUMBERS[key.curve].includes(algorithm));
  if (!fitting.length) throw new TokenRefused("token_algorithm_mismatch");
  for (const key of fitting) {
    if (await verifies(key, envelope.signature, envelope.signed)) return key;
  }
  throw new TokenRefused("token_signature_invalid");
}

const hasLabels = (map, labels) => map instanceof Map && map.size === labels.length && labels.every((label) => map.has(label));

async function claimsOf(payload) {
  const said = decoded(payload);
  if (!hasLabels(said, [EXP, CTI, CERTIFICATE]) && !hasLabels(said, [EXP, CTI, CNF, CERTIFICATE])) throw malformed();
  const [expires, id, details] = [EXP, CTI, CERTIFICATE].map((label) => said.get(label));
  if (!Array.isArray(details) || typeof details[0] !== "number") throw malformed();
  if (details[0] !== 1) throw new TokenRefused("token_version_unsupported", { version: details[0] });
  if (!whole(expires, 1, SECONDS_MAX) || details.length !== 8 || !isBytes(id) || id.length !== 16) throw malformed();
  const [, coalition, issuer, acceptor, face, currency, epoch, statusIndex] = details;
  const inRange = [coalition, issuer, acceptor].every((number) => whole(number, 1, UINT32_MAX))
    && whole(face, 1, Number.MAX_SAFE_INTEGER) && [epoch, statusIndex].every((number) => whole(number, 0, UINT32_MAX));
  if (!inRange || typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) throw malformed();
  const holderKey = await holderKeyOf(said);
  if (!same(spelledAgain(expires, id, details, holderKey), payload)) throw new TokenRefused("token_not_canonical");
  return { id, coalition, issuer, acceptor, face, currency, epoch, statusIndex, expires, holderKey };
}

async function holderKeyOf(said) {
  if (!said.has(CNF)) return null;
  if (!hasLabels(said.get(CNF), [1])) throw malformed();
  try {
    const key = keyOfCore(said.get(CNF).get(1));
    await checkKey(key);
    return key;
  } catch (problem) {
    if (problem instanceof KeyRefused) throw malformed();
    throw problem;
  }
}

function spelledAgain(expires, id, details, holderKey) {
  const said = new Map([[EXP, expires], [CTI, id], [CERTIFICATE, details]]);
  if (holderKey) said.set(CNF, new Map([[1, coreOf(holderKey)]]));
  return encode(said);
}

function refuseOutsideLimits(claims, key, at) {
  const outside = claims.coalition !== key.coalition || claims.issuer !== key.merchant || claims.face > key.faceMax
    || claims.expires <= key.validFrom || claims.expires > key.validUntil || at < key.validFrom;
  if (outside) throw new TokenRefused("token_key_limits");
}
