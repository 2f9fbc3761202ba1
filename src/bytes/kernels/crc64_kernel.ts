import { CRC64_BINARY } from "./binaries.ts";
import { instantiateKernel } from "./instantiate.ts";

/** The CRC-64 kernel: put the state into `state` (low, high) and bytes into `block`, call `update`, take the state out. */
export interface Crc64Kernel {
  readonly state: Int32Array;
  /** As many bytes as one call takes; overwritten by it. */
  readonly block: Uint8Array;
  readonly update: (length: number) => void;
}

let kernel: Crc64Kernel | null | undefined;

/** The shared kernel, made on first use; `null` when the host cannot run it. Its memory is 320 KiB and never grows. */
export function crc64Kernel(): Crc64Kernel | null {
  return kernel === undefined ? (kernel = load()) : kernel;
}

function load(): Crc64Kernel | null {
  const exports = instantiateKernel(CRC64_BINARY);
  if (exports === undefined) return null;
  const { buffer } = exports.memory;
  const place = (name: string): number => (exports[name] as { readonly value: number }).value;
  return {
    state: new Int32Array(buffer, place("state"), 2),
    block: new Uint8Array(buffer, place("block"), place("capacity")),
    update: exports.update as (length: number) => number,
  };
}
