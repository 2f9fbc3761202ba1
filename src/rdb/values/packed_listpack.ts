import type { Blob } from "../blob.ts";
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
import { checkScoreText, scoreOf } from "./score.ts";

/** Single elements: lists and sets. */
export const LISTPACK_ITEMS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[]): void {
    for (let i = 0, at = pos; i < count; i++) {
      out.push(listpackEntryAt(buf, at));
      at = skipListpackEntry(buf, at);
    }
  },
};

/** Member and score. */
export const LISTPACK_SCORES: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[]): void {
    for (let i = 0, at = pos; i < count; i++) {
      const scoreAt = skipListpackEntry(buf, at);
      const score = listpackIntegerAt(buf, scoreAt) ?? scoreOf(listpackEntryAt(buf, scoreAt));
      out.push({ member: listpackEntryAt(buf, at), score: Number(score) });
      at = skipListpackEntry(buf, scoreAt);
    }
  },
};

/** Field and value. */
export const LISTPACK_FIELDS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[]): void {
    for (let i = 0, at = pos; i < count; i++) {
      const valueAt = skipListpackEntry(buf, at);
      out.push({
        field: listpackEntryAt(buf, at),
        value: listpackEntryAt(buf, valueAt),
        expireAt: undefined,
      });
      at = skipListpackEntry(buf, valueAt);
    }
  },
};

/** Field, value and expiry in Unix ms, 0 for none. */
export const LISTPACK_EXPIRING_FIELDS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[]): void {
    for (let i = 0, at = pos; i < count; i++) {
      const valueAt = skipListpackEntry(buf, at);
      const expiryAt = skipListpackEntry(buf, valueAt);
      const expiry = Number(listpackIntegerAt(buf, expiryAt));
      out.push({
        field: listpackEntryAt(buf, at),
        value: listpackEntryAt(buf, valueAt),
        expireAt: expiry === 0 ? undefined : expiry,
      });
      at = skipListpackEntry(buf, expiryAt);
    }
  },
};

/** What the listpack entries of one element are. */
export const LISTPACK_GROUP: Readonly<
  Record<"items" | "scores" | "fields" | "expiringFields", { readonly layout: Layout; readonly size: number }>
> = {
  items: { layout: LISTPACK_ITEMS, size: 1 },
  scores: { layout: LISTPACK_SCORES, size: 2 },
  fields: { layout: LISTPACK_FIELDS, size: 2 },
  expiringFields: { layout: LISTPACK_EXPIRING_FIELDS, size: 3 },
};

/** Walks a listpack, checks it and adds its elements to the value's parts. */
export function addListpack(parts: PartBuilder, blob: Blob, group: keyof typeof LISTPACK_GROUP): void {
  const { buf, start, end, at } = blob;
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
  if (announced >= 0 && announced !== elements * size)
    throw broken(`its header says ${announced} entries, it has ${elements * size}`, at);
}

/** Decoded bytes of the element that `nextElement` walked over last. */
let elementLength = 0;

function nextElement(buf: Uint8Array, pos: number, stop: number, group: keyof typeof LISTPACK_GROUP): number {
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
