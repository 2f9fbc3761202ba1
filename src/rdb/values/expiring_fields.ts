import { readLength64, stringAt, stringSize } from "../rdb_string.ts";
import type { Layout, Segment } from "../segment.ts";
import type { SequenceForm } from "./sequence_forms.ts";
import { strictString } from "./string_element.ts";

/*
 * Hashes whose fields expire, kept unpacked (rdb.c of the servers)
 *
 *   Redis    i64le base, len n, n × (len TTL, str field, str value)
 *   Valkey   len n, n × (str field, str value, i64le expiry)
 */

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
