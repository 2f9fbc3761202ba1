/** Text as bytes, one byte a character. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Bytes as text, one character a byte. */
export function text(...chunks: readonly Uint8Array[]): string {
  return chunks.map((chunk) => Array.from(chunk, (byte) => String.fromCharCode(byte)).join("")).join("");
}

/** A command as it goes over the wire. */
export function command(...args: readonly (string | number)[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${String(arg).length}\r\n${arg}\r\n`).join("")}`;
}

export const REPLID = "54880c42ee9abef15164eb7ab57db5e403eecb18";
export const OTHER_REPLID = "0123456789abcdef0123456789abcdef01234567";
export const MARK = "2084b77bfa8144950ca45ac23e64730016a19466";

/** Pieces of `whole`, cut at the indexes given. */
export function cut(whole: Uint8Array, at: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const index of [...at].sort((a, b) => a - b)) {
    if (index <= from || index >= whole.length) continue;
    pieces.push(whole.slice(from, index));
    from = index;
  }
  pieces.push(whole.slice(from));
  return pieces;
}

/** One-byte pieces. */
export function singly(whole: Uint8Array): Uint8Array[] {
  return Array.from(whole, (byte) => Uint8Array.of(byte));
}

/** A small generator of random numbers in [0, 1) that gives the same ones for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
