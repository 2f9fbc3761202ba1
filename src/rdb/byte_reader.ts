import { ReplicaError } from "../errors.ts";

/** Thrown by a reader that needs more bytes; caught once a chunk by the decoder, never seen by a user. */
export const UNDERFLOW: { readonly name: "UNDERFLOW" } = Object.freeze({ name: "UNDERFLOW" });

/** Up to here memory is reserved as soon as a length is known; above it only as the bytes really arrive. */
const TRUSTED_NEED = 1 << 20;

/** No bytes. */
export const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * Reads pushed chunks in straight lines, with safe points.
 *
 * `buf[pos..end)` is what can be read now: the chunk itself, or, while an element straddles chunks, a small buffer of its
 * own (the carry) that holds just that element. A reader method that runs out of bytes says how many it needs from the
 * last safe point and throws {@link UNDERFLOW}; the decoder then calls {@link ByteReader.refill}, and reading starts again
 * at the safe point once those bytes are there. So an element is copied only if it straddles, and a string of known
 * length is gathered in one buffer.
 *
 * ```
 *   earlier chunks        current chunk
 *   …──────[safe  rest]   [taken|──────────────]
 *               └── carry ───┘  then on in the chunk
 * ```
 */
export class ByteReader {
  buf: Uint8Array = EMPTY;
  pos = 0;
  end = 0;
  /** Everything before this is done with. */
  safe = 0;
  /** Absolute offset of `buf[0]` in the input. */
  base = 0;
  /** Bytes of `buf` that come from earlier chunks; 0 while `buf` is the chunk itself. */
  #carried = 0;
  #carry: Uint8Array = EMPTY;
  /** Bytes gathered in the carry; 0 while there is none. */
  #carryLength = 0;
  #carryBase = 0;
  /** Index in the carry of the unit that is being read. */
  #carrySafe = 0;
  /** Bytes that unit needs, and bytes that are taken for it where they are there. */
  #need = 0;
  #want = 0;
  #chunk: Uint8Array = EMPTY;
  #chunkPos = 0;
  #chunkBase = 0;
  #tap: ByteTap | undefined = undefined;

  /** Absolute offset of the next byte to read. */
  get offset(): number {
    return this.base + this.pos;
  }

  /** Absolute offset of the current chunk's first byte. */
  get chunkOffset(): number {
    return this.#chunkBase;
  }

