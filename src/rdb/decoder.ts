import { Crc64 } from "../bytes/crc64.ts";
import { lendToKernels } from "../bytes/kernels/kernel_input.ts";
import { ReplicaError } from "../errors.ts";
import type { EventContext, LinkEvent, RdbEnd, RdbEvent } from "../events.ts";
import { ByteReader, UNDERFLOW } from "./byte_reader.ts";
import { errorAtKey } from "./key_error.ts";
import { keyTextAt } from "./key_event.ts";
import type { RdbKeyHeader, RdbLevel } from "./key_header.ts";
import type { ModuleParsers } from "./module_parser.ts";
import { PartBuilder } from "./part_builder.ts";
import { RecordReader } from "./records.ts";
import { TemplateTable } from "./templates.ts";
import type { RdbTotals } from "./totals.ts";
import type { RdbLimits, ValueContext } from "./value_reading.ts";

/** A fault that the decoder survives. */
export type RdbWarning = Extract<LinkEvent, { readonly event: "warning" }>;

/** Where an {@link RdbDecoder} puts events, what it selects and what it accepts. */
export interface RdbDecoderOptions {
  /** Takes every event, in order. */
  readonly onEvent: (event: RdbEvent | RdbWarning) => void;
  /** Says, before a value is read, what is wanted of it. Default: `data` for all. */
  readonly select?: ((header: RdbKeyHeader) => RdbLevel) | undefined;
  /** What a wrong checksum is. Default `error`. `off` does not compute it. */
  readonly checksum?: "error" | "warn" | "off" | undefined;
  /** Parsers for module values, by the module's type name. */
  readonly modules?: ModuleParsers | undefined;
  /** Bounds; see {@link RdbLimits}. */
  readonly limits?: Partial<RdbLimits> | undefined;
  /**
   * Make no key events, only keep {@link RdbDecoder.totals}: everything is decoded and checked as for events. Chunks may be
   * written again after `write` returned. Default `false`.
   */
  readonly totalsOnly?: boolean | undefined;
  /** What the events carry besides; can be set anew before each `write`. */
  readonly context?: EventContext | undefined;
}

const NO_CONTEXT: EventContext = {
  replid: undefined,
  receivedAt: undefined,
  shard: undefined,
  file: undefined,
};
const CHECKSUM_SIZE = 8;
const FIRST_VERSION_WITH_CHECKSUM = 5;

/** The bounds that hold where none are given. */
export const RDB_LIMITS: RdbLimits = {
  maxPartElements: 4096,
  maxPartBytes: 1 << 20,
  maxElementBytes: 512 << 20,
  maxPackedBytes: 4 << 20,
  maxModuleBytes: 64 << 20,
};

/**
 * Decodes one RDB payload that is pushed in chunks of any size. The events depend on the payload alone, never on how it was
 * cut. Memory is bounded by {@link RdbLimits}.
 *
 * After malformed input the decoder is terminated: it throws the same `ReplicaError` until `reset()`. Everything decoded
 * before was handed out, a broken value's elements so far included.
 *
 * @example
 * ```ts
 * import { RdbDecoder } from "rxreplica/rdb";
 *
 * const decoder = new RdbDecoder({ onEvent: (event) => seen.push(event.event) });
 * const seen: string[] = [];
 * decoder.write(new TextEncoder().encode("REDIS0004"));
 * decoder.write(new Uint8Array([0xff]));
 * decoder.end();
 * if (seen.join() !== "begin,end") throw new Error(seen.join());
 * ```
 */
export class RdbDecoder {
  /** What the events of the next `write` carry. */
  context: EventContext;
  readonly #options: RdbDecoderOptions;
  readonly #reader: ByteReader = new ByteReader();
  readonly #crc: Crc64 = new Crc64();
  readonly #templates: TemplateTable = new TemplateTable();
  readonly #parts: PartBuilder;
  readonly #limits: RdbLimits;
  #records: RecordReader;
  #state: "records" | "checksum" | "done" = "records";
  #error: unknown = undefined;
  #bytesRead = 0;
  /** Bytes of the current chunk that are in the checksum already. */
  #summed = 0;

