import { ReplicaError } from "../../errors.ts";
import type { StreamIdmp, StreamInfo } from "../../events.ts";
import { readBlob } from "../blob.ts";
import type { ByteReader } from "../byte_reader.ts";
import { PiecesReading } from "../pieces.ts";
import { readLength, readLength64, readString } from "../rdb_string.ts";
import { type Layout, Segment } from "../segment.ts";
import type { ValueContext, ValueReading } from "../value_reading.ts";
import { deriveEntriesRead } from "./derive_entries_read.ts";
import { SkipReading } from "./skip.ts";
import { formatStreamId, u64beAt } from "./stream_id.ts";
import { addStreamNode } from "./stream_node.ts";
import { StreamNodeWalk } from "./stream_node_walk.ts";
import { IDS, PENDING, type TailRecord } from "./stream_tail.ts";

/*
 * Outer layout (rdb sheet, 12.1); [n] = from form n on
 *
 *   len nodes, each: str 16-byte master id, str listpack
 *   len live · last id (len ms, len seq) · [2] first id, max deleted id, len entries added
 *   len groups, each:
 *     str name · last id · [2] len entries read (all ones: unknown)
 *     len k, k × (16 bytes id, i64le delivery time, len deliveries)
 *     len consumers, each: str name · i64le seen · [3] i64le active · len k, k × 16 bytes id
 *     [5] len k, k × 16 bytes id, given back
 *   [4] len duration, len max · len producers, each: str id, len k, k × (str iid, len ms, len seq) · len added, len duplicates
 */

/** Exactly-once ids and producers that one stream may bring; servers keep 10,000 a producer. */
const MAX_IDMP_NAMES = 200_000;
/** Names of producers and their ids, and the ids of nodes. */
const MAX_NAME = 1 << 20;
const MAX_IDMP_BYTES = 16 << 20;
/** What an id, or a group or consumer without its name, counts towards a part's bound. */
const ID_WEIGHT = 50;
const RECORD_WEIGHT = 100;
const ALL_ONES = 0xffff_ffff_ffff_ffffn;

type Phase =
  | "nodes"
  | "info"
  | "group"
  | "pending"
  | "consumer"
  | "owned"
  | "nacked"
  | "idmp"
  | "producer"
  | "iid"
  | "idmp-end"
  | "done";

/** Reads a stream of one of the five forms. */
export class StreamReading implements ValueReading {
  readonly #form: number;
  #phase: Phase = "nodes";
  /** What is left of the nodes, groups, consumers, ids or producers being read; −1: the count comes first. */
  #nodes = -1;
  #groups = -1;
  #consumers = -1;
  #ids = -1;
  #producers = -1;
  #firstId: string | undefined = undefined;
  #nodeId: { readonly ms: number | bigint; readonly seq: number | bigint } | undefined = undefined;
  #skip: SkipReading | undefined = undefined;
  /** A node that comes in pieces. */
  #walk: StreamNodeWalk | undefined = undefined;
  #pieces: PiecesReading | undefined = undefined;
  #group: TailRecord | undefined = undefined;
  #consumer: TailRecord | undefined = undefined;
  #info: StreamInfo | undefined = undefined;
  #idmp: { duration: number; maxEntries: number; producers: Producer[] } | undefined = undefined;
  #names = 0;
  #nameBytes = 0;

  constructor(options: { readonly form: 1 | 2 | 3 | 4 | 5 }) {
    this.#form = options.form;
  }

  step(r: ByteReader, v: ValueContext): boolean {
    while (this.#phase !== "done") {
      this.#phase = this.#read(r, v);
      r.commit();
    }
    return true;
  }

