import { type ErrorCode, ReplicaError } from "../errors.ts";
import { RespDecoder } from "./decoder.ts";
import type { RespDecoderOptions } from "./decoder_options.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import type { RespLimits } from "./limits.ts";
import { splitWords } from "./split_words.ts";
import type { RespValue } from "./value.ts";

/** Where a {@link RequestDecoder} puts requests, and what it accepts. */
export interface RequestDecoderOptions extends RespLimits {
  /** Takes the words of each request, the command's name first. Empty requests are passed over, as servers do. */
  readonly onRequest: (args: Uint8Array[]) => void;
}

const LF = 0x0a;
const CR = 0x0d;
const STAR = 0x2a;
/** The servers' own bound of an inline request. */
const MAX_INLINE = 64 * 1024;

/**
 * Decodes what a client sends to a server: arrays of bulk strings, and inline commands, which are lines of words as one types
 * them in a terminal. For servers in tests, proxies and tools that read captured traffic.
 *
 * Malformed input (unbalanced quotes, anything but bulk strings in an array) ends it with the `ReplicaError` that every later
 * call throws again until `reset()`: servers answer with a protocol error and close.
 *
 * @example
 * ```ts
 * import { RequestDecoder } from "rxreplica/resp";
 *
 * const requests: number[] = [];
 * const decoder = new RequestDecoder({ onRequest: (args) => void requests.push(args.length) });
 * decoder.write(new TextEncoder().encode('SET key "two words"\r\n*1\r\n$4\r\nPING\r\n'));
 * decoder.end();
 * if (requests.join() !== "3,1") throw new Error(`unexpected ${requests}`);
 * ```
 */
export class RequestDecoder {
  readonly #onRequest: (args: Uint8Array[]) => void;
  readonly #values: RespDecoder;
  /** The beginning of an inline request whose end has not come. */
  readonly #line: GrowingBytes = new GrowingBytes();
  #value: RespValue | undefined = undefined;
  /** Offset of the request being read. */
  #requestAt = 0;
  #error: ReplicaError | undefined = undefined;

  constructor(options: RequestDecoderOptions) {
    this.#onRequest = options.onRequest;
    const onValue: RespDecoderOptions["onValue"] = (value) => {
      this.#value = value;
      return false;
    };
    this.#values = new RespDecoder({ ...options, onValue });
  }

  /** Decodes a chunk, which must not change afterwards: arguments may be views of it. */
  write(chunk: Uint8Array): void {
    if (this.#error !== undefined) throw this.#error;
    let at = 0;
    while (at < chunk.length) {
      const inLine = this.#line.length > 0 || (this.#values.idle && chunk[at] !== STAR);
      at = inLine ? this.#readLine(chunk, at) : this.#readArray(chunk, at);
    }
  }

  /** Tells that no more bytes come. Throws `TRUNCATED` inside a request. */
  end(): void {
    if (this.#error !== undefined) throw this.#error;
    const read = this.#line.length + this.#values.offset;
    if (read > 0) this.#fail("TRUNCATED", "the input ends inside it", read);
  }

  /** Forgets everything half read and any error; offsets begin at 0 again. */
  reset(): void {
    this.#values.reset();
    this.#line.clear();
    this.#requestAt = 0;
    this.#error = undefined;
  }

  #readArray(chunk: Uint8Array, at: number): number {
    let end: number;
    try {
      end = this.#values.write(chunk, at);
    } catch (error) {
      if (!(error instanceof ReplicaError)) throw error;
      const detail = error.message.replace(/^Cannot decode RESP value: (.*) at byte \d+$/, "$1");
      this.#fail(error.code, detail, error.offset ?? 0);
    }
    const value = this.#value;
    if (value === undefined) return end;
    this.#value = undefined;
    const args = this.#argsOf(value);
    this.#requestAt += this.#values.offset;
    this.#values.reset();
    if (args.length > 0) this.#onRequest(args);
    return end;
  }

  /** The bulk strings of an array; none for `*0` and `*-1`, which servers pass over. */
  #argsOf(value: RespValue): Uint8Array[] {
    const args: Uint8Array[] = [];
    for (const item of value.type === "array" ? value.items : []) {
      if (item.type !== "bulk") this.#fail("MALFORMED", `an argument is no bulk string but ${item.type}`, 0);
      args.push(item.bytes);
    }
    return args;
  }

  #readLine(chunk: Uint8Array, at: number): number {
    const lf = chunk.indexOf(LF, at);
    const end = lf < 0 ? chunk.length : lf + 1;
    if (this.#line.length + end - at > MAX_INLINE) this.#fail("LIMIT", `a line above ${MAX_INLINE} bytes`, 0);
    this.#line.append(chunk, at, end, Infinity);
    if (lf < 0) return end;
    const line = this.#line.take();
    const length = line.length - (line.at(-2) === CR ? 2 : 1);
    const args = splitWords(line.subarray(0, length));
    if (args === undefined) this.#fail("MALFORMED", "unbalanced quotes", 0);
    this.#requestAt += line.length;
    if (args.length > 0) this.#onRequest(args);
    return end;
  }

  #fail(code: ErrorCode, detail: string, at: number): never {
    const offset = this.#requestAt + at;
    this.#error = new ReplicaError(code, `Cannot decode request: ${detail}, at byte ${offset}`, { offset });
    throw this.#error;
  }
}
