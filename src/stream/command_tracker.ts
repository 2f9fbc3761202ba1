import { parseInteger } from "../bytes/integer.ts";
import { ReplicaError } from "../errors.ts";
import type { EventContext, Position } from "../events.ts";
import { CommandScanner, type CommandScannerOptions } from "../resp/command_scanner.ts";
import type { CommandSink } from "../resp/command_sink.ts";
import { CommandEvent } from "./command_event.ts";
import { commandName } from "./command_name.ts";
import { CommandSource } from "./command_source.ts";
import { argumentData, lengthBefore } from "./frame.ts";
import { type FrameJudge, Verdict } from "./frame_judge.ts";
import { OpenTransaction } from "./open_transaction.ts";

/** Keeps commands outside transactions from becoming events that nobody wants. */
export interface Sift {
  readonly judge: FrameJudge;
  /** Takes what the judge passes, in place of `onEvent`, which still takes what it cannot judge. */
  readonly onPass: (event: CommandEvent) => void;
}

export interface CommandTrackerOptions extends Omit<CommandScannerOptions, "offset" | "allowKeepAlive"> {
  /** Takes each command but those of the link itself: SELECT, PING and REPLCONF. It must not throw. */
  readonly onEvent: (event: CommandEvent) => void;
  /** Left out, every command goes to `onEvent`. */
  readonly sift?: Sift | undefined;
  /** The primary wants to know the offset now. It counts the request too, so answer with `offset` after `write`. */
  readonly onGetAck?: (() => void) | undefined;
  /** Take bare LF between commands as signs of life. Default `true`; a file may not hold them. */
  readonly allowKeepAlive?: boolean | undefined;
  /** An annotation line of an AOF file, without `#` and line end; `offset` is after it. */
  readonly onAnnotation?: ((bytes: Uint8Array, start: number, end: number) => void) | undefined;
}

/** Where a stream of commands begins. */
export interface StreamStart {
  /** Replication id; `undefined` for files. */
  readonly replid?: string | undefined;
  readonly offset: number;
  readonly db: number;
}

const NO_CONTEXT: EventContext = {
  replid: undefined,
  receivedAt: undefined,
  shard: undefined,
  file: undefined,
};
const NO_SOURCE: CommandSource = new CommandSource(new Uint8Array(0), 0, NO_CONTEXT, 0, undefined);

/** Highest db that servers can name. */
const MAX_DB = 0x7fffffff;

/**
 * Follows a stream of commands: which db each runs in, which transaction it belongs to, the exact offset after it and the
 * last position that the stream can be resumed from. Bytes in, events out; one value lives through any number of
 * connections.
 *
 * Source: replication.c and multi.c of the servers.
 */
export class CommandTracker implements CommandSink {
  readonly onAnnotation: CommandSink["onAnnotation"];
  readonly #scanner: CommandScanner;
  readonly #onEvent: (event: CommandEvent) => void;
  readonly #sift: Sift | undefined;
  readonly #onGetAck: (() => void) | undefined;
  #context: EventContext = NO_CONTEXT;
  #replid = "";
  #source: CommandSource = NO_SOURCE;
  #db = 0;
  #tx: OpenTransaction | undefined = undefined;
  /** Offsets before and after the last SELECT, and the db before it. */
  #selectStart = -1;
  #selectEnd = -1;
  #selectDb = 0;
  #made = 0;
  #error: ReplicaError | undefined = undefined;

  constructor(options: CommandTrackerOptions) {
    this.#onEvent = options.onEvent;
    this.#sift = options.sift;
    this.#onGetAck = options.onGetAck;
    this.onAnnotation = options.onAnnotation;
    // Its own sink, with methods that every tracker shares: V8 then inlines them into the scan, closures it calls.
    this.#scanner = new CommandScanner(this, { ...options, allowKeepAlive: options.allowKeepAlive ?? true });
  }