  /** Bytes of the current chunk that have been read and committed. */
  get consumed(): number {
    return Math.max(0, this.base + this.safe - this.#chunkBase);
  }

  /** Sees every committed run of bytes, in order, from now on. */
  set tap(tap: ByteTap | undefined) {
    this.#tap = tap;
  }

  /** Forgets everything; the next byte has offset 0 again. */
  reset(): void {
    this.buf = this.#chunk = this.#carry = EMPTY;
    this.pos = this.end = this.safe = this.base = 0;
    this.#carried = this.#carryLength = this.#carryBase = this.#carrySafe = 0;
    this.#need = this.#want = this.#chunkPos = this.#chunkBase = 0;
    this.#tap = undefined;
  }

  /** Gives the next chunk. `false`: what is waited for is still not complete. */
  push(chunk: Uint8Array): boolean {
    this.#chunkBase += this.#chunk.length;
    this.#chunk = chunk;
    this.#chunkPos = 0;
    if (this.#carryLength > 0) return this.#fill();
    this.#enterChunk();
    return true;
  }

  /** After UNDERFLOW: gathers what is needed. `true`: read again from the safe point; `false`: the chunk is used up. */
  refill(): boolean {
    const left = this.end - this.safe;
    const { safe } = this;
    const isCarry = this.#carried !== 0;
    if (!isCarry) {
      this.#chunkPos = this.#chunk.length;
      if (left === 0) return false;
    }
    if (isCarry && safe + this.#need <= this.#carry.length) {
      // What follows goes behind it; bytes that events may view stay as they are.
      this.#carrySafe = safe;
      this.#want = this.#carry.length - safe;
    } else {
      // A unit that asks again and again gets twice as much each time, so that gathering it stays linear.
      this.#want = isCarry ? Math.max(this.#need, left * 2) : this.#need;
      const size = Math.max(left, Math.min(this.#want, Math.max(TRUSTED_NEED, left * 2)));
      const carry = new Uint8Array(size);
      carry.set(this.buf.subarray(safe, this.end));
      this.#carryBase = this.base + safe;
      this.#carry = carry;
      this.#carryLength = left;
      this.#carrySafe = 0;
    }
    return this.#fill();
  }

  /** Marks everything up to `pos` as read for good. */
  commit(): void {
    if (this.#tap !== undefined && this.pos > this.safe) this.#tap.bytes(this.buf, this.safe, this.pos);
    this.safe = this.pos;
    if (this.#carried !== 0 && this.pos >= this.#carried) {
      this.#carryLength = 0;
      this.#enterChunkAt(this.base + this.pos - this.#chunkBase);
    }
  }

  /** Makes sure that `n` bytes from `pos` are there. */
  require(n: number): void {
    if (this.end - this.pos < n) this.underflow(this.pos + n);
  }

  /** Asks for all bytes up to `position` (an index into `buf`). */
  underflow(position: number): never {
    this.#need = position - this.safe;
    throw UNDERFLOW;
  }

  u8(): number {
    if (this.pos >= this.end) this.underflow(this.pos + 1);
    return this.buf[this.pos++]!;
  }

  u32le(): number {
    this.require(4);
    const { buf, pos } = this;
    this.pos = pos + 4;
    return (buf[pos]! | (buf[pos + 1]! << 8) | (buf[pos + 2]! << 16) | (buf[pos + 3]! << 24)) >>> 0;
  }

  /** Signed 64-bit little endian as a number; exact below 2^53 in size. */
  i64le(): number {
    const low = this.u32le();
    const high = this.u32le() | 0;
    return high * 4294967296 + low;
  }

  f64le(): number {
    this.require(8);
    const view = new DataView(this.buf.buffer, this.buf.byteOffset + this.pos, 8);
    this.pos += 8;
    return view.getFloat64(0, true);
  }

  /** A coded error at the current offset. */
  malformed(message: string, at: number = this.offset): never {
    throw new ReplicaError("MALFORMED", `${message} at byte ${at}`, { offset: at });
  }

  #enterChunk(): void {
    this.#enterChunkAt(this.#chunkPos);
  }

  #enterChunkAt(pos: number): void {
    this.buf = this.#chunk;
    this.base = this.#chunkBase;
    this.pos = this.safe = pos;
    this.end = this.#chunk.length;
    this.#carried = 0;
  }

  /** Moves bytes from the chunk into the carry; `true` when the need is met. */
  #fill(): boolean {
    const old = this.#carryLength;
    const target = this.#carrySafe + this.#want;
    const take = Math.min(target - old, this.#chunk.length - this.#chunkPos);
    if (take > 0) {
      if (old + take > this.#carry.length) {
        const size = Math.min(target, Math.max(old + take, this.#carry.length * 2));
        const grown = new Uint8Array(size);
        grown.set(this.#carry.subarray(0, old));
        this.#carry = grown;
      }
      this.#carry.set(this.#chunk.subarray(this.#chunkPos, this.#chunkPos + take), old);
      this.#carryLength = old + take;
      this.#chunkPos += take;
    }
    if (this.#carryLength < this.#carrySafe + this.#need) return false;
    this.buf = this.#carry;
    this.base = this.#carryBase;
    this.pos = this.safe = this.#carrySafe;
    this.end = this.#carryLength;
    this.#carried = this.#chunkBase - this.#carryBase;
    return true;
  }
}

/** Receives committed runs of bytes. */
export interface ByteTap {
  bytes(buf: Uint8Array, start: number, end: number): void;
}
