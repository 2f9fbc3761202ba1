/** Tells whether `source` ends with `suffix`. Everything ends with the empty suffix. Semantics of `@std/bytes/ends-with`. */
export function endsWith(source: Uint8Array, suffix: Uint8Array): boolean {
  const shift = source.length - suffix.length;
  if (shift < 0) return false;
  for (let i = suffix.length - 1; i >= 0; i--) {
    if (source[shift + i] !== suffix[i]) return false;
  }
  return true;
}
