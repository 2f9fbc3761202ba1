import { decimalLength } from "../../bytes/integer.ts";
import { decompressScratch } from "../blob.ts";
import type { ByteReader } from "../byte_reader.ts";
import {
  aboveLimit,
  checkCompressed,
  readInteger,
  readLength,
  readLength64,
  STRING_FORM,
  scanned,
  scanString,
  stringAt,
  stringSize,
} from "../rdb_string.ts";
import type { Layout, Segment } from "../segment.ts";
import type { ValueContext, ValueReading } from "../value_reading.ts";
import { checkScoreText, scoreOf } from "./score.ts";

/*
 * Collections that are a count and then their elements, each of strings and fixed fields (rdb sheet, 9 and 11):
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

let fastLength = 0;
/** Longest string that {@link fastString} takes. */
const LONGEST_FAST = 0x3fff;

/** Walks over a string that is whole and not compressed; adds to {@link fastLength}. −1: take the strict way. */
function fastString(buf: Uint8Array, pos: number, end: number): number {
  if (pos >= end) return -1;
  const lead = buf[pos]!;
  let next: number;
  if (lead < 0x40) {
    fastLength += lead;
    next = pos + 1 + lead;
  } else if (lead < 0x80) {
    if (pos + 1 >= end) return -1;
    const length = ((lead & 0x3f) << 8) | buf[pos + 1]!;
    fastLength += length;
    next = pos + 2 + length;
  } else if (lead >= 0xc0 && lead < 0xc3) {
    const width = 1 << (lead & 3);
    next = pos + 1 + width;
    if (next > end) return -1;
    fastLength += decimalLength(readInteger(buf, pos + 1, width));
  } else return -1;
  return next <= end ? next : -1;
}

/** Reads a string whole and checks it; returns its decoded length. */
export function strictString(r: ByteReader, v: ValueContext): number {
  const at = r.offset;
  scanString(r);
  const { form, start, stored, length } = scanned;
  const limit = v.limits.maxElementBytes;
  if (stored > limit || length > limit) throw aboveLimit("element", at, limit);
  r.require(stored);
  if (form === STRING_FORM.LZF && !v.skipping)
    verifyCompressed(r.buf, start, stored, length, r.base + start, v);
  r.pos = start + stored;
  return length;
}

/** Makes sure that a compressed string can be made later. Who only counts has it made now, as there is no later. */
export function verifyCompressed(
  buf: Uint8Array,
  start: number,
  stored: number,
  length: number,
  at: number,
  v: ValueContext,
): void {
  if (v.parts.counting) decompressScratch(buf, start, stored, length, at);
  else checkCompressed(buf, start, stored, length, at);
}

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
    fastLength = 0;
    return fastString(buf, pos, end);
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
    fastLength = 0;
    const value = fastString(buf, pos, end);
    return value < 0 ? -1 : fastString(buf, value, end);
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
    fastLength = 0;
    const score = fastString(buf, pos, end);
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

/** What stands around the count of a collection. */
export interface SequenceOptions {
  /** Reads what stands before the count; the layout gets it as its extra. */
  readonly before?: (r: ByteReader) => unknown;
  /** Reads what stands between the count and the elements. */
  readonly after?: (r: ByteReader) => void;
}

/** Reads such a collection. */
export class SequenceReading implements ValueReading {
  readonly #form: SequenceForm;
  readonly #options: SequenceOptions;
  #remaining = -1;
  #extra: unknown = undefined;

  constructor(form: SequenceForm, options: SequenceOptions = {}) {
    this.#form = form;
    this.#options = options;
  }

