import type { LzfKernel } from "./lzf_kernel.ts";

/** Uses of lent bytes after which all of them are put into the kernel's memory: one copy instead of one a use. */
const LOAD_AFTER = 4;

let lent: Uint8Array | undefined;
let uses = 0;
let isLoaded = false;

/**
 * Says that `bytes` do not change until this is called again: ranges of them that kernels are to read can then be copied into
 * their memory together. A decoder lends them its chunk for as long as it works on it.
 */
export function lendToKernels(bytes: Uint8Array | undefined): void {
  lent = bytes;
  uses = 0;
  isLoaded = false;
}

/** Takes the kernel's input area for something else. */
export function forgetKernelInput(): void {
  isLoaded = false;
}

/** Makes `bytes[start, start + length)`, at most the area's capacity, lie in the kernel's input area; returns its index there. */
export function putKernelInput(kernel: LzfKernel, bytes: Uint8Array, start: number, length: number): number {
  const isLent = bytes === lent && bytes.length <= kernel.capacity;
  if (isLent && !isLoaded && ++uses > LOAD_AFTER) {
    kernel.input.set(bytes);
    isLoaded = true;
  }
  if (isLent && isLoaded) return start;
  // Behind what is loaded where there is room, as what straddles two chunks comes once a chunk.
  let at = isLoaded ? lent!.length : 0;
  if (at + length > kernel.capacity) {
    at = 0;
    isLoaded = false;
  }
  kernel.input.set(bytes.subarray(start, start + length), at);
  return at;
}
