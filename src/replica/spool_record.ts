import type { ArrivalInterval } from "../events.ts";

/** One thing that came over the link: bytes of the snapshot or the stream, or what happened between them. */
export interface SpoolRecord {
  /** What the bytes are, 0 to 255; the spool does not care. */
  readonly kind: number;
  readonly receivedAt: ArrivalInterval | undefined;
  readonly bytes: Uint8Array;
}

/** kind (1), has a time (1), earliest and latest (f64 each), length (u32), then the bytes. */
const HEADER = 22;

/** Bytes that a record takes. */
export function sizeOf(record: SpoolRecord): number {
  return HEADER + record.bytes.length;
}

/** Records one after the other, in `size` bytes. */
export function encodeRecords(records: readonly SpoolRecord[], size: number): Uint8Array {
  const output = new Uint8Array(size);
  const view = new DataView(output.buffer);
  let at = 0;
  for (const { kind, receivedAt, bytes } of records) {
    output[at] = kind;
    output[at + 1] = receivedAt === undefined ? 0 : 1;
    view.setFloat64(at + 2, receivedAt?.earliest ?? 0, true);
    view.setFloat64(at + 10, receivedAt?.latest ?? 0, true);
    view.setUint32(at + 18, bytes.length, true);
    output.set(bytes, at + HEADER);
    at += HEADER + bytes.length;
  }
  return output;
}

/** The records of a block, on its own bytes. */
export function decodeRecords(block: Uint8Array): SpoolRecord[] {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const records: SpoolRecord[] = [];
  let at = 0;
  while (at < block.length) {
    const length = view.getUint32(at + 18, true);
    const bytes = block.subarray(at + HEADER, at + HEADER + length);
    const receivedAt =
      block[at + 1] === 0
        ? undefined
        : { earliest: view.getFloat64(at + 2, true), latest: view.getFloat64(at + 10, true) };
    records.push({ kind: block[at]!, receivedAt, bytes });
    at += HEADER + length;
  }
  return records;
}