  constructor(options: RdbDecoderOptions) {
    this.#options = options;
    this.context = options.context ?? NO_CONTEXT;
    this.#limits = { ...RDB_LIMITS, ...options.limits };
    this.#parts = new PartBuilder(
      this.#limits,
      options.totalsOnly === true ? undefined : (event) => options.onEvent(event),
    );
    this.#records = this.#startRecords();
  }

  /** `true` once the payload ended, its checksum verified. */
  get done(): boolean {
    return this.#state === "done";
  }

  /** Bytes of the payload taken so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Version in the header; 0 before it was read. */
  get version(): number {
    return this.#records.version;
  }

  /** What was decoded so far. */
  get totals(): Readonly<RdbTotals> {
    return this.#parts.totals;
  }

  /**
   * Takes the next chunk, which must not change afterwards: events view it. Returns how many of its bytes belong to the
   * payload: fewer than given once the payload has ended.
   *
   * Throws `ReplicaError` (`MALFORMED`, `NOT_RDB`, `UNKNOWN_TYPE`, `UNSUPPORTED`, `LIMIT`, `CHECKSUM`) with the byte offset and,
   * inside a value, its key, db and type.
   */
  write(chunk: Uint8Array): number {
    if (this.#error !== undefined) throw this.#error;
    if (this.#state === "done" || chunk.length === 0) return 0;
    this.#summed = 0;
    lendToKernels(chunk);
    try {
      if (this.#reader.push(chunk)) this.#run(chunk);
    } catch (error) {
      throw this.#fail(error);
    } finally {
      lendToKernels(undefined);
    }
    const consumed = this.done ? this.#reader.consumed : chunk.length;
    if (this.#state === "records") this.#sum(chunk, chunk.length);
    this.#bytesRead += consumed;
    return consumed;
  }

  /** Says that no more bytes come; throws `ReplicaError` `TRUNCATED` if the payload has not ended. */
  end(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.done) return;
    const at = this.#bytesRead;
    throw this.#fail(
      new ReplicaError(
        "TRUNCATED",
        `${at === 0 ? "Cannot decode RDB: the input is empty" : `the input ends at byte ${at}`}`,
        {
          offset: at,
        },
      ),
    );
  }

  /** For input that must hold nothing but the payload: throws `MALFORMED` for the bytes that follow it. */
  refuseTrailing(): never {
    const at = this.#bytesRead;
    throw this.#fail(
      new ReplicaError("MALFORMED", `Cannot decode RDB: more bytes follow its end at byte ${at}`, {
        offset: at,
      }),
    );
  }

  /** Forgets everything and waits for a new payload. */
  reset(): void {
    this.#reader.reset();
    this.#crc.reset();
    this.#templates.clear();
    this.#records = this.#startRecords();
    this.#state = "records";
    this.#error = undefined;
    this.#bytesRead = this.#summed = 0;
  }

  #startRecords(): RecordReader {
    const wanted: ValueContext = {
      parts: this.#parts,
      limits: this.#limits,
      modules: this.#options.modules ?? {},
      templates: this.#templates,
      skipping: false,
      warn: (code, message, cause) => this.#warn(code, message, cause),
    };
    const skipped: ValueContext = {
      ...wanted,
      parts: new PartBuilder(this.#limits, undefined),
      skipping: true,
    };
    return new RecordReader({
      emit: this.#options.onEvent,
      select: this.#options.select,
      wanted,
      skipped,
      context: () => this.context,
    });
  }

  #run(chunk: Uint8Array): void {
    for (;;) {
      try {
        if (this.#state === "records") {
          this.#records.run(this.#reader);
          this.#sum(chunk, this.#reader.offset - this.#reader.chunkOffset);
          this.#state = "checksum";
        }
        this.#readChecksum();
        return;
      } catch (error) {
        if (error !== UNDERFLOW) throw error;
        if (!this.#reader.refill()) return;
      }
    }
  }

  #readChecksum(): void {
    const r = this.#reader;
    const { version } = this.#records;
    let checksum: RdbEnd["checksum"] = "off";
    if (version >= FIRST_VERSION_WITH_CHECKSUM) {
      const at = r.offset;
      r.require(CHECKSUM_SIZE);
      const stored = r.buf.subarray(r.pos, r.pos + CHECKSUM_SIZE);
      r.pos += CHECKSUM_SIZE;
      const computed = stored.some((byte) => byte !== 0) && this.#options.checksum !== "off";
      if (computed) checksum = this.#crc.matches(stored, 0) ? "ok" : "mismatch";
      if (checksum === "mismatch") this.#reportMismatch(at);
    }
    r.commit();
    this.#state = "done";
    const { receivedAt, shard } = this.context;
    this.#options.onEvent({
      kind: "rdb",
      event: "end",
      keys: this.#records.keys,
      checksum,
      position: undefined,
      receivedAt,
      shard,
    });
  }

  #reportMismatch(at: number): void {
    const message = `Cannot trust RDB: the checksum at byte ${at} does not match`;
    if (this.#options.checksum !== "warn") throw new ReplicaError("CHECKSUM", message, { offset: at });
    this.#emitWarning("CHECKSUM", at, message);
  }

  #warn(code: "MODULE" | "LIMIT", detail: string, cause: unknown): void {
    const head = this.#records.head;
    const key = head === undefined ? "?" : JSON.stringify(keyTextAt(head.keyBuf, head.keyPos));
    const reason = cause === undefined ? "" : `: ${cause instanceof Error ? cause.message : String(cause)}`;
    this.#emitWarning(code, head?.offset, `Cannot decode value of key ${key}: ${detail}${reason}`);
  }

  #emitWarning(code: RdbWarning["code"], at: number | undefined, message: string): void {
    const { receivedAt, shard } = this.context;
    this.#options.onEvent({
      kind: "link",
      event: "warning",
      code,
      at,
      message,
      position: undefined,
      receivedAt,
      shard,
    });
  }

  /** Takes the chunk's bytes up to `end` into the checksum. */
  #sum(chunk: Uint8Array, end: number): void {
    if (end > this.#summed && this.#options.checksum !== "off") this.#crc.update(chunk, this.#summed, end);
    this.#summed = Math.max(this.#summed, end);
  }

  /** Terminates the decoder; hands out what is there of a value that broke. */
  #fail(cause: unknown): unknown {
    const error = errorAtKey(cause, this.#records.head);
    this.#error = error;
    this.#records.abandon();
    return error;
  }
}