  /** What events of the following chunks share; a new object for each chunk, or the same while nothing changes. */
  set context(context: EventContext) {
    this.#context = context;
  }

  /** Replication id of the positions that `position` tells. */
  set replid(replid: string) {
    this.#replid = replid;
  }

  /** Database that is selected now. */
  get db(): number {
    return this.#db;
  }

  /** Offset after the last whole command, whatever it was; what a replica acknowledges. */
  get offset(): number {
    return this.#scanner.offset;
  }

  /** Offset after the last whole command outside MULTI … EXEC. */
  get safeOffset(): number {
    return this.#tx === undefined ? this.#scanner.offset : this.#tx.multiOffset;
  }

  /** `true` between MULTI and EXEC. */
  get inTransaction(): boolean {
    return this.#tx !== undefined;
  }

  /** Events made of the chunk written last. */
  get made(): number {
    return this.#made;
  }

  /** Bytes of a command that has begun and not ended. */
  get pending(): number {
    return this.#scanner.pending;
  }

  /**
   * The last position that the stream can be resumed from: not inside MULTI … EXEC, and not between a SELECT and what it
   * is for, since that may be a MULTI.
   */
  get position(): Position {
    const replid = this.#replid;
    const tx = this.#tx;
    if (tx !== undefined) return { replid, offset: tx.startOffset, db: tx.startDb };
    const { offset } = this.#scanner;
    if (offset === this.#selectEnd) return { replid, offset: this.#selectStart, db: this.#selectDb };
    return { replid, offset, db: this.#db };
  }

  /** Begins a stream: forgets everything that belonged to another one. */
  start(start: StreamStart): void {
    this.#replid = start.replid ?? "";
    this.#db = start.db;
    this.#tx = undefined;
    this.#selectStart = -1;
    this.#selectEnd = -1;
    this.#source = NO_SOURCE;
    this.#error = undefined;
    this.#scanner.reset(start.offset);
  }

  /** The connection is gone: forgets a command half read and an error; the stream goes on at `offset`. */
  dropPartial(): void {
    this.#source = NO_SOURCE;
    this.#error = undefined;
    this.#scanner.reset(this.#scanner.offset);
  }

  /**
   * Takes `chunk` from index `start` on. The chunk must not change afterwards, events are views of it.
   *
   * @throws ReplicaError (`MALFORMED`, `LIMIT`) when the stream cannot go on; the same one again at every later call.
   */
  write(chunk: Uint8Array, start = 0): void {
    if (this.#error !== undefined) throw this.#error;
    this.#made = 0;
    this.#scanner.write(chunk, start);
  }

  /** Tells that no more bytes come. Throws `TRUNCATED` inside a command; an open transaction is no error here. */
  end(): void {
    if (this.#error !== undefined) throw this.#error;
    this.#scanner.end();
  }

  /** For the scanner alone. */
  onSource(bytes: Uint8Array, base: number): void {
    this.#source = new CommandSource(bytes, base, this.#context, this.#db, this.#tx);
  }

  /** For the scanner alone. */
  onCommand(start: number, end: number, argc: number, nameStart: number, nameEnd: number): void {
    const { bytes, base } = this.#source;
    switch (concernOf(bytes, nameStart, nameEnd)) {
      case Concern.LINK:
        this.#takeLink(start, end, argc, commandName(bytes, nameStart, nameEnd));
        break;
      case Concern.MULTI:
        // Servers never nest them.
        if (this.#tx === undefined) this.#begin(base + start);
        this.#onEvent(this.#make(start, end));
        break;
      case Concern.EXEC:
        // Told before the event goes out, whose own position it moves.
        this.#tx?.close(base + end);
        this.#onEvent(this.#make(start, end));
        this.#setScope(this.#db, undefined);
        break;
      default:
        if (this.#sift === undefined || this.#tx !== undefined) {
          this.#onEvent(this.#make(start, end));
        } else this.#sieve(this.#sift, start, end, argc, nameStart, nameEnd);
    }
  }

  #make(start: number, end: number): CommandEvent {
    this.#made++;
    return new CommandEvent(this.#source, start, end);
  }

  #sieve(sift: Sift, start: number, end: number, argc: number, nameStart: number, nameEnd: number): void {
    const source = this.#source;
    const verdict = sift.judge(source.bytes, argc, nameStart, nameEnd, source.db);
    if (verdict === Verdict.DROP) return;
    const event = this.#make(start, end);
    if (verdict === Verdict.PASS) sift.onPass(event);
    else this.#onEvent(event);
  }

  #begin(multi: number): void {
    const selected = multi === this.#selectEnd;
    const start = selected ? this.#selectStart : multi;
    this.#setScope(this.#db, new OpenTransaction(multi, start, selected ? this.#selectDb : this.#db));
  }

  /** What holds from the next command on. */
  #setScope(db: number, tx: OpenTransaction | undefined): void {
    this.#db = db;
    this.#tx = tx;
    const { bytes, base, context } = this.#source;
    this.#source = new CommandSource(bytes, base, context, db, tx);
  }

  /** SELECT, PING and REPLCONF: they move the offset and are not handed out. */
  #takeLink(start: number, end: number, argc: number, name: string): void {
    if (name === "SELECT") {
      this.#select(start, end, argc);
    } else if (name === "REPLCONF" && argc === 3 && this.#argumentName(start, 1) === "GETACK") {
      this.#onGetAck?.();
    }
  }

  #select(start: number, end: number, argc: number): void {
    const { bytes, base } = this.#source;
    if (argc !== 2) this.#fail("SELECT without one database index", base + start);
    const data = argumentData(bytes, start, 1);
    const db = parseInteger(bytes, data, data + lengthBefore(bytes, data));
    if (typeof db !== "number" || db < 0 || db > MAX_DB)
      this.#fail("SELECT of no database index", base + start);
    this.#selectStart = base + start;
    this.#selectEnd = base + end;
    this.#selectDb = this.#db;
    this.#setScope(db, this.#tx);
  }

