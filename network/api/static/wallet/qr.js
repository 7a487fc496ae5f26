// The QR of a copy, drawn on the phone, so that it is renewed without a network (ISO/IEC 18004). What we need and no
// more: level M, versions 1 to 20, a byte segment for the link and an alphanumeric one for the token, and one mask.

const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const ECC_PER_BLOCK = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const MASK = 4;
export const QUIET_ZONE = 4;

// Rows of dark (true) and light modules, without the quiet zone.
export function modules(prefix, token) {
  const bytes = new TextEncoder().encode(prefix);
  for (let version = 1; version <= 20; version++) {
    const capacity = 8 * (codewords(version) - ECC_PER_BLOCK[version] * BLOCKS[version]);
    const bits = segments(bytes, token, version);
    if (bits.length <= capacity) return drawn(version, withCorrection(padded(bits, capacity), version));
  }
  throw new RangeError("too long for a QR");
}

// One path of strokes; one unit is one module.
export function strokes(rows) {
  let path = "";
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x++;
      path += `M${from + QUIET_ZONE} ${y + QUIET_ZONE}.5h${x - from + 1}`;
    }
  });
  return path;
}

function segments(bytes, token, version) {
  const bits = [];
  const put = (value, length) => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >>> i) & 1);
  };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  put(2, 4);
  put(token.length, version < 10 ? 9 : 11);
  for (let i = 0; i + 1 < token.length; i += 2) {
    put(ALPHANUMERIC.indexOf(token[i]) * 45 + ALPHANUMERIC.indexOf(token[i + 1]), 11);
  }
  if (token.length % 2) put(ALPHANUMERIC.indexOf(token.at(-1)), 6);
  return bits;
}

function padded(bits, capacity) {
  const all = [...bits, ...Array(Math.min(4, capacity - bits.length)).fill(0)];
  while (all.length % 8) all.push(0);
  const found = [];
  for (let i = 0; i < all.length; i += 8) found.push(parseInt(all.slice(i, i + 8).join(""), 2));
  for (let pad = 0xec; found.length < capacity / 8; pad ^= 0xfd) found.push(pad);
  return found;
}

function rawModules(version) {
  let count = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const aligned = Math.floor(version / 7) + 2;
    count -= (25 * aligned - 10) * aligned - 55;
    if (version >= 7) count -= 36;
  }
  return count;
}

const codewords = (version) => Math.floor(rawModules(version) / 8);

// GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1.
function times(a, b) {
  let product = 0;
  for (let i = 7; i >= 0; i--) product = (product << 1) ^ ((product >>> 7) * 0x11d) ^ (((b >>> i) & 1) * a);
  return product;
}

function divisorOf(degree) {
  const divisor = [...Array(degree - 1).fill(0), 1];
  let root = 1;
  for (let i = 0; i < degree; i++) {
    for (let j = 0; j < degree; j++) divisor[j] = times(divisor[j], root) ^ (divisor[j + 1] ?? 0);
    root = times(root, 2);
  }
  return divisor;
}

function remainder(block, divisor) {
  const rest = Array(divisor.length).fill(0);
  for (const byte of block) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((coefficient, i) => { rest[i] ^= times(coefficient, factor); });
  }
  return rest;
}

// Data and correction of all blocks, interleaved. Short blocks come first and lack one data codeword.
function withCorrection(codewordsOfData, version) {
  const [count, correction] = [BLOCKS[version], ECC_PER_BLOCK[version]];
  const length = Math.floor(codewords(version) / count) - correction;
  const short = count - (codewords(version) % count);
  const divisor = divisorOf(correction);
  const blocks = [];
  for (let i = 0, at = 0; i < count; i++) {
    const block = codewordsOfData.slice(at, (at += length + (i < short ? 0 : 1)));
    blocks.push({ block, rest: remainder(block, divisor) });
  }
  const found = [];
  for (let i = 0; i <= length; i++) for (const { block } of blocks) if (i < block.length) found.push(block[i]);
  for (let i = 0; i < correction; i++) for (const { rest } of blocks) found.push(rest[i]);
  return found;
}

function drawn(version, all) {
  const size = 17 + 4 * version;
  const dark = Array.from({ length: size }, () => Array(size).fill(false));
  const fixed = Array.from({ length: size }, () => Array(size).fill(false));
  const set = (x, y, value) => {
    if (x < 0 || y < 0 || x >= size || y >= size) return;
    dark[y][x] = value;
    fixed[y][x] = true;
  };
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(set, cx, cy, 4, (ring) => ring !== 2 && ring !== 4);
  const centres = alignment(version, size);
  for (const x of centres) {
    for (const y of centres) {
      const corner = (x === 6 && (y === 6 || y === size - 7)) || (x === size - 7 && y === 6);
      if (!corner) square(set, x, y, 2, (ring) => ring !== 1);
    }
  }
  drawFormat(set, size);
  if (version >= 7) drawVersion(set, size, version);
  drawCodewords(dark, fixed, size, all);
  return dark;
}

function square(set, cx, cy, reach, isDark) {
  for (let dx = -reach; dx <= reach; dx++) {
    for (let dy = -reach; dy <= reach; dy++) set(cx + dx, cy + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
  }
}

function alignment(version, size) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  const found = [6];
  for (let at = size - 7; found.length < count; at -= step) found.splice(1, 0, at);
  return found;
}

function drawFormat(set, size) {
  let rest = MASK; // level M is 00
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  const bits = ((MASK << 10) | rest) ^ 0x5412;
  const bit = (i) => ((bits >>> i) & 1) === 1;
  for (let i = 0; i <= 5; i++) set(8, i, bit(i));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i));
  for (let i = 0; i < 8; i++) set(size - 1 - i, 8, bit(i));
  for (let i = 8; i < 15; i++) set(8, size - 15 + i, bit(i));
  set(8, size - 8, true);
}

function drawVersion(set, size, version) {
  let rest = version;
  for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let i = 0; i < 18; i++) {
    const [a, b, value] = [size - 11 + (i % 3), Math.floor(i / 3), ((bits >>> i) & 1) === 1];
    set(a, b, value);
    set(b, a, value);
  }
}

function drawCodewords(dark, fixed, size, all) {
  let i = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
        if (fixed[y][x]) continue;
        const bit = i < all.length * 8 && ((all[i >>> 3] >>> (7 - (i & 7))) & 1) === 1;
        dark[y][x] = bit !== ((Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0);
        i++;
      }
    }
  }
}
