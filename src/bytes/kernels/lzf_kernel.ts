import type { WasmMemory } from "../host.ts";
import { LZF_BINARY } from "./binaries.ts";
import { instantiateKernel } from "./instantiate.ts";

/** The LZF kernel: bytes go into `input`, `decompress` makes `output` of them. */
export interface LzfKernel {
  readonly input: Uint8Array;
  /** The output area. Only for use inside of the layer, and only until the next call. */
  readonly output: Uint8Array;
  /** The bytes that references before the output reach, the latest last. */
  readonly window: Uint8Array;
  /** The memory that all of these lie in, for kernels that go on with the output where it is. */
  readonly memory: WasmMemory;
  /** Its bytes; asking the memory for them takes longer than making a view of them. */
  readonly buffer: ArrayBuffer;
  /** Bytes that `input` and `output` hold, and where in the memory they begin. */
  readonly capacity: number;
  readonly inputAt: number;
  readonly outputAt: number;
  /** Input bytes used up by the last call, in its one element. */
  readonly used: Int32Array;
  /**
   * Decompresses elements of `input[at, at + inLength)` until it is used up or an element does not fit; the last
   * `windowLength` bytes of `window` count as output before. Returns the bytes made, at most `outLength`.
   */
  readonly decompress: (windowLength: number, inLength: number, outLength: number, at?: number) => number;
}

const WINDOW = 8192;

let kernel: LzfKernel | null | undefined;

/** The shared kernel, made on first use; `null` when the host cannot run it. Its memory is 2 MiB, used as far as needed. */
export function lzfKernel(): LzfKernel | null {
  return kernel === undefined ? (kernel = load()) : kernel;
}

function load(): LzfKernel | null {
  const exports = instantiateKernel(LZF_BINARY);
  if (exports === undefined) return null;
  const { buffer } = exports.memory;
  const place = (name: string): number => (exports[name] as { readonly value: number }).value;
  const area = (at: number, length: number): Uint8Array => new Uint8Array(buffer, at, length);
  return {
    memory: exports.memory,
    buffer,
    capacity: place("capacity"),
    inputAt: place("input"),
    outputAt: place("output"),
    input: area(place("input"), place("capacity")),
    output: area(place("output"), place("capacity")),
    window: area(place("output") - WINDOW, WINDOW),
    used: new Int32Array(buffer, place("used"), 1),
    decompress: exports.decompress as LzfKernel["decompress"],
  };
}
