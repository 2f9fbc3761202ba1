import type { ByteReader } from "../byte_reader.ts";
import type { PackedWalk } from "../pieces.ts";
import { aboveLimit } from "../rdb_string.ts";
import {
  broken,
  checkListpackSize,
  LISTPACK_HEADER,
  listpackEntryLength,
  listpackEntryNeed,
  listpackIntegerAt,
  nextListpackEntry,
} from "../structures/listpack.ts";
import type { ValueContext } from "../value_reading.ts";
import { addToId, formatStreamId } from "./stream_id.ts";
import { DELETED, SAME_FIELDS, STREAM_ENTRIES, type StreamMaster } from "./stream_node.ts";

/** What comes next in the node; see the layout in `stream_node.ts`. */
type Phase =
  | "header"
  | "live"
  | "deleted"
  | "fieldCount"
  | "names"
  | "terminator"
  | "flags"
  | "ms"
  | "seq"
  | "pairs"
  | "skip"
  | "entryEnd"
  | "done";

/**
 * Walks a stream node that comes in pieces. An entry is handed out whole, so it stays in the reader until it is complete, but
 * each of its listpack elements is walked over once only, however many pieces it spans.
 */
export class StreamNodeWalk implements PackedWalk {
  /** Id of the first live entry. */
  firstId: string | undefined = undefined;
  readonly #length: number;
  readonly #at: number;
  readonly #id: { readonly ms: number | bigint; readonly seq: number | bigint };
  #phase: Phase = "header";
  /** Bytes after the reader's safe point that have been walked over. */
  #ahead = 0;
  /** Listpack elements so far, and how many of them were before the open entry. */
  #elements = 0;
  #before = 0;
  #announced = -1;
  #live = 0;
  #deleted = 0;
  #fieldCount = 0;
  /** Elements of the run being read that are left. */
  #left = 0;
  #names: Uint8Array = new Uint8Array(64);
  #namesLength = 0;
  #nameBytes = 0;
  #master: StreamMaster | undefined = undefined;
  #flags = 0;
  #ms: number | bigint = 0;
  #seq: number | bigint = 0;
  #bytes = 0;

  /** `id`: the node's key. */
  constructor(
    length: number,
    at: number,
    id: { readonly ms: number | bigint; readonly seq: number | bigint },
  ) {
    this.#length = length;
    this.#at = at;
    this.#id = id;
  }

  step(r: ByteReader, v: ValueContext): void {
    r.pos = r.safe + this.#ahead;
    while (this.#phase !== "done") {
      this.#phase = this.#read(r, v);
      this.#ahead = r.pos - r.safe;
    }
  }