  #argumentName(start: number, index: number): string {
    const { bytes } = this.#source;
    const data = argumentData(bytes, start, index);
    return commandName(bytes, data, data + lengthBefore(bytes, data));
  }

  #fail(detail: string, offset: number): never {
    // So that `offset` says exactly up to where events went out.
    this.#scanner.reset(offset);
    this.#error = new ReplicaError("MALFORMED", `Cannot follow commands: ${detail} at byte ${offset}`, {
      offset,
    });
    throw this.#error;
  }
}

/** What a command is to the tracker. */
const Concern = { NONE: 0, LINK: 1, MULTI: 2, EXEC: 3 } as const;
type Concern = (typeof Concern)[keyof typeof Concern];

/** Almost every command is told to be of no concern by the length and first letter of its name. */
function concernOf(bytes: Uint8Array, start: number, end: number): Concern {
  const length = end - start;
  if (length < 4 || length > 8) return Concern.NONE;
  switch (((bytes[start]! | 0x20) << 4) | length) {
    case 0x736: // s, 6
    case 0x704: // p, 4
    case 0x728: {
      // r, 8
      const name = commandName(bytes, start, end);
      return name === "SELECT" || name === "PING" || name === "REPLCONF" ? Concern.LINK : Concern.NONE;
    }
    case 0x6d5: // m, 5
      return commandName(bytes, start, end) === "MULTI" ? Concern.MULTI : Concern.NONE;
    case 0x654: // e, 4
      return commandName(bytes, start, end) === "EXEC" ? Concern.EXEC : Concern.NONE;
    case 0x647: // d, 7
      return commandName(bytes, start, end) === "DISCARD" ? Concern.EXEC : Concern.NONE;
    default:
      return Concern.NONE;
  }
}
