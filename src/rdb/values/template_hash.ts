import { concat } from "../../bytes/concat.ts";
import { ReplicaError } from "../../errors.ts";
import type { HashField } from "../../events.ts";
import { type Blob, keepBlob, readBlob } from "../blob.ts";
import type { ByteReader } from "../byte_reader.ts";
import type { RawCapture } from "../raw_capture.ts";
import { readLength, readString, stringAt, stringSize } from "../rdb_string.ts";
import type { Layout, Segment } from "../segment.ts";
import {
  broken,
  checkListpackHeader,
  LISTPACK_HEADER,
  listpackEntryAt,
  listpackEntryLength,
  listpackIntegerAt,
  nextListpackEntry,
  skipListpackEntry,
} from "../structures/listpack.ts";
import { NAME_WEIGHT } from "../templates.ts";
import type { ValueContext, ValueReading } from "../value_reading.ts";
import { SkipReading } from "./skip.ts";
import { strictString } from "./string_element.ts";

/*
 * Hashes whose fields stand in a template (Redis ≥ 8.10, provisional; rdb.c)
 *
 *   file   30  str listpack: template id, value…        32  len template id, N × str value
 *   DUMP   29  fields, str listpack: id, value…         31  fields, N × str value
 *   fields     len 0, str listpack of names   or   len 1, len N, N × str
 */

/** The fields of a run of values: those from `from` on. */
interface FieldRun {
  readonly fields: readonly Uint8Array[];
  readonly from: number;
}

const PACKED_VALUES: Layout = {
  read({ buf, pos, count, extra }: Segment, out: unknown[], first: number): void {
    const { fields, from } = extra as FieldRun;
    for (let i = 0, at = pos; i < count; i++) {
      out[first + i] = hashField(fields[from + i]!, listpackEntryAt(buf, at));
      at = skipListpackEntry(buf, at);
    }
  },
};

/** One value; `extra` is its field. */
const STORED_VALUE: Layout = {
  read({ buf, pos, count, extra }: Segment, out: unknown[], first: number): void {
    for (let i = 0, at = pos; i < count; i++) {
      out[first + i] = hashField(extra as Uint8Array, stringAt(buf, at));
      at += stringSize(buf, at);
    }
  },
};

function hashField(field: Uint8Array, value: Uint8Array): HashField {
  return { field, value, expireAt: undefined };
}

/** Such listpacks are small by their nature (servers convert above a few hundred fields); they are held whole. */
const MAX_PACKED = 16 << 20;

/** Reads such a hash. `inline`: its fields stand before it (DUMP). `packed`: its values are one listpack. */
export class TemplateHashReading implements ValueReading {
  readonly #inline: boolean;
  readonly #packed: boolean;
  readonly #names: FieldNamesReading = new FieldNamesReading();
  #fields: readonly Uint8Array[] | undefined = undefined;
  #next = 0;
  #skip: SkipReading | undefined = undefined;

  constructor(options: { readonly inline: boolean; readonly packed: boolean }) {
    this.#inline = options.inline;
    this.#packed = options.packed;
  }

