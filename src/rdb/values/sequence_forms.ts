import type { ByteReader } from "../byte_reader.ts";
import { stringAt, stringSize } from "../rdb_string.ts";
import type { Layout, Segment } from "../segment.ts";
import type { ValueContext } from "../value_reading.ts";
import { checkScoreText, scoreOf } from "./score.ts";
import { fastString, fastStringLength, strictString } from "./string_element.ts";

/*
 * Collections that are a count and then their elements, each of strings and fixed fields (rdb.c of the servers):
 *
 *   list, set   len n, n × str
 *   hash        len n, n × (str field, str value)
 *   zset        len n, n × (str member, f64le)            text form: (str member, u8 length and text)
 */

/** One element of such a collection. */
export interface SequenceForm {
  readonly layout: Layout;
  /** Index after the element at `pos`, its decoded length in {@link fastLength}; −1 when it is not plainly there. */
  fast(buf: Uint8Array, pos: number, end: number): number;
  /** Reads the element with every check; returns its decoded length. */
  strict(r: ByteReader, v: ValueContext): number;
}

/** Decoded length of the element that a form's `fast` walked over last. */
export let fastLength = 0;

const STRINGS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    for (let i = 0, at = pos; i < count; i++) {
      out[first + i] = stringAt(buf, at);
      at += stringSize(buf, at);
    }
  },
};

/** Lists and sets; also a single plain node of a quicklist. */
export const ITEMS: SequenceForm = {
  layout: STRINGS,
  fast(buf, pos, end) {
    const next = fastString(buf, pos, end);
    fastLength = fastStringLength;
    return next;
  },
  strict: strictString,
};

const FIELD_PAIRS: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    for (let i = 0, at = pos; i < count; i++) {
      const valueAt = at + stringSize(buf, at);
      out[first + i] = { field: stringAt(buf, at), value: stringAt(buf, valueAt), expireAt: undefined };
      at = valueAt + stringSize(buf, valueAt);
    }
  },
};

export const FIELDS: SequenceForm = {
  layout: FIELD_PAIRS,
  fast(buf, pos, end) {
    const value = fastString(buf, pos, end);
    if (value < 0) return -1;
    const fieldLength = fastStringLength;
    const next = fastString(buf, value, end);
    fastLength = fieldLength + fastStringLength;
    return next;
  },
  strict: (r, v) => strictString(r, v) + strictString(r, v),
};

const BINARY_SCORES: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    const bytes = new DataView(buf.buffer, buf.byteOffset, buf.byteLength);
    for (let i = 0, at = pos; i < count; i++) {
      const scoreAt = at + stringSize(buf, at);
      out[first + i] = { member: stringAt(buf, at), score: bytes.getFloat64(scoreAt, true) };
      at = scoreAt + 8;
    }
  },
};

export const SCORED: SequenceForm = {
  layout: BINARY_SCORES,
  fast(buf, pos, end) {
    const score = fastString(buf, pos, end);
    fastLength = fastStringLength;
    // All exponent bits set: an infinity or NaN, told apart by the strict way.
    if (score < 0 || score + 8 > end || (buf[score + 7]! & 0x7f) === 0x7f) return -1;
    return score + 8;
  },
  strict(r, v) {
    const length = strictString(r, v);
    const at = r.offset;
    if (Number.isNaN(r.f64le())) r.malformed("Cannot decode score: not a number", at);
    return length;
  },
};

/*
 * u8 n: 255 −inf, 254 +inf, 253 NaN, else n bytes of decimal text
 */
const TEXT_SCORES: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    for (let i = 0, at = pos; i < count; i++) {
      const scoreAt = at + stringSize(buf, at);
      const length = buf[scoreAt]!;
      const score =
        length === 255
          ? Number.NEGATIVE_INFINITY
          : length === 254
            ? Number.POSITIVE_INFINITY
            : scoreOf(buf.subarray(scoreAt + 1, scoreAt + 1 + length));
      out[first + i] = { member: stringAt(buf, at), score };
      at = scoreAt + 1 + (length < 253 ? length : 0);
    }
  },
};

export const TEXT_SCORED: SequenceForm = {
  layout: TEXT_SCORES,
  fast: () => -1,
  strict(r, v) {
    const length = strictString(r, v);
    const at = r.offset;
    const digits = r.u8();
    if (digits === 253) r.malformed("Cannot decode score: not a number", at);
    if (digits < 253) {
      r.require(digits);
      if (!checkScoreText(r.buf.subarray(r.pos, r.pos + digits)))
        r.malformed("Cannot decode score: bad text", at);
      r.pos += digits;
    }
    return length;
  },
};
