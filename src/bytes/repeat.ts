/**
 * Makes a new array of `count` copies of `source`. Throws `RangeError` unless `count` is a non-negative integer.
 * Semantics of `@std/bytes/repeat`.
 */
export function repeat(source: Uint8Array, count: number): Uint8Array {
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`Cannot repeat bytes ${count} times: the count must be a non-negative integer`);
  }
  const result = new Uint8Array(source.length * count);
  if (result.length === 0) return result;
  result.set(source, 0);
  // Doubling: few large copies instead of many small ones.
  for (let filled = source.length; filled < result.length; filled *= 2) {
    result.copyWithin(filled, 0, Math.min(filled, result.length - filled));
  }
  return result;
}
