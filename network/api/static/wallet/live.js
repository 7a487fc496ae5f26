// A live copy: the token and the time, signed by this phone's key. Format: docs/wallet.md, network/presentation.py.

const ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWX";
export const RENEWED_SECONDS = 15;

export function bytesOf(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const symbol of text) {
    held = ((held << 5) | ALPHABET.indexOf(symbol)) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes[at++] = (held >>> (bits -= 8)) & 0xff;
  }
  return bytes;
}

export function textOf(bytes) {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) text += ALPHABET[(held >>> (bits -= 5)) & 31];
  }
  return bits ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

// Deterministic CBOR (RFC 8949) of what stands in our two documents, and nothing else.
function head(major, number) {
  const type = major << 5;
  if (number < 24) return [type | number];
  if (number < 0x100) return [type | 24, number];
  if (number < 0x10000) return [type | 25, number >>> 8, number & 0xff];
  return [type | 26, (number >>> 24) & 0xff, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff];
}

const byteString = (bytes) => [...head(2, bytes.length), ...bytes];
const SIGNATURE1 = [0x84, 0x6a, ...new TextEncoder().encode("Signature1")];
const TOKEN_LABEL = [0x3a, 0x00, 0x01, 0x00, 0x01]; // -65538
const HEADERS = { Ed25519: [0xa1, 0x01, 0x32], "P-256": [0xa1, 0x01, 0x28] };

// What the QR says now. `pair` is of keys.js, `seconds` since 1970 by the network's clock.
export async function shown(token, pair, seconds, nonce) {
  const said = [
    0xa2 + (nonce ? 1 : 0), 0x06, ...head(0, seconds),
    ...(nonce ? [0x0a, ...byteString(nonce)] : []),
    ...TOKEN_LABEL, ...byteString(bytesOf(token)),
  ];
  const header = HEADERS[pair.curve];
  const message = [...SIGNATURE1, ...byteString(header), 0x40, ...byteString(said)];
  const how = pair.curve === "Ed25519" ? "Ed25519" : { name: "ECDSA", hash: "SHA-256" };
  const signature = new Uint8Array(await crypto.subtle.sign(how, pair.privateKey, new Uint8Array(message)));
  if (pair.curve === "P-256") keepLowerTwin(signature);
  return textOf(new Uint8Array([0xd2, 0x84, ...byteString(header), 0xa0, ...byteString(said), ...byteString(signature)]));
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

// (r, s) has a twin (r, n - s); the network takes the lower one alone, so that a code has one spelling.
function keepLowerTwin(signature) {
  let s = 0n;
  for (const byte of signature.subarray(32)) s = (s << 8n) | BigInt(byte);
  if (s <= P256_ORDER / 2n) return;
  s = P256_ORDER - s;
  for (let i = 63; i >= 32; i--, s >>= 8n) signature[i] = Number(s & 0xffn);
}
