import type { ByteReader } from "../byte_reader.ts";
import { readLength } from "../rdb_string.ts";
import type { ValueContext, ValueReading } from "../value_reading.ts";
import { fastLength, type SequenceForm } from "./sequence_forms.ts";
import { LONGEST_FAST } from "./string_element.ts";

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
