import type { StreamInfo } from "../../events.ts";

/**
 * How many entries a group of a format without that number has read, as servers work it out when they load one: what the group's
 * last id tells in a stream that nothing was deleted from as far as is known; `undefined` where it tells nothing.
 */
export function deriveEntriesRead(lastId: string, info: StreamInfo): number | bigint | undefined {
  if (Number(info.entriesAdded) === 0) return 0;
  const toLast = compare(lastId, info.lastId);
  if (toLast === 0) return info.entriesAdded;
  if (toLast > 0) return undefined;
  const toFirst = compare(lastId, info.firstId);
  return toFirst < 0 ? 0 : toFirst === 0 ? 1 : undefined;
}

/** Orders ids `ms-seq`; decimal numbers without leading zeros. */
function compare(left: string, right: string): number {
  const [leftMs = "", leftSeq = ""] = left.split("-");
  const [rightMs = "", rightSeq = ""] = right.split("-");
  return compareDecimals(leftMs, rightMs) || compareDecimals(leftSeq, rightSeq);
}

function compareDecimals(left: string, right: string): number {
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}
