import { type Crc64State, updateCrc64 } from "./crc64_plain.ts";
import { type Crc64Kernel, crc64Kernel } from "./kernels/crc64_kernel.ts";

/** Bytes from which the kernel is faster than the plain form, the copy into its memory included. */
const KERNEL_FROM = 128;

/**
 * A running CRC-64 (Jones), the checksum of RDB files and DUMP payloads: `123456789` gives 0xe9c6d914c4b8d9ca. Bytes may
 * come in any pieces. The value is read as two unsigned 32-bit halves or as 16 hex digits.
 */
export class Crc64 {
  readonly #state: Crc64State = { low: 0, high: 0 };

  /** Takes `bytes[start, end)` into the checksum. */
  update(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const kernel = end - start < KERNEL_FROM ? null : crc64Kernel();
    if (kernel === null) updateCrc64(this.#state, bytes, start, end);
    else updateByKernel(kernel, this.#state, bytes, start, end);
  }

  /** The lower 32 bits, unsigned. */
  get low(): number {
    return this.#state.low >>> 0;
  }

  /** The upper 32 bits, unsigned. */
  get high(): number {
    return this.#state.high >>> 0;
  }

  /** Tells whether the value equals the one stored little-endian in the eight bytes at `at`. */
  matches(bytes: Uint8Array, at: number): boolean {
    return this.low === word(bytes, at) && this.high === word(bytes, at + 4);
  }

  /** Writes the value little-endian into the eight bytes at `at`, as files store it. */
  writeTo(output: Uint8Array, at: number): void {
    const { low, high } = this.#state;
    for (let i = 0; i < 4; i++) {
      output[at + i] = low >>> (8 * i);
      output[at + 4 + i] = high >>> (8 * i);
    }
  }

  /** Sixteen lower-case hex digits, most significant first. */
  toString(): string {
    return this.high.toString(16).padStart(8, "0") + this.low.toString(16).padStart(8, "0");
  }

  /** Starts anew. */
  reset(): void {
    this.#state.low = 0;
    this.#state.high = 0;
  }
}

function updateByKernel(
  kernel: Crc64Kernel,
  state: Crc64State,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  kernel.state[0] = state.low;
  kernel.state[1] = state.high;
  for (let at = start; at < end; at += kernel.block.length) {
    const length = Math.min(end - at, kernel.block.length);
    kernel.block.set(bytes.subarray(at, at + length));
    kernel.update(length);
  }
  state.low = kernel.state[0];
  state.high = kernel.state[1];
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** Computes the CRC-64 (Jones) of a range of bytes at once, as 16 hex digits. */
export function crc64Hex(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  const crc = new Crc64();
  crc.update(bytes, start, end);
  return crc.toString();
}
