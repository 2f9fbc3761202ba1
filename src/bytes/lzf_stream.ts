import { forgetKernelInput } from "./kernels/kernel_input.ts";
import { lzfKernel } from "./kernels/lzf_kernel.ts";
import { LZF_WINDOW, lzfMalformed, lzfRequireRatio } from "./lzf_plain.ts";

/** Settings of an `LzfStream`. */
export interface LzfStreamOptions {
  /** Compressed bytes that will come. */
  readonly inLength: number;
  /** Bytes that they must make. */
  readonly outLength: number;
  /** Bytes a chunk of output holds; the last may be shorter. */
  readonly chunkSize: number;
  /** Takes each chunk: memory of its own, never written again. `last` with the final one. */
  readonly onChunk: (chunk: Uint8Array, last: boolean) => void;
}

/** Compressed bytes and room from which the kernel is worth copying the window for. */
const KERNEL_INPUT = 256;
const KERNEL_ROOM = 1024;

const CONTROL = 0;
const LITERALS = 1;
const LENGTH = 2;
const DISTANCE = 3;

/**
 * Decompresses one LZF value that is too big to be held whole. Input may be cut anywhere; output comes in chunks of exactly
 * `chunkSize` bytes but the last, whatever the cuts. Memory: 8 KiB window plus two chunks.
 *
 * The errors are those of `lzfDecompress`; chunks before the faulty element may have been given out already.
 */
export class LzfStream {
  readonly #options: LzfStreamOptions;
  /** The window, then the chunk being filled. */
  readonly #work: Uint8Array;
  #fill = LZF_WINDOW;
  #produced = 0;
  #read = 0;
  #element = 0;
  #state = CONTROL;
  #control = 0;
  #run = 0;
  #done = false;

  constructor(options: LzfStreamOptions) {
    if (!Number.isInteger(options.chunkSize) || options.chunkSize < 1) {
      throw new RangeError(
        `Cannot make chunks of ${options.chunkSize} bytes: the size must be a positive integer`,
      );
    }
    lzfRequireRatio(options.inLength, options.outLength);
    this.#options = options;
    const room = Math.min(options.chunkSize, options.outLength);
    this.#work = new Uint8Array(LZF_WINDOW + room);
  }

  /**
   * Takes the next `bytes[start, end)`; the final chunk goes out when all have come (the empty value: at an empty write).
   * Throws `RangeError` for more bytes than were announced.
   */
  write(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (end - start > this.#options.inLength - this.#read) {
      throw new RangeError("Cannot take more compressed bytes than were announced");
    }
    let at = start;
    while (at < end) {
      if (this.#state === LITERALS) {
        const count = Math.min(this.#run, end - at, this.#work.length - this.#fill);
        this.#work.set(bytes.subarray(at, at + count), this.#fill);
        at += count;
        this.#read += count;
        this.#run -= count;
        if (this.#run === 0) this.#state = CONTROL;
        this.#advance(count);
        continue;
      }
      if (this.#state === CONTROL && end - at >= KERNEL_INPUT) {
        at += this.#bulk(bytes, at, end);
        if (at === end) break;
      }
      const byte = bytes[at++]!;
      this.#read++;
      if (this.#state === CONTROL) this.#begin(byte);
      else if (this.#state === LENGTH) {
        this.#run += byte;
        this.#state = DISTANCE;
      } else this.#refer((((this.#control & 0x1f) << 8) | byte) + 1);
    }
    if (this.#read === this.#options.inLength && !this.#done) this.#finish();
  }

  /** Compressed bytes still to come. */
  get missing(): number {
    return this.#options.inLength - this.#read;
  }

  /**
   * Lets the kernel decompress whole elements as far as the chunk has room; returns the input bytes used up. It always gets
   * somewhere or stops at a fault, which the slow path then names; so nothing is copied over and over.
   */
  #bulk(bytes: Uint8Array, at: number, end: number): number {
    const room = Math.min(this.#work.length - this.#fill, this.#options.outLength - this.#produced);
    const kernel = room < KERNEL_ROOM ? null : lzfKernel();
    if (kernel === null) return 0;
    const outLength = Math.min(room, kernel.output.length);
    // A byte of input makes 32/33 of a byte at least, so that more cannot be used.
    const inLength = Math.min(end - at, kernel.input.length, outLength + (outLength >> 5) + 3);
    kernel.window.set(this.#work.subarray(this.#fill - LZF_WINDOW, this.#fill));
    forgetKernelInput();
    kernel.input.set(bytes.subarray(at, at + inLength));
    const made = kernel.decompress(Math.min(this.#produced, LZF_WINDOW), inLength, outLength, 0);
    const used = kernel.used[0]!;
    this.#work.set(kernel.output.subarray(0, made), this.#fill);
    this.#read += used;
    this.#advance(made);
    return used;
  }

  #begin(control: number): void {
    this.#element = this.#read - 1;
    this.#control = control;
    if (control < 0x20) {
      this.#run = control + 1;
      if (this.#run > this.#options.inLength - this.#read) throw this.#error("literal runs beyond the input");
      this.#requireRoom();
      this.#state = LITERALS;
    } else {
      this.#run = (control >> 5) + 2;
      this.#state = this.#run === 9 ? LENGTH : DISTANCE;
    }
  }

  #refer(distance: number): void {
    if (distance > this.#produced) throw this.#error("reference before the output's start");
    this.#requireRoom();
    this.#state = CONTROL;
    let run = this.#run;
    while (run > 0) {
      const count = Math.min(run, this.#work.length - this.#fill);
      const work = this.#work;
      for (let out = this.#fill, stop = out + count; out < stop; out++) work[out] = work[out - distance]!;
      run -= count;
      this.#advance(count);
    }
  }

  /** Counts what was written into the work area; a full chunk goes out and its end becomes the window. */
  #advance(count: number): void {
    this.#fill += count;
    this.#produced += count;
    // The final chunk waits for the input to end there too, so that nobody is told `last` for faulty bytes.
    if (this.#fill < this.#work.length || this.#produced === this.#options.outLength) return;
    const work = this.#work;
    const chunk = work.slice(LZF_WINDOW, this.#fill);
    work.copyWithin(0, this.#fill - LZF_WINDOW, this.#fill);
    this.#fill = LZF_WINDOW;
    this.#options.onChunk(chunk, false);
  }

  #finish(): void {
    if (this.#state === LENGTH || this.#state === DISTANCE) throw this.#error("reference cut short");
    if (this.#produced !== this.#options.outLength) {
      this.#element = this.#read;
      throw this.#error("output shorter than announced");
    }
    this.#done = true;
    this.#options.onChunk(this.#work.slice(LZF_WINDOW, this.#fill), true);
  }

  #requireRoom(): void {
    if (this.#run > this.#options.outLength - this.#produced)
      throw this.#error("output longer than announced");
  }

  #error(detail: string): Error {
    return lzfMalformed(detail, this.#element);
  }
}