  step(r: ByteReader, v: ValueContext): boolean {
    if (this.#remaining < 0) this.#begin(r, v);
    const { parts } = v;
    const { layout } = this.#form;
    const extra = this.#extra;
    while (this.#remaining > 0) {
      const room = Math.min(this.#remaining, parts.makeRoom());
      const added = this.#addFast(r, v, room);
      if (added > 0) continue;
      const { pos } = r;
      const bytes = this.#form.strict(r, v);
      parts.add(layout, r.buf, pos, pos, r.pos, 1, bytes, extra);
      r.commit();
      this.#remaining--;
    }
    return true;
  }

  #begin(r: ByteReader, v: ValueContext): void {
    const { before, after } = this.#options;
    const extra = before?.(r);
    const count = readLength(r);
    after?.(r);
    this.#extra = extra;
    this.#remaining = count;
    v.parts.total = count;
    r.commit();
  }

  /** Adds the elements that are plainly there, up to `room`. */
  #addFast(r: ByteReader, v: ValueContext, room: number): number {
    const { buf, end, pos } = r;
    const form = this.#form;
    // The quick way does not look at the limit, which only matters below what a 14-bit length can say.
    if (v.limits.maxElementBytes < LONGEST_FAST) return 0;
    const roomBytes = v.parts.roomBytes;
    let at = pos;
    let count = 0;
    let bytes = 0;
    while (count < room && bytes < roomBytes) {
      const next = form.fast(buf, at, end);
      if (next < 0) break;
      bytes += fastLength;
      at = next;
      count++;
    }
    if (count > 0) {
      v.parts.add(form.layout, buf, pos, pos, at, count, bytes, this.#extra);
      r.pos = at;
      r.commit();
      this.#remaining -= count;
    }
    return count;
  }
}

const EXPIRING: Layout = {
  read({ buf, pos, count, extra }: Segment, out: unknown[], first: number): void {
    const base = extra as number;
    for (let i = 0, at = pos; i < count; i++) {
      const ttl = ttlAt(buf, at);
      const fieldAt = at + ttlSize(buf, at);
      const valueAt = fieldAt + stringSize(buf, fieldAt);
      out[first + i] = {
        field: stringAt(buf, fieldAt),
        value: stringAt(buf, valueAt),
        expireAt: ttl === 0 ? undefined : base + ttl,
      };
      at = valueAt + stringSize(buf, valueAt);
    }
  },
};

/** Redis ≥ 7.4: `len` TTL, field, value; a TTL other than 0 counts from the base before the count, minus 1. */
export const EXPIRING_FIELDS: SequenceForm = {
  layout: EXPIRING,
  fast: () => -1,
  strict(r, v) {
    const at = r.offset;
    const ttl = readLength64(r);
    // Servers hold field TTLs in 48 bits.
    if (ttl > 0xffff_ffff_ffff) r.malformed("Cannot decode field expiry: above 2^48", at);
    return strictString(r, v) + strictString(r, v);
  },
};

function ttlAt(buf: Uint8Array, pos: number): number {
  const lead = buf[pos]!;
  if (lead < 0x40) return lead;
  if (lead < 0x80) return ((lead & 0x3f) << 8) | buf[pos + 1]!;
  let value = 0;
  for (let i = 1; i <= (lead === 0x80 ? 4 : 8); i++) value = value * 256 + buf[pos + i]!;
  return value;
}

function ttlSize(buf: Uint8Array, pos: number): number {
  const lead = buf[pos]!;
  return lead < 0x40 ? 1 : lead < 0x80 ? 2 : lead === 0x80 ? 5 : 9;
}

const VALKEY_EXPIRING: Layout = {
  read({ buf, pos, count }: Segment, out: unknown[], first: number): void {
    const bytes = new DataView(buf.buffer, buf.byteOffset, buf.byteLength);
    for (let i = 0, at = pos; i < count; i++) {
      const valueAt = at + stringSize(buf, at);
      const expiryAt = valueAt + stringSize(buf, valueAt);
      const expiry = Number(bytes.getBigInt64(expiryAt, true));
      out[first + i] = {
        field: stringAt(buf, at),
        value: stringAt(buf, valueAt),
        expireAt: expiry === -1 ? undefined : expiry,
      };
      at = expiryAt + 8;
    }
  },
};

/** Valkey ≥ 9: field, value, i64le expiry in Unix ms, −1 for none. */
export const VALKEY_EXPIRING_FIELDS: SequenceForm = {
  layout: VALKEY_EXPIRING,
  fast: () => -1,
  strict(r, v) {
    const length = strictString(r, v) + strictString(r, v);
    const at = r.offset;
    if (r.i64le() < -1) r.malformed("Cannot decode field expiry: negative", at);
    return length;
  },
};
