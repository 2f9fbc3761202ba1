import { Crc64 } from "../bytes/crc64.ts";
import type { ByteTap } from "./byte_reader.ts";
import type { PartBuilder } from "./part_builder.ts";

/** Bytes after the value: u16le RDB version and u64le CRC64 of everything before. */
export const DUMP_FOOTER = 10;
const FIRST_SIZE = 64;

/**
 * Turns the bytes of a value, as they are read, into the DUMP payload that `RESTORE` takes: type byte, value, version and
 * checksum. A payload above the bound goes out in fragments of exactly that many bytes, the last one shorter.
 */
export class RawCapture implements ByteTap {
  readonly #parts: PartBuilder;
  readonly #bound: number;
  readonly #crc: Crc64 = new Crc64();
  #fragment: Uint8Array;
  #length = 0;

  /** `meta`: key metadata, which stands before the type byte. */
  constructor(
    parts: PartBuilder,
    options: { readonly type: number; readonly bound: number; readonly meta: Uint8Array },
  ) {
    this.#parts = parts;
    this.#bound = Math.max(FIRST_SIZE, options.bound);
    this.#fragment = new Uint8Array(FIRST_SIZE);
    this.bytes(options.meta, 0, options.meta.length);
    this.bytes(Uint8Array.of(options.type), 0, 1);
  }

  bytes(buf: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#length === this.#bound) this.#send();
      const take = Math.min(end - at, this.#bound - this.#length);
      this.#reserve(this.#length + take);
      this.#fragment.set(buf.subarray(at, at + take), this.#length);
      this.#length += take;
      at += take;
    }
  }

  /** Adds the footer and leaves the final fragment in the open part. */
  finish(version: number): void {
    this.bytes(new Uint8Array([version & 0xff, version >> 8]), 0, 2);
    this.#crc.update(this.#fragment, 0, this.#length);
    const footer = new Uint8Array(8);
    this.#crc.writeTo(footer, 0);
    this.bytes(footer, 0, 8);
    this.#parts.setRaw(this.#fragment.subarray(0, this.#length));
  }

  #send(): void {
    // Once the footer is being written the sum is taken already; a further update changes nothing that is read.
    this.#crc.update(this.#fragment, 0, this.#length);
    this.#parts.setRaw(this.#fragment.subarray(0, this.#length));
    this.#parts.cut();
    // A value above the bound goes on being long, mostly.
    this.#fragment = new Uint8Array(this.#bound);
    this.#length = 0;
  }

  #reserve(size: number): void {
    if (size <= this.#fragment.length) return;
    const grown = new Uint8Array(Math.min(this.#bound, Math.max(size, this.#fragment.length * 2)));
    grown.set(this.#fragment.subarray(0, this.#length));
    this.#fragment = grown;
  }
}
