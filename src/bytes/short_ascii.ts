/** The longest range that `shortAscii` decodes. Beyond it the host's decoder is as fast. */
export const SHORT_ASCII = 20;

const text = String.fromCharCode;

/**
 * Decodes up to `SHORT_ASCII` bytes, `undefined` when one is not ASCII. One call with all characters makes a flat string at
 * once: 10–30 ns on Node where the host's decoder takes 95 and joining characters one by one 10 a character. Each byte is
 * loaded once, into a variable: a loop that looks for other characters first takes half as long again.
 */
export function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  const s = start;
  // biome-ignore format: one line a length
  switch (end - start) {
    case 0: return "";
    case 1: { const a = bytes[s]!; return (a) > 127 ? undefined : text(a); }
    case 2: { const a = bytes[s]!, b = bytes[s + 1]!; return (a | b) > 127 ? undefined : text(a, b); }
    case 3: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!; return (a | b | c) > 127 ? undefined : text(a, b, c); }
    case 4: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!; return (a | b | c | d) > 127 ? undefined : text(a, b, c, d); }
    case 5: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!; return (a | b | c | d | e) > 127 ? undefined : text(a, b, c, d, e); }
    case 6: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!; return (a | b | c | d | e | f) > 127 ? undefined : text(a, b, c, d, e, f); }
    case 7: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!; return (a | b | c | d | e | f | g) > 127 ? undefined : text(a, b, c, d, e, f, g); }
    case 8: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!; return (a | b | c | d | e | f | g | h) > 127 ? undefined : text(a, b, c, d, e, f, g, h); }
    case 9: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!; return (a | b | c | d | e | f | g | h | i) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i); }
    case 10: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!, j = bytes[s + 9]!; return (a | b | c | d | e | f | g | h | i | j) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i, j); }
    case 11: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!, j = bytes[s + 9]!, k = bytes[s + 10]!; return (a | b | c | d | e | f | g | h | i | j | k) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i, j, k); }
    case 12: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!, j = bytes[s + 9]!, k = bytes[s + 10]!, l = bytes[s + 11]!; return (a | b | c | d | e | f | g | h | i | j | k | l) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l); }
    case 13: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!, j = bytes[s + 9]!, k = bytes[s + 10]!, l = bytes[s + 11]!, m = bytes[s + 12]!; return (a | b | c | d | e | f | g | h | i | j | k | l | m) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m); }
    case 14: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!, j = bytes[s + 9]!, k = bytes[s + 10]!, l = bytes[s + 11]!, m = bytes[s + 12]!, n = bytes[s + 13]!; return (a | b | c | d | e | f | g | h | i | j | k | l | m | n) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n); }
    case 15: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!, j = bytes[s + 9]!, k = bytes[s + 10]!, l = bytes[s + 11]!, m = bytes[s + 12]!, n = bytes[s + 13]!, o = bytes[s + 14]!; return (a | b | c | d | e | f | g | h | i | j | k | l | m | n | o) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o); }
    case 16: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!, j = bytes[s + 9]!, k = bytes[s + 10]!, l = bytes[s + 11]!, m = bytes[s + 12]!, n = bytes[s + 13]!, o = bytes[s + 14]!, p = bytes[s + 15]!; return (a | b | c | d | e | f | g | h | i | j | k | l | m | n | o | p) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p); }
    case 17: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!, j = bytes[s + 9]!, k = bytes[s + 10]!, l = bytes[s + 11]!, m = bytes[s + 12]!, n = bytes[s + 13]!, o = bytes[s + 14]!, p = bytes[s + 15]!, q = bytes[s + 16]!; return (a | b | c | d | e | f | g | h | i | j | k | l | m | n | o | p | q) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q); }
    case 18: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!, j = bytes[s + 9]!, k = bytes[s + 10]!, l = bytes[s + 11]!, m = bytes[s + 12]!, n = bytes[s + 13]!, o = bytes[s + 14]!, p = bytes[s + 15]!, q = bytes[s + 16]!, r = bytes[s + 17]!; return (a | b | c | d | e | f | g | h | i | j | k | l | m | n | o | p | q | r) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r); }
    case 19: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!, j = bytes[s + 9]!, k = bytes[s + 10]!, l = bytes[s + 11]!, m = bytes[s + 12]!, n = bytes[s + 13]!, o = bytes[s + 14]!, p = bytes[s + 15]!, q = bytes[s + 16]!, r = bytes[s + 17]!, t = bytes[s + 18]!; return (a | b | c | d | e | f | g | h | i | j | k | l | m | n | o | p | q | r | t) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, t); }
    case 20: { const a = bytes[s]!, b = bytes[s + 1]!, c = bytes[s + 2]!, d = bytes[s + 3]!, e = bytes[s + 4]!, f = bytes[s + 5]!, g = bytes[s + 6]!, h = bytes[s + 7]!, i = bytes[s + 8]!, j = bytes[s + 9]!, k = bytes[s + 10]!, l = bytes[s + 11]!, m = bytes[s + 12]!, n = bytes[s + 13]!, o = bytes[s + 14]!, p = bytes[s + 15]!, q = bytes[s + 16]!, r = bytes[s + 17]!, t = bytes[s + 18]!, u = bytes[s + 19]!; return (a | b | c | d | e | f | g | h | i | j | k | l | m | n | o | p | q | r | t | u) > 127 ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, t, u); }
    default: return undefined;
  }
}
