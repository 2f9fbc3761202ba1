import { ReplicaError } from "../errors.ts";

/** How the end of a snapshot is told: its length up front, or 40 bytes that come again after it. */
export type PayloadForm = { readonly length: number } | { readonly mark: Uint8Array };

/** The part of an RDB decoder that a payload is read with. */
export interface PayloadDecoder {
  /** Whether the RDB has ended. */
  readonly done: boolean;
  /** Takes bytes and returns how many of them belonged to the RDB. */
  write(chunk: Uint8Array): number;
}

const MARK_LENGTH = 40;

/**
 * Reads the header line of the payload.
 *
 * ```
 *   $182            182 bytes follow, then at once the stream
 *   $EOF:<40 bytes> the RDB follows, then the 40 bytes again
 * ```
 *
 * @returns `undefined` when the line is neither.
 */
export function parsePayloadForm(line: string): PayloadForm | undefined {
  if (/^\$\d{1,16}$/.test(line)) {
    const length = Number(line.slice(1));
    return Number.isSafeInteger(length) ? { length } : undefined;
  }
  if (!line.startsWith("$EOF:") || line.length !== 5 + MARK_LENGTH) return undefined;
  const mark = new Uint8Array(MARK_LENGTH);
  for (let i = 0; i < MARK_LENGTH; i++) {
    const code = line.charCodeAt(5 + i);
    if (code > 126) return undefined;
    mark[i] = code;
  }
  return { mark };
}

/**
 * Leads the bytes of one snapshot to a decoder and finds where it ends. Parsing finds the end, and the length or the mark
 * must then agree: looking for the mark in the bytes alone could be fooled by a value that holds it.
 */
export class Payload {
  readonly #form: PayloadForm;
  readonly #decoder: PayloadDecoder;
  #bytesRead = 0;
  #markRead = 0;
  #done = false;

  constructor(form: PayloadForm, decoder: PayloadDecoder) {
    this.#form = form;
    this.#decoder = decoder;
  }

  /** Whether the payload has come whole, its mark included. */
  get done(): boolean {
    return this.#done;
  }

  /** Bytes of the RDB read so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Bytes of the RDB in all, where the header told it. */
  get length(): number | undefined {
    return "length" in this.#form ? this.#form.length : undefined;
  }

  /**
   * Reads from `chunk[start]` on; returns the index after what belonged to the payload.
   *
   * @throws ReplicaError `PROTOCOL` when the length or the mark does not agree with the RDB; and what the decoder throws.
   */
  write(chunk: Uint8Array, start: number): number {
    let at = start;
    if (!this.#decoder.done) {
      at = this.#writeRdb(chunk, start);
      if (!this.#decoder.done) return at;
    }
    if ("length" in this.#form) {
      if (this.#bytesRead !== this.#form.length) {
        throw this.#disagreement(`the RDB ended before the ${this.#form.length} bytes that were announced`);
      }
      this.#done = true;
      return at;
    }
    return this.#writeMark(chunk, at, this.#form.mark);
  }

  #writeRdb(chunk: Uint8Array, start: number): number {
    const end =
      "length" in this.#form
        ? Math.min(chunk.length, start + this.#form.length - this.#bytesRead)
        : chunk.length;
    if (end > start) {
      const read = this.#decoder.write(
        start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end),
      );
      this.#bytesRead += read;
      if (this.#decoder.done) return start + read;
    }
    if ("length" in this.#form && this.#bytesRead >= this.#form.length) {
      throw this.#disagreement(`the ${this.#form.length} bytes that were announced end inside the RDB`);
    }
    return end;
  }

  #writeMark(chunk: Uint8Array, start: number, mark: Uint8Array): number {
    let at = start;
    while (at < chunk.length && this.#markRead < MARK_LENGTH) {
      if (chunk[at] !== mark[this.#markRead]) {
        throw this.#disagreement("the mark that ends it is not the one that was announced");
      }
      at++;
      this.#markRead++;
    }
    this.#done = this.#markRead === MARK_LENGTH;
    return at;
  }

  #disagreement(detail: string): ReplicaError {
    const offset = this.#bytesRead;
    return new ReplicaError("PROTOCOL", `Cannot read the snapshot: ${detail} (at byte ${offset})`, {
      offset,
    });
  }
}
