import type { StreamInfo } from "../../events.ts";
import type { ByteReader } from "../byte_reader.ts";
import { readLength, readLength64, readString } from "../rdb_string.ts";
import { type Layout, Segment } from "../segment.ts";
import type { ValueContext } from "../value_reading.ts";
import { deriveEntriesRead } from "./derive_entries_read.ts";
import { readStreamId } from "./stream_id.ts";
import { IDS, keepsTail, PENDING, type TailRecord } from "./stream_tail.ts";

/** What an id, or a group or consumer without its name, counts towards a part's bound. */
const ID_WEIGHT = 50;
const RECORD_WEIGHT = 100;
const ALL_ONES = 0xffff_ffff_ffff_ffffn;

/** What comes next. */
type GroupPhase = "group" | "pending" | "consumer" | "owned" | "nacked" | "done";

/** Reads the consumer groups of a stream; the layout stands in `stream.ts`. */
export class GroupsReading {
  readonly #form: number;
  readonly #info: StreamInfo;
  #phase: GroupPhase = "group";
  /** What is left of the groups, consumers or ids being read; −1: the count comes first. */
  #groups = -1;
  #consumers = -1;
  #ids = -1;
  #group: TailRecord | undefined = undefined;
  #consumer: TailRecord | undefined = undefined;

  /** `form`: 1 to 5, of the stream. `info`: its numbers. */
  constructor(form: number, info: StreamInfo) {
    this.#form = form;
    this.#info = info;
  }

  /** Reads on; returns when all have been read, throws UNDERFLOW when it needs more. */
  step(r: ByteReader, v: ValueContext): void {
    while (this.#phase !== "done") {
      this.#phase = this.#read(r, v);
      r.commit();
    }
  }

  #read(r: ByteReader, v: ValueContext): GroupPhase {
    switch (this.#phase) {
      case "group":
        return this.#readGroup(r, v);
      case "consumer":
        return this.#readConsumer(r, v);
      case "pending":
        this.#readIds(r, v, "pending");
        return "consumer";
      case "owned":
        this.#readIds(r, v, "owned");
        return "consumer";
      default:
        this.#readIds(r, v, "nacked");
        return "group";
    }
  }

  #readGroup(r: ByteReader, v: ValueContext): GroupPhase {
    if (this.#groups < 0) {
      this.#groups = readLength(r);
      r.commit();
    }
    if (this.#groups === 0) return "done";
    const { buf, pos } = r;
    const name = readString(r, v.limits.maxElementBytes);
    const lastId = readStreamId(r);
    let entriesRead: number | bigint | undefined;
    if (this.#form >= 2) {
      const read = readLength64(r);
      entriesRead = read === ALL_ONES ? undefined : read;
    } else entriesRead = deriveEntriesRead(lastId, this.#info);
    this.#group = { is: "group", buf, pos, lastId, entriesRead };
    this.#consumer = undefined;
    if (keepsTail(v)) {
      v.parts.makeRoom();
      v.parts.tail.records.push(this.#group);
      v.parts.weigh(RECORD_WEIGHT + name.length);
    }
    this.#groups--;
    this.#consumers = this.#ids = -1;
    return "pending";
  }

  #readConsumer(r: ByteReader, v: ValueContext): GroupPhase {
    if (this.#consumers < 0) {
      this.#consumers = readLength(r);
      r.commit();
    }
    this.#ids = -1;
    if (this.#consumers === 0) return this.#form >= 5 ? "nacked" : "group";
    const { buf, pos } = r;
    const name = readString(r, v.limits.maxElementBytes);
    const seenAt = r.i64le();
    const activeAt = this.#form >= 3 ? r.i64le() : undefined;
    this.#consumer = { is: "consumer", buf, pos, seenAt, activeAt };
    if (keepsTail(v)) {
      this.#openTail(v);
      v.parts.tail.records.push(this.#consumer);
      v.parts.weigh(RECORD_WEIGHT + name.length);
    }
    this.#consumers--;
    return "owned";
  }

  #readIds(r: ByteReader, v: ValueContext, is: "pending" | "owned" | "nacked"): void {
    if (this.#ids < 0) {
      this.#ids = readLength(r);
      r.commit();
    }
    while (this.#ids > 0) {
      const { buf, pos } = r;
      let count = 0;
      const room = keepsTail(v) ? this.#roomForIds(v, is) : this.#ids;
      while (count < this.#ids && count < room) {
        const next = idEnd(r, is);
        if (next < 0) break;
        r.pos = next;
        count++;
      }
      if (count === 0) {
        r.require(is === "pending" ? 25 : 16);
        if (is === "pending") {
          r.pos += 24;
          readLength64(r);
        } else r.pos += 16;
        count = 1;
      }
      if (keepsTail(v)) {
        const layout: Layout = is === "pending" ? PENDING : IDS;
        // By the number of ids, not by their bytes: where parts are cut must not depend on how the input came.
        v.parts.weigh(count * ID_WEIGHT);
        v.parts.tail.records.push({
          is,
          segment: new Segment(layout, buf, pos, pos, r.pos, count, undefined),
        });
      }
      r.commit();
      this.#ids -= count;
    }
    this.#ids = -1;
  }

  /** Ids that the open part still takes. */
  #roomForIds(v: ValueContext, is: "pending" | "owned" | "nacked"): number {
    this.#openTail(v, is === "owned" ? this.#consumer : undefined);
    return Math.max(1, Math.ceil(v.parts.roomBytes / ID_WEIGHT));
  }

  /** Makes room in the open part; a new one begins with the group and consumer that the rest belongs to. */
  #openTail(v: ValueContext, consumer?: TailRecord): void {
    v.parts.makeRoom();
    if (v.parts.hasTail) return;
    const { records } = v.parts.tail;
    if (this.#group !== undefined) records.push(this.#group);
    if (consumer !== undefined) records.push(consumer);
  }
}

/** Index after the id entry at the reader's position when it is wholly there, else −1. */
function idEnd(r: ByteReader, is: "pending" | "owned" | "nacked"): number {
  if (is !== "pending") return r.pos + 16 <= r.end ? r.pos + 16 : -1;
  const at = r.pos + 24;
  if (at >= r.end) return -1;
  const lead = r.buf[at]!;
  const size = lead < 0x40 ? 1 : lead < 0x80 ? 2 : lead === 0x80 ? 5 : lead === 0x81 ? 9 : -1;
  return size > 0 && at + size <= r.end ? at + size : -1;
}