  /** Reads one thing; returns what comes after it. */
  #read(r: ByteReader, v: ValueContext): Phase {
    switch (this.#phase) {
      case "skip":
        return this.#skipBody(r, v);
      case "flags":
        if (r.offset >= this.#length - 1) return this.#finish(r);
        this.#before = this.#elements;
        this.#flags = this.#count(r, v);
        return "ms";
      case "ms":
        this.#ms = this.#integer(r, v);
        return "seq";
      case "seq":
        this.#seq = this.#integer(r, v);
        if ((this.#flags & SAME_FIELDS) === 0) return "pairs";
        this.#bytes = this.#nameBytes;
        this.#left = this.#fieldCount;
        return "skip";
      case "pairs":
        this.#left = 2 * this.#count(r, v);
        this.#bytes = 0;
        return "skip";
      case "entryEnd":
        return this.#endEntry(r, v);
      default:
        return this.#readMaster(r, v);
    }
  }

  #readMaster(r: ByteReader, v: ValueContext): Phase {
    switch (this.#phase) {
      case "live":
        this.#live = this.#count(r, v);
        return "deleted";
      case "deleted":
        this.#deleted = this.#count(r, v);
        return "fieldCount";
      case "fieldCount":
        this.#left = this.#fieldCount = this.#count(r, v);
        r.commit();
        return "names";
      case "names":
        return this.#readName(r, v);
      case "terminator":
        if (this.#integer(r, v) !== 0) throw this.#error(r, "master entry not terminated");
        this.#master = {
          ...this.#id,
          fieldsAt: 0,
          fieldCount: this.#fieldCount,
          names: this.#names.subarray(0, this.#namesLength),
        };
        r.commit();
        return "flags";
      default: {
        const header = Math.min(LISTPACK_HEADER, this.#length);
        r.require(header);
        this.#announced = checkListpackSize(r.buf, r.pos, this.#length, this.#at);
        r.pos += header;
        r.commit();
        return "live";
      }
    }
  }

  #readName(r: ByteReader, v: ValueContext): Phase {
    if (this.#left === 0) return "terminator";
    const { pos } = r;
    this.#nameBytes += this.#element(r, v);
    const size = r.pos - pos;
    const limit = v.limits.maxElementBytes;
    if (this.#namesLength + size > limit) throw aboveLimit("stream node", this.#at, limit);
    if (this.#namesLength + size > this.#names.length) {
      const grown = new Uint8Array((this.#namesLength + size) * 2);
      grown.set(this.#names.subarray(0, this.#namesLength));
      this.#names = grown;
    }
    this.#names.set(r.buf.subarray(pos, r.pos), this.#namesLength);
    this.#namesLength += size;
    this.#left--;
    r.commit();
    return "names";
  }

  #skipBody(r: ByteReader, v: ValueContext): Phase {
    const limit = v.limits.maxElementBytes;
    while (this.#left > 0) {
      this.#bytes += this.#element(r, v);
      this.#left--;
      this.#ahead = r.pos - r.safe;
      if (this.#ahead > limit) throw aboveLimit("stream entry", this.#at, limit);
    }
    return "entryEnd";
  }

  #endEntry(r: ByteReader, v: ValueContext): Phase {
    const elements = this.#elements - this.#before;
    if (this.#integer(r, v) !== elements) throw this.#error(r, "bad entry length");
    if ((this.#flags & DELETED) !== 0) this.#deleted--;
    else {
      this.#live--;
      this.firstId ??= formatStreamId(addToId(this.#id.ms, this.#ms), addToId(this.#id.seq, this.#seq));
      v.parts.makeRoom();
      v.parts.add(STREAM_ENTRIES, r.buf, r.safe, r.safe, r.pos, 1, this.#bytes, this.#master);
    }
    r.commit();
    return "flags";
  }

  #finish(r: ByteReader): Phase {
    if (r.u8() !== 0xff) throw broken("no end byte", this.#at);
    if (this.#live !== 0 || this.#deleted !== 0) throw this.#errorAtEnd("entry counts disagree");
    if (this.#announced >= 0 && this.#announced !== this.#elements)
      throw this.#errorAtEnd("element count disagrees");
    r.commit();
    return "done";
  }

  /** Moves over one listpack element; returns its decoded length. */
  #element(r: ByteReader, v: ValueContext): number {
    const stop = r.pos + (this.#length - 1 - r.offset);
    if (r.pos >= stop) throw this.#error(r, "cut short");
    const need = listpackEntryNeed(r.buf, r.pos, r.end);
    if (need < 0 || need > stop) throw this.#error(r, "bad entry");
    const limit = v.limits.maxElementBytes;
    if (need - r.pos > limit) throw aboveLimit("element", this.#at, limit);
    if (need > r.end) r.underflow(need);
    const next = nextListpackEntry(r.buf, r.pos, stop);
    if (next < 0) throw this.#error(r, "bad entry");
    r.pos = next;
    this.#elements++;
    return listpackEntryLength;
  }

  #integer(r: ByteReader, v: ValueContext): number | bigint {
    const { pos } = r;
    this.#element(r, v);
    const value = listpackIntegerAt(r.buf, pos);
    if (value === undefined) throw this.#error(r, "a number is missing");
    return value;
  }

  /** A count that the rest of the node can hold. */
  #count(r: ByteReader, v: ValueContext): number {
    const value = this.#integer(r, v);
    if (typeof value !== "number" || value < 0 || value > this.#length - 1 - r.offset)
      throw this.#error(r, "bad count");
    return value;
  }

  #error(r: ByteReader, detail: string): Error {
    return broken(`stream node: ${detail} at its byte ${r.offset}`, this.#at);
  }

  #errorAtEnd(detail: string): Error {
    return broken(`stream node: ${detail} at its byte ${this.#length - 1}`, this.#at);
  }
}
