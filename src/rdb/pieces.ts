import { LzfStream } from "../bytes/lzf_stream.ts";
import { ReplicaError } from "../errors.ts";
import { ByteReader, UNDERFLOW } from "./byte_reader.ts";
import { placed, STRING_FORM, scanned, scanString } from "./rdb_string.ts";
import type { ValueContext } from "./value_reading.ts";

/** Compressed bytes taken at once; they make at most 88 times as many. */
const LZF_INPUT = 1 << 13;
/** Bytes a decompressed piece has. */
const LZF_PIECE = 1 << 18;

/** Walks a packed structure that comes in pieces. */
export interface PackedWalk {
  /** Reads on in the structure's own bytes, of which no more are asked for than it has. Throws UNDERFLOW like any reading. */
  step(r: ByteReader, v: ValueContext): void;
}

/**
 * Reads a packed structure that is too big to be held whole: its bytes, decompressed if need be, go through a reader of
 * their own, so that memory holds a piece and the element being read, whatever the structure's size. The elements and parts
 * are those of the structure read whole; only what can be told at its end alone is told after its elements.
 */
export class PiecesReading {
  readonly #inner: ByteReader = new ByteReader();
  readonly #walk: PackedWalk;
  readonly #lzf: LzfStream | undefined;
  /** Offset of the stored bytes. */
  readonly #dataAt: number;
  #remaining: number;
  /** Pieces that were decompressed and not walked yet. */
  #ready: Uint8Array[] = [];

  /** Reads the head of the string that holds the structure; `start` gets the structure's size and its offset in the input. */
  constructor(r: ByteReader, start: (length: number, at: number) => PackedWalk) {
    const at = r.offset;
    scanString(r);
    const { form, start: dataPos, stored, length } = scanned;
    this.#dataAt = r.base + dataPos;
    this.#remaining = stored;
    this.#walk = start(length, at);
    this.#lzf =
      form === STRING_FORM.LZF
        ? new LzfStream({
            inLength: stored,
            outLength: length,
            chunkSize: LZF_PIECE,
            onChunk: (piece) => this.#ready.push(piece),
          })
        : undefined;
    r.commit();
  }

  /** Reads on; returns when the structure has been walked, throws UNDERFLOW when it needs more. */
  step(r: ByteReader, v: ValueContext): void {
    while (this.#remaining > 0) {
      r.require(1);
      const { buf, pos } = r;
      let take = Math.min(this.#remaining, r.end - pos);
      if (this.#lzf !== undefined) take = Math.min(take, LZF_INPUT);
      r.pos += take;
      this.#remaining -= take;
      r.commit();
      if (this.#lzf === undefined) this.#push(buf.subarray(pos, pos + take), v);
      else this.#decompress(this.#lzf, buf, pos, pos + take, v);
    }
  }

  #decompress(lzf: LzfStream, buf: Uint8Array, start: number, end: number, v: ValueContext): void {
    let failure: unknown;
    try {
      lzf.write(buf, start, end);
    } catch (error) {
      if (!(error instanceof ReplicaError)) throw error;
      failure = placed(error, this.#dataAt);
    }
    const pieces = this.#ready;
    this.#ready = [];
    // What came before the fault comes first here too.
    for (const piece of pieces) this.#push(piece, v);
    if (failure !== undefined) throw failure;
  }

  #push(piece: Uint8Array, v: ValueContext): void {
    const inner = this.#inner;
    if (!inner.push(piece)) return;
    for (;;) {
      try {
        this.#walk.step(inner, v);
        return;
      } catch (error) {
        if (error !== UNDERFLOW) throw error;
        if (!inner.refill()) return;
      }
    }
  }
}
