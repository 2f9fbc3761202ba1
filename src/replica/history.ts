import type { ArrivalInterval, EventContext, Position, RdbEnd, RdbEvent, RedisEvent } from "../events.ts";
import { RdbDecoder, type RdbDecoderOptions, type RdbWarning } from "../rdb/decoder.ts";
import type { CommandEvent } from "../stream/command_event.ts";
import { CommandTracker } from "../stream/command_tracker.ts";
import type { HistoryOptions } from "./history_options.ts";
import * as link from "./link_events.ts";
import type { PayloadDecoder } from "./payload.ts";

/** ms between two `progress` events. */
const PROGRESS_PERIOD = 1000;
/** Bytes of a chunk for each of its events from which on copying the events out costs less than another chunk's memory. */
const SPARSE = 1024;

/**
 * One replication history as its consumer sees it: a snapshot, then commands, perhaps another snapshot. Bytes without any
 * framing of the link come in, events with positions go out. It knows nothing of connections, so that a history goes on
 * over any number of them.
 */
export class HistoryReader {
  readonly #options: HistoryOptions;
  readonly #decoder: RdbDecoder;
  readonly #tracker: CommandTracker;
  readonly #emit: (event: RedisEvent) => void;
  #events: RedisEvent[] = [];
  #state: "none" | "snapshot" | "stream" = "none";
  #replid = "";
  #snapshotOffset = 0;
  #streamDb = 0;
  #heldEnd: RdbEnd | undefined = undefined;
  #receivedAt: ArrivalInterval | undefined = undefined;
  #lag: number | undefined = undefined;
  #progressAt = Number.NEGATIVE_INFINITY;
  /** Where the last command ended that changed data, with `failover`. */
  #data: { readonly offset: number; readonly db: number } | undefined = undefined;
  /** The position that the last event told. */
  #told: Position | undefined = undefined;

