import { putKernelInput } from "./kernels/kernel_input.ts";
import { type LzfKernel, lzfKernel } from "./kernels/lzf_kernel.ts";
import { lzfDecompressPlain, lzfRequireRatio } from "./lzf_plain.ts";

export { LZF_MAX_RATIO, LZF_WINDOW, lzfCheck } from "./lzf_plain.ts";

/** Bytes to make from which the kernel is faster than the plain form, copies in and out included. */
const KERNEL_FROM = 128;

/**
 * Decompresses `input[start, end)` into `output[outStart, outStart + outLength)`, which it must fill exactly. Nothing outside
 * of that range is written and nothing before `outStart` is read.
 *
 * Throws `ReplicaError` `MALFORMED`, its `offset` the index of the faulty element relative to `start`; the output range is
 * undefined then. Throws `RangeError` when the output range does not lie within `output`.
 */
export function lzfDecompress(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  outStart: number,
  outLength: number,
): void {
  const kernel = outLength < KERNEL_FROM ? null : lzfKernel();
  if (kernel !== null && outStart >= 0 && runs(kernel, input, start, end, outLength)) {
    // Throws RangeError by itself when the range does not lie within the output.
    output.set(madeBy(kernel, outLength), outStart);
    return;
  }
  // Small, big or wrong: the plain form takes it, and says what is wrong.
  lzfDecompressPlain(input, start, end, output, outStart, outLength);
}

/**
 * Decompresses `input[start, end)` to `outLength` bytes of scratch memory that the next call of any function here overwrites:
 * for readers that look at the bytes at once and keep none. They are the first `outLength` bytes of the array returned,
 * which is longer. It must not leave the decoder. The errors are those of `lzfDecompress`.
 */
export function lzfScratch(input: Uint8Array, start: number, end: number, outLength: number): Uint8Array {
  const kernel = lzfKernel();
  if (kernel !== null && runs(kernel, input, start, end, outLength)) return kernel.output;
  lzfRequireRatio(end - start, outLength);
  const output = outLength <= KEPT ? (scratch ??= new Uint8Array(KEPT)) : new Uint8Array(outLength);
  lzfDecompressPlain(input, start, end, output, 0, outLength);
  return output;
}

/** Copies the first `length` bytes of what `lzfScratch` returned last to `output[at, …)`. */
export function copyScratch(made: Uint8Array, length: number, output: Uint8Array, at: number): void {
  const kernel = lzfKernel();
  output.set(kernel?.output === made ? madeBy(kernel, length) : made.subarray(0, length), at);
}

/** The first bytes of the kernel's output. `subarray` takes four times as long. */
function madeBy({ buffer, outputAt }: LzfKernel, length: number): Uint8Array {
  return new Uint8Array(buffer, outputAt, length);
}

/** Scratch memory that the plain form keeps; what is bigger is made for one call. */
const KEPT = 1 << 16;
let scratch: Uint8Array | undefined;

/** Runs the kernel; `false` when the value is too big for its memory or faulty. */
function runs(kernel: LzfKernel, input: Uint8Array, start: number, end: number, outLength: number): boolean {
  const length = end - start;
  if (length > kernel.capacity || outLength > kernel.capacity || end > input.length) return false;
  const at = putKernelInput(kernel, input, start, length);
  return kernel.decompress(0, length, outLength, at) === outLength && kernel.used[0] === length;
}
