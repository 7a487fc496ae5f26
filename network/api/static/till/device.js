// This device's own key: made here, kept by the browser, given to nobody, not even to this page. With it the till signs
// what it takes without a network.

import { b64u, hex, joined, unhex } from "./bytes.js";
import { encode } from "./cbor.js";
import { ED25519, P256, P256_SIGNS, coreOf, kidOf, lowerTwin } from "./public_keys.js";
import * as store from "./store.js";

async function made() {
  for (const [curve, how] of [[ED25519, ED25519], [P256, { name: "ECDSA", namedCurve: P256 }]]) {
    try {
      const { privateKey, publicKey } = await crypto.subtle.generateKey(how, false, ["sign", "verify"]);
      const point = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
      return { curve, point, privateKey, kid: hex(await kidOf({ curve, point })) };
    } catch (problem) {
      if (problem.name !== "NotSupportedError") throw problem;
    }
  }
  throw new Error("this browser makes no keys");
}

// Once a till, whatever tab asks first.
export const deviceKey = () => store.alone("key", async () => {
  const there = await store.kept("key");
  if (there) return there;
  const key = await made();
  await store.keep("key", key);
  return key;
});

// As a browser exports a public key.
const members = ({ curve, point }) => (curve === ED25519 ? { kty: "OKP", crv: curve, x: b64u(point) }
  : { kty: "EC", crv: curve, x: b64u(point.slice(1, 33)), y: b64u(point.slice(33)) });

export async function signs(key, message) {
  const how = key.curve === ED25519 ? ED25519 : P256_SIGNS;
  const signature = new Uint8Array(await crypto.subtle.sign(how, key.privateKey, message));
  return key.curve === ED25519 ? signature : lowerTwin(signature);
}

// What tells the network that this till holds the key that it names.
export async function registration(key, tillId) {
  const named = encode(coreOf(key));
  const asked = joined(new TextEncoder().encode("pollen till key\0"), unhex(tillId), named);
  return { ...members(key), signature: b64u(await signs(key, asked)) };
}
