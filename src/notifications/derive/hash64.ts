/** The last hash made, as two unsigned halves. Read it before the next one is made. */
export const hash: { lo: number; hi: number } = { lo: 0, hi: 0 };

/**
 * Hashes bytes to 64 bits into {@link hash}: two lanes of 32 bits that mix into each other, four bytes a step. Two of ten
 * million keys share a hash with a probability of about 3 in a million.
 */
export function hash64(bytes: Uint8Array): void {
  const length = bytes.length;
  let a = 0x9e3779b9 ^ length;
  let b = 0x85ebca6b;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    a = Math.imul(rotate(a ^ Math.imul(word, 0xcc9e2d51), 13) + b, 5);
    b = Math.imul(rotate(b ^ Math.imul(word, 0x239b961b), 17) + a, 9);
  }
  let rest = 0;
  for (let shift = 0; at < length; at++, shift += 8) rest |= bytes[at]! << shift;
  a = finish(a ^ Math.imul(rest, 0xab0e9789), 0x85ebca6b);
  b = finish(b ^ Math.imul(rest, 0x38b34ae5) ^ a, 0xc2b2ae35);
  hash.lo = (a + b) >>> 0;
  hash.hi = b >>> 0;
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function finish(value: number, factor: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), factor);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0x27d4eb2f);
  return mixed ^ (mixed >>> 16);
}
