import { latin1 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { AofEvent, EventContext, LinkEvent, RdbEvent } from "../events.ts";
import { RdbDecoder, type RdbDecoderOptions, type RdbWarning } from "../rdb/decoder.ts";
import type { CommandScannerOptions } from "../resp/command_scanner.ts";
import { CommandTracker, type Sift } from "../stream/command_tracker.ts";
import { parseTimestamp, timestampEvent } from "./timestamp_event.ts";

/** Says that the last file ended inside a command or transaction. */
export type AofTruncated = Extract<LinkEvent, { readonly event: "truncated" }>;

/** What an AOF file holds: the RDB that it may begin with, commands, timestamps; and what was tolerated. */
export type AofFileEvent = RdbEvent | RdbWarning | AofEvent | AofTruncated;

export interface AofDecoderOptions
  extends Pick<RdbDecoderOptions, "select" | "checksum" | "modules" | "limits">,
    Pick<CommandScannerOptions, "maxCommandBytes"> {
  /** Takes every event, in order, but those that `sift` takes or drops. It must not throw. */
  readonly onEvent: (event: AofFileEvent) => void;
  /**
   * What a last file is that ends inside a command or transaction, as after a crash. `warn` (default) tells it by an event
   * and is what servers do (`aof-load-truncated yes`), `error` refuses it.
   */
  readonly truncated?: "warn" | "error" | undefined;
  /**
   * Unix ms: stop before the first `#TS:` line that is later, but not within a transaction. Exact to the second, and only
   * where the server wrote such lines (`aof-timestamp-enabled yes`, ≥ 7.0).
   */
  readonly until?: number | undefined;
  /** Drops commands before they are events. Not with `until`, which must see all of them. */
  readonly sift?: Sift | undefined;
}

/** One file and its place in the AOF. */
export interface AofPlace {
  /** What the events carry. */
  readonly context: EventContext;
  /** `base` when the manifest says so; a single file is `incr`. */
  readonly type: "base" | "incr";
  /** No file follows: only then may it be truncated. */
  readonly last: boolean;
}

const NO_CONTEXT: EventContext = {
  replid: undefined,
  receivedAt: undefined,
  shard: undefined,
  file: undefined,
};

/**
 * Decodes the files of an AOF, pushed in chunks that are cut anywhere: an RDB at the beginning (a `base` file since Redis
 * 7.0, the preamble of 4.0–6.2) and commands after it, with the db they run in. Offsets are bytes of the file.
 *
 * After malformed input it is terminated: it throws the same `ReplicaError` until `start()`. Source: aof.c of Redis 7.0.
 */
export class AofDecoder {
  readonly #options: AofDecoderOptions;
  readonly #rdb: RdbDecoder;
  readonly #tracker: CommandTracker;
  #place: AofPlace = { context: NO_CONTEXT, type: "incr", last: true };
  #state: "start" | "rdb" | "commands" | "stopped" = "start";
  /** `until` has passed inside a transaction, whose EXEC is still to come. */
  #stopping = false;
  #timestamps = 0;
  /** Why the RDB cannot serve, noticed in the middle of a chunk of it. */
  #refused: ReplicaError | undefined = undefined;
  #error: ReplicaError | undefined = undefined;

  constructor(options: AofDecoderOptions) {
    this.#options = options;
    const { onEvent, select, checksum, modules, limits, maxCommandBytes } = options;
    this.#rdb = new RdbDecoder({
      onEvent: (event) => this.#takeRdb(event),
      select,
      checksum,
      modules,
      limits,
    });
    this.#tracker = new CommandTracker({
      onEvent:
        options.until === undefined
          ? onEvent
          : (event) => {
              if (this.#state === "stopped") return;
              onEvent(event);
              if (this.#stopping && event.offset === event.tx?.endOffset) this.#state = "stopped";
            },
      onAnnotation: (bytes, start, end) => this.#takeAnnotation(latin1(bytes, start, end)),
      sift: options.until === undefined ? options.sift : undefined,
      allowAnnotations: true,
      allowKeepAlive: false,
      maxCommandBytes,
    });
  }

  /** Bytes of the current file decoded so far: whole commands, or what the RDB decoder took. */
  get offset(): number {
    return this.#state === "start" || this.#state === "rdb" ? this.#rdb.bytesRead : this.#tracker.offset;
  }

  /** `#TS:` lines met so far, in all files. */
  get timestamps(): number {
    return this.#timestamps;
  }

  /** `true` once `until` has been reached: nothing more is decoded, of this file or a later one. */
  get stopped(): boolean {
    return this.#state === "stopped";
  }

  /** Begins a file; the db is 0 again, as servers replay each file with a client of its own. */
  start(place: AofPlace): void {
    this.#place = place;
    this.#state = "start";
    this.#stopping = false;
    this.#refused = undefined;
    this.#error = undefined;
    this.#rdb.reset();
    this.#rdb.context = place.context;
    this.#tracker.start({ offset: 0, db: 0 });
    this.#tracker.context = place.context;
  }

  /** Takes the next chunk of the file, which must not change afterwards: events view it. */
  write(chunk: Uint8Array): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#state === "stopped" || chunk.length === 0) return;
    try {
      this.#write(chunk);
    } catch (error) {
      // Where the stop lies in its chunk must not decide whether what follows it is looked at.
      if (!this.stopped) throw this.#fail(error);
    }
  }

  /**
   * Says that the file has no more bytes.
   *
   * @throws ReplicaError `TRUNCATED` inside the RDB; and inside a command or transaction, unless that is tolerated. A cut
   * annotation never matters.
   */
  end(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#state === "start" || this.#state === "stopped") return;
    try {
      if (this.#state === "rdb") this.#rdb.end();
      this.#tracker.end();
      if (this.#tracker.inTransaction) this.#refuseOpenTransaction();
    } catch (error) {
      if (this.#state !== "commands" || !this.#tolerates(error)) throw this.#fail(error);
      this.#tellTruncated();
    }
  }

  #write(chunk: Uint8Array): void {
    if (this.#state === "start") this.#state = beginsRdb(chunk[0]!) ? "rdb" : "commands";
    let at = 0;
    if (this.#state === "rdb") {
      at = this.#rdb.write(chunk);
      if (this.#refused !== undefined) throw this.#refused;
      if (!this.#rdb.done) return;
      this.#state = "commands";
      this.#tracker.start({ offset: this.#rdb.bytesRead, db: 0 });
    }
    if (at < chunk.length) this.#tracker.write(chunk, at);
  }

  #takeRdb(event: RdbEvent | RdbWarning): void {
    if (this.#refused !== undefined) return;
    const { until, onEvent } = this.#options;
    if (until !== undefined && event.event === "aux" && event.key === "ctime") {
      const written = Number(event.valueText) * 1000;
      if (written > until) {
        this.#refused = tooLate(written, 0);
        return;
      }
    }
    onEvent(event);
  }

  #takeAnnotation(text: string): void {
    const at = parseTimestamp(text);
    if (at === undefined || this.stopped || this.#stopping) return;
    this.#timestamps++;
    const { until, onEvent } = this.#options;
    const tracker = this.#tracker;
    if (until === undefined || at <= until) {
      onEvent(timestampEvent(at, tracker.offset, this.#place.context));
    } else if (this.#place.type === "base") {
      throw tooLate(at, tracker.offset);
    } else if (tracker.inTransaction) {
      this.#stopping = true;
    } else {
      this.#state = "stopped";
    }
  }

  #refuseOpenTransaction(): never {
    const { offset } = this.#tracker;
    throw new ReplicaError(
      "TRUNCATED",
      `Cannot decode AOF: it ends between MULTI and EXEC at byte ${offset}`,
      {
        offset,
      },
    );
  }

  #tolerates(error: unknown): boolean {
    if (!(error instanceof ReplicaError) || error.code !== "TRUNCATED") return false;
    return this.#place.last && this.#options.truncated !== "error";
  }

  #tellTruncated(): void {
    const { receivedAt, shard, file } = this.#place.context;
    this.#options.onEvent({
      kind: "link",
      event: "truncated",
      file: file ?? "",
      validTo: this.#tracker.offset,
      safeTo: this.#tracker.safeOffset,
      position: undefined,
      receivedAt,
      shard,
    });
  }

  #fail(error: unknown): unknown {
    const { file } = this.#place.context;
    if (!(error instanceof ReplicaError)) return error;
    const { code, message, offset, db, key, type } = error;
    this.#error =
      file === undefined || error.file !== undefined
        ? error
        : new ReplicaError(code, `${message} of ${file}`, { offset, db, key, type, file, cause: error });
    return this.#error;
  }
}

/** Servers look at five bytes or six; no command and no annotation begins with either letter. */
function beginsRdb(byte: number): boolean {
  return byte === 0x52 || byte === 0x56;
}

function tooLate(written: number, offset: number): ReplicaError {
  return new ReplicaError(
    "CONFIG",
    `Cannot stop at the time asked for: a rewrite at ${written} (Unix ms) replaced what came before`,
    { offset },
  );
}
