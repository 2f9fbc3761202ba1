import { type Blob, readBlob } from "../blob.ts";
import type { ByteReader } from "../byte_reader.ts";
import type { PartBuilder } from "../part_builder.ts";
import { type PackedWalk, PiecesReading } from "../pieces.ts";
import { readLength } from "../rdb_string.ts";
import type { ValueContext, ValueReading } from "../value_reading.ts";
import { addListpack, type ListpackGroup, walkListpack } from "./packed_listpack.ts";
import { addZiplist, walkZiplist, type ZiplistGroup } from "./packed_ziplist.ts";
import { ITEMS } from "./sequence_forms.ts";
import { SkipReading } from "./skip.ts";

/** How one kind of packed structure is walked. */
export interface PackedForm {
  /** Walks one that is held whole. */
  readonly add: (parts: PartBuilder, blob: Blob) => void;
  /** Begins one of `length` bytes that comes in pieces. */
  readonly walk: (length: number, at: number) => PackedWalk;
}

/** A listpack whose entries mean this. */
export function listpackOf(group: ListpackGroup): PackedForm {
  return {
    add: (parts, blob) => addListpack(parts, blob, group),
    walk: (length, at) => walkListpack(group, length, at),
  };
}

/** A ziplist whose entries mean this. */
export function ziplistOf(group: ZiplistGroup): PackedForm {
  return {
    add: (parts, blob) => addZiplist(parts, blob, group),
    walk: (length, at) => walkZiplist(group, length, at),
  };
}

/** Reads one packed structure, or passes over it: whole up to the bound, in pieces above it. Good for one after another. */
export class PackedPart {
  #skip: SkipReading | undefined = undefined;
  #pieces: PiecesReading | undefined = undefined;

  read(r: ByteReader, v: ValueContext, form: PackedForm): void {
    if (v.skipping) {
      this.#skip ??= new SkipReading();
      this.#skip.step(r);
      this.#skip = undefined;
      return;
    }
    if (this.#pieces === undefined) {
      const blob = readBlob(r, v.limits.maxPackedBytes);
      if (blob !== undefined) {
        r.commit();
        form.add(v.parts, blob);
        return;
      }
      this.#pieces = new PiecesReading(r, form.walk);
    }
    this.#pieces.step(r, v);
    this.#pieces = undefined;
  }
}

/** A value that is one packed structure. */
export class PackedReading implements ValueReading {
  readonly #form: PackedForm;
  readonly #begin: ((r: ByteReader) => void) | undefined;
  readonly #part: PackedPart = new PackedPart();
  #begun = false;

  /** `begin` reads what stands before the structure. */
  constructor(form: PackedForm, begin?: (r: ByteReader) => void) {
    this.#form = form;
    this.#begin = begin;
  }

  step(r: ByteReader, v: ValueContext): boolean {
    if (!this.#begun) {
      this.#begin?.(r);
      r.commit();
      this.#begun = true;
    }
    this.#part.read(r, v, this.#form);
    return true;
  }
}

/*
 * quicklist   len n, n × str ziplist
 * quicklist2  len n, n × (len container, str): 1 plain, the string is one element; 2 packed, it is a listpack
 */
const CONTAINER = { PLAIN: 1, PACKED: 2 } as const;

/** A list kept as nodes. */
export class QuicklistReading implements ValueReading {
  readonly #plainNodes: boolean;
  #remaining = -1;
  #container = 0;
  readonly #form: PackedForm;
  readonly #part: PackedPart = new PackedPart();

  /** `plainNodes`: the second form, whose nodes say what they are. `form`: what the packed ones are. */
  constructor(options: { readonly plainNodes: boolean; readonly form: PackedForm }) {
    this.#plainNodes = options.plainNodes;
    this.#form = options.form;
  }

  step(r: ByteReader, v: ValueContext): boolean {
    if (this.#remaining < 0) {
      this.#remaining = readLength(r);
      r.commit();
    }
    for (; this.#remaining > 0; this.#remaining--) {
      if (this.#plainNodes && this.#container === 0) this.#readContainer(r);
      if (this.#container === CONTAINER.PLAIN && !v.skipping) this.#readPlain(r, v);
      else this.#part.read(r, v, this.#form);
      this.#container = 0;
    }
    return true;
  }

  #readContainer(r: ByteReader): void {
    const at = r.offset;
    const container = readLength(r);
    if (container !== CONTAINER.PLAIN && container !== CONTAINER.PACKED)
      r.malformed(`Cannot decode quicklist node: container ${container}`, at);
    this.#container = container;
    r.commit();
  }

  #readPlain(r: ByteReader, v: ValueContext): void {
    const { pos } = r;
    const bytes = ITEMS.strict(r, v);
    v.parts.makeRoom();
    v.parts.add(ITEMS.layout, r.buf, pos, pos, r.pos, 1, bytes);
    r.commit();
  }
}
