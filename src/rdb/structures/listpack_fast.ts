import { putKernelInput } from "../../bytes/kernels/kernel_input.ts";
import { type ListpackKernel, listpackKernel } from "../../bytes/kernels/listpack_kernel.ts";

/** From this size on the kernel is faster than the plain walk, the copy into its memory included. */
const KERNEL_FROM = 96;

/** What the kernel's `group` says of entries. */
export const FAST_GROUP = { items: 0, scores: 1, fields: 2 } as const;

/** Decoded bytes of the elements that {@link walkFast} walked over last. */
export let fastBytes = 0;

/**
 * Walks over the listpack in `buf[start..end)` by the kernel: its elements when everything about it is sound, their decoded
 * bytes in {@link fastBytes}; −1 when it is small, large, unusual or broken, or where there is no WebAssembly: the plain walk
 * takes it then and says what is wrong.
 */
export function walkFast(buf: Uint8Array, start: number, end: number, group: number): number {
  const length = end - start;
  const kernel = length < KERNEL_FROM ? null : listpackKernel();
  if (kernel === null) return -1;
  const { lzf } = kernel;
  // What was decompressed there is walked over where it lies.
  if (buf === lzf.output) return walk(kernel, lzf.outputAt + start, length, group);
  if (length > lzf.capacity) return -1;
  return walk(kernel, lzf.inputAt + putKernelInput(lzf, buf, start, length), length, group);
}

function walk(kernel: ListpackKernel, at: number, length: number, group: number): number {
  const elements = kernel.walk(at, length, group);
  fastBytes = kernel.bytes[0]!;
  return elements;
}
