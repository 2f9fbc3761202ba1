import { type ErrorCode, ReplicaError } from "../errors.ts";
import type { CommandSink } from "./command_sink.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { positive } from "./limits.ts";
import { HEADROOM, scanQuickly } from "./quick_scan.ts";

/** What a {@link CommandScanner} accepts, and where it puts commands. */
export interface CommandScannerOptions {
  /** Offset of the first byte. Default 0. */
  readonly offset?: number | undefined;
  /** Take bare LF between commands as signs of life, which do not move the offset (a replication link). Default `false`. */
  readonly allowKeepAlive?: boolean | undefined;
  /** Take lines that begin with `#` between commands as annotations (AOF files, Redis ≥ 7.0). Default `false`. */
  readonly allowAnnotations?: boolean | undefined;
  /** Bytes of one command, framing included; above it `LIMIT`. Default 1 GiB, the servers' own query buffer limit. */
  readonly maxCommandBytes?: number | undefined;
}

const State = {
  /** Between commands. */
  START: 0,
  ARGC: 1,
  ARGC_LF: 2,
  DOLLAR: 3,
  LENGTH: 4,
  LENGTH_LF: 5,
  /** In the bytes of an argument. */
  DATA: 6,
  DATA_CR: 7,
  DATA_LF: 8,
  ANNOTATION: 9,
} as const;
type State = (typeof State)[keyof typeof State];

const CR = 0x0d;
const LF = 0x0a;
const HASH = 0x23;
const DOLLAR = 0x24;
const STAR = 0x2a;
const ZERO = 0x30;

/** Servers refuse more: 2^31 − 1. */
const MAX_ARGC = 0x7fffffff;
/** `$0`, CR LF and CR LF: no argument is shorter. */
const MIN_ARGUMENT = 6;
/** Bytes of an annotation line; servers' own buffer has 1024. */
const MAX_ANNOTATION = 64 * 1024;
/**
 * Finds the commands in a stream of them, as on a replication link after the snapshot or in an AOF file: arrays of bulk
 * strings, pushed in chunks that are cut anywhere. It only tells where they are. A command within one chunk is not
 * copied; one that spans chunks is gathered, and only that one. The bytes of arguments are jumped over, not read.
 *
 * Strict where servers are lax: digits only, CR LF after every argument. Malformed input ends it: every later call throws
 * the same `ReplicaError` (`MALFORMED`, `LIMIT`, from `end()` also `TRUNCATED`) until `reset()`.
 *
 * @example
 * ```ts
 * import { CommandScanner, encodeCommand } from "rxreplica/resp";
 *
 * const seen: string[] = [];
 * let bytes: Uint8Array = new Uint8Array();
 * const scanner = new CommandScanner({
 *   onSource: (source) => {
 *     bytes = source;
 *   },
 *   onCommand: (_start, _end, argc, nameStart, nameEnd) => {
 *     seen.push(`${new TextDecoder().decode(bytes.subarray(nameStart, nameEnd))} ${argc}`);
 *   },
 * });
 * scanner.write(encodeCommand(["SET", "k", "v"]));
 * scanner.end();
 * if (seen.join() !== "SET 3") throw new Error(`unexpected ${seen}`);
 * ```
 */
export class CommandScanner {
  readonly #sink: CommandSink;
  readonly #allowKeepAlive: boolean;
  readonly #allowAnnotations: boolean;
  readonly #maxCommandBytes: number;

  /** Beginning of the command that spans chunks. */
  readonly #held: GrowingBytes = new GrowingBytes();
  #state: State = State.START;
  /** The number being read. */
  #number = 0;
  #digits = 0;
  #argc = 0;
  /** Arguments of the current command not read yet. */
  #left = 0;
  /** Bytes of the current argument not passed yet. */
  #rest = 0;
  /** Where the name stands, from the start of the command. */
  #nameStart = 0;
  #nameEnd = 0;
  /** Offset after the last whole command. */
  #offset: number;
  /** Offset of index 0 of the chunk being scanned. */
  #base = 0;
  /** The sink knows the chunk being scanned. */
  #announced = false;
  #error: ReplicaError | undefined;

