import type { Blob } from "../blob.ts";
import type { PartBuilder } from "../part_builder.ts";
import type { Layout, Segment } from "../segment.ts";
import {
  brokenZiplist,
  checkZiplistHeader,
  nextZiplistEntry,
  skipZiplistEntry,
  ZIPLIST_HEADER,
  ziplistEntryAt,
  ziplistEntryLength,
  ziplistTail,
} from "../structures/ziplist.ts";
import { checkScoreText, scoreOf } from "./score.ts";

const ZIPLIST_ITEMS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[]): void {
    for (let i = 0, at = pos; i < count; i++) {
      out.push(ziplistEntryAt(buf, at));
      at = skipZiplistEntry(buf, at);
    }
  },
};

const ZIPLIST_SCORES: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[]): void {
    for (let i = 0, at = pos; i < count; i++) {
      const scoreAt = skipZiplistEntry(buf, at);
      out.push({ member: ziplistEntryAt(buf, at), score: scoreOf(ziplistEntryAt(buf, scoreAt)) });
      at = skipZiplistEntry(buf, scoreAt);
    }
  },
};

const ZIPLIST_FIELDS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[]): void {
    for (let i = 0, at = pos; i < count; i++) {
      const valueAt = skipZiplistEntry(buf, at);
      out.push({ field: ziplistEntryAt(buf, at), value: ziplistEntryAt(buf, valueAt), expireAt: undefined });
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
  const { buf, start, end, at } = blob;
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
  if (announced >= 0 && announced !== entries)
    throw brokenZiplist(`its header says ${announced} entries, it has ${entries}`, at);
  if (ziplistTail(buf, start) !== lastEntry - start) throw brokenZiplist("its tail offset is wrong", at);
}
