import { decimalLength, int64DecimalLength, readInt64 } from "../../bytes/integer.ts";
import { ReplicaError } from "../../errors.ts";
import type { Blob } from "../blob.ts";
import type { PartBuilder } from "../part_builder.ts";
import { decimalText } from "../rdb_string.ts";
import type { Layout, Segment } from "../segment.ts";
import { integerAt } from "../structures/listpack.ts";

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
  if (end - start < HEADER) throw brokenIntset("shorter than its header", at);
  const width = integerAt(buf, start, 4) >>> 0;
  const count = integerAt(buf, start + 4, 4) >>> 0;
  if (width !== 2 && width !== 4 && width !== 8) throw brokenIntset(`width ${width}`, at);
  if (end - start !== HEADER + width * count)
    throw brokenIntset(`${count} members of ${width} bytes in ${end - start} bytes`, at);
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

function memberAt(buf: Uint8Array, pos: number, width: number): number | bigint {
  return width === 8 ? readInt64(buf, pos) : integerAt(buf, pos, width);
}

function brokenIntset(detail: string, at: number): ReplicaError {
  return new ReplicaError("MALFORMED", `Cannot decode intset at byte ${at}: ${detail}`, { offset: at });
}
