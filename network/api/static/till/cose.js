// COSE_Sign1 (RFC 9052), in the only shape the network writes and reads: tagged, deterministic, nothing unprotected.

import { NotCbor, decode, encode, isBytes, joined, same } from "./cbor.js";

const TAG = Uint8Array.of(0xd2); // tag 18 in its one short spelling

// `reason`: malformed, not_canonical or header_not_empty.
export class NotCose extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

// One item; whoever calls compares it with the one spelling.
export function decoded(bytes) {
  try {
    return decode(bytes);
  } catch (problem) {
    if (problem instanceof NotCbor) throw new NotCose("malformed");
    throw problem;
  }
}

// One item in its one spelling.
export function loads(bytes) {
  const value = decoded(bytes);
  let again;
  try {
    again = encode(value);
  } catch (problem) {
    if (problem instanceof NotCbor) throw new NotCose("malformed");
    throw problem;
  }
  if (!same(again, bytes)) throw new NotCose("not_canonical");
  return value;
}

// The Sig_structure (RFC 9052, section 4.4), without external data.
export const signedBytes = (header, payload) => encode(["Signature1", header, new Uint8Array(), payload]);

const written = (header, payload, signature) => joined(TAG, encode([header, new Map(), payload, signature]));

// Taken apart; nothing in it is to be believed before its signature is checked.
export function opened(bytes) {
  if (bytes[0] !== TAG[0]) throw new NotCose("malformed");
  const parts = decoded(bytes.subarray(1));
  if (!Array.isArray(parts) || parts.length !== 4) throw new NotCose("malformed");
  const [header, unprotected, payload, signature] = parts;
  if (![header, payload, signature].every(isBytes) || !(unprotected instanceof Map)) throw new NotCose("malformed");
  if (unprotected.size) throw new NotCose("header_not_empty");
  if (!same(written(header, payload, signature), bytes)) throw new NotCose("not_canonical");
  return { header, payload, signature, signed: signedBytes(header, payload) };
}

// `sign` gives the 64 bytes of a signature.
export async function sealed(header, payload, sign) {
  const protectedHeader = encode(header);
  return written(protectedHeader, payload, await sign(signedBytes(protectedHeader, payload)));
}
