import { type Blob, readBlob } from "../blob.ts";
import type { ByteReader } from "../byte_reader.ts";
import type { PartBuilder } from "../part_builder.ts";
import { readLength } from "../rdb_string.ts";
import type { ValueContext, ValueReading } from "../value_reading.ts";
import { addListpack } from "./packed_listpack.ts";
import { addZiplist } from "./packed_ziplist.ts";
import { ITEMS } from "./sequence.ts";
import { SkipReading } from "./skip.ts";

/** A value that is one packed structure: read whole, then walked. */
export class PackedReading implements ValueReading {
  readonly #add: (parts: PartBuilder, blob: Blob) => void;
  readonly #begin: ((r: ByteReader) => void) | undefined;
  #skip: SkipReading | undefined = undefined;
  #begun = false;

  /** `begin` reads what stands before the structure. */
  constructor(add: (parts: PartBuilder, blob: Blob) => void, begin?: (r: ByteReader) => void) {
    this.#add = add;
    this.#begin = begin;
  }

  step(r: ByteReader, v: ValueContext): boolean {
    if (!this.#begun) {
      this.#begin?.(r);
      r.commit();
      this.#begun = true;
    }
    if (v.skipping) {
      this.#skip ??= new SkipReading();
      return this.#skip.step(r);
    }
    const blob = readBlob(r, v.limits.maxPackedBytes, v.parts.counting);
    r.commit();
    this.#add(v.parts, blob);
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
  #skip: SkipReading | undefined = undefined;

  /** `plainNodes`: the second form, whose nodes say what they are. */
  constructor(options: { readonly plainNodes: boolean }) {
    this.#plainNodes = options.plainNodes;
  }

  step(r: ByteReader, v: ValueContext): boolean {
    if (this.#remaining < 0) {
      this.#remaining = readLength(r);
      r.commit();
    }
    for (; this.#remaining > 0; this.#remaining--) {
      if (this.#plainNodes && this.#container === 0) this.#readContainer(r);
      if (v.skipping) {
        this.#skip ??= new SkipReading();
        this.#skip.step(r);
        this.#skip = undefined;
      } else if (this.#container === CONTAINER.PLAIN) this.#readPlain(r, v);
      else this.#readPacked(r, v);
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

  #readPacked(r: ByteReader, v: ValueContext): void {
    const blob = readBlob(r, v.limits.maxPackedBytes, v.parts.counting);
    r.commit();
    if (this.#plainNodes) addListpack(v.parts, blob, "items");
    else addZiplist(v.parts, blob, "items");
  }
}
