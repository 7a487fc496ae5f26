// CBOR (RFC 8949), as much of it as the network writes. Reading is as wide as the network's own reader, so that both
// refuse for the same reason; whoever must know that there is one spelling writes what was read again and compares.
// An integer is a number (a bigint beyond 2^53), a byte string a Uint8Array, a map a Map; a float and a tag are objects.

export class NotCbor extends Error {}

export class Float { constructor(value) { this.value = value; } }
export class Tagged { constructor(tag, value) { Object.assign(this, { tag, value }); } }

const DEPTH_MAX = 6;
const SIMPLE = new Map([[20, false], [21, true], [22, null], [23, undefined]]);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const isBytes = (value) => value instanceof Uint8Array;
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  take(length) {
    if (length > this.bytes.length - this.at) throw new NotCbor("cut short");
    this.at += Number(length);
    return this.at - Number(length);
  }

  argument(short) {
    if (short < 24) return short;
    if (short === 24) return this.view.getUint8(this.take(1));
    if (short === 25) return this.view.getUint16(this.take(2));
    if (short === 26) return this.view.getUint32(this.take(4));
    if (short !== 27) throw new NotCbor("no fixed length");
    const long = this.view.getBigUint64(this.take(8));
    return long <= Number.MAX_SAFE_INTEGER ? Number(long) : long;
  }

  item(depth) {
    if (depth > DEPTH_MAX) throw new NotCbor("too deep");
    const first = this.view.getUint8(this.take(1));
    const [major, short] = [first >> 5, first & 31];
    if (major === 7) return this.simple(short);
    const argument = this.argument(short);
    switch (major) {
      case 0: return argument;
      case 1: return typeof argument === "bigint" ? -1n - argument : -1 - argument;
      case 2: return this.bytes.slice(this.take(argument), this.at);
      case 3: return this.text(argument);
      case 4: return this.list(argument, depth);
      case 5: return this.map(argument, depth);
      default: return new Tagged(argument, this.item(depth + 1));
    }
  }

  text(length) {
    const from = this.take(length);
    try {
      return utf8.decode(this.bytes.subarray(from, this.at));
    } catch {
      throw new NotCbor("no text");
    }
  }

  list(length, depth) {
    if (length > this.bytes.length - this.at) throw new NotCbor("cut short");
    return Array.from({ length }, () => this.item(depth + 1));
  }

  map(length, depth) {
    if (length > this.bytes.length - this.at) throw new NotCbor("cut short");
    const read = new Map();
    for (let i = 0; i < length; i++) {
      const key = this.item(depth + 1);
      if (typeof key === "object" && key !== null && !(key instanceof Float)) throw new NotCbor("a key of another kind");
      if (read.has(key)) throw new NotCbor("a key twice");
      read.set(key, this.item(depth + 1));
    }
    return read;
  }

  simple(short) {
    if (SIMPLE.has(short)) return SIMPLE.get(short);
    if (short === 25) { this.take(2); return new Float(NaN); } // no float is ever used, only told from an integer
    if (short === 26) return new Float(this.view.getFloat32(this.take(4)));
    if (short === 27) return new Float(this.view.getFloat64(this.take(8)));
    throw new NotCbor("a simple value of another kind");
  }
}

// The first item; what stands behind it is seen by whoever compares.
export function decode(bytes) {
  return new Reader(bytes).item(1);
}

function head(major, number) {
  const type = major << 5;
  if (number < 24) return Uint8Array.of(type | Number(number));
  const length = number < 0x100 ? 1 : number < 0x10000 ? 2 : number < 0x100000000 ? 4 : 8;
  const written = new Uint8Array(1 + length);
  written[0] = type | (24 + Math.log2(length));
  for (let rest = BigInt(number), at = length; at > 0; at--, rest >>= 8n) written[at] = Number(rest & 0xffn);
  return written;
}

function compared(one, other) {
  if (one.length !== other.length) return one.length - other.length;
  const at = one.findIndex((byte, place) => byte !== other[place]);
  return at < 0 ? 0 : one[at] - other[at];
}

// The one spelling (RFC 8949, section 4.2.3: shorter keys first).
export function encode(value) {
  if (typeof value === "number" || typeof value === "bigint") {
    if (typeof value === "number" && !Number.isSafeInteger(value)) throw new NotCbor("no integer");
    return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
  }
  if (isBytes(value)) return joined(head(2, value.length), value);
  if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    return joined(head(3, text.length), text);
  }
  if (Array.isArray(value)) return joined(head(4, value.length), ...value.map(encode));
  if (value instanceof Map) {
    const members = [...value].map(([key, member]) => [encode(key), encode(member)]).sort(([a], [b]) => compared(a, b));
    return joined(head(5, members.length), ...members.flat());
  }
  if (typeof value === "boolean") return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (value === null) return Uint8Array.of(0xf6);
  throw new NotCbor("nothing that we write");
}
