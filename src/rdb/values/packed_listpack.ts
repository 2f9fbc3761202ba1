import { type Blob, keepBlob } from "../blob.ts";
import type { PartBuilder } from "../part_builder.ts";
import type { PackedWalk } from "../pieces.ts";
import type { Layout, Segment } from "../segment.ts";
import {
  broken,
  checkListpackHeader,
  checkListpackSize,
  LISTPACK_HEADER,
  listpackEntryAt,
  listpackEntryLength,
  listpackEntryNeed,
  listpackIntegerAt,
  listpackNext,
  nextListpackEntry,
  readListpackEntry,
  skipListpackEntry,
} from "../structures/listpack.ts";
import { FAST_GROUP, fastBytes, walkFast } from "../structures/listpack_fast.ts";
import { ABOVE_LIMIT, ElementsWalk, type PackedElements } from "./packed_walk.ts";
import { checkScoreText, scoreOf } from "./score.ts";

/** Single elements: lists and sets. */
export const LISTPACK_ITEMS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    const { buffer, byteOffset } = buf;
    for (let i = 0, at = pos; i < count; i++) {
      out[first + i] = readListpackEntry(buf, buffer, byteOffset, at);
      at = listpackNext;
    }
  },
};

/** Member and score. */
export const LISTPACK_SCORES: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    const { buffer, byteOffset } = buf;
    for (let i = 0, at = pos; i < count; i++) {
      const member = readListpackEntry(buf, buffer, byteOffset, at);
      const scoreAt = listpackNext;
      out[first + i] = { member, score: scoreAtEntry(buf, scoreAt) };
      at = skipListpackEntry(buf, scoreAt);
    }
  },
};

function scoreAtEntry(buf: Uint8Array, pos: number): number {
  const head = buf[pos]!;
  // Nearly all scores that are no integers: text too short for a longer head.
  if (head >= 0x80 && head < 0xc0) return scoreOf(buf, pos + 1, pos + 1 + (head & 0x3f));
  return Number(listpackIntegerAt(buf, pos) ?? scoreOf(listpackEntryAt(buf, pos)));
}

/** Field and value. */
export const LISTPACK_FIELDS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    const { buffer, byteOffset } = buf;
    for (let i = 0, at = pos; i < count; i++) {
      const field = readListpackEntry(buf, buffer, byteOffset, at);
      const value = readListpackEntry(buf, buffer, byteOffset, listpackNext);
      out[first + i] = { field, value, expireAt: undefined };
      at = listpackNext;
    }
  },
};

/** Field, value and expiry in Unix ms, 0 for none. */
export const LISTPACK_EXPIRING_FIELDS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    for (let i = 0, at = pos; i < count; i++) {
      const valueAt = skipListpackEntry(buf, at);
      const expiryAt = skipListpackEntry(buf, valueAt);
      const expiry = Number(listpackIntegerAt(buf, expiryAt));
      out[first + i] = {
        field: listpackEntryAt(buf, at),
        value: listpackEntryAt(buf, valueAt),
        expireAt: expiry === 0 ? undefined : expiry,
      };
      at = skipListpackEntry(buf, expiryAt);
    }
  },
};

/** What the listpack entries of one element are. */
export type ListpackGroup = "items" | "scores" | "fields" | "expiringFields";

const LISTPACK_GROUP: Readonly<Record<ListpackGroup, { readonly layout: Layout; readonly size: number }>> = {
  items: { layout: LISTPACK_ITEMS, size: 1 },
  scores: { layout: LISTPACK_SCORES, size: 2 },
  fields: { layout: LISTPACK_FIELDS, size: 2 },
  expiringFields: { layout: LISTPACK_EXPIRING_FIELDS, size: 3 },
};

/** Walks a listpack, checks it and adds its elements to the value's parts. */
export function addListpack(parts: PartBuilder, blob: Blob, group: ListpackGroup): void {
  const elements =
    group === "expiringFields" ? -1 : walkFast(blob.buf, blob.start, blob.end, FAST_GROUP[group]);
  const bytes = fastBytes;
  // Before anything else: whoever gets a full part may decompress something.
  const kept = parts.counting ? blob : keepBlob(blob);
  if (!addSound(parts, kept, group, elements, bytes)) addChecked(parts, kept, group);
}

