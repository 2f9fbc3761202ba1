import { type ErrorCode, ReplicaError } from "../errors.ts";
import type { RespDecoderOptions } from "./decoder_options.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { lineLimit, type ResolvedLimits, resolveLimits } from "./limits.ts";
import { Line } from "./line.ts";
import { Payload } from "./payload.ts";
import { hexByte, isValueType, parseScalar, stringValue, Type } from "./scalars.ts";
import type { RespValue } from "./value.ts";
import { type Aggregate, ValueStack } from "./value_stack.ts";

const State = { TYPE: 0, LINE: 1, LINE_LF: 2, PAYLOAD: 3, PAYLOAD_CR: 4, PAYLOAD_LF: 5 } as const;
type State = (typeof State)[keyof typeof State];

const CR = 0x0d;
const LF = 0x0a;
/**
 * Decodes RESP2 and RESP3 values from chunks that are cut anywhere. Nothing is read twice; strings that lie within one
 * chunk are views of it. Malformed input ends it: every later call throws the same `ReplicaError` until `reset()`.
 *
 * Codes: `MALFORMED`, `LIMIT`, and `TRUNCATED` from `end()`. Errors that a server replies with are values
 * (`type: "error"`), because they occur inside arrays too. Source of the format: RESP specification 1.6 and what servers of
 * Redis 7.0 to 8.0 and Valkey 9.1 send.
 *
 * @example
 * ```ts
 * import { RespDecoder, respText } from "rxreplica/resp";
 *
 * const texts: (string | undefined)[] = [];
 * const decoder = new RespDecoder({ onValue: (value) => texts.push(respText(value)) });
 * decoder.write(new TextEncoder().encode("+OK\r\n$5\r\nhe"));
 * decoder.write(new TextEncoder().encode("llo\r\n"));
 * decoder.end();
 * if (texts.join() !== "OK,hello") throw new Error(`unexpected ${texts}`);
 * ```
 */
export class RespDecoder {
  readonly #onValue: (value: RespValue) => unknown;
  readonly #allowKeepAlive: boolean;
  readonly #limits: ResolvedLimits;

  readonly #stack: ValueStack = new ValueStack();
  readonly #line: Line = new Line();
  readonly #payload: Payload = new Payload();
  /** A streamed string so far. */
  readonly #streamed: GrowingBytes = new GrowingBytes();
  #streaming = false;
  #state: State = State.TYPE;
  /** Type byte of the element being read, and its offset. */
  #type = 0;
  #typeAt = 0;
  /** Values begun in this top-level value. */
  #elements = 0;
  #valueAt = 0;
  /** Offset of the byte at index 0 of the chunk being read. */
  #base = 0;
  #offset = 0;
  #error: ReplicaError | undefined;

  /** Throws `RangeError` for a limit that is not a positive number. */
  constructor(options: RespDecoderOptions) {
    this.#onValue = options.onValue;
    this.#allowKeepAlive = options.allowKeepAlive ?? false;
    this.#limits = resolveLimits(options);
  }

  /** Bytes taken since the start or the last `reset()`; inside `onValue` up to the end of that value. */
  get offset(): number {
    return this.#offset;
  }

  /** `true` between top-level values: nothing is half read. */
  get idle(): boolean {
    const stack = this.#stack;
    return this.#state === State.TYPE && !this.#streaming && stack.depth === 0 && !stack.described;
  }

