/** Bytes of the stream for each event from which on a copy is worth it: copying costs less than having read that much. */
const SPARSE = 1024;

interface Detachable {
  readonly offset: number;
  detach(): unknown;
}

/**
 * Replaces the events from index `from` on by copies on memory of their own when they stand far apart in the stream. Each
 * would otherwise keep the whole chunk that it came in, of which it is a small part. Other values stay as they are.
 */
export function detachSparse(values: unknown[], from: number): void {
  const first = values[from];
  const last = values[values.length - 1];
  if (!isDetachable(first) || !isDetachable(last)) return;
  if (last.offset - first.offset < (values.length - from) * SPARSE) return;
  for (let i = from; i < values.length; i++) {
    const value = values[i];
    if (isDetachable(value)) values[i] = value.detach();
  }
}

function isDetachable(value: unknown): value is Detachable {
  if (typeof value !== "object" || value === null) return false;
  const { detach, offset } = value as Partial<Detachable>;
  return typeof detach === "function" && typeof offset === "number";
}
