/** Makes packed structures and stored strings, so that tests can have them in any size. */
import { concat } from "../../src/bytes/concat.ts";
import { lzfCompress } from "../bytes/lzf_support.ts";

type Item = string | number | bigint | Uint8Array;

/** A stored string, as it is. */
export function stored(bytes: Uint8Array): Uint8Array {
  return concat([encodeLength(bytes.length), bytes]);
}

/** A stored string, compressed. */
export function compressed(bytes: Uint8Array): Uint8Array {
  const lzf = lzfCompress(bytes);
  return concat([Uint8Array.of(0xc3), encodeLength(lzf.length), encodeLength(bytes.length), lzf]);
}

export function encodeLength(length: number): Uint8Array {
  if (length < 0x40) return Uint8Array.of(length);
  if (length < 0x4000) return Uint8Array.of(0x40 | (length >> 8), length & 0xff);
  const bytes = new Uint8Array(5);
  bytes[0] = 0x80;
  new DataView(bytes.buffer).setUint32(1, length);
  return bytes;
}

/** A listpack of these entries. */
export function listpack(items: Iterable<Item>): Uint8Array {
  const entries: Uint8Array[] = [];
  for (const item of items) entries.push(listpackEntry(item));
  const body = concat(entries);
  const whole = new Uint8Array(body.length + 7);
  const view = new DataView(whole.buffer);
  view.setUint32(0, whole.length, true);
  view.setUint16(4, Math.min(entries.length, 0xffff), true);
  whole.set(body, 6);
  whole[whole.length - 1] = 0xff;
  return whole;
}

export function listpackEntry(item: Item): Uint8Array {
  const head = listpackHead(item);
  const backlen: number[] = [];
  for (let rest = head.length; ; rest = Math.floor(rest / 128)) {
    backlen.unshift((rest & 0x7f) | 0x80);
    if (rest < 128) break;
  }
  backlen[0]! &= 0x7f;
  return concat([head, Uint8Array.from(backlen)]);
}

function listpackHead(item: Item): Uint8Array {
  if (typeof item === "number" || typeof item === "bigint") return listpackInteger(BigInt(item));
  const bytes = typeof item === "string" ? Buffer.from(item) : item;
  if (bytes.length < 64) return concat([Uint8Array.of(0x80 | bytes.length), bytes]);
  if (bytes.length < 4096)
    return concat([Uint8Array.of(0xe0 | (bytes.length >> 8), bytes.length & 0xff), bytes]);
  const head = new Uint8Array(5);
  head[0] = 0xf0;
  new DataView(head.buffer).setUint32(1, bytes.length, true);
  return concat([head, bytes]);
}

function listpackInteger(value: bigint): Uint8Array {
  if (value >= 0n && value < 128n) return Uint8Array.of(Number(value));
  if (value >= -4096n && value < 4096n) {
    const bits = Number(value) & 0x1fff;
    return Uint8Array.of(0xc0 | (bits >> 8), bits & 0xff);
  }
  const width = [2, 3, 4, 8].find((bytes) => BigInt.asIntN(bytes * 8, value) === value)!;
  return concat([Uint8Array.of(width === 8 ? 0xf4 : 0xef + width), littleEndian(value, width)]);
}

/** A ziplist of these entries. `wide`: prevlens in the long form even where they are small. */
export function ziplist(items: Iterable<Item>, wide = false): Uint8Array {
  const entries: Uint8Array[] = [];
  let previous = 0;
  let tail = 10;
  let size = 10;
  for (const item of items) {
    const long = wide || previous >= 254;
    const prevlen = long
      ? concat([Uint8Array.of(0xfe), littleEndian(BigInt(previous), 4)])
      : Uint8Array.of(previous);
    const entry = concat([prevlen, ziplistBody(item)]);
    tail = size;
    size += entry.length;
    previous = entry.length;
    entries.push(entry);
  }
  const head = new Uint8Array(10);
  const view = new DataView(head.buffer);
  view.setUint32(0, size + 1, true);
  view.setUint32(4, tail, true);
  view.setUint16(8, Math.min(entries.length, 0xffff), true);
  return concat([head, ...entries, Uint8Array.of(0xff)]);
}

function ziplistBody(item: Item): Uint8Array {
  if (typeof item === "number" || typeof item === "bigint") {
    const value = BigInt(item);
    if (value >= 0n && value <= 12n) return Uint8Array.of(0xf1 + Number(value));
    const width = [1, 2, 3, 4, 8].find((bytes) => BigInt.asIntN(bytes * 8, value) === value)!;
    const code = { 1: 0xfe, 2: 0xc0, 3: 0xf0, 4: 0xd0, 8: 0xe0 }[width]!;
    return concat([Uint8Array.of(code), littleEndian(value, width)]);
  }
  const bytes = typeof item === "string" ? Buffer.from(item) : item;
  if (bytes.length < 64) return concat([Uint8Array.of(bytes.length), bytes]);
  if (bytes.length < 0x4000)
    return concat([Uint8Array.of(0x40 | (bytes.length >> 8), bytes.length & 0xff), bytes]);
  const head = new Uint8Array(5);
  head[0] = 0x80;
  new DataView(head.buffer).setUint32(1, bytes.length);
  return concat([head, bytes]);
}

/** A zipmap of these fields and values. */
export function zipmap(
  fields: readonly (readonly [field: string, value: string, free?: number])[],
): Uint8Array {
  const length = (size: number): Uint8Array =>
    size < 254 ? Uint8Array.of(size) : concat([Uint8Array.of(0xfe), littleEndian(BigInt(size), 4)]);
  const parts: Uint8Array[] = [Uint8Array.of(Math.min(fields.length, 254))];
  for (const [field, value, free = 0] of fields)
    parts.push(
      length(field.length),
      Buffer.from(field),
      length(value.length),
      Uint8Array.of(free),
      Buffer.from(value),
      new Uint8Array(free),
    );
  return concat([...parts, Uint8Array.of(0xff)]);
}

/** An intset of ascending members. */
export function intset(members: readonly bigint[], width: 2 | 4 | 8): Uint8Array {
  return concat([
    littleEndian(BigInt(width), 4),
    littleEndian(BigInt(members.length), 4),
    ...members.map((member) => littleEndian(member, width)),
  ]);
}

/** The listpack of one stream node; an entry with other fields than the master's names them. */
export function streamNode(
  master: readonly string[],
  entries: readonly {
    readonly ms: number;
    readonly seq: number;
    readonly deleted?: boolean;
    readonly fields: readonly (readonly [string, string])[];
  }[],
): Uint8Array {
  const items: Item[] = [];
  const deleted = entries.filter((entry) => entry.deleted === true).length;
  items.push(entries.length - deleted, deleted, master.length, ...master, 0);
  for (const { ms, seq, fields, ...entry } of entries) {
    const isSame = fields.length === master.length && fields.every(([name], index) => name === master[index]);
    const flags = (entry.deleted === true ? 1 : 0) | (isSame ? 2 : 0);
    items.push(flags, ms, seq);
    if (isSame) items.push(...fields.map(([, value]) => value), 3 + fields.length);
    else {
      items.push(fields.length);
      for (const [name, value] of fields) items.push(name, value);
      items.push(4 + 2 * fields.length);
    }
  }
  return listpack(items);
}

function littleEndian(value: bigint, width: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return bytes.slice(0, width);
}
