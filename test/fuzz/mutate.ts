/** Damages bytes the way broken disks, broken writers and attackers do. */
import type { Random } from "../support/random.ts";

/** Lead bytes and marks that mean something somewhere in the formats. */
const MARKS = [
  0, 1, 2, 0x1f, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xbf, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xdf, 0xe0, 0xef,
  0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, 0x0a, 0x0d, 0x24,
  0x2a, 0x2d,
];
const SIZES = [
  0, 1, 0x7f, 0x80, 0xff, 0x3fff, 0x4000, 0xffff, 0x1f_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe,
  0xffff_ffff,
];

/** The same bytes with 1 to 5 changes. `others`: where pieces to splice in come from. */
export function mutate(random: Random, seed: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = seed.slice();
  for (let left = random.int(1, 5); left > 0; left--) bytes = change(random, bytes, others);
  return bytes;
}

function change(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(random.int(0, 255));
  const at = random.int(0, bytes.length - 1);
  const size = Math.min(bytes.length - at, random.oneIn(4) ? random.int(1, 200) : random.int(1, 12));
  switch (random.int(0, 10)) {
    case 0:
      bytes[at] = random.int(0, 255);
      return bytes;
    case 1:
      bytes[at] = random.pick(MARKS);
      return bytes;
    case 2:
      bytes[at]! ^= 1 << random.int(0, 7);
      return bytes;
    case 3:
      bytes[at] = (bytes[at]! + random.pick([1, 255])) & 255;
      return bytes;
    case 4:
      return bytes.slice(0, at);
    case 5:
      return replace(bytes, at, size, new Uint8Array(0));
    case 6:
      return replace(bytes, at, 0, bytes.slice(at, at + size));
    case 7:
      return replace(bytes, at, 0, random.bytes(random.int(1, 8)));
    case 8:
      return replace(bytes, at, random.oneIn(2) ? 1 : 0, longLength(random));
    case 9:
      return replace(bytes, at, Math.min(4, bytes.length - at), fixedSize(random));
    default: {
      const other = random.pick(others);
      const from = random.int(0, Math.max(0, other.length - 1));
      return replace(bytes, at, random.oneIn(2) ? size : 0, other.slice(from, from + random.int(1, 80)));
    }
  }
}

/** A length in one of its long forms. */
function longLength(random: Random): Uint8Array {
  const size = random.pick(SIZES);
  if (random.oneIn(4)) return Buffer.from(`$${size}\r\n`);
  const isWide = random.oneIn(2);
  const bytes = new Uint8Array(isWide ? 9 : 5);
  bytes[0] = isWide ? 0x81 : 0x80;
  new DataView(bytes.buffer).setUint32(bytes.length - 4, size);
  if (isWide && random.oneIn(3)) bytes[random.int(1, 4)] = random.int(0, 255);
  return bytes;
}

function fixedSize(random: Random): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, random.pick(SIZES), random.oneIn(2));
  return bytes;
}

function replace(bytes: Uint8Array, at: number, count: number, by: Uint8Array): Uint8Array {
  const made = new Uint8Array(bytes.length - count + by.length);
  made.set(bytes.subarray(0, at));
  made.set(by, at);
  made.set(bytes.subarray(at + count), at + by.length);
  return made;
}
