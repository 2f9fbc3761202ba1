import type { ByteReader } from "../byte_reader.ts";
import type { PackedWalk } from "../pieces.ts";
import { aboveLimit } from "../rdb_string.ts";
import type { Layout } from "../segment.ts";
import type { ValueContext } from "../value_reading.ts";

/** What {@link PackedElements.need} says of an element that is too large. */
export const ABOVE_LIMIT = -2;

/** What is particular to one kind of packed structure when it comes in pieces. */
export interface PackedElements {
  readonly layout: Layout;
  /** What the layout gets besides the bytes; may be known only once the header was read. */
  readonly extra: unknown;
  /** Bytes before the first element. */
  readonly header: number;
  /** Bytes after the last element: the end byte FF, or none. */
  readonly trailer: 0 | 1;
  /** Decoded bytes of the element that `next` walked over last. */
  readonly bytes: number;
  /** Checks the header at `pos`. */
  begin(buf: Uint8Array, pos: number): void;
  /**
   * Index up to which bytes must be there to move over the element at `pos`, or to tell how many that takes: above `end` more
   * are needed; −1: the element is broken or reaches beyond `stop`, where the elements end; −2: an entry of it takes more than
   * `limit` bytes. What is there already must not change the order of these.
   */
  need(buf: Uint8Array, pos: number, end: number, stop: number, limit: number): number;
  /** Index after the element at `pos`, which is there as far as `need` says; −1: it is broken. */
  next(buf: Uint8Array, pos: number, stop: number): number;
  /** Checks what can be told at the end only. */
  finish(elements: number): void;
  /** The error for element `index`, which begins at this byte of the structure. */
  brokenAt(index: number, pos: number): Error;
  /** The error for a missing end byte. */
  endless(): Error;
}

/** Walks the elements of a packed structure as they come, and cuts parts where walking it whole does. */
export class ElementsWalk implements PackedWalk {
  readonly #form: PackedElements;
  readonly #length: number;
  readonly #at: number;
  #begun = false;
  #done = false;
  #elements = 0;

  /** `length`: bytes of the structure. `at`: its offset in the input. */
  constructor(form: PackedElements, length: number, at: number) {
    this.#form = form;
    this.#length = length;
    this.#at = at;
  }

  step(r: ByteReader, v: ValueContext): void {
    if (this.#done) return;
    const form = this.#form;
    if (!this.#begun) {
      // A structure shorter than its header says so there.
      const header = Math.min(form.header, this.#length);
      r.require(header);
      form.begin(r.buf, r.pos);
      r.pos += header;
      r.commit();
      this.#begun = true;
    }
    const stop = this.#length - form.trailer;
    while (r.offset < stop) this.#readRun(r, v, stop);
    if (form.trailer === 1 && r.u8() !== 0xff) throw form.endless();
    r.commit();
    this.#done = true;
    form.finish(this.#elements);
  }

  /** Adds the elements that are there and fit the open part. */
  #readRun(r: ByteReader, v: ValueContext, stop: number): void {
    const form = this.#form;
    const room = v.parts.makeRoom();
    const { roomBytes } = v.parts;
    const { buf, pos: from, end } = r;
    const stopAt = from + (stop - r.offset);
    let pos = from;
    let count = 0;
    let bytes = 0;
    const limit = v.limits.maxElementBytes;
    let need = 0;
    let next = 0;
    while (pos < stopAt && count < room && bytes < roomBytes) {
      need = form.need(buf, pos, end, stopAt, limit);
      if (need > end) break;
      next = need < 0 ? -1 : form.next(buf, pos, stopAt);
      if (next < 0) break;
      bytes += form.bytes;
      pos = next;
      count++;
    }
    if (count > 0) {
      v.parts.add(form.layout, buf, from, from, pos, count, bytes, form.extra);
      this.#elements += count;
      r.pos = pos;
      r.commit();
    }
    if (need === ABOVE_LIMIT) throw aboveLimit("element", this.#at, limit);
    if (next < 0) throw form.brokenAt(this.#elements, r.offset);
    if (need <= end) return;
    // Once counted, the run's bytes are committed and the reader may have moved to another buffer.
    r.underflow(r.pos + (need - pos));
  }
}