  /** @param onGetAck called when the primary asks for an acknowledgement. */
  constructor(options: HistoryOptions, onGetAck: () => void) {
    this.#options = options;
    const push = (event: RedisEvent): void => {
      // Plain assignment grows an array as `push` does, at a third of its cost.
      const events = this.#events;
      events[events.length] = event;
    };
    const { filter, position, maxCommandBytes } = options;
    const stage = filter.passesRdb && filter.passesCommands ? undefined : filter.stage();
    this.#emit = stage === undefined ? push : (event) => stage.push(event, push);
    this.#decoder = new RdbDecoder({
      ...snapshotDecoding(options),
      onEvent: (event) => this.#takeRdb(event),
    });
    const failover = options.failover === true;
    const onEvent = failover ? this.#noteData() : this.#emit;
    // Where data ended must be told of every command.
    const sift = filter.frames === undefined || failover ? undefined : { judge: filter.frames, onPass: push };
    this.#tracker = new CommandTracker({ maxCommandBytes, onEvent, onGetAck, sift });
    if (position !== undefined) {
      this.#state = "stream";
      this.#replid = position.replid;
      this.#tracker.start(position);
      this.#told = position;
      this.#data = position;
    }
  }

  /** What the consumer has: nothing, an unfinished snapshot, or everything up to `offset`. */
  get state(): "none" | "snapshot" | "stream" {
    return this.#state;
  }

  get replid(): string {
    return this.#replid;
  }

  /** Replication offset of everything processed so far: whole commands, the snapshot's while it lasts. */
  get offset(): number {
    return this.#state === "stream" ? this.#tracker.offset : this.#snapshotOffset;
  }

  /** The last resumable position; `undefined` while a cut would mean a new full resync. */
  get position(): Position | undefined {
    return this.#state === "stream" ? this.#tracker.position : undefined;
  }

  /** Bytes of a command that has begun and not ended. */
  get pending(): number {
    return this.#tracker.pending;
  }

  /** Takes the bytes of the snapshot. */
  get decoder(): PayloadDecoder {
    return this.#decoder;
  }

  /** Whether there are events to take. */
  get hasEvents(): boolean {
    return this.#events.length > 0;
  }

  /** Bytes that the primary is ahead, as far as known; told in `progress` events. */
  set lag(bytes: number | undefined) {
    this.#lag = bytes;
  }

  /** When the bytes that follow arrived; `undefined`: nothing did yet on this connection. */
  set receivedAt(receivedAt: ArrivalInterval | undefined) {
    this.#receivedAt = receivedAt;
    this.#setContext();
  }

  /** The events since the last call. */
  takeEvents(): readonly RedisEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Adds an event that the bytes do not tell, in order with all others. */
  note(make: (place: link.LinkPlace) => RedisEvent): void {
    this.#emit(make(this.#place()));
  }

  /** A snapshot begins, and with it a history that has nothing to do with the one before. */
  beginSnapshot(replid: string, offset: number): void {
    this.#state = "snapshot";
    this.#replid = replid;
    this.#snapshotOffset = offset;
    this.#streamDb = 0;
    this.#heldEnd = undefined;
    this.#told = undefined;
    this.#decoder.reset();
    this.#setContext();
  }

  /** The snapshot has come whole, whatever told its end agreeing. */
  endSnapshot(): void {
    this.#state = "stream";
    const start = { replid: this.#replid, offset: this.#snapshotOffset, db: this.#streamDb };
    this.#data = start;
    this.#tracker.start(start);
    const end = this.#heldEnd;
    this.#heldEnd = undefined;
    if (end !== undefined && this.#options.snapshot) this.#emit(link.placedEnd(this.#place(), end));
    if (this.#options.stream) this.#emit(link.online(this.#place(), this.#tracker.offset));
  }

  /**
   * Goes back to where the last command ended that the data depend on: a deposed primary goes on sending PING and the
   * Sentinels' greetings, with which its successor's history does not agree. What is taken back is
   * nothing but those. Returns whether there was anything.
   */
  rewind(): boolean {
    const data = this.#data;
    if (this.#options.failover !== true || this.#state !== "stream" || data === undefined) return false;
    if (this.#tracker.inTransaction || data.offset === this.#tracker.offset) return false;
    this.#tracker.start({ replid: this.#replid, offset: data.offset, db: data.db });
    return true;
  }

  /** The stream goes on at `offset`, perhaps under another replication id. A command cut before comes again. */
  resume(replid: string): void {
    this.#replid = replid;
    this.#tracker.dropPartial();
    this.#tracker.replid = replid;
    this.#setContext();
    this.#emit(link.continued(this.#place(), replid, this.#tracker.offset));
    this.#emit(link.online(this.#place(), this.#tracker.offset));
  }

  /** Takes bytes of the stream. Returns whether nothing views the chunk any more, so that it may be written again. */
  writeStream(chunk: Uint8Array, start: number): boolean {
    const tracker = this.#tracker;
    const held = this.#events.length;
    const whole = !tracker.inTransaction;
    tracker.write(chunk, start);
    // A filter may hold a MULTI back, and what it drops after a look at the event somebody else may have kept.
    const told = whole && !tracker.inTransaction && tracker.made === this.#events.length - held;
    return told && this.#options.failover !== true && this.#detachFew(held, chunk.length);
  }

  /** Tells the position if it moved without an event that says so, at most once a second. */
  tellProgress(now: number): void {
    const last = this.#events[this.#events.length - 1];
    if (last !== undefined) this.#told = last.position;
    const { position } = this.#tracker;
    if (this.#told !== undefined && samePlace(this.#told, position)) return;
    if (now - this.#progressAt < PROGRESS_PERIOD && now >= this.#progressAt) return;
    this.#progressAt = now;
    this.#told = position;
    this.#emit(link.progress(this.#place(), this.#lag));
  }

  /** Copies the events from index `from` on out of their chunk if they are a small part of it. Returns whether it did. */
  #detachFew(from: number, bytes: number): boolean {
    const events = this.#events as CommandEvent[];
    if ((events.length - from) * SPARSE > bytes) return false;
    let copied = 0;
    for (let i = from; i < events.length; i++) copied += events[i]!.byteLength;
    if (copied > bytes / 4) return false;
    for (let i = from; i < events.length; i++) events[i] = events[i]!.detach();
    return true;
  }

  /** One that remembers where data ended. */
  #noteData(): (event: CommandEvent) => void {
    return (event) => {
      if (!isGreeting(event)) this.#data = event;
      this.#emit(event);
    };
  }

  #takeRdb(event: RdbEvent | RdbWarning): void {
    if (event.event === "aux" && event.key === "repl-stream-db") {
      const db = Number(event.valueText);
      this.#streamDb = Number.isInteger(db) && db > 0 ? db : 0;
    }
    // Its position is known only once the whole payload has come.
    if (event.event === "end") this.#heldEnd = event;
    else if (this.#options.snapshot) this.#emit(event);
  }

  #place(): link.LinkPlace {
    return { position: this.position, receivedAt: this.#receivedAt, shard: this.#options.shard };
  }

  #setContext(): void {
    const context: EventContext = {
      replid: this.#replid,
      receivedAt: this.#receivedAt,
      shard: this.#options.shard,
      file: undefined,
      place: this.#options.makePlace?.(),
    };
    this.#decoder.context = context;
    this.#tracker.context = context;
  }
}

/** What Sentinels say to each other through the primaries that they watch. */
function isGreeting(event: CommandEvent): boolean {
  return event.name === "PUBLISH" && event.text(1) === "__sentinel__:hello" && event.tx === undefined;
}

function snapshotDecoding({ filter, snapshot, rdb }: HistoryOptions): Omit<RdbDecoderOptions, "onEvent"> {
  // Nobody will trust what is thrown away.
  if (!snapshot) return { select: () => "skip", checksum: "off", limits: rdb.limits };
  const { level = "data", checksum, modules, limits } = rdb;
  const select: RdbDecoderOptions["select"] =
    filter.passesRdb && level === "data"
      ? undefined
      : (header) => (filter.select(header) === "skip" ? "skip" : level);
  return { select, checksum, modules, limits };
}

function samePlace(a: Position, b: Position): boolean {
  return a.offset === b.offset && a.db === b.db && a.replid === b.replid;
}

/** What a link needs of a history. */
export type History = Pick<
  HistoryReader,
  | "state"
  | "replid"
  | "offset"
  | "position"
  | "pending"
  | "decoder"
  | "hasEvents"
  | "lag"
  | "receivedAt"
  | "takeEvents"
  | "note"
  | "beginSnapshot"
  | "rewind"
  | "endSnapshot"
  | "resume"
  | "writeStream"
  | "tellProgress"
>;
