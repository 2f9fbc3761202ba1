import { LISTPACK_BINARY } from "./binaries.ts";
import { instantiateKernel } from "./instantiate.ts";
import { type LzfKernel, lzfKernel } from "./lzf_kernel.ts";

/** Walks over listpacks in the memory of the LZF kernel. */
export interface ListpackKernel {
  readonly lzf: LzfKernel;
  /** Decoded bytes of the elements walked over last, in its one element. */
  readonly bytes: Int32Array;
  /**
   * Walks over the listpack at address `at`. `group` 0: each entry is an element, 1: member and score, 2: field and value.
   * Returns the elements, −1 for what is not plainly sound.
   */
  readonly walk: (at: number, length: number, group: number) => number;
}

const BYTES_AT = 516;

let kernel: ListpackKernel | null | undefined;

/** The shared kernel, made on first use; `null` when the host cannot run it. */
export function listpackKernel(): ListpackKernel | null {
  return kernel === undefined ? (kernel = load()) : kernel;
}

function load(): ListpackKernel | null {
  const lzf = lzfKernel();
  const exports =
    lzf === null ? undefined : instantiateKernel(LISTPACK_BINARY, { lzf: { memory: lzf.memory } });
  if (lzf === null || exports === undefined) return null;
  return {
    lzf,
    bytes: new Int32Array(lzf.memory.buffer, BYTES_AT, 1),
    walk: exports.walk as (at: number, length: number, group: number) => number,
  };
}
