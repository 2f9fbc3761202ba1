import { AofDecoder, type AofDecoderOptions, type AofFileEvent, type AofPlace } from "../aof/decoder.ts";
import type { LinkEvent } from "../events.ts";
import type { RdbLevel } from "../rdb/records.ts";
import { compileFilter, type FilterOptions } from "../stream/filter.ts";
import { EventBatch } from "./event_batch.ts";

/** A history that had to begin anew while an AOF was followed. */
export type AofReset = Extract<LinkEvent, { readonly event: "reset" }>;

/** An event of an AOF. */
export type AofBatchEvent = AofFileEvent | AofReset;

/** What of an AOF is wanted. */
export interface AofSelection
  extends FilterOptions,
    Pick<AofDecoderOptions, "checksum" | "modules" | "limits" | "maxCommandBytes" | "truncated" | "until"> {
  /** What is wanted of the values in an RDB that the filter passes. Default `data`. */
  readonly level?: RdbLevel | undefined;
}

/** Turns the chunks of an AOF's files into filtered batches; errors wait until the batch before them was taken. */
export class AofReader {
  readonly #decoder: AofDecoder;
  readonly #until: number | undefined;
  readonly #batch: EventBatch<AofBatchEvent> = new EventBatch();
  #failure: { readonly error: unknown } | undefined = undefined;

  constructor(options: AofSelection) {
    const { level = "data" } = options;
    const filter = compileFilter(options);
    const stage = filter.stage();
    const push = (event: unknown): void => {
      this.#batch.push(event as AofBatchEvent);
    };
    const { frames } = filter;
    this.#until = options.until;
    this.#decoder = new AofDecoder({
      ...options,
      sift: frames && { judge: frames, onPass: push },
      onEvent: filter.passesCommands ? push : (event) => stage.push(event, push),
      select:
        filter.passesRdb && level === "data"
          ? undefined
          : (header) => (filter.select(header) === "skip" ? "skip" : level),
    });
  }

  /** Nothing more is wanted: `until` has passed. */
  get stopped(): boolean {
    return this.#decoder.stopped;
  }

  /** Begins a file. */
  start(place: AofPlace): void {
    this.#decoder.start(place);
  }

  /** Takes a chunk. */
  write(chunk: Uint8Array): void {
    this.#attempt(() => this.#decoder.write(chunk));
  }

  /** The file has no more bytes. */
  end(): void {
    this.#attempt(() => this.#decoder.end());
  }

  /** Nothing follows. Says so when `until` could not have any effect. */
  finish(): void {
    if (this.#until === undefined || this.#decoder.timestamps > 0) return;
    this.note({
      kind: "link",
      event: "warning",
      code: "CONFIG",
      at: undefined,
      message: "No command has a time in this AOF (aof-timestamp-enabled was off): until had no effect",
      position: undefined,
      receivedAt: undefined,
    });
  }

  /** Adds an event that only the driver knows of. */
  note(event: AofBatchEvent): void {
    this.#batch.push(event);
  }

  /** The events since the last call; `undefined` when there are none. */
  take(): readonly AofBatchEvent[] | undefined {
    return this.#batch.take();
  }

  /** Throws what went wrong; call it when the events before were taken. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#failure = { error };
    }
  }
}
