import { latin1 } from "../bytes/text.ts";
import { type ErrorCode, ReplicaError } from "../errors.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { type RespLimits, resolveLimits } from "./limits.ts";
import { parseLength } from "./numbers.ts";
import { isValueType, parseScalar, Type, view } from "./scalars.ts";
import type { RespValue } from "./value.ts";
import { type Aggregate, ValueStack } from "./value_stack.ts";

export interface RespDecoderOptions extends RespLimits {
  /**
   * Takes each whole top-level value; pushes come the same way. `false` stops `write` after this value, for a connection
   * whose next bytes are not RESP. What it throws leaves `write`, and the value counts as delivered.
   */
  readonly onValue: (value: RespValue) => unknown;
  /** Pass over bare LF between values, a primary's sign of life before it answers PSYNC. Default `false`: malformed. */
  readonly allowKeepAlive?: boolean | undefined;
}

const State = { TYPE: 0, LINE: 1, LINE_LF: 2, PAYLOAD: 3, PAYLOAD_CR: 4, PAYLOAD_LF: 5 } as const;
type State = (typeof State)[keyof typeof State];

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const QUESTION_MARK = 0x3f;
const ZERO = 0x30;
const EMPTY: Uint8Array = new Uint8Array(0);
/** No number that a server prints comes near this many characters. */
const MAX_NUMBER_LINE = 512;

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
  readonly #limits: ReturnType<typeof resolveLimits>;

  readonly #stack: ValueStack = new ValueStack();
  /** The part of a line or string that came with earlier chunks. */
  readonly #held: GrowingBytes = new GrowingBytes();
  /** A streamed string so far. */
  readonly #streamed: GrowingBytes = new GrowingBytes();
  #streaming = false;
  #state: State = State.TYPE;
  /** Type byte of the element being read, and its offset. */
  #type = 0;
  #typeAt = 0;
  #line: Uint8Array = EMPTY;
  #lineStart = 0;
  #lineEnd = 0;
  /** Announced length of the string being read. */
  #length = 0;
  #payload: Uint8Array = EMPTY;
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
          break;
        case State.PAYLOAD:
          at = this.#readPayload(chunk, at);
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
    this.#held.clear();
    this.#streamed.clear();
    this.#streaming = false;
    this.#state = State.TYPE;
    this.#line = EMPTY;
    this.#payload = EMPTY;
    this.#elements = 0;
    this.#offset = 0;
    this.#error = undefined;
  }

  #readType(type: number, at: number): void {
    this.#typeAt = this.#base + at;
    if (this.#streaming && type !== Type.PIECE) {
      this.#fail("MALFORMED", `byte ${hex(type)} inside a streamed string`);
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
      if (!isValueType(type)) this.#fail("MALFORMED", `unknown type byte ${hex(type)}`);
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
    if (this.#held.length + at - start > this.#lineLimit()) this.#fail("LIMIT", "its line is too long");
    if (at === chunk.length) {
      this.#checkBytes(at);
      this.#held.append(chunk, start, at, Infinity);
      return at;
    }
    if (chunk[at] === LF) this.#fail("MALFORMED", "LF without CR", at);
    if (this.#held.length === 0) {
      this.#line = chunk;
      this.#lineStart = start;
      this.#lineEnd = at;
    } else {
      this.#held.append(chunk, start, at, Infinity);
      this.#line = this.#held.take();
      this.#lineStart = 0;
      this.#lineEnd = this.#line.length;
    }
    this.#state = State.LINE_LF;
    return at + 1;
  }

  #lineLimit(): number {
    if (this.#type === Type.SIMPLE || this.#type === Type.ERROR) return this.#limits.maxLineLength;
    return this.#type === Type.BIG_NUMBER ? this.#limits.maxBigNumberDigits + 1 : MAX_NUMBER_LINE;
  }

  /** Acts on a whole line, whose LF stands at `at`. Returns a top-level value that it completes. */
  #readLine(at: number): RespValue | undefined {
    const bytes = this.#line;
    const start = this.#lineStart;
    const end = this.#lineEnd;
    const streamed = end - start === 1 && bytes[start] === QUESTION_MARK;
    this.#line = EMPTY;
    this.#state = State.TYPE;
    this.#checkBytes(at);
    switch (this.#type) {
      case Type.BULK:
        if (isMinusOne(bytes, start, end)) return this.#addNull("bulk");
        if (!streamed) return this.#beginPayload(bytes, start, end, at);
        this.#streaming = true;
        return undefined;
      case Type.PIECE:
        if (end - start === 1 && bytes[start] === ZERO) return this.#finishStreamed();
        return this.#beginPayload(bytes, start, end, at);
      case Type.VERBATIM:
      case Type.BLOB_ERROR:
        return this.#beginPayload(bytes, start, end, at);
      case Type.ARRAY:
        if (isMinusOne(bytes, start, end)) return this.#addNull("array");
        return this.#open("array", streamed ? Infinity : this.#readCount(bytes, start, end));
      case Type.SET:
        return this.#open("set", streamed ? Infinity : this.#readCount(bytes, start, end));
      case Type.MAP:
        return this.#open("map", streamed ? Infinity : 2 * this.#readCount(bytes, start, end));
      case Type.PUSH:
        return this.#open("push", this.#readCount(bytes, start, end));
      case Type.ATTRIBUTE:
        return this.#open("attribute", 2 * this.#readCount(bytes, start, end));
      case Type.END:
        if (start !== end) this.#fail("MALFORMED", `not an end: ${shown(bytes, start, end)}`);
        return this.#stack.close();
    }
    const value = parseScalar(this.#type, bytes, start, end, this.#stack.takeAttributes());
    if (value === undefined) this.#fail("MALFORMED", `not a value: ${shown(bytes, start, end)}`);
    return this.#stack.add(value);
  }

  /** Reads the length of a string and turns to its bytes. */
  #beginPayload(bytes: Uint8Array, start: number, end: number, at: number): undefined {
    const length = parseLength(bytes, start, end);
    if (length === undefined) this.#fail("MALFORMED", `not a length: ${shown(bytes, start, end)}`);
    if (length + this.#streamed.length > this.#limits.maxBulkLength) {
      this.#fail("LIMIT", `a string above ${this.#limits.maxBulkLength} bytes`);
    }
    if (this.#type === Type.VERBATIM && length < 4)
      this.#fail("MALFORMED", "a verbatim string without format");
    this.#checkBytes(at + length);
    this.#length = length;
    this.#payload = EMPTY;
    this.#state = length === 0 ? State.PAYLOAD_CR : State.PAYLOAD;
    return undefined;
  }

  /** Takes what `chunk` has of a string: a view when that is all of it, else into memory allocated once. */
  #readPayload(chunk: Uint8Array, at: number): number {
    const held = this.#held;
    const end = Math.min(chunk.length, at + this.#length - held.length);
    if (end - at === this.#length) {
      this.#payload = view(chunk, at, end);
    } else {
      held.append(chunk, at, end, this.#length);
      if (held.length < this.#length) return end;
      this.#payload = held.take();
    }
    this.#state = State.PAYLOAD_CR;
    return end;
  }

  /** Acts on a whole string. Returns a top-level value that it completes. */
  #finishPayload(): RespValue | undefined {
    const bytes = this.#payload;
    this.#payload = EMPTY;
    this.#state = State.TYPE;
    if (this.#type === Type.PIECE) {
      this.#streamed.append(bytes, 0, bytes.length, Infinity);
      return undefined;
    }
    const stack = this.#stack;
    const attributes = stack.takeAttributes();
    if (this.#type === Type.BULK) return stack.add({ type: "bulk", bytes, attributes });
    if (this.#type === Type.BLOB_ERROR) return stack.add({ type: "error", bytes, form: "blob", attributes });
    if (bytes[3] !== COLON) this.#fail("MALFORMED", "a verbatim string without format");
    return stack.add({
      type: "verbatim",
      format: latin1(bytes, 0, 3),
      bytes: view(bytes, 4, bytes.length),
      attributes,
    });
  }

  #finishStreamed(): RespValue | undefined {
    this.#streaming = false;
    const attributes = this.#stack.takeAttributes();
    return this.#stack.add({ type: "bulk", bytes: this.#streamed.take(), attributes });
  }

  #addNull(form: "bulk" | "array"): RespValue | undefined {
    return this.#stack.add({ type: "null", form, attributes: this.#stack.takeAttributes() });
  }

  #readCount(bytes: Uint8Array, start: number, end: number): number {
    const count = parseLength(bytes, start, end);
    if (count === undefined) this.#fail("MALFORMED", `not a count: ${shown(bytes, start, end)}`);
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

function isMinusOne(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 2 && bytes[start] === 0x2d && bytes[start + 1] === 0x31;
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

/** A line for a message, cut short. */
function shown(bytes: Uint8Array, start: number, end: number): string {
  return JSON.stringify(latin1(bytes, start, Math.min(end, start + 40)));
}
