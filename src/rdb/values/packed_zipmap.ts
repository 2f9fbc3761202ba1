import { ReplicaError } from "../../errors.ts";
import { type Blob, keepBlob } from "../blob.ts";
import type { PartBuilder } from "../part_builder.ts";
import type { PackedWalk } from "../pieces.ts";
import { view } from "../rdb_string.ts";
import type { Layout, Segment } from "../segment.ts";
import { ABOVE_LIMIT, ElementsWalk, type PackedElements } from "./packed_walk.ts";

/*
 * zmlen · { length key · length free value pad[free] }* · FF            (zipmap.c of the servers)
 *
 * length: one byte up to FD, or FE u32le. zmlen: pairs if below FE.
 */

const ZIPMAP: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    for (let i = 0, at = pos; i < count; i++) {
      const fieldLength = lengthAt(buf, at);
      const fieldAt = at + lengthSize(buf[at]!);
      const valueAt = fieldAt + fieldLength;
      const valueLength = lengthAt(buf, valueAt);
      const freeAt = valueAt + lengthSize(buf[valueAt]!);
      out[first + i] = {
        field: view(buf, fieldAt, fieldLength),
        value: view(buf, freeAt + 1, valueLength),
        expireAt: undefined,
      };
      at = freeAt + 1 + valueLength + buf[freeAt]!;
    }
  },
};

/** Walks a zipmap, checks it and adds its fields to the value's parts. */
export function addZipmap(parts: PartBuilder, blob: Blob): void {
  const { buf, start, end, at } = parts.counting ? blob : keepBlob(blob);
  if (end - start < 2 || buf[end - 1] !== 0xff) throw brokenZipmap("no end byte", at);
  const announced = buf[start]!;
  const stop = end - 1;
  let pos = start + 1;
  let fields = 0;
  while (pos < stop) {
    const room = parts.makeRoom();
    const roomBytes = parts.roomBytes;
    const from = pos;
    let count = 0;
    let bytes = 0;
    let failed = false;
    while (pos < stop && count < room && bytes < roomBytes) {
      const next = nextField(buf, pos, stop);
      if (next < 0) {
        failed = true;
        break;
      }
      bytes += fieldBytes;
      pos = next;
      count++;
    }
    if (count > 0) parts.add(ZIPMAP, buf, from, from, pos, count, bytes);
    fields += count;
    if (failed) throw brokenZipmap(`bad field ${fields} at its byte ${pos - start}`, at);
  }
  checkCount(announced, fields, at);
}

function checkCount(announced: number, fields: number, at: number): void {
  if (announced < 0xfe && announced !== fields)
    throw brokenZipmap(`its header says ${announced} fields, it has ${fields}`, at);
}

/** Walks a zipmap that comes in pieces. */
export function walkZipmap(length: number, at: number): PackedWalk {
  return new ElementsWalk(new ZipmapFields(length, at), length, at);
}

class ZipmapFields implements PackedElements {
  readonly layout: Layout = ZIPMAP;
  readonly extra: undefined = undefined;
  readonly header: number = 1;
  readonly trailer = 1;
  bytes = 0;
  readonly #length: number;
  readonly #at: number;
  #announced = 0;

  constructor(length: number, at: number) {
    this.#length = length;
    this.#at = at;
  }

  begin(buf: Uint8Array, pos: number): void {
    if (this.#length < 2) throw this.endless();
    this.#announced = buf[pos]!;
  }

  need(buf: Uint8Array, pos: number, end: number, stop: number, limit: number): number {
    if (pos >= end) return pos + 1;
    const fieldAt = pos + lengthSize(buf[pos]!);
    if (fieldAt > stop) return -1;
    if (fieldAt > end) return fieldAt;
    const valueAt = fieldAt + lengthAt(buf, pos);
    if (valueAt >= stop) return -1;
    if (valueAt - pos > limit) return ABOVE_LIMIT;
    if (valueAt >= end) return valueAt + 1;
    const freeAt = valueAt + lengthSize(buf[valueAt]!);
    if (freeAt >= stop) return -1;
    if (freeAt >= end) return freeAt + 1;
    const next = freeAt + 1 + lengthAt(buf, valueAt) + buf[freeAt]!;
    if (next > stop) return -1;
    return next - valueAt > limit ? ABOVE_LIMIT : next;
  }

  next(buf: Uint8Array, pos: number, stop: number): number {
    const next = nextField(buf, pos, stop);
    this.bytes = fieldBytes;
    return next;
  }

  finish(elements: number): void {
    checkCount(this.#announced, elements, this.#at);
  }

  brokenAt(index: number, pos: number): Error {
    return brokenZipmap(`bad field ${index} at its byte ${pos}`, this.#at);
  }

  endless(): Error {
    return brokenZipmap("no end byte", this.#at);
  }
}

/** Decoded bytes of the field and value that `nextField` walked over last. */
let fieldBytes = 0;

function nextField(buf: Uint8Array, pos: number, stop: number): number {
  const fieldAt = pos + lengthSize(buf[pos]!);
  if (fieldAt > stop || buf[pos] === 0xff) return -1;
  const fieldLength = lengthAt(buf, pos);
  const valueAt = fieldAt + fieldLength;
  if (valueAt >= stop || buf[valueAt] === 0xff) return -1;
  const freeAt = valueAt + lengthSize(buf[valueAt]!);
  if (freeAt >= stop) return -1;
  const valueLength = lengthAt(buf, valueAt);
  // A long form for a value that fits one byte is not canonical; servers refuse it.
  if (buf[valueAt] === 0xfe && valueLength < 0xfe) return -1;
  const next = freeAt + 1 + valueLength + buf[freeAt]!;
  fieldBytes = fieldLength + valueLength;
  return next <= stop ? next : -1;
}

function lengthSize(lead: number): number {
  return lead === 0xfe ? 5 : 1;
}

function lengthAt(buf: Uint8Array, pos: number): number {
  const lead = buf[pos]!;
  if (lead !== 0xfe) return lead;
  return (buf[pos + 1]! | (buf[pos + 2]! << 8) | (buf[pos + 3]! << 16) | (buf[pos + 4]! << 24)) >>> 0;
}

function brokenZipmap(detail: string, at: number): ReplicaError {
  return new ReplicaError("MALFORMED", `Cannot decode zipmap at byte ${at}: ${detail}`, { offset: at });
}