  /**
   * Decodes `chunk` from index `start` on. Returns the index after the last byte taken: the chunk's length, unless `onValue`
   * returned `false`. The chunk must not change afterwards, values are views of it.
   */
  write(chunk: Uint8Array, start = 0): number {
    if (this.#error !== undefined) throw this.#error;
    this.#base = this.#offset - start;
    let at = start;
    while (at < chunk.length) {
      let value: RespValue | undefined;
      switch (this.#state) {
        case State.TYPE:
          this.#readType(chunk[at]!, at);
          at++;
          break;
        case State.LINE:
          at = this.#findLineEnd(chunk, at);
          break;
        case State.LINE_LF:
          if (chunk[at] !== LF) this.#fail("MALFORMED", "CR without LF", at);
          value = this.#readLine(at++);
          this.#line.release();
          break;
        case State.PAYLOAD:
          at = this.#payload.fill(chunk, at);
          if (this.#payload.whole) this.#state = State.PAYLOAD_CR;
          break;
        case State.PAYLOAD_CR:
          if (chunk[at] !== CR) this.#fail("MALFORMED", "a string without CR LF after it", at);
          this.#state = State.PAYLOAD_LF;
          at++;
          break;
        default:
          if (chunk[at] !== LF) this.#fail("MALFORMED", "a string without CR LF after it", at);
          at++;
          value = this.#finishPayload();
      }
      if (value === undefined) continue;
      this.#elements = 0;
      this.#offset = this.#base + at;
      if (this.#onValue(value) === false) return at;
    }
    this.#offset = this.#base + at;
    return at;
  }

  /** Tells that no more bytes come. Throws `TRUNCATED` when a value is half read. */
  end(): void {
    if (this.#error !== undefined) throw this.#error;
    this.#base = this.#offset;
    if (!this.idle) this.#fail("TRUNCATED", "the input ends inside it", 0);
  }

  /** Forgets everything half read and any error; offsets begin at 0 again. */
  reset(): void {
    this.#stack.clear();
    this.#line.clear();
    this.#payload.clear();
    this.#streamed.clear();
    this.#streaming = false;
    this.#state = State.TYPE;
    this.#elements = 0;
    this.#offset = 0;
    this.#error = undefined;
  }

  #readType(type: number, at: number): void {
    this.#typeAt = this.#base + at;
    if (this.#streaming && type !== Type.PIECE) {
      this.#fail("MALFORMED", `byte ${hexByte(type)} inside a streamed string`);
    }
    if (this.idle) {
      if (type === LF && this.#allowKeepAlive) return;
      this.#valueAt = this.#typeAt;
    }
    if (type === Type.PIECE) {
      if (!this.#streaming) this.#fail("MALFORMED", "a piece outside a streamed string");
    } else if (type === Type.END) {
      if (!this.#stack.closable) this.#fail("MALFORMED", "an end where no streamed aggregate can end");
    } else {
      if (!isValueType(type)) this.#fail("MALFORMED", `unknown type byte ${hexByte(type)}`);
      if (type === Type.PUSH && this.#stack.depth > 0) this.#fail("MALFORMED", "a push inside a value");
      this.#checkCount(1);
      this.#elements++;
    }
    this.#type = type;
    this.#state = State.LINE;
  }

  /** Finds the CR of the current line; returns the index after it, or the chunk's end when it is not there yet. */
  #findLineEnd(chunk: Uint8Array, start: number): number {
    let at = start;
    while (at < chunk.length && chunk[at] !== CR && chunk[at] !== LF) at++;
    const line = this.#line;
    if (line.held + at - start > lineLimit(this.#type, this.#limits))
      this.#fail("LIMIT", "its line is too long");
    if (at === chunk.length) {
      this.#checkBytes(at);
      line.hold(chunk, start, at);
      return at;
    }
    if (chunk[at] === LF) this.#fail("MALFORMED", "LF without CR", at);
    line.finish(chunk, start, at);
    this.#state = State.LINE_LF;
    return at + 1;
  }

  /** Acts on a whole line, whose LF stands at `at`. Returns a top-level value that it completes. */
  #readLine(at: number): RespValue | undefined {
    const line = this.#line;
    this.#state = State.TYPE;
    this.#checkBytes(at);
    switch (this.#type) {
      case Type.BULK:
        if (line.isMinusOne) return this.#addNull("bulk");
        if (!line.isStreamed) return this.#beginPayload(at);
        this.#streaming = true;
        return undefined;
      case Type.PIECE:
        return line.isZero ? this.#finishStreamed() : this.#beginPayload(at);
      case Type.VERBATIM:
      case Type.BLOB_ERROR:
        return this.#beginPayload(at);
      case Type.ARRAY:
        if (line.isMinusOne) return this.#addNull("array");
        return this.#open("array", line.isStreamed ? Infinity : this.#readCount());
      case Type.SET:
        return this.#open("set", line.isStreamed ? Infinity : this.#readCount());
      case Type.MAP:
        return this.#open("map", line.isStreamed ? Infinity : 2 * this.#readCount());
      case Type.PUSH:
        return this.#open("push", this.#readCount());
      case Type.ATTRIBUTE:
        return this.#open("attribute", 2 * this.#readCount());
      case Type.END:
        if (!line.isEmpty) this.#fail("MALFORMED", `not an end: ${line.shown()}`);
        return this.#stack.close();
    }
    const value = parseScalar(this.#type, line.bytes, line.start, line.end, this.#stack.takeAttributes());
    if (value === undefined) this.#fail("MALFORMED", `not a value: ${line.shown()}`);
    return this.#stack.add(value);
  }

  /** Reads the length of a string and turns to its bytes. */
  #beginPayload(at: number): undefined {
    const length = this.#line.length();
    if (length === undefined) this.#fail("MALFORMED", `not a length: ${this.#line.shown()}`);
    if (length + this.#streamed.length > this.#limits.maxBulkLength) {
      this.#fail("LIMIT", `a string above ${this.#limits.maxBulkLength} bytes`);
    }
    if (this.#type === Type.VERBATIM && length < 4)
      this.#fail("MALFORMED", "a verbatim string without format");
    this.#checkBytes(at + length);
    this.#payload.expect(length);
    this.#state = length === 0 ? State.PAYLOAD_CR : State.PAYLOAD;
    return undefined;
  }

  /** Acts on a whole string. Returns a top-level value that it completes. */
  #finishPayload(): RespValue | undefined {
    const bytes = this.#payload.take();
    this.#state = State.TYPE;
    if (this.#type === Type.PIECE) {
      this.#streamed.append(bytes, 0, bytes.length, Infinity);
      return undefined;
    }
    const value = stringValue(this.#type, bytes, this.#stack.takeAttributes());
    if (value === undefined) this.#fail("MALFORMED", "a verbatim string without format");
    return this.#stack.add(value);
  }

  #finishStreamed(): RespValue | undefined {
    this.#streaming = false;
    const attributes = this.#stack.takeAttributes();
    return this.#stack.add({ type: "bulk", bytes: this.#streamed.take(), attributes });
  }

  #addNull(form: "bulk" | "array"): RespValue | undefined {
    return this.#stack.add({ type: "null", form, attributes: this.#stack.takeAttributes() });
  }

  #readCount(): number {
    const count = this.#line.length();
    if (count === undefined) this.#fail("MALFORMED", `not a count: ${this.#line.shown()}`);
    // A count beyond the limit is refused here, before anything is waited for; `Infinity` means streamed from here on.
    this.#checkCount(count);
    return count;
  }

  /** Begins an aggregate of so many values, `Infinity` for a streamed one. */
  #open(type: Aggregate, values: number): RespValue | undefined {
    if (this.#stack.depth >= this.#limits.maxDepth) {
      this.#fail("LIMIT", `nesting above ${this.#limits.maxDepth}`);
    }
    if (values !== Infinity) this.#checkCount(values);
    return this.#stack.open(type, values);
  }

  #checkCount(more: number): void {
    if (this.#elements + more > this.#limits.maxElements) {
      this.#fail("LIMIT", `above ${this.#limits.maxElements} elements`);
    }
  }

  #checkBytes(at: number): void {
    if (this.#base + at - this.#valueAt > this.#limits.maxValueBytes) {
      this.#fail("LIMIT", `above ${this.#limits.maxValueBytes} bytes in all`);
    }
  }

  /** Without `at` the whole element is to blame, and its first byte is the place. */
  #fail(code: ErrorCode, detail: string, at?: number): never {
    const offset = at === undefined ? this.#typeAt : this.#base + at;
    this.#error = new ReplicaError(code, `Cannot decode RESP value: ${detail} at byte ${offset}`, { offset });
    throw this.#error;
  }
}
