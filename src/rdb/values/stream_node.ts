import type { StreamEntry } from "../../events.ts";
import { type Blob, keepBlob } from "../blob.ts";
import type { PartBuilder } from "../part_builder.ts";
import type { Layout, Segment } from "../segment.ts";
import {
  broken,
  checkListpackHeader,
  LISTPACK_HEADER,
  listpackEntryAt,
  listpackEntryLength,
  listpackIntegerAt,
  nextListpackEntry,
  skipListpackEntry,
} from "../structures/listpack.ts";
import { addToId, formatStreamId } from "./stream_id.ts";

/*
 * One node of a stream: a listpack of (t_stream.c of the servers)
 *
 *   master   count deleted numfields field… 0
 *   entry    flags ms-diff seq-diff, then value… if flags has SAMEFIELDS, else n and n × (field value), then lp-count
 *
 * Ids are relative to the node's key, differences are signed. lp-count is the number of elements before it in the entry.
 */

export const DELETED = 1;
export const SAME_FIELDS = 2;

/** What the entries of a node share. */
export interface StreamMaster {
  readonly ms: number | bigint;
  readonly seq: number | bigint;
  /** Where the master's field names begin, relative to the blob, or in `names`. */
  readonly fieldsAt: number;
  /** The field names on memory of their own, where the blob is not held whole. */
  readonly names?: Uint8Array | undefined;
  readonly fieldCount: number;
}

/** Live entries; deleted ones between them are passed over. */
export const STREAM_ENTRIES: Layout = {
  read({ buf, start, pos, count, extra }: Segment, out: unknown[], first: number): void {
    const master = extra as StreamMaster;
    for (let i = 0, at = pos; i < count; ) {
      const flags = Number(listpackIntegerAt(buf, at));
      const msAt = skipListpackEntry(buf, at);
      const seqAt = skipListpackEntry(buf, msAt);
      let bodyAt = skipListpackEntry(buf, seqAt);
      const fields: [Uint8Array, Uint8Array][] = [];
      const same = (flags & SAME_FIELDS) !== 0;
      let fieldCount = master.fieldCount;
      const nameBuf = same && master.names !== undefined ? master.names : buf;
      let nameAt = nameBuf === buf ? start + master.fieldsAt : master.fieldsAt;
      if (!same) {
        fieldCount = Number(listpackIntegerAt(buf, bodyAt));
        bodyAt = skipListpackEntry(buf, bodyAt);
      }
      for (let f = 0; f < fieldCount; f++) {
        if (!same) nameAt = bodyAt;
        const valueAt = same ? bodyAt : skipListpackEntry(buf, bodyAt);
        fields.push([listpackEntryAt(nameBuf, nameAt), listpackEntryAt(buf, valueAt)]);
        if (same) nameAt = skipListpackEntry(nameBuf, nameAt);
        bodyAt = skipListpackEntry(buf, valueAt);
      }
      if ((flags & DELETED) === 0) {
        const ms = addToId(master.ms, listpackIntegerAt(buf, msAt)!);
        const seq = addToId(master.seq, listpackIntegerAt(buf, seqAt)!);
        out[first + i] = { id: formatStreamId(ms, seq), fields } satisfies StreamEntry;
        i++;
      }
      at = skipListpackEntry(buf, bodyAt);
    }
  },
};

/** A cursor over one node's elements that refuses everything unexpected. */
class NodeCursor {
  readonly #blob: Blob;
  readonly #stop: number;
  pos: number;
  elements = 0;

  constructor(blob: Blob) {
    this.#blob = blob;
    this.#stop = blob.end - 1;
    this.pos = blob.start + LISTPACK_HEADER;
  }

  get atEnd(): boolean {
    return this.pos >= this.#stop;
  }

  /** Moves over one element; returns its decoded length. */
  skip(): number {
    if (this.pos >= this.#stop) throw this.error("cut short");
    const next = nextListpackEntry(this.#blob.buf, this.pos, this.#stop);
    if (next < 0) throw this.error("bad entry");
    this.pos = next;
    this.elements++;
    return listpackEntryLength;
  }

  /** Reads an integer element. */
  integer(): number | bigint {
    const at = this.pos;
    this.skip();
    const value = listpackIntegerAt(this.#blob.buf, at);
    if (value === undefined) throw this.error("a number is missing");
    return value;
  }

  /** Reads a count that the rest of the node can hold. */
  count(): number {
    const value = this.integer();
    if (typeof value !== "number" || value < 0 || value > this.#stop - this.pos)
      throw this.error("bad count");
    return value;
  }

  error(detail: string): Error {
    const { start, at } = this.#blob;
    return broken(`stream node: ${detail} at its byte ${this.pos - start}`, at);
  }
}

/** Walks a node, checks it and adds its live entries to the value's parts; returns the id of the first of them. */
export function addStreamNode(
  parts: PartBuilder,
  packed: Blob,
  id: { readonly ms: number | bigint; readonly seq: number | bigint },
): string | undefined {
  const blob = parts.counting ? packed : keepBlob(packed);
  const { buf, start, end, at } = blob;
  const announced = checkListpackHeader(buf, start, end, at);
  const cursor = new NodeCursor(blob);
  const live = cursor.count();
  const deleted = cursor.count();
  const fieldCount = cursor.count();
  const fieldsAt = cursor.pos - start;
  let fieldBytes = 0;
  for (let i = 0; i < fieldCount; i++) fieldBytes += cursor.skip();
  if (cursor.integer() !== 0) throw cursor.error("master entry not terminated");
  const master: StreamMaster = { ...id, fieldsAt, fieldCount };
  let seenLive = 0;
  let seenDeleted = 0;
  let firstId: string | undefined;
  while (!cursor.atEnd) {
    const from = cursor.pos;
    const before = cursor.elements;
    const flags = cursor.count();
    const ms = cursor.integer();
    const seq = cursor.integer();
    let bytes = 0;
    if ((flags & SAME_FIELDS) !== 0) {
      bytes = fieldBytes;
      for (let i = 0; i < fieldCount; i++) bytes += cursor.skip();
    } else {
      const pairs = cursor.count();
      for (let i = 0; i < 2 * pairs; i++) bytes += cursor.skip();
    }
    const elements = cursor.elements - before;
    if (cursor.integer() !== elements) throw cursor.error("bad entry length");
    if ((flags & DELETED) !== 0) {
      seenDeleted++;
      continue;
    }
    firstId ??= formatStreamId(addToId(id.ms, ms), addToId(id.seq, seq));
    seenLive++;
    parts.makeRoom();
    parts.add(STREAM_ENTRIES, buf, start, from, cursor.pos, 1, bytes, master);
  }
  if (seenLive !== live || seenDeleted !== deleted) throw cursor.error("entry counts disagree");
  if (announced >= 0 && announced !== cursor.elements) throw cursor.error("element count disagrees");
  return firstId;
}
