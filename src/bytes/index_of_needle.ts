/**
 * Finds the first place at or after `start` where `needle` begins, −1 if there is none. A negative `start` counts from the
 * end. The empty needle is nowhere: −1. Semantics of `@std/bytes/index-of-needle`; time O(source × needle) at worst.
 */
export function indexOfNeedle(source: Uint8Array, needle: Uint8Array, start = 0): number {
  const first = needle[0];
  if (first === undefined) return -1;
  const from = start < 0 ? Math.max(0, source.length + start) : start;
  const lastStart = source.length - needle.length;
  // The host's own byte search is vectorised: it runs over the stretches without the first byte.
  let at = from > lastStart ? -1 : source.indexOf(first, from);
  while (at !== -1 && at <= lastStart) {
    let matched = 1;
    while (matched < needle.length && source[at + matched] === needle[matched]) matched++;
    if (matched === needle.length) return at;
    at = source.indexOf(first, at + 1);
  }
  return -1;
}