  /** Throws `RangeError` for a limit that is not a positive number. */
  constructor(sink: CommandSink, options: CommandScannerOptions = {}) {
    this.#sink = sink;
    this.#offset = options.offset ?? 0;
    this.#allowKeepAlive = options.allowKeepAlive ?? false;
    this.#allowAnnotations = options.allowAnnotations ?? false;
    this.#maxCommandBytes = positive(options.maxCommandBytes ?? 1024 * 1024 * 1024);
  }

  /** Offset after the last whole command or annotation. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes of a command that has begun and not ended. */
  get pending(): number {
    return this.#held.length;
  }

  /** Scans `chunk` from index `start` on. The chunk must not change afterwards where the sink keeps it. */
  write(chunk: Uint8Array, start = 0): void {
    if (this.#error !== undefined) throw this.#error;
    this.#base = this.#offset + this.#held.length - start;
    if (this.#base + chunk.length > Number.MAX_SAFE_INTEGER) this.#fail("LIMIT", "offset above 2^53", start);
    this.#announced = false;
    let at = start;
    if (this.#state !== State.START) at = this.#scanCarefully(chunk, at);
    while (at < chunk.length) {
      if (at + HEADROOM <= chunk.length) {
        if (!this.#announced) this.#announce(chunk);
        at = scanQuickly(chunk, at, this.#sink, this.#maxCommandBytes);
        this.#offset = this.#base + at;
      }
      if (at < chunk.length) at = this.#scanCarefully(chunk, at);
    }
  }

  /** Tells that no more bytes come. Throws `TRUNCATED` inside a command; an annotation may be cut (as servers take it). */
  end(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#state === State.START || this.#state === State.ANNOTATION) return;
    this.#base = this.#offset;
    this.#fail("TRUNCATED", "the input ends inside it", this.#held.length);
  }

  /** Forgets what is half read and any error; the next byte has this offset. */
  reset(offset = 0): void {
    this.#held.clear();
    this.#state = State.START;
    this.#offset = offset;
    this.#error = undefined;
  }

  #announce(chunk: Uint8Array): void {
    this.#announced = true;
    this.#sink.onSource(chunk, this.#base);
  }

  /**
   * Goes byte by byte, resumable anywhere, through the end of the current command or annotation. Returns the index after
   * it, or the chunk's end with what was seen of it put aside.
   */
  #scanCarefully(chunk: Uint8Array, start: number): number {
    const end = chunk.length;
    let at = start;
    while (at < end) {
      const byte = chunk[at]!;
      switch (this.#state) {
        case State.START:
          if (byte === LF && this.#allowKeepAlive) return this.#passKeepAlive(at);
          if (byte === STAR) this.#beginNumber(State.ARGC);
          else if (byte === HASH && this.#allowAnnotations) this.#state = State.ANNOTATION;
          else this.#fail("MALFORMED", `expected "*", got ${hex(byte)}`, at);
          break;
        case State.ARGC:
          if (byte === CR) this.#finishArgc(at);
          else this.#addDigit(byte, at);
          break;
        case State.ARGC_LF:
          this.#expect(byte, LF, at);
          this.#state = State.DOLLAR;
          break;
        case State.DOLLAR:
          this.#expect(byte, DOLLAR, at);
          this.#beginNumber(State.LENGTH);
          break;
        case State.LENGTH:
          if (byte === CR) this.#finishLength(this.#held.length + at - start, at);
          else this.#addDigit(byte, at);
          break;
        case State.LENGTH_LF:
          this.#expect(byte, LF, at);
          if (this.#left === this.#argc) {
            this.#nameStart = this.#held.length + at + 1 - start;
            this.#nameEnd = this.#nameStart + this.#rest;
          }
          this.#state = this.#rest === 0 ? State.DATA_CR : State.DATA;
          break;
        case State.DATA: {
          const passed = Math.min(this.#rest, end - at);
          this.#rest -= passed;
          if (this.#rest === 0) this.#state = State.DATA_CR;
          at += passed;
          continue;
        }
        case State.DATA_CR:
          this.#expect(byte, CR, at);
          this.#state = State.DATA_LF;
          break;
        case State.DATA_LF:
          this.#expect(byte, LF, at);
          if (--this.#left === 0) return this.#finishCommand(chunk, start, at + 1);
          this.#state = State.DOLLAR;
          break;
        case State.ANNOTATION:
          if (byte === LF) return this.#finishAnnotation(chunk, start, at + 1);
          if (this.#held.length + at - start >= MAX_ANNOTATION)
            this.#fail("LIMIT", "annotation too long", at);
      }
      at++;
    }
    this.#held.append(chunk, start, end, this.#expectedBytes(end - start));
    return end;
  }

  /** Bytes of the current command in all, as far as that is known and worth reserving for. */
  #expectedBytes(more: number): number {
    if (this.#state !== State.DATA) return Infinity;
    const length = this.#held.length + more;
    const least = length + this.#rest + 2;
    // With more arguments to come, always grow by a part of what is there: growing to fit each one is quadratic.
    return this.#left === 1 ? least : Math.max(least, length + (length >>> 2));
  }

  #beginNumber(state: State): void {
    this.#state = state;
    this.#number = 0;
    this.#digits = 0;
  }

  #addDigit(byte: number, at: number): void {
    const digit = byte - ZERO;
    if (digit < 0 || digit > 9) this.#fail("MALFORMED", `expected a digit, got ${hex(byte)}`, at);
    if (this.#digits > 0 && this.#number === 0) this.#fail("MALFORMED", "number with a leading zero", at);
    this.#number = this.#number * 10 + digit;
    if (++this.#digits > 15) this.#fail("LIMIT", "number above every limit", at);
  }

  #finishArgc(at: number): void {
    if (this.#number === 0) this.#fail("MALFORMED", "command without a name", at);
    if (this.#number > MAX_ARGC || this.#number * MIN_ARGUMENT > this.#maxCommandBytes) {
      this.#fail("LIMIT", `command of ${this.#number} arguments`, at);
    }
    this.#argc = this.#number;
    this.#left = this.#number;
    this.#state = State.ARGC_LF;
  }

  #finishLength(passed: number, at: number): void {
    if (this.#digits === 0) this.#fail("MALFORMED", "argument without a length", at);
    const least = passed + 2 + this.#number + 2 + (this.#left - 1) * MIN_ARGUMENT;
    if (least > this.#maxCommandBytes)
      this.#fail("LIMIT", `command above ${this.#maxCommandBytes} bytes`, at);
    this.#rest = this.#number;
    this.#state = State.LENGTH_LF;
  }

  #finishCommand(chunk: Uint8Array, start: number, end: number): number {
    this.#state = State.START;
    const sink = this.#sink;
    if (this.#held.length === 0) {
      if (!this.#announced) this.#announce(chunk);
      sink.onCommand(start, end, this.#argc, start + this.#nameStart, start + this.#nameEnd);
    } else {
      this.#held.append(chunk, start, end, this.#held.length + end - start);
      const bytes = this.#held.take();
      this.#announced = false;
      sink.onSource(bytes, this.#offset);
      sink.onCommand(0, bytes.length, this.#argc, this.#nameStart, this.#nameEnd);
    }
    this.#offset = this.#base + end;
    return end;
  }

  #finishAnnotation(chunk: Uint8Array, start: number, end: number): number {
    this.#state = State.START;
    this.#offset = this.#base + end;
    let bytes = chunk;
    let first = start;
    let last = end;
    if (this.#held.length > 0) {
      this.#held.append(chunk, start, end, Infinity);
      bytes = this.#held.take();
      first = 0;
      last = bytes.length;
    }
    last -= bytes[last - 2] === CR ? 2 : 1;
    this.#sink.onAnnotation?.(bytes, first + 1, last);
    return end;
  }

  /** A byte that does not count: what follows it lies one byte nearer to the beginning. */
  #passKeepAlive(at: number): number {
    this.#base--;
    this.#announced = false;
    this.#sink.onKeepAlive?.();
    return at + 1;
  }

  #expect(byte: number, wanted: number, at: number): void {
    if (byte !== wanted) this.#fail("MALFORMED", `expected ${hex(wanted)}, got ${hex(byte)}`, at);
  }

  #fail(code: ErrorCode, detail: string, at: number): never {
    const offset = this.#base + at;
    this.#error = new ReplicaError(code, `Cannot decode command: ${detail} at byte ${offset}`, { offset });
    throw this.#error;
  }
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
