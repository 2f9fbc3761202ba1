import { readInt64 } from "../../bytes/integer.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import type { ArrayElement } from "../../events.ts";
import type { ByteReader } from "../byte_reader.ts";
import { decimalText, readLength, readLength64, stringAt, stringSize } from "../rdb_string.ts";
import type { Layout, Segment } from "../segment.ts";
import type { ValueContext } from "../value_reading.ts";
import type { SequenceForm } from "./sequence_forms.ts";
import { strictString } from "./string_element.ts";

/*
 * Array (Redis ≥ 8.8, provisional; rdb.c): len n, len flag, [len insert index], n × (len index, len tag, value)
 *   tag 0 and 3 str · 1 i64le · 2 f64le
 */
const TAG = { STRING: 0, INTEGER: 1, DOUBLE: 2, SHORT_STRING: 3 } as const;

const ELEMENTS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    const view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength);
    for (let i = 0, at = pos; i < count; i++) {
      const lead = buf[at]!;
      const size = lead < 0x40 ? 1 : lead < 0x80 ? 2 : lead === 0x80 ? 5 : 9;
      let index: number | bigint = lead;
      if (size === 2) index = ((lead & 0x3f) << 8) | buf[at + 1]!;
      else if (size === 5) index = view.getUint32(at + 1);
      else if (size === 9) {
        const wide = view.getBigUint64(at + 1);
        index = wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
      }
      const tag = buf[at + size]!;
      const valueAt = at + size + 1;
      let value: Uint8Array;
      if (tag === TAG.INTEGER) value = decimalText(readInt64(buf, valueAt));
      else if (tag === TAG.DOUBLE) value = encodeUtf8(String(view.getFloat64(valueAt, true)));
      else value = stringAt(buf, valueAt);
      out[first + i] = { index, value } satisfies ArrayElement;
      at = valueAt + (tag === TAG.INTEGER || tag === TAG.DOUBLE ? 8 : stringSize(buf, valueAt));
    }
  },
};

/** Elements of an array, ascending by index. */
export const ARRAY_ELEMENTS: SequenceForm = {
  layout: ELEMENTS,
  fast: () => -1,
  strict(r: ByteReader, v: ValueContext): number {
    readLength64(r);
    const at = r.offset;
    const tag = r.u8();
    if (tag === TAG.STRING || tag === TAG.SHORT_STRING) return strictString(r, v);
    if (tag !== TAG.INTEGER && tag !== TAG.DOUBLE) r.malformed(`Cannot decode array element: tag ${tag}`, at);
    r.require(8);
    r.pos += 8;
    return 8;
  },
};

/** Reads what stands between an array's count and its elements. */
export function readInsertIndex(r: ByteReader): void {
  const at = r.offset;
  const flag = readLength(r);
  if (flag > 1) r.malformed(`Cannot decode array: flag ${flag}`, at);
  if (flag === 1) readLength64(r);
}
