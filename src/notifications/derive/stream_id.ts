/**
 * A stream id. Parts above 2^53 lose their last bits here, which matters only to ids that lie that close together.
 */
export type StreamId = readonly [ms: number, seq: number];

export function compareIds(a: StreamId, b: StreamId): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** Reads `ms-seq` or `ms`; `undefined` for anything else. */
export function parseId(text: string): StreamId | undefined {
  const match = /^(\d{1,20})(?:-(\d{1,20}))?$/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2] ?? 0)];
}
