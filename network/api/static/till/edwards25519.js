// Ed25519 (RFC 8032, section 5.1) without secrets: whether a public key is one to be trusted, and, for browsers whose
// own cryptography has no Ed25519, whether a signature fits.

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (number, by = P) => { const rest = number % by; return rest < 0n ? rest + by : rest; };

function power(base, exponent) {
  let product = 1n;
  for (let square = mod(base); exponent; exponent >>= 1n, square = (square * square) % P) {
    if (exponent & 1n) product = (product * square) % P;
  }
  return product;
}

const D = mod(-121665n * power(121666n, P - 2n));
const D2 = mod(2n * D);
const ROOT_OF_MINUS_1 = power(2n, (P - 1n) / 4n);
const IDENTITY = [0n, 1n, 1n, 0n]; // extended coordinates: x = X/Z, y = Y/Z, xy = T/Z

export function littleEndian(bytes) {
  let number = 0n;
  for (let at = bytes.length - 1; at >= 0; at--) number = (number << 8n) | BigInt(bytes[at]);
  return number;
}

function pointOf(bytes) {
  if (bytes.length !== 32) return null;
  const number = littleEndian(bytes);
  const [sign, y] = [number >> 255n, number & (2n ** 255n - 1n)];
  if (y >= P) return null;
  const [numerator, denominator] = [mod(y * y - 1n), mod(D * y * y + 1n)];
  let x = mod(numerator * power(denominator, 3n) * power(numerator * power(denominator, 7n), (P - 5n) / 8n));
  if (mod(denominator * x * x) !== numerator) {
    x = mod(x * ROOT_OF_MINUS_1);
    if (mod(denominator * x * x) !== numerator) return null;
  }
  if (x === 0n && sign) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

// The complete addition of RFC 8032, section 5.1.4: it doubles as well.
function sum(a, b) {
  const e1 = mod((a[1] - a[0]) * (b[1] - b[0]));
  const e2 = mod((a[1] + a[0]) * (b[1] + b[0]));
  const e3 = mod(a[3] * D2 * b[3]);
  const e4 = mod(2n * a[2] * b[2]);
  const [e, f, g, h] = [e2 - e1, e4 - e3, e4 + e3, e2 + e1];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(factor, point) {
  let total = IDENTITY;
  for (; factor; factor >>= 1n, point = sum(point, point)) {
    if (factor & 1n) total = sum(total, point);
  }
  return total;
}

const isIdentity = ([x, y, z]) => x === 0n && y === z;

// Canonical, on the curve, not the identity, and of prime order: one constant signature fits every message of another.
export function isUsable(key) {
  const point = pointOf(key);
  return point !== null && !isIdentity(point) && isIdentity(times(ORDER, point));
}

const BASE = pointOf(Uint8Array.of(0x58, ...new Array(31).fill(0x66)));

// `key` has passed `isUsable`.
export async function fits(key, signature, message) {
  const s = littleEndian(signature.subarray(32));
  const r = pointOf(signature.subarray(0, 32));
  if (signature.length !== 64 || r === null || s >= ORDER) return false;
  const hashed = new Uint8Array([...signature.subarray(0, 32), ...key, ...message]);
  const k = littleEndian(new Uint8Array(await crypto.subtle.digest("SHA-512", hashed))) % ORDER;
  const [x1, y1, z1] = times(s, BASE);
  const [x2, y2, z2] = sum(r, times(k, pointOf(key)));
  return mod(x1 * z2 - x2 * z1) === 0n && mod(y1 * z2 - y2 * z1) === 0n;
}
