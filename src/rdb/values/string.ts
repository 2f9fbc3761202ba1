import { LzfStream } from "../../bytes/lzf_stream.ts";
import { ReplicaError } from "../../errors.ts";
import { type ByteReader, UNDERFLOW } from "../byte_reader.ts";
import type { PartBuilder } from "../part_builder.ts";
import { placed, STRING_FORM, scanned, scanString, stringAt, view } from "../rdb_string.ts";
import type { Layout, Segment } from "../segment.ts";
import type { ValueContext, ValueReading } from "../value_reading.ts";
import { SkipReading } from "./skip.ts";
import { verifyCompressed } from "./string_element.ts";

/** One stored string. */
export const STRING: Layout = {
  read({ buf, pos }: Segment, out: unknown[], first: number): void {
    out[first] = stringAt(buf, pos);
  },
};

const BYTES: Layout = {
  read({ buf, pos, end }: Segment, out: unknown[], first: number): void {
    out[first] = view(buf, pos, end - pos);
  },
};

/** Marks the segments of fragments, so that they are not taken for stored strings. */
const FRAGMENT = "fragment";

/** Reads a string that fits one event. `false`: it does not; nothing was read then. */
export function readSmallString(r: ByteReader, v: ValueContext): boolean {
  const from = r.pos;
  scanString(r);
  const { form, start, stored, length } = scanned;
  const limit = v.limits.maxPartBytes;
  if (stored > limit || length > limit) {
    r.pos = from;
    return false;
  }
  r.require(stored);
  if (form === STRING_FORM.LZF) verifyCompressed(r.buf, start, stored, length, r.base + start, v);
  r.pos = start + stored;
  v.parts.add(STRING, r.buf, from, from, r.pos, 1, length);
  return true;
}

/** The same without waiting: `false` too when it is not wholly there. The key before it is not read again for it then. */
export function takeSmallString(r: ByteReader, v: ValueContext): boolean {
  const { pos } = r;
  try {
    return readSmallString(r, v);
  } catch (error) {
    if (error !== UNDERFLOW) throw error;
    r.pos = pos;
    return false;
  }
}

/** Reads a string; one above the bound goes out in fragments of exactly that many bytes, the last one shorter. */
export class StringReading implements ValueReading {
  #begun = false;
  #remaining = 0;
  #lzf: LzfStream | undefined = undefined;
  #at = 0;
  #fragments = 0;
  #skip: SkipReading | undefined = undefined;

  step(r: ByteReader, v: ValueContext): boolean {
    if (v.skipping) {
      this.#skip ??= new SkipReading();
      return this.#skip.step(r);
    }
    if (!this.#begun) {
      if (readSmallString(r, v)) {
        r.commit();
        return true;
      }
      this.#begin(r, v);
    }
    if (this.#lzf !== undefined || v.parts.counting) this.#pass(r);
    else this.#readFragments(r, v);
    return true;
  }

  #begin(r: ByteReader, v: ValueContext): void {
    scanString(r);
    const { form, start, stored, length } = scanned;
    this.#at = r.base + start;
    this.#begun = true;
    this.#remaining = stored;
    v.parts.total = length;
    r.commit();
    if (v.parts.counting) v.parts.add(BYTES, r.buf, 0, 0, 0, 1, length);
    if (form === STRING_FORM.LZF) this.#lzf = this.#decompressor(v, stored, length);
  }

  #decompressor(v: ValueContext, stored: number, length: number): LzfStream {
    const chunkSize = v.limits.maxPartBytes;
    return new LzfStream({
      inLength: stored,
      outLength: length,
      chunkSize,
      onChunk: (chunk) => {
        if (!v.parts.counting) this.#addFragment(v.parts, chunk, 0, chunk.length);
      },
    });
  }

  /** Takes the bytes as they come, in no particular pieces. */
  #pass(r: ByteReader): void {
    while (this.#remaining > 0) {
      r.require(1);
      const take = Math.min(this.#remaining, r.end - r.pos);
      try {
        this.#lzf?.write(r.buf, r.pos, r.pos + take);
      } catch (error) {
        if (error instanceof ReplicaError) throw placed(error, this.#at);
        throw error;
      }
      r.pos += take;
      this.#remaining -= take;
      r.commit();
    }
  }

  #readFragments(r: ByteReader, v: ValueContext): void {
    const { parts } = v;
    while (this.#remaining > 0) {
      const size = Math.min(this.#remaining, v.limits.maxPartBytes);
      r.require(size);
      this.#addFragment(parts, r.buf, r.pos, r.pos + size);
      r.pos += size;
      this.#remaining -= size;
      r.commit();
    }
  }

  #addFragment(parts: PartBuilder, buf: Uint8Array, start: number, end: number): void {
    parts.makeRoom();
    if (this.#fragments++ > 0) parts.continueElement();
    parts.add(BYTES, buf, start, start, end, 1, end - start, FRAGMENT);
  }
}