  #read(r: ByteReader, v: ValueContext): Phase {
    switch (this.#phase) {
      case "nodes":
        return this.#readNode(r, v);
      case "info":
        return this.#readInfo(r, v);
      case "group":
        return this.#readGroup(r, v);
      case "pending":
        return this.#readIds(r, v, "pending") ? "consumer" : "pending";
      case "consumer":
        return this.#readConsumer(r, v);
      case "owned":
        return this.#readIds(r, v, "owned") ? "consumer" : "owned";
      case "nacked":
        return this.#readIds(r, v, "nacked") ? "group" : "nacked";
      case "idmp":
        return this.#readIdmp(r);
      case "producer":
        return this.#readProducer(r);
      case "iid":
        return this.#readIid(r);
      default:
        return this.#endIdmp(r, v);
    }
  }

  #readNode(r: ByteReader, v: ValueContext): Phase {
    if (this.#nodes < 0) {
      this.#nodes = readLength(r);
      r.commit();
    }
    if (this.#nodes === 0) return "info";
    if (this.#nodeId === undefined) {
      const at = r.offset;
      const id = readString(r, MAX_NAME);
      if (id.length !== 16) r.malformed(`Cannot decode stream node: its id has ${id.length} bytes`, at);
      this.#nodeId = { ms: u64beAt(id, 0), seq: u64beAt(id, 8) };
      r.commit();
    }
    if (v.skipping) {
      this.#skip ??= new SkipReading();
      this.#skip.step(r);
      this.#skip = undefined;
    } else this.#readPacked(r, v, this.#nodeId);
    this.#nodeId = undefined;
    this.#nodes--;
    return "nodes";
  }

  #readPacked(
    r: ByteReader,
    v: ValueContext,
    id: { readonly ms: number | bigint; readonly seq: number | bigint },
  ): void {
    if (this.#pieces === undefined) {
      const blob = readBlob(r, v.limits.maxPackedBytes);
      if (blob !== undefined) {
        r.commit();
        const firstId = addStreamNode(v.parts, blob, id);
        this.#firstId ??= firstId;
        return;
      }
      this.#pieces = new PiecesReading(r, (length, at) => {
        this.#walk = new StreamNodeWalk(length, at, id);
        return this.#walk;
      });
    }
    this.#pieces.step(r, v);
    this.#firstId ??= this.#walk!.firstId;
    this.#pieces = this.#walk = undefined;
  }

  #readInfo(r: ByteReader, v: ValueContext): Phase {
    // Not compared with the live entries met: servers before 6.2 could write a length that was off after XTRIM.
    const length = readLength(r);
    const lastId = readId(r);
    let info: StreamInfo;
    if (this.#form === 1)
      info = {
        length,
        lastId,
        firstId: this.#firstId ?? "0-0",
        maxDeletedId: "0-0",
        entriesAdded: length,
        idmp: undefined,
      };
    else {
      const firstId = readId(r);
      const maxDeletedId = readId(r);
      info = { length, lastId, firstId, maxDeletedId, entriesAdded: readLength64(r), idmp: undefined };
    }
    if (keeps(v)) v.parts.tail.records.push({ is: "info", info });
    this.#info = info;
    return "group";
  }

  #readGroup(r: ByteReader, v: ValueContext): Phase {
    if (this.#groups < 0) {
      this.#groups = readLength(r);
      r.commit();
    }
    if (this.#groups === 0) return this.#form >= 4 ? "idmp" : "done";
    const { buf, pos } = r;
    const name = readString(r, v.limits.maxElementBytes);
    const lastId = readId(r);
    let entriesRead: number | bigint | undefined;
    if (this.#form >= 2) {
      const read = readLength64(r);
      entriesRead = read === ALL_ONES ? undefined : read;
    } else entriesRead = deriveEntriesRead(lastId, this.#info!);
    this.#group = { is: "group", buf, pos, lastId, entriesRead };
    this.#consumer = undefined;
    if (keeps(v)) {
      v.parts.makeRoom();
      v.parts.tail.records.push(this.#group);
      v.parts.weigh(RECORD_WEIGHT + name.length);
    }
    this.#groups--;
    this.#consumers = this.#ids = -1;
    return "pending";
  }

  #readConsumer(r: ByteReader, v: ValueContext): Phase {
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
    if (keeps(v)) {
      this.#openTail(v);
      v.parts.tail.records.push(this.#consumer);
      v.parts.weigh(RECORD_WEIGHT + name.length);
    }
    this.#consumers--;
    return "owned";
  }

  /** Reads ids, as many as are there; `true` when all have been read. */
  #readIds(r: ByteReader, v: ValueContext, is: "pending" | "owned" | "nacked"): boolean {
    if (this.#ids < 0) {
      this.#ids = readLength(r);
      r.commit();
    }
    while (this.#ids > 0) {
      const { buf, pos } = r;
      let count = 0;
      const room = keeps(v) ? this.#roomForIds(v, is) : this.#ids;
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
      if (keeps(v)) {
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
    return true;
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

  #readIdmp(r: ByteReader): Phase {
    this.#idmp = { duration: readLength(r), maxEntries: readLength(r), producers: [] };
    this.#producers = readLength(r);
    return "producer";
  }

  #readProducer(r: ByteReader): Phase {
    if (this.#producers === 0) return "idmp-end";
    const at = r.offset;
    const id = readString(r, MAX_NAME);
    this.#ids = readLength(r);
    this.#idmp!.producers.push({ id: this.#keepName(id, at), entries: [] });
    this.#producers--;
    return "iid";
  }

  #readIid(r: ByteReader): Phase {
    if (this.#ids === 0) return "producer";
    const at = r.offset;
    const iid = readString(r, MAX_NAME);
    const id = readId(r);
    this.#idmp!.producers.at(-1)!.entries.push({ iid: this.#keepName(iid, at), id });
    this.#ids--;
    return "iid";
  }

  /** Takes the name of a producer or an entry: these are held until the stream's end, so on memory of their own and bounded. */
  #keepName(name: Uint8Array, at: number): Uint8Array {
    this.#names++;
    this.#nameBytes += name.length;
    if (this.#names > MAX_IDMP_NAMES || this.#nameBytes > MAX_IDMP_BYTES)
      throw new ReplicaError("LIMIT", `Cannot decode stream: too many exactly-once ids at byte ${at}`, {
        offset: at,
      });
    return name.slice();
  }

  #endIdmp(r: ByteReader, v: ValueContext): Phase {
    const { duration, maxEntries, producers } = this.#idmp!;
    const idmp: StreamIdmp = {
      duration,
      maxEntries,
      producers,
      added: readLength64(r),
      duplicates: readLength64(r),
    };
    // An earlier part may have gone out with the info already, so it is said again, now complete.
    if (keeps(v)) v.parts.tail.records.push({ is: "info", info: { ...this.#info!, idmp } });
    return "done";
  }
}

interface Producer {
  readonly id: Uint8Array;
  readonly entries: { readonly iid: Uint8Array; readonly id: string }[];
}

/** Whether anybody will see the tail. */
function keeps(v: ValueContext): boolean {
  return !v.skipping && !v.parts.counting;
}

function readId(r: ByteReader): string {
  const ms = readLength64(r);
  return formatStreamId(ms, readLength64(r));
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