/** Adds a sound listpack whole, where one part takes it. */
function addSound(
  parts: PartBuilder,
  { buf, start, end }: Blob,
  group: ListpackGroup,
  elements: number,
  bytes: number,
): boolean {
  if (elements <= 0) return elements === 0;
  if (elements > parts.makeRoom() || bytes >= parts.roomBytes) return false;
  const from = start + LISTPACK_HEADER;
  parts.add(LISTPACK_GROUP[group].layout, buf, from, from, end - 1, elements, bytes);
  return true;
}

function addChecked(parts: PartBuilder, { buf, start, end, at }: Blob, group: ListpackGroup): void {
  const { layout, size } = LISTPACK_GROUP[group];
  const announced = checkListpackHeader(buf, start, end, at);
  const stop = end - 1;
  let pos = start + LISTPACK_HEADER;
  let elements = 0;
  while (pos < stop) {
    const room = parts.makeRoom();
    const roomBytes = parts.roomBytes;
    const from = pos;
    let count = 0;
    let bytes = 0;
    let failed = false;
    while (pos < stop && count < room && bytes < roomBytes) {
      const next = nextElement(buf, pos, stop, group);
      if (next < 0) {
        failed = true;
        break;
      }
      bytes += elementLength;
      pos = next;
      count++;
    }
    if (count > 0) parts.add(layout, buf, from, from, pos, count, bytes);
    if (failed) throw broken(`bad entry ${elements + count} at its byte ${pos - start}`, at);
    elements += count;
  }
  checkCount(announced, elements * size, at);
}

function checkCount(announced: number, entries: number, at: number): void {
  if (announced >= 0 && announced !== entries)
    throw broken(`its header says ${announced} entries, it has ${entries}`, at);
}

/** Decoded bytes of the element that `nextElement` walked over last. */
let elementLength = 0;

function nextElement(buf: Uint8Array, pos: number, stop: number, group: ListpackGroup): number {
  let next = nextListpackEntry(buf, pos, stop);
  elementLength = listpackEntryLength;
  if (group === "items" || next < 0) return next;
  if (next >= stop) return -1;
  const second = next;
  next = nextListpackEntry(buf, second, stop);
  if (group === "scores") return next < 0 || isScore(buf, second) ? next : -1;
  elementLength += listpackEntryLength;
  if (group === "fields" || next < 0) return next;
  if (next >= stop) return -1;
  const third = next;
  next = nextListpackEntry(buf, third, stop);
  const expiry = next < 0 ? undefined : listpackIntegerAt(buf, third);
  return typeof expiry === "number" && expiry >= 0 ? next : -1;
}

function isScore(buf: Uint8Array, pos: number): boolean {
  const head = buf[pos]!;
  if (head < 0x80 || (head >= 0xc0 && head < 0xe0) || head > 0xf0) return true;
  return checkScoreText(listpackEntryAt(buf, pos));
}

/** Walks a listpack that comes in pieces. */
export function walkListpack(group: ListpackGroup, length: number, at: number): PackedWalk {
  return new ElementsWalk(new ListpackElements(group, length, at), length, at);
}

class ListpackElements implements PackedElements {
  readonly layout: Layout;
  readonly extra: undefined = undefined;
  readonly header: number = LISTPACK_HEADER;
  readonly trailer = 1;
  bytes = 0;
  readonly #group: ListpackGroup;
  readonly #size: number;
  readonly #length: number;
  readonly #at: number;
  #announced = -1;

  constructor(group: ListpackGroup, length: number, at: number) {
    const { layout, size } = LISTPACK_GROUP[group];
    this.layout = layout;
    this.#group = group;
    this.#size = size;
    this.#length = length;
    this.#at = at;
  }

  begin(buf: Uint8Array, pos: number): void {
    this.#announced = checkListpackSize(buf, pos, this.#length, this.#at);
  }

  need(buf: Uint8Array, pos: number, end: number, stop: number, limit: number): number {
    let at = pos;
    for (let i = 0; i < this.#size; i++) {
      if (at >= stop) return -1;
      const need = listpackEntryNeed(buf, at, end);
      if (need < 0 || need > stop) return -1;
      if (need - at > limit) return ABOVE_LIMIT;
      if (need > end) return need;
      at = skipListpackEntry(buf, at);
    }
    return at;
  }

  next(buf: Uint8Array, pos: number, stop: number): number {
    const next = nextElement(buf, pos, stop, this.#group);
    this.bytes = elementLength;
    return next;
  }

  finish(elements: number): void {
    checkCount(this.#announced, elements * this.#size, this.#at);
  }

  brokenAt(index: number, pos: number): Error {
    return broken(`bad entry ${index} at its byte ${pos}`, this.#at);
  }

  endless(): Error {
    return broken("no end byte", this.#at);
  }
}
