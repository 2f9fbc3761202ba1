/**
 * Copies as much of `source` as fits into `target` from `offset` on (brought into range first) and returns the number of
 * bytes copied. Semantics of `@std/bytes/copy`.
 */
export function copy(source: Uint8Array, target: Uint8Array, offset = 0): number {
  const at = Math.max(0, Math.min(offset, target.length));
  const room = target.length - at;
  const part = source.length > room ? source.subarray(0, room) : source;
  target.set(part, at);
  return part.length;
}
