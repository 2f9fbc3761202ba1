import { decimalLength, int64DecimalLength, readInt64 } from "../../bytes/integer.ts";
import { ReplicaError } from "../../errors.ts";
import { type Blob, keepBlob } from "../blob.ts";
import type { PartBuilder } from "../part_builder.ts";
import type { PackedWalk } from "../pieces.ts";
import { decimalText } from "../rdb_string.ts";
import type { Layout, Segment } from "../segment.ts";
import { integerAt } from "../structures/listpack.ts";
import { ElementsWalk, type PackedElements } from "./packed_walk.ts";

/*
 * u32le width (2, 4 or 8) · u32le count · count × signed little endian, strictly ascending            (intset.c of the servers)
 */

const HEADER = 8;

const INTSET: Layout = {
  read({ buf, pos, count, extra }: Segment, out: unknown[], first: number): void {
    const width = extra as number;
    if (width === 8)
      for (let i = 0; i < count; i++) out[first + i] = decimalText(readInt64(buf, pos + 8 * i));
    else for (let i = 0; i < count; i++) out[first + i] = decimalText(integerAt(buf, pos + width * i, width));
  },
};

/** Checks an intset and adds its members to the value's parts. */
export function addIntset(parts: PartBuilder, blob: Blob): void {
  const { buf, start, end, at } = parts.counting ? blob : keepBlob(blob);
  const width = readWidth(buf, start, end - start, at);
  const walk = width === 8 ? walkWide : walkNarrow;
  for (let pos = start + HEADER; pos < end; ) {
    const room = Math.min(parts.makeRoom(), (end - pos) / width);
    const next = walk(buf, pos, width, room, parts.roomBytes, pos > start + HEADER);
    if (next > pos) parts.add(INTSET, buf, pos, pos, next, (next - pos) / width, walkedBytes, width);
    if (isUnordered) throw brokenIntset(`members not ascending at its byte ${next - start}`, at);
    pos = next;
  }
}

/** Decoded bytes of the members walked over last, and whether the one after them is not above them. */
let walkedBytes = 0;
let isUnordered = false;

/**
 * Walks over members of 2 or 4 bytes, at most `room` and until they decode to `roomBytes` bytes; returns the index after them.
 * `follows`: another member lies before the first.
 */
function walkNarrow(
  buf: Uint8Array,
  start: number,
  width: number,
  room: number,
  roomBytes: number,
  follows: boolean,
): number {
  let pos = start;
  let bytes = 0;
  let previous = follows ? integerAt(buf, pos - width, width) : Number.NEGATIVE_INFINITY;
  isUnordered = false;
  for (const end = start + room * width; pos < end && bytes < roomBytes; pos += width) {
    const member = integerAt(buf, pos, width);
    if (previous >= member) {
      isUnordered = true;
      break;
    }
    previous = member;
    bytes += decimalLength(member);
  }
  walkedBytes = bytes;
  return pos;
}

/** The same for members of 8 bytes. */
function walkWide(
  buf: Uint8Array,
  start: number,
  width: number,
  room: number,
  roomBytes: number,
  follows: boolean,
): number {
  let pos = start;
  let bytes = 0;
  let previous = follows ? readInt64(buf, pos - width) : Number.NEGATIVE_INFINITY;
  isUnordered = false;
  for (const end = start + room * width; pos < end && bytes < roomBytes; pos += width) {
    const member = readInt64(buf, pos);
    if (previous >= member) {
      isUnordered = true;
      break;
    }
    previous = member;
    bytes += int64DecimalLength(buf, pos);
  }
  walkedBytes = bytes;
  return pos;
}

/** Checks the header; `length`: bytes of the intset. */
function readWidth(buf: Uint8Array, start: number, length: number, at: number): number {
  if (length < HEADER) throw brokenIntset("shorter than its header", at);
  const width = integerAt(buf, start, 4) >>> 0;
  const count = integerAt(buf, start + 4, 4) >>> 0;
  if (width !== 2 && width !== 4 && width !== 8) throw brokenIntset(`width ${width}`, at);
  if (length !== HEADER + width * count)
    throw brokenIntset(`${count} members of ${width} bytes in ${length} bytes`, at);
  return width;
}

/** Walks an intset that comes in pieces. */
export function walkIntset(length: number, at: number): PackedWalk {
  return new ElementsWalk(new IntsetMembers(length, at), length, at);
}

class IntsetMembers implements PackedElements {
  readonly layout: Layout = INTSET;
  extra = 0;
  readonly header: number = HEADER;
  readonly trailer = 0;
  bytes = 0;
  readonly #length: number;
  readonly #at: number;
  #previous: number | bigint | undefined = undefined;

  constructor(length: number, at: number) {
    this.#length = length;
    this.#at = at;
  }

  begin(buf: Uint8Array, pos: number): void {
    this.extra = readWidth(buf, pos, this.#length, this.#at);
  }

  need(_buf: Uint8Array, pos: number): number {
    return pos + this.extra;
  }

  next(buf: Uint8Array, pos: number): number {
    const width = this.extra;
    const member = memberAt(buf, pos, width);
    if (this.#previous !== undefined && this.#previous >= member) return -1;
    this.#previous = member;
    this.bytes = width === 8 ? int64DecimalLength(buf, pos) : decimalLength(member as number);
    return pos + width;
  }

  finish(): void {}

  brokenAt(_: number, pos: number): Error {
    return brokenIntset(`members not ascending at its byte ${pos}`, this.#at);
  }

  endless(): Error {
    return brokenIntset("cut short", this.#at);
  }
}

function memberAt(buf: Uint8Array, pos: number, width: number): number | bigint {
  return width === 8 ? readInt64(buf, pos) : integerAt(buf, pos, width);
}

function brokenIntset(detail: string, at: number): ReplicaError {
  return new ReplicaError("MALFORMED", `Cannot decode intset at byte ${at}: ${detail}`, { offset: at });
}
