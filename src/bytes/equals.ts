/** Tells whether two byte arrays hold the same bytes. Not constant-time. Semantics of `@std/bytes/equals`. */
export function equals(a: Uint8Array, b: Uint8Array): boolean {
  const length = a.length;
  if (length !== b.length) return false;
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
