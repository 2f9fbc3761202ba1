import { type Blob, keepBlob } from "../blob.ts";
import type { PartBuilder } from "../part_builder.ts";
import type { PackedWalk } from "../pieces.ts";
import type { Layout, Segment } from "../segment.ts";
import {
  brokenZiplist,
  checkZiplistHeader,
  checkZiplistSize,
  nextZiplistEntry,
  skipZiplistEntry,
  ZIPLIST_HEADER,
  ziplistEntryAt,
  ziplistEntryLength,
  ziplistEntryNeed,
  ziplistTail,
} from "../structures/ziplist.ts";
import { ABOVE_LIMIT, ElementsWalk, type PackedElements } from "./packed_walk.ts";
import { checkScoreText, scoreOf } from "./score.ts";

const ZIPLIST_ITEMS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    for (let i = 0, at = pos; i < count; i++) {
      out[first + i] = ziplistEntryAt(buf, at);
      at = skipZiplistEntry(buf, at);
    }
  },
};

const ZIPLIST_SCORES: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    for (let i = 0, at = pos; i < count; i++) {
      const scoreAt = skipZiplistEntry(buf, at);
      out[first + i] = { member: ziplistEntryAt(buf, at), score: scoreOf(ziplistEntryAt(buf, scoreAt)) };
      at = skipZiplistEntry(buf, scoreAt);
    }
  },
};

const ZIPLIST_FIELDS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    for (let i = 0, at = pos; i < count; i++) {
      const valueAt = skipZiplistEntry(buf, at);
      out[first + i] = {
        field: ziplistEntryAt(buf, at),
        value: ziplistEntryAt(buf, valueAt),
        expireAt: undefined,
      };
      at = skipZiplistEntry(buf, valueAt);
    }
  },
};

/** What the ziplist entries of one element are. */
export type ZiplistGroup = "items" | "scores" | "fields";

const LAYOUTS: Readonly<Record<ZiplistGroup, Layout>> = {
  items: ZIPLIST_ITEMS,
  scores: ZIPLIST_SCORES,
  fields: ZIPLIST_FIELDS,
};

/** Walks a ziplist, checks it and adds its elements to the value's parts. */
export function addZiplist(parts: PartBuilder, blob: Blob, group: ZiplistGroup): void {
  const { buf, start, end, at } = parts.counting ? blob : keepBlob(blob);
  const layout = LAYOUTS[group];
  const size = group === "items" ? 1 : 2;
  const announced = checkZiplistHeader(buf, start, end, at);
  const stop = end - 1;
  let pos = start + ZIPLIST_HEADER;
  let lastEntry = pos;
  let previous = 0;
  let entries = 0;
  while (pos < stop) {
    const room = parts.makeRoom();
    const roomBytes = parts.roomBytes;
    const from = pos;
    let count = 0;
    let bytes = 0;
    let failed = false;
    while (pos < stop && count < room && bytes < roomBytes) {
      let next = nextZiplistEntry(buf, pos, stop, previous);
      let length = ziplistEntryLength;
      lastEntry = pos;
      if (size === 2 && next >= 0) {
        const second = next;
        next = second < stop ? nextZiplistEntry(buf, second, stop, second - pos) : -1;
        if (group === "fields") length += ziplistEntryLength;
        else if (next >= 0 && !checkScoreText(ziplistEntryAt(buf, second))) next = -1;
        lastEntry = second;
      }
      if (next < 0) {
        failed = true;
        break;
      }
      previous = next - lastEntry;
      bytes += length;
      pos = next;
      count++;
    }
    if (count > 0) parts.add(layout, buf, from, from, pos, count, bytes);
    entries += count * size;
    if (failed) throw brokenZiplist(`bad entry ${entries} at its byte ${pos - start}`, at);
  }
  checkEnd(announced, entries, ziplistTail(buf, start), lastEntry - start, at);
}

function checkEnd(announced: number, entries: number, tail: number, lastEntry: number, at: number): void {
  if (announced >= 0 && announced !== entries)
    throw brokenZiplist(`its header says ${announced} entries, it has ${entries}`, at);
  if (tail !== lastEntry) throw brokenZiplist("its tail offset is wrong", at);
}

/** Walks a ziplist that comes in pieces. */
export function walkZiplist(group: ZiplistGroup, length: number, at: number): PackedWalk {
  return new ElementsWalk(new ZiplistElements(group, length, at), length, at);
}

class ZiplistElements implements PackedElements {
  readonly layout: Layout;
  readonly extra: undefined = undefined;
  readonly header: number = ZIPLIST_HEADER;
  readonly trailer = 1;
  bytes = 0;
  readonly #group: ZiplistGroup;
  readonly #length: number;
  readonly #at: number;
  #announced = -1;
  #tail = 0;
  /** Size of the entry before the next, and where that entry begins in the ziplist. */
  #previous = 0;
  #lastEntry: number = ZIPLIST_HEADER;
  /** Bytes of the elements so far. */
  #walked = 0;

  constructor(group: ZiplistGroup, length: number, at: number) {
    this.layout = LAYOUTS[group];
    this.#group = group;
    this.#length = length;
    this.#at = at;
  }

  begin(buf: Uint8Array, pos: number): void {
    this.#announced = checkZiplistSize(buf, pos, this.#length, this.#at);
    this.#tail = ziplistTail(buf, pos);
  }

  need(buf: Uint8Array, pos: number, end: number, stop: number, limit: number): number {
    let at = pos;
    for (let i = this.#group === "items" ? 1 : 2; i > 0; i--) {
      if (at >= stop) return -1;
      const need = ziplistEntryNeed(buf, at, end);
      if (need < 0 || need > stop) return -1;
      if (need - at > limit) return ABOVE_LIMIT;
      if (need > end) return need;
      at = skipZiplistEntry(buf, at);
    }
    return at;
  }

  next(buf: Uint8Array, pos: number, stop: number): number {
    let next = nextZiplistEntry(buf, pos, stop, this.#previous);
    if (next < 0) return -1;
    this.bytes = ziplistEntryLength;
    let last = pos;
    if (this.#group !== "items") {
      last = next;
      next = nextZiplistEntry(buf, last, stop, last - pos);
      if (next < 0) return -1;
      if (this.#group === "fields") this.bytes += ziplistEntryLength;
      else if (!checkScoreText(ziplistEntryAt(buf, last))) return -1;
    }
    this.#previous = next - last;
    this.#walked += next - pos;
    this.#lastEntry = ZIPLIST_HEADER + this.#walked - this.#previous;
    return next;
  }

  finish(elements: number): void {
    const entries = this.#group === "items" ? elements : elements * 2;
    checkEnd(this.#announced, entries, this.#tail, this.#lastEntry, this.#at);
  }

  brokenAt(index: number, pos: number): Error {
    const entry = this.#group === "items" ? index : index * 2;
    return brokenZiplist(`bad entry ${entry} at its byte ${pos}`, this.#at);
  }

  endless(): Error {
    return brokenZiplist("no end byte", this.#at);
  }
}
