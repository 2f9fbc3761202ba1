import type {
  StreamConsumer,
  StreamEntry,
  StreamGroup,
  StreamInfo,
  StreamPending,
  StreamValue,
} from "../../events.ts";
import { stringAt, stringSize } from "../rdb_string.ts";
import type { Layout, Segment } from "../segment.ts";
import type { ValueContext } from "../value_reading.ts";
import { streamIdAt } from "./stream_id.ts";

/** What follows a stream's entries, as it was met, not yet made into objects. */
export interface StreamTail {
  readonly records: TailRecord[];
}

/** One thing met in a stream's tail. Names are kept as where they are stored. */
export type TailRecord =
  | { readonly is: "info"; info: StreamInfo }
  | {
      readonly is: "group";
      readonly buf: Uint8Array;
      readonly pos: number;
      readonly lastId: string;
      readonly entriesRead: number | bigint | undefined;
    }
  | {
      readonly is: "consumer";
      readonly buf: Uint8Array;
      readonly pos: number;
      readonly seenAt: number;
      readonly activeAt: number | undefined;
    }
  /** Entries of the group's PEL, of a consumer's, or of the zone of those given back. */
  | { readonly is: "pending" | "owned" | "nacked"; readonly segment: Segment };

/** 16 bytes id, i64le delivery time, `len` delivery count. */
export const PENDING: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    const bytes = new DataView(buf.buffer, buf.byteOffset, buf.byteLength);
    for (let i = 0, at = pos; i < count; i++) {
      const countAt = at + 24;
      const lead = buf[countAt]!;
      let deliveries: number | bigint;
      let size = 1;
      if (lead < 0x40) deliveries = lead;
      else if (lead < 0x80) {
        deliveries = ((lead & 0x3f) << 8) | buf[countAt + 1]!;
        size = 2;
      } else if (lead === 0x80) {
        deliveries = bytes.getUint32(countAt + 1);
        size = 5;
      } else {
        const wide = bytes.getBigUint64(countAt + 1);
        deliveries = wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
        size = 9;
      }
      out[first + i] = {
        id: streamIdAt(buf, at),
        deliveredAt: Number(bytes.getBigInt64(at + 16, true)),
        deliveries,
      } satisfies StreamPending;
      at = countAt + size;
    }
  },
};

/** 16 bytes id. */
export const IDS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    for (let i = 0; i < count; i++) out[first + i] = streamIdAt(buf, pos + 16 * i);
  },
};

interface OpenGroup extends StreamGroup {
  readonly pending: StreamPending[];
  readonly consumers: OpenConsumer[];
  readonly nacked: string[];
}

interface OpenConsumer extends StreamConsumer {
  readonly pending: string[];
}

/** Makes the value of one part of a stream. */
export function assembleStream(entries: readonly StreamEntry[], tail: StreamTail | undefined): StreamValue {
  let info: StreamInfo | undefined;
  const groups: OpenGroup[] = [];
  for (const record of tail?.records ?? []) {
    const group = groups.at(-1);
    if (record.is === "info") info = record.info;
    else if (record.is === "group")
      groups.push({
        name: stringAt(record.buf, record.pos),
        lastId: record.lastId,
        entriesRead: record.entriesRead,
        pending: [],
        consumers: [],
        nacked: [],
      });
    else if (record.is === "consumer")
      group!.consumers.push({
        name: stringAt(record.buf, record.pos),
        seenAt: record.seenAt,
        activeAt: record.activeAt,
        pending: [],
      });
    else {
      const target =
        record.is === "pending"
          ? group!.pending
          : record.is === "nacked"
            ? group!.nacked
            : group!.consumers.at(-1)!.pending;
      record.segment.layout.read(record.segment, target as unknown[], target.length);
    }
  }
  return { entries, info, groups };
}

/** The same tail on memory of its own. */
export function detachTail(tail: StreamTail): StreamTail {
  return {
    records: tail.records.map((record) => {
      if (record.is === "info") return record;
      if (record.is === "group" || record.is === "consumer") {
        const buf = record.buf.slice(record.pos, record.pos + stringSize(record.buf, record.pos));
        return { ...record, buf, pos: 0 };
      }
      return { ...record, segment: record.segment.detach() };
    }),
  };
}

/** Whether anybody will see the tail. */
export function keepsTail(v: ValueContext): boolean {
  return !v.skipping && !v.parts.counting;
}
