import { decimalLength, int64DecimalLength, readInt64 } from "../../bytes/integer.ts";
import { ReplicaError } from "../../errors.ts";
import type { Blob } from "../blob.ts";
import type { PartBuilder } from "../part_builder.ts";
import type { PackedWalk } from "../pieces.ts";
import { decimalText } from "../rdb_string.ts";
import type { Layout, Segment } from "../segment.ts";
import { integerAt } from "../structures/listpack.ts";
import { ElementsWalk, type PackedElements } from "./packed_walk.ts";

/*
 * u32le width (2, 4 or 8) · u32le count · count × signed little endian, strictly ascending            (rdb sheet, 10.1)
 */

const HEADER = 8;

const INTSET: Layout = {
  read({ buf, pos, count, extra }: Segment, out: unknown[]): void {
    const width = extra as number;
    for (let i = 0, at = pos; i < count; i++, at += width) out.push(decimalText(memberAt(buf, at, width)));
  },
};

/** Checks an intset and adds its members to the value's parts. */
export function addIntset(parts: PartBuilder, blob: Blob): void {
  const { buf, start, end, at } = blob;
  const width = readWidth(buf, start, end - start, at);
  let pos = start + HEADER;
  let previous: number | bigint | undefined;
  while (pos < end) {
    const room = parts.makeRoom();
    const roomBytes = parts.roomBytes;
    const from = pos;
    let members = 0;
    let bytes = 0;
    let failed = false;
    while (pos < end && members < room && bytes < roomBytes) {
      const member = memberAt(buf, pos, width);
      if (previous !== undefined && previous >= member) {
        failed = true;
        break;
      }
      previous = member;
      bytes += width === 8 ? int64DecimalLength(buf, pos) : decimalLength(member as number);
      pos += width;
      members++;
    }
    if (members > 0) parts.add(INTSET, buf, from, from, pos, members, bytes, width);
    if (failed) throw brokenIntset(`members not ascending at its byte ${pos - start}`, at);
  }
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
