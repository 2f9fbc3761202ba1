import { encodeUtf8 } from "./text.ts";

/** Tells whether `bytes[start, end)` matches. */
export type GlobMatcher = (bytes: Uint8Array, start?: number, end?: number) => boolean;

const STAR = 0x2a;
const ANY = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const NOT = 0x5e;
const DASH = 0x2d;
const ESCAPE = 0x5c;

/** One element of a pattern: a byte, any byte, a set of bytes, or any run of bytes. */
type Token = number | typeof ANY_BYTE | typeof ANY_RUN | Uint8Array;
const ANY_BYTE = -1;
const ANY_RUN = -2;

/**
 * Compiles a pattern of the server's glob language (`util.c`, `stringmatchlen`): `*`, `?`, `[abc]`, `[^a]`, `[a-z]`, `\` before
 * a byte that stands for itself. Case counts, bytes are compared as bytes; text patterns are taken as UTF-8, `?` and sets
 * match single bytes of it. Matching takes O(pattern × input) at worst, also for patterns that make servers give up.
 *
 * As in servers, a set without `]` ends with the pattern, and a range that begins high is turned round. Two differences, seen
 * on Redis 7.0: there ranges compare signed bytes on x86 (unsigned on ARM), here always unsigned; there `**` does not match
 * the empty key although `*` does, here both do.
 */
export function compileGlob(pattern: string | Uint8Array): GlobMatcher {
  const tokens = parse(typeof pattern === "string" ? encodeUtf8(pattern) : pattern);
  const first = tokens.findIndex((token) => typeof token !== "number" || token < 0);
  const prefix = first === -1 ? tokens.length : first;
  const literal = Uint8Array.from(tokens.slice(0, prefix) as number[]);
  // The two shapes that nearly all key patterns have need no search: `literal` and `prefix*`.
  if (prefix === tokens.length) {
    return (bytes, start = 0, end = bytes.length) =>
      end - start === literal.length && hasPrefix(bytes, start, literal);
  }
  if (prefix === tokens.length - 1 && tokens[prefix] === ANY_RUN) {
    return (bytes, start = 0, end = bytes.length) =>
      end - start >= literal.length && hasPrefix(bytes, start, literal);
  }
  return (bytes, start = 0, end = bytes.length) => match(tokens, bytes, start, end);
}

/** From the end: keys that differ have their namespace in common, so that they differ late. */
function hasPrefix(bytes: Uint8Array, start: number, prefix: Uint8Array): boolean {
  for (let i = prefix.length - 1; i >= 0; i--) {
    if (bytes[start + i] !== prefix[i]) return false;
  }
  return true;
}

function match(tokens: readonly Token[], bytes: Uint8Array, start: number, end: number): boolean {
  let token = 0;
  let at = start;
  // Where to go on after a mismatch: only the last star needs to be tried again, earlier ones can only match less.
  let starToken = -1;
  let starAt = 0;
  while (at < end) {
    const expected = tokens[token];
    if (expected === ANY_RUN) {
      starToken = ++token;
      starAt = at;
      if (starToken === tokens.length) return true;
    } else if (expected !== undefined && accepts(expected, bytes[at]!)) {
      token++;
      at++;
    } else if (starToken >= 0) {
      token = starToken;
      at = ++starAt;
    } else return false;
  }
  while (tokens[token] === ANY_RUN) token++;
  return token === tokens.length;
}

function accepts(token: number | Uint8Array, byte: number): boolean {
  return typeof token === "number" ? token === byte || token === ANY_BYTE : token[byte] === 1;
}

function parse(pattern: Uint8Array): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < pattern.length) {
    const byte = pattern[at++]!;
    if (byte === STAR) {
      if (tokens[tokens.length - 1] !== ANY_RUN) tokens.push(ANY_RUN);
    } else if (byte === ANY) tokens.push(ANY_BYTE);
    else if (byte === OPEN) at = parseSet(pattern, at, tokens);
    else if (byte === ESCAPE && at < pattern.length) tokens.push(pattern[at++]!);
    else tokens.push(byte);
  }
  return tokens;
}

/** Reads a set from after its `[`, returns the index after its `]`. */
function parseSet(pattern: Uint8Array, start: number, tokens: Token[]): number {
  const set = new Uint8Array(256);
  let at = start;
  const negated = pattern[at] === NOT;
  if (negated) at++;
  while (at < pattern.length && pattern[at] !== CLOSE) {
    const left = pattern.length - at;
    const byte = pattern[at]!;
    if (byte === ESCAPE && left >= 2) {
      set[pattern[at + 1]!] = 1;
      at += 2;
    } else if (left >= 3 && pattern[at + 1] === DASH) {
      const other = pattern[at + 2]!;
      set.fill(1, Math.min(byte, other), Math.max(byte, other) + 1);
      at += 3;
    } else {
      set[byte] = 1;
      at++;
    }
  }
  if (negated) for (let i = 0; i < 256; i++) set[i] = 1 - set[i]!;
  tokens.push(set);
  return at + 1;
}
