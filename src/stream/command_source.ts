import type { EventContext } from "../events.ts";
import type { OpenTransaction } from "./open_transaction.ts";

/** What commands in a row share, so that each of them stays small: their chunk, db and transaction. */
export class CommandSource {
  readonly bytes: Uint8Array;
  /** Offset of the byte at index 0. */
  readonly base: number;
  readonly context: EventContext;
  readonly db: number;
  readonly tx: OpenTransaction | undefined;
  /** Asking a `Uint8Array` for its buffer costs as much as making a view of it. */
  readonly #buffer: ArrayBufferLike;
  readonly #byteOffset: number;

  constructor(
    bytes: Uint8Array,
    base: number,
    context: EventContext,
    db: number,
    tx: OpenTransaction | undefined,
  ) {
    this.bytes = bytes;
    this.base = base;
    this.context = context;
    this.db = db;
    this.tx = tx;
    this.#buffer = bytes.buffer;
    this.#byteOffset = bytes.byteOffset;
  }

  /** A view of `length` bytes from index `start` on. */
  view(start: number, length: number): Uint8Array {
    return new Uint8Array(this.#buffer, this.#byteOffset + start, length);
  }
}
