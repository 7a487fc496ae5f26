// Keys that something is checked with: which are refused, and whether a signature is a key's one spelling of it.
// The same rules as network/public_keys.py.

import { unhex } from "./bytes.js";
import { encode, hex, isBytes, joined } from "./cbor.js";
import { fits, isUsable } from "./edwards25519.js";

export const ED25519 = "Ed25519";
export const P256 = "P-256";
// The first number is written; the second, older one, is only read.
export const NUMBERS = { [ED25519]: [-19, -8], [P256]: [-9, -7] };
export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
export const P256_SIGNS = { name: "ECDSA", hash: "SHA-256" };

export class KeyRefused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

const loaded = new Map();

// `point`: 32 bytes (RFC 8032), or 65 bytes of an uncompressed P-256 point. What the browser made of it, or null where
// it knows no Ed25519. The check takes milliseconds, so each key is checked once.
async function importedKey(curve, point) {
  const name = curve + hex(point);
  if (!loaded.has(name)) loaded.set(name, await taken(curve, point));
  return loaded.get(name);
}

async function taken(curve, point) {
  if (curve === ED25519 && !isUsable(point)) throw new KeyRefused("key_weak");
  if (curve === P256 && (point.length !== 65 || point[0] !== 4)) throw new KeyRefused("key_malformed");
  try {
    const how = curve === ED25519 ? ED25519 : { name: "ECDSA", namedCurve: P256 };
    return await crypto.subtle.importKey("raw", point, how, false, ["verify"]);
  } catch (problem) {
    if (curve === ED25519 && problem.name === "NotSupportedError") return null;
    throw new KeyRefused("key_weak"); // not on the curve
  }
}

export const checkKey = async ({ curve, point }) => void (await importedKey(curve, point));

const bigEndian = (bytes) => BigInt(`0x${hex(bytes)}`);

// An ECDSA signature (r, s) has a twin (r, n - s); only the lower s counts, so that nobody can respell a code.
export async function verifies({ curve, point }, signature, message) {
  if (signature.length !== 64) return false;
  const key = await importedKey(curve, point);
  if (curve === ED25519) return key ? crypto.subtle.verify(ED25519, key, signature, message) : fits(point, signature, message);
  return bigEndian(signature.subarray(32)) <= P256_ORDER / 2n && crypto.subtle.verify(P256_SIGNS, key, signature, message);
}

// The one of the two that counts.
export function lowerTwin(signature) {
  const s = bigEndian(signature.subarray(32));
  if (s <= P256_ORDER / 2n) return signature;
  return joined(signature.subarray(0, 32), unhex((P256_ORDER - s).toString(16).padStart(64, "0")));
}

// The key in exactly the members that name it (RFC 9053, section 7): kty, crv, x and for P-256 y.
export function keyOfCore(members) {
  const [kty, crv, x, y] = members instanceof Map ? [1, -1, -2, -3].map((label) => members.get(label)) : [];
  if (kty === 1 && crv === 6 && isBytes(x) && members.size === 3) return { curve: ED25519, point: x };
  if (kty === 2 && crv === 1 && isBytes(x) && isBytes(y) && members.size === 4 && x.length === 32 && y.length === 32) {
    return { curve: P256, point: joined(Uint8Array.of(4), x, y) };
  }
  throw new KeyRefused("key_malformed");
}

export function coreOf({ curve, point }) {
  if (curve === ED25519) return new Map([[1, 1], [-1, 6], [-2, point]]);
  return new Map([[1, 2], [-1, 1], [-2, point.slice(1, 33)], [-3, point.slice(33)]]);
}

// The first 8 bytes of the key's thumbprint (RFC 9679).
export async function kidOf(key) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encode(coreOf(key)))).slice(0, 8);
}
