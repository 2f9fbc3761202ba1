import type { ValueType } from "../../events.ts";
import type { Collection } from "./collections.ts";
import { hash, hash64 } from "./hash64.ts";
import { closeGap } from "./member_set.ts";

const TYPES: readonly ValueType[] = ["string", "list", "set", "zset", "hash", "stream", "module", "array"];
const TYPE_BITS = 0x0f;
const UNKNOWN_TYPE = 0x0f;
/** A string of no bytes. */
export const EMPTY_STRING = 0x10;
/** The key may be gone: something was taken out of it, and how much is left is not known. */
export const MAYBE = 0x40;

const FULLEST = 0.8;
const GROWTH = 1.5;
const FIRST = 16;
/** Two words of hash, one byte of type and flags, eight of expiry time. */
const SLOT_BYTES = 17;

/**
 * The keys of one database, without their bytes: 64-bit hash, type, expiry time and, from level `members` on, what is in
 * them. 21 to 32 bytes a key, 8 to 15 more with contents (the contents themselves aside).
 */
export class KeyTable {
  size = 0;
  #lo: Uint32Array = new Uint32Array(FIRST);
  #hi: Uint32Array = new Uint32Array(FIRST);
  #meta: Uint8Array = new Uint8Array(FIRST);
  /** 0: none. */
  #ttl: Float64Array = new Float64Array(FIRST);
  #refs: (Collection | undefined)[] | undefined;

  constructor(withContents: boolean) {
    this.#refs = withContents ? new Array<Collection | undefined>(FIRST) : undefined;
  }

  get bytes(): number {
    return this.#lo.length * (SLOT_BYTES + (this.#refs === undefined ? 0 : 8));
  }

  /** The slot of a key, −1 if it is not there. Valid until a key is put in or taken out. */
  find(key: Uint8Array): number {
    hash64(key);
    return this.#find(hash.lo, hash.hi);
  }

  /** The slot of a key, made if it is not there. */
  put(key: Uint8Array): number {
    hash64(key);
    return this.#put(hash.lo, hash.hi);
  }

  remove(slot: number): void {
    this.size--;
    const slots = this.#lo.length;
    closeGap(slots, slot, {
      home: (at) => (this.#meta[at] === 0 ? -1 : this.#lo[at]! % slots),
      move: (from, to) => {
        this.#lo[to] = this.#lo[from]!;
        this.#hi[to] = this.#hi[from]!;
        this.#meta[to] = this.#meta[from]!;
        this.#ttl[to] = this.#ttl[from]!;
        if (this.#refs !== undefined) this.#refs[to] = this.#refs[from];
      },
      clear: (at) => {
        this.#meta[at] = 0;
        this.#ttl[at] = 0;
        if (this.#refs !== undefined) this.#refs[at] = undefined;
      },
    });
  }

  typeAt(slot: number): ValueType | undefined {
    return TYPES[(this.#meta[slot]! & TYPE_BITS) - 1];
  }

  /** Sets the type and takes all marks away. */
  setType(slot: number, type: ValueType | undefined): void {
    this.#meta[slot] = type === undefined ? UNKNOWN_TYPE : TYPES.indexOf(type) + 1;
  }

  has(slot: number, mark: number): boolean {
    return (this.#meta[slot]! & mark) !== 0;
  }

  mark(slot: number, mark: number, on: boolean): void {
    this.#meta[slot] = on ? this.#meta[slot]! | mark : this.#meta[slot]! & ~mark;
  }

  ttlAt(slot: number): number | undefined {
    const ttl = this.#ttl[slot]!;
    return ttl === 0 ? undefined : ttl;
  }

  setTtl(slot: number, at: number | undefined): void {
    this.#ttl[slot] = at ?? 0;
  }

  /** What is in the key; `undefined`: not known, or not kept. */
  contentsAt(slot: number): Collection | undefined {
    return this.#refs?.[slot];
  }

  setContents(slot: number, contents: Collection | undefined): void {
    if (this.#refs !== undefined) this.#refs[slot] = contents;
  }

  *slots(): Iterable<number> {
    for (let at = 0; at < this.#meta.length; at++) if (this.#meta[at] !== 0) yield at;
  }

  /** Turns every key's contents into others, or forgets them all. */
  mapContents(convert: ((contents: Collection) => Collection | undefined) | undefined): void {
    if (convert === undefined) {
      this.#refs = undefined;
      return;
    }
    const refs = this.#refs;
    if (refs === undefined) return;
    for (let at = 0; at < refs.length; at++) {
      const contents = refs[at];
      if (contents !== undefined) refs[at] = convert(contents);
    }
  }

  save(): { keys: Uint8Array; contents: unknown[] | undefined } {
    const bytes = new Uint8Array(this.size * SLOT_BYTES);
    const view = new DataView(bytes.buffer);
    const contents: unknown[] | undefined = this.#refs === undefined ? undefined : [];
    let at = 0;
    for (const slot of this.slots()) {
      view.setUint32(at, this.#lo[slot]!, true);
      view.setUint32(at + 4, this.#hi[slot]!, true);
      view.setUint8(at + 8, this.#meta[slot]!);
      view.setFloat64(at + 9, this.#ttl[slot]!, true);
      at += SLOT_BYTES;
      contents?.push(this.#refs?.[slot]?.save() ?? null);
    }
    return { keys: bytes, contents };
  }

  load(keys: Uint8Array, contents: readonly (Collection | undefined)[] | undefined): void {
    const view = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
    for (let at = 0, index = 0; at + SLOT_BYTES <= keys.length; at += SLOT_BYTES, index++) {
      const slot = this.#put(view.getUint32(at, true), view.getUint32(at + 4, true));
      this.#meta[slot] = view.getUint8(at + 8);
      this.#ttl[slot] = view.getFloat64(at + 9, true);
      this.setContents(slot, contents?.[index]);
    }
  }

  #find(lo: number, hi: number): number {
    const slots = this.#lo.length;
    let at = lo % slots;
    while (this.#meta[at] !== 0) {
      if (this.#lo[at] === lo && this.#hi[at] === hi) return at;
      at = at + 1 === slots ? 0 : at + 1;
    }
    return -1;
  }

  #put(lo: number, hi: number): number {
    const found = this.#find(lo, hi);
    if (found >= 0) return found;
    if (this.size + 1 > this.#lo.length * FULLEST) this.#grow();
    const slots = this.#lo.length;
    let at = lo % slots;
    while (this.#meta[at] !== 0) at = at + 1 === slots ? 0 : at + 1;
    this.#lo[at] = lo;
    this.#hi[at] = hi;
    this.#meta[at] = UNKNOWN_TYPE;
    this.#ttl[at] = 0;
    this.size++;
    return at;
  }

  #grow(): void {
    const lo = this.#lo;
    const hi = this.#hi;
    const meta = this.#meta;
    const ttl = this.#ttl;
    const refs = this.#refs;
    const slots = Math.ceil(lo.length * GROWTH);
    this.#lo = new Uint32Array(slots);
    this.#hi = new Uint32Array(slots);
    this.#meta = new Uint8Array(slots);
    this.#ttl = new Float64Array(slots);
    if (refs !== undefined) this.#refs = new Array<Collection | undefined>(slots);
    this.size = 0;
    for (let from = 0; from < meta.length; from++) {
      if (meta[from] === 0) continue;
      const to = this.#put(lo[from]!, hi[from]!);
      this.#meta[to] = meta[from]!;
      this.#ttl[to] = ttl[from]!;
      if (refs !== undefined) this.#refs![to] = refs[from];
    }
  }
}
