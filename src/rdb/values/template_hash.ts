import type { HashField } from "../../events.ts";
import { type Blob, readBlob } from "../blob.ts";
import type { ByteReader } from "../byte_reader.ts";
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
import type { ValueContext, ValueReading } from "../value_reading.ts";
import { strictString } from "./sequence.ts";

/*
 * Hashes whose fields stand in a template (Redis ≥ 8.10, provisional; rdb sheet, 13)
 *
 *   file   30  str listpack: template id, value…        32  len template id, N × str value
 *   DUMP   29  fields, str listpack: id, value…         31  fields, N × str value
 *   fields     len 0, str listpack of names   or   len 1, len N, N × str
 */

const PACKED_VALUES: Layout = {
  read({ buf, pos, count, extra }: Segment, out: unknown[]): void {
    const fields = extra as readonly Uint8Array[];
    for (let i = 0, at = pos; i < count; i++) {
      out.push(hashField(fields[i]!, listpackEntryAt(buf, at)));
      at = skipListpackEntry(buf, at);
    }
  },
};

/** One value; `extra` is its field. */
const STORED_VALUE: Layout = {
  read({ buf, pos, count, extra }: Segment, out: unknown[]): void {
    for (let i = 0, at = pos; i < count; i++) {
      out.push(hashField(extra as Uint8Array, stringAt(buf, at)));
      at += stringSize(buf, at);
    }
  },
};

function hashField(field: Uint8Array, value: Uint8Array): HashField {
  return { field, value, expireAt: undefined };
}

/** Reads such a hash. `inline`: its fields stand before it (DUMP). `packed`: its values are one listpack. */
export class TemplateHashReading implements ValueReading {
  readonly #inline: boolean;
  readonly #packed: boolean;
  #fields: readonly Uint8Array[] | undefined = undefined;
  #next = 0;

  constructor(options: { readonly inline: boolean; readonly packed: boolean }) {
    this.#inline = options.inline;
    this.#packed = options.packed;
  }

  step(r: ByteReader, v: ValueContext): boolean {
    if (this.#fields === undefined && (this.#inline || !this.#packed)) {
      const at = r.offset;
      this.#fields = this.#inline ? readFields(r, v) : v.templates.get(readLength(r), at);
      r.commit();
    }
    if (this.#packed) {
      const blob = readBlob(r, v.limits.maxPackedBytes);
      r.commit();
      this.#addPacked(blob, v);
      return true;
    }
    this.#addStored(r, v);
    return true;
  }

  #addPacked(blob: Blob, v: ValueContext): void {
    const { buf, start, end, at } = blob;
    const announced = checkListpackHeader(buf, start, end, at);
    const stop = end - 1;
    const first = start + LISTPACK_HEADER;
    let pos = first < stop ? nextListpackEntry(buf, first, stop) : -1;
    const id = pos < 0 ? undefined : listpackIntegerAt(buf, first);
    if (typeof id !== "number") throw broken("no template id", at);
    const fields = this.#fields ?? v.templates.get(id, at);
    const from = pos;
    let bytes = 0;
    let count = 0;
    while (pos < stop) {
      pos = nextListpackEntry(buf, pos, stop);
      if (pos < 0) throw broken(`bad value ${count}`, at);
      bytes += listpackEntryLength + (fields[count]?.length ?? 0);
      count++;
    }
    if (count !== fields.length || (announced >= 0 && announced !== count + 1))
      throw broken(`${count} values for ${fields.length} fields`, at);
    v.parts.makeRoom();
    v.parts.add(PACKED_VALUES, buf, from, from, pos, count, bytes, fields);
  }

  #addStored(r: ByteReader, v: ValueContext): void {
    const fields = this.#fields!;
    v.parts.total = fields.length;
    for (; this.#next < fields.length; this.#next++) {
      const { pos } = r;
      const field = fields[this.#next]!;
      const bytes = strictString(r, v);
      v.parts.makeRoom();
      v.parts.add(STORED_VALUE, r.buf, pos, pos, r.pos, 1, bytes + field.length, field);
      r.commit();
    }
  }
}

function readFields(r: ByteReader, v: ValueContext): readonly Uint8Array[] {
  const at = r.offset;
  const form = readLength(r);
  const fields: Uint8Array[] = [];
  if (form === 0) {
    const { buf, start, end } = readBlob(r, v.limits.maxPackedBytes);
    checkListpackHeader(buf, start, end, at);
    const stop = end - 1;
    for (let pos = start + LISTPACK_HEADER; pos < stop; ) {
      const next = nextListpackEntry(buf, pos, stop);
      if (next < 0) throw broken("bad field name", at);
      fields.push(listpackEntryAt(buf, pos));
      pos = next;
    }
  } else if (form === 1) {
    const count = readLength(r);
    while (fields.length < count) fields.push(readString(r));
  } else r.malformed(`Cannot decode hash: field form ${form}`, at);
  return fields;
}
