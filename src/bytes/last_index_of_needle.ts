/**
 * Finds the last place where `needle` begins and that ends at or before index `start`, −1 if there is none. A negative
 * `start` and the empty needle give −1. Semantics of `@std/bytes/last-index-of-needle`.
 */
export function lastIndexOfNeedle(
  source: Uint8Array,
  needle: Uint8Array,
  start: number = source.length - 1,
): number {
  const length = needle.length;
  if (start < 0 || length === 0) return -1;
  for (let at = Math.min(start, source.length - 1) - length + 1; at >= 0; at--) {
    let matched = 0;
    while (matched < length && source[at + matched] === needle[matched]) matched++;
    if (matched === length) return at;
  }
  return -1;
}