  step(r: ByteReader, v: ValueContext): boolean {
    if (this.#fields === undefined) {
      if (this.#inline) this.#fields = this.#names.step(r, v);
      else if (!this.#packed) this.#fields = this.#refer(r, v);
    }
    if (this.#packed) this.#readPacked(r, v);
    else this.#readStored(r, v);
    return true;
  }

  /** Reads the template's id; the payload for RESTORE gets the fields instead. */
  #refer(r: ByteReader, v: ValueContext): readonly Uint8Array[] {
    const at = r.offset;
    const fields = v.templates.get(readLength(r), at);
    r.tap = undefined;
    r.commit();
    if (v.capture !== undefined) {
      captureFields(v.capture, fields);
      r.tap = v.capture;
    }
    return fields;
  }

  #readPacked(r: ByteReader, v: ValueContext): void {
    if (v.skipping && (this.#inline || v.capture === undefined)) {
      this.#skipString(r);
      return;
    }
    const blob = readTemplateBlob(r);
    const packed = checkPacked(blob);
    const fields = this.#fields ?? v.templates.get(packed.id, blob.at);
    if (v.capture !== undefined) captureFields(v.capture, fields);
    r.commit();
    if (!v.skipping) addPacked(v, blob, packed, fields);
  }

  #readStored(r: ByteReader, v: ValueContext): void {
    const fields = this.#fields!;
    if (!v.skipping) v.parts.total = fields.length;
    for (; this.#next < fields.length; this.#next++) {
      if (v.skipping) {
        this.#skipString(r);
        continue;
      }
      const { pos } = r;
      const field = fields[this.#next]!;
      const bytes = strictString(r, v);
      v.parts.makeRoom();
      v.parts.add(STORED_VALUE, r.buf, pos, pos, r.pos, 1, bytes + field.length, field);
      r.commit();
    }
  }

  #skipString(r: ByteReader): void {
    this.#skip ??= new SkipReading();
    this.#skip.step(r);
    this.#skip = undefined;
  }
}

/** The head of a listpack of values. */
interface PackedHead {
  readonly id: number;
  /** Index of the first value. */
  readonly pos: number;
  /** Entries that the header tells, −1 when it does not. */
  readonly announced: number;
}

function checkPacked({ buf, start, end, at }: Blob): PackedHead {
  const announced = checkListpackHeader(buf, start, end, at);
  const first = start + LISTPACK_HEADER;
  const pos = first < end - 1 ? nextListpackEntry(buf, first, end - 1) : -1;
  const id = pos < 0 ? undefined : listpackIntegerAt(buf, first);
  if (typeof id !== "number") throw broken("no template id", at);
  return { id, pos, announced };
}

function addPacked(v: ValueContext, blob: Blob, head: PackedHead, fields: readonly Uint8Array[]): void {
  const { buf, end, at } = blob;
  const stop = end - 1;
  let { pos } = head;
  let seen = 0;
  while (pos < stop) {
    const room = v.parts.makeRoom();
    const { roomBytes } = v.parts;
    const from = pos;
    let count = 0;
    let bytes = 0;
    while (pos < stop && count < room && bytes < roomBytes) {
      const next = nextListpackEntry(buf, pos, stop);
      const field = fields[seen + count];
      if (next < 0 || field === undefined) break;
      bytes += listpackEntryLength + field.length;
      pos = next;
      count++;
    }
    if (count > 0) v.parts.add(PACKED_VALUES, buf, from, from, pos, count, bytes, { fields, from: seen });
    else throw broken(`bad value ${seen}`, at);
    seen += count;
  }
  if (seen !== fields.length || (head.announced >= 0 && head.announced !== seen + 1))
    throw broken(`${seen} values for ${fields.length} fields`, at);
}

function readTemplateBlob(r: ByteReader): Blob {
  const at = r.offset;
  const blob = readBlob(r, MAX_PACKED);
  if (blob === undefined)
    throw new ReplicaError("LIMIT", `Cannot decode hash at byte ${at}: above ${MAX_PACKED} bytes`, {
      offset: at,
    });
  return keepBlob(blob);
}

/** Reads the names that stand before the values, bounded like templates are. */
class FieldNamesReading {
  #form = -1;
  #remaining = -1;
  #room: number = MAX_PACKED;
  readonly #fields: Uint8Array[] = [];

  step(r: ByteReader, v: ValueContext): readonly Uint8Array[] {
    const at = r.offset;
    if (this.#form < 0) {
      const form = readLength(r);
      if (form > 1) r.malformed(`Cannot decode hash: field form ${form}`, at);
      r.commit();
      this.#form = form;
    }
    if (this.#form === 0) {
      const blob = readTemplateBlob(r);
      this.#readPacked(blob);
      r.commit();
      return this.#fields;
    }
    if (this.#remaining < 0) {
      this.#remaining = readLength(r);
      r.commit();
    }
    for (; this.#remaining > 0; this.#remaining--) {
      this.#keep(readString(r, v.limits.maxElementBytes), r.offset);
      r.commit();
    }
    return this.#fields;
  }

  #readPacked({ buf, start, end, at }: Blob): void {
    checkListpackHeader(buf, start, end, at);
    const stop = end - 1;
    for (let pos = start + LISTPACK_HEADER; pos < stop; ) {
      const next = nextListpackEntry(buf, pos, stop);
      if (next < 0) throw broken("bad field name", at);
      this.#keep(listpackEntryAt(buf, pos), at);
      pos = next;
    }
  }

  #keep(name: Uint8Array, at: number): void {
    this.#room -= name.length + NAME_WEIGHT;
    if (this.#room < 0)
      throw new ReplicaError("LIMIT", `Cannot decode hash at byte ${at}: too many field names`, {
        offset: at,
      });
    this.#fields.push(name.slice());
  }
}

/** Writes the fields the way DUMP does: as they are, not packed. */
function captureFields(capture: RawCapture, fields: readonly Uint8Array[]): void {
  const head = concat([Uint8Array.of(1), encodeLength(fields.length)]);
  capture.bytes(head, 0, head.length);
  for (const field of fields) {
    const length = encodeLength(field.length);
    capture.bytes(length, 0, length.length);
    capture.bytes(field, 0, field.length);
  }
}

/** A length in its shortest form. */
function encodeLength(length: number): Uint8Array {
  if (length < 0x40) return Uint8Array.of(length);
  if (length < 0x4000) return Uint8Array.of(0x40 | (length >> 8), length & 0xff);
  return Uint8Array.of(0x80, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
}
