import { ReplicaError } from "../errors.ts";
import type { ArrivalInterval, EventContext, Position, RdbEnd, RdbEvent, RedisEvent } from "../events.ts";
import { RdbDecoder, type RdbDecoderOptions, type RdbWarning } from "../rdb/decoder.ts";
import type { RdbLevel } from "../rdb/records.ts";
import { encodeCommand } from "../resp/encoder.ts";
import { CommandTracker } from "../stream/command_tracker.ts";
import type { EventFilter } from "../stream/filter.ts";
import type { FilterStage } from "../stream/filter_stage.ts";
import { Handshake, type HandshakeOptions, refusal, type SyncGrant } from "./handshake.ts";
import { LineReader } from "./line_reader.ts";
import * as link from "./link_events.ts";
import { Payload, parsePayloadForm } from "./payload.ts";
import { badLine, notRedis } from "./unexpected.ts";

/** What a replica link wants of its server. */
export interface ProtocolOptions extends Omit<HandshakeOptions, "rdbOnly" | "withoutData"> {
  /** Deliver the snapshot. */
  readonly snapshot: boolean;
  /** Stay for the command stream. */
  readonly stream: boolean;
  /** Where to go on; `undefined`: with a full resync. */
  readonly position: Position | undefined;
  /** Whether a history that cannot be continued may begin anew. */
  readonly onHole: "reset" | "fail";
  /** What to let through. */
  readonly filter: EventFilter;
  /** How to decode the snapshot. */
  readonly rdb: SnapshotOptions;
  /** Bytes of one command at most; `undefined`: 1 GiB. */
  readonly maxCommandBytes: number | undefined;
  readonly shard: string | undefined;
}

/** How a snapshot is decoded. */
export interface SnapshotOptions extends Pick<RdbDecoderOptions, "checksum" | "modules" | "limits"> {
  /** What is wanted of the values that the filter passes. Default `data`. */
  readonly level?: RdbLevel | undefined;
}

/**
 * How far a connection is: `handshake` up to PSYNC, `sync` until its answer, `preparing` while the server makes the
 * snapshot, `payload` while it comes, `stream`, and `finished` when nothing more is wanted.
 */
export type ProtocolPhase = "closed" | "handshake" | "sync" | "preparing" | "payload" | "stream" | "finished";

/** ms between two `progress` events. */
const PROGRESS_PERIOD = 1000;
const KEEP_ALIVE: Uint8Array = Uint8Array.of(10);

/**
 * The replica's side of the replication protocol, without input or output: bytes and times go in, events and bytes to
 * send come out. One value lives through any number of connections, so that the history (replication id, offset, db, an
 * open transaction) goes on where it was cut: `open` begins a connection, `closed` ends it.
 *
 * Facts: replication.md §1 to §9.
 */
export class ReplicaProtocol {
  readonly #options: ProtocolOptions;
  readonly #decoder: RdbDecoder;
  readonly #tracker: CommandTracker;
  readonly #stage: FilterStage;
  readonly #emit: (event: RedisEvent) => void;
  readonly #lines: LineReader = new LineReader();
  #phase: ProtocolPhase = "closed";
  #handshake: Handshake;
  #payload: Payload | undefined = undefined;
  #events: RedisEvent[] = [];
  #output: Uint8Array[] = [];
  /** What the consumer has a history of: nothing, an unfinished snapshot, or everything up to the tracker's offset. */
  #history: "none" | "snapshot" | "stream" = "none";
  #replid = "";
  #snapshotOffset = 0;
  #streamDb = 0;
  #heldEnd: RdbEnd | undefined = undefined;
  #heard = false;
  #ackDue = false;
  #overrun = false;
  #receivedAt: ArrivalInterval | undefined = undefined;
  #lag: number | undefined = undefined;
  #progressAt = Number.NEGATIVE_INFINITY;
  /** The position that the last event told. */
  #told: Position | undefined = undefined;

  constructor(options: ProtocolOptions) {
    this.#options = options;
    this.#stage = options.filter.stage();
    const push = (event: RedisEvent): void => {
      this.#events.push(event);
    };
    this.#emit = (event) => this.#stage.push(event, push);
    this.#decoder = new RdbDecoder({
      ...snapshotDecoding(options),
      onEvent: (event) => this.#takeRdb(event),
    });
    this.#tracker = new CommandTracker({
      maxCommandBytes: options.maxCommandBytes,
      onEvent: this.#emit,
      onGetAck: () => {
        this.#ackDue = true;
      },
    });
    if (options.position !== undefined) {
      this.#history = "stream";
      this.#replid = options.position.replid;
      this.#tracker.start(options.position);
      this.#told = options.position;
    }
    this.#handshake = this.#newHandshake();
  }

  get phase(): ProtocolPhase {
    return this.#phase;
  }

  /** The last resumable position; `undefined` while a cut would mean a new full resync. */
  get position(): Position | undefined {
    return this.#history === "stream" ? this.#tracker.position : undefined;
  }

  /** Replication offset of everything processed so far. */
  get offset(): number {
    return this.#history === "stream" ? this.#tracker.offset : this.#snapshotOffset;
  }

  /** The snapshot being read: bytes read, and in all where known. */
  get snapshot(): { readonly read: number; readonly total: number | undefined } | undefined {
    return this.#payload && { read: this.#payload.bytesRead, total: this.#payload.length };
  }

  /** Bytes that the primary is ahead, told by whoever knows; put into `progress` events. */
  set lag(bytes: number | undefined) {
    this.#lag = bytes;
  }

  /** Whether there are events to take. */
  get hasEvents(): boolean {
    return this.#events.length > 0;
  }

  /** The events since the last call. */
  takeEvents(): readonly RedisEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Bytes to send, in order, since the last call. */
  takeOutput(): readonly Uint8Array[] {
    const output = this.#output;
    if (output.length > 0) this.#output = [];
    return output;
  }

  /** Events that only the driver knows of, in order with all others. */
  note(make: (place: link.LinkPlace) => RedisEvent): void {
    this.#emit(make(this.#place()));
  }

  /** A connection is there: begins the handshake. */
  open(): void {
    this.#phase = "handshake";
    this.#lines.reset();
    this.#payload = undefined;
    this.#heldEnd = undefined;
    this.#heard = false;
    this.#ackDue = false;
    this.#receivedAt = undefined;
    this.#decoder.reset();
    this.#tracker.dropPartial();
    this.#handshake = this.#newHandshake();
    this.#output = [this.#handshake.start()];
  }

  /**
   * Takes bytes that arrived in the interval given.
   *
   * @throws ReplicaError when the link cannot go on; the events before remain to be taken.
   */
  write(chunk: Uint8Array, receivedAt: ArrivalInterval): void {
    this.#receivedAt = receivedAt;
    this.#setContext();
    let at = 0;
    while (at < chunk.length && this.#phase !== "finished") {
      if (this.#phase === "stream") {
        this.#tracker.write(at === 0 ? chunk : chunk.subarray(at));
        break;
      }
      at = this.#phase === "payload" ? this.#readPayload(chunk, at) : this.#readLine(chunk, at);
    }
    this.#heard ||= chunk.length > 0;
    this.#finishStep(receivedAt.latest);
  }

  /** Called once a second while connected: acknowledges, or shows life while the snapshot is under way. */
  tick(now: number): void {
    if (this.#phase === "preparing" || this.#phase === "payload") this.#output.push(KEEP_ALIVE);
    if (this.#phase !== "stream") return;
    this.#ackDue = true;
    this.#finishStep(now);
  }

  /** The connection is gone. What that means depends on how far it was. */
  closed(cause?: unknown): ReplicaError {
    const error = this.#cutError(cause);
    this.#phase = "closed";
    return error;
  }

  /** Nothing came for `ms`. What that means depends on how far it was. */
  silence(ms: number): ReplicaError {
    const phase = this.#phase;
    if (phase === "payload" || phase === "stream") {
      const offset = phase === "payload" ? this.#payload?.bytesRead : this.#tracker.offset;
      return new ReplicaError("TIMEOUT", `The primary sent nothing for ${ms} ms`, { offset });
    }
    return new ReplicaError(
      "TIMEOUT",
      this.#heard
        ? `Cannot begin replication: the server fell silent for ${ms} ms`
        : `Cannot begin replication: the peer did not answer PING within ${ms} ms (no Redis server, or one whose port speaks no TLS?)`,
    );
  }

  /** The primary cut the last connection because its reader was too slow; a loss that follows has that reason. */
  blameReader(): void {
    this.#overrun = true;
  }

  #newHandshake(): Handshake {
    const { snapshot, stream } = this.#options;
    const from =
      this.#history === "stream" ? { replid: this.#replid, offset: this.#tracker.offset } : undefined;
    return new Handshake({ ...this.#options, rdbOnly: !stream, withoutData: !snapshot }, from);
  }

  #readLine(chunk: Uint8Array, start: number): number {
    // Once PING was answered properly it is one; later lines need not begin with a type (the strings of a HELLO reply).
    if (this.#handshake.phase === "ping" && this.#lines.atStart) {
      const wrong = notRedis(chunk, start);
      if (wrong !== undefined) throw wrong;
    }
    const at = this.#lines.read(chunk, start);
    if (at < 0) throw badLine("a line without an end");
    const { line } = this.#lines;
    if (line === undefined) return at;
    if (this.#phase === "preparing") this.#takeHeader(line);
    else this.#takeReply(line);
    return at;
  }

  #takeReply(line: string): void {
    const result = this.#handshake.take(line);
    if (result === undefined) return;
    if (!(result instanceof Uint8Array)) {
      this.#begin(result);
      return;
    }
    this.#output.push(result);
    if (this.#handshake.phase !== "sync") return;
    this.#phase = "sync";
    this.#emit(link.handshake(this.#place(), this.#handshake.server));
  }

  #begin(grant: SyncGrant): void {
    if (grant.kind === "full") {
      this.#beginSnapshot(grant.replid, grant.offset);
      return;
    }
    this.#replid = grant.replid ?? this.#replid;
    this.#tracker.replid = this.#replid;
    this.#setContext();
    this.#overrun = false;
    this.#emit(link.continued(this.#place(), this.#replid, this.#tracker.offset));
    this.#beginStream();
  }

  #beginSnapshot(replid: string, offset: number): void {
    const loss = this.#loss(replid, offset);
    if (loss !== undefined && this.#options.onHole === "fail") {
      throw new ReplicaError(
        "HISTORY",
        `Cannot continue the stream without a hole: the primary offers only a full resync (${loss.reason})`,
        { offset: loss.lostFrom },
      );
    }
    this.#history = "snapshot";
    this.#replid = replid;
    this.#snapshotOffset = offset;
    this.#streamDb = 0;
    this.#overrun = false;
    this.#told = undefined;
    this.#setContext();
    if (loss !== undefined) this.#emit(link.reset(this.#place(), loss));
    this.#emit(link.fullresync(this.#place(), replid, offset));
    this.#phase = "preparing";
  }

  /** What a full resync at `offset` of `replid` takes away from the history so far. */
  #loss(replid: string, offset: number): link.Loss | undefined {
    if (this.#history === "none") return undefined;
    const lostFrom = this.offset;
    // Offsets of two histories cannot be compared, and one that lies behind us belongs to a primary that lost its end.
    const same = replid.toLowerCase() === this.#replid.toLowerCase() && offset >= lostFrom;
    const reason = this.#history === "snapshot" ? "snapshot-cut" : same ? "backlog" : "history";
    return {
      reason: this.#overrun && reason !== "history" ? "overrun" : reason,
      lostFrom,
      lostTo: same ? offset : undefined,
    };
  }

  #takeHeader(line: string): void {
    if (line === "") return;
    if (line.startsWith("-")) throw refusal(line.slice(1), "receive the snapshot", this.#options.password);
    const form = parsePayloadForm(line);
    if (form === undefined) throw badLine("no header of a snapshot", line);
    this.#payload = new Payload(form, this.#decoder);
    this.#phase = "payload";
  }

  #readPayload(chunk: Uint8Array, start: number): number {
    const payload = this.#payload!;
    const at = payload.write(chunk, start);
    if (payload.done) this.#endSnapshot();
    return at;
  }

  #takeRdb(event: RdbEvent | RdbWarning): void {
    if (event.event === "aux" && event.key === "repl-stream-db") {
      const db = Number(event.valueText);
      this.#streamDb = Number.isInteger(db) && db > 0 ? db : 0;
    }
    // Only with the mark behind it the snapshot is whole.
    if (event.event === "end") this.#heldEnd = event;
    else if (this.#options.snapshot) this.#emit(event);
  }

  #endSnapshot(): void {
    this.#history = "stream";
    this.#tracker.start({ replid: this.#replid, offset: this.#snapshotOffset, db: this.#streamDb });
    const end = this.#heldEnd;
    this.#heldEnd = undefined;
    if (end !== undefined && this.#options.snapshot) this.#emit(link.placedEnd(this.#place(), end));
    if (this.#options.stream) this.#beginStream();
    else this.#phase = "finished";
  }

  #beginStream(): void {
    this.#phase = "stream";
    this.#ackDue = true;
    this.#emit(link.online(this.#place(), this.#tracker.offset));
  }

  #finishStep(now: number): void {
    if (this.#phase !== "stream") return;
    if (this.#ackDue) {
      this.#ackDue = false;
      this.#output.push(encodeCommand(["REPLCONF", "ACK", this.#tracker.offset]));
    }
    const last = this.#events[this.#events.length - 1];
    if (last !== undefined) this.#told = last.position;
    const { position } = this.#tracker;
    if (this.#told !== undefined && samePlace(this.#told, position)) return;
    if (now - this.#progressAt < PROGRESS_PERIOD && now >= this.#progressAt) return;
    this.#progressAt = now;
    this.#told = position;
    this.#emit(link.progress(this.#place(), this.#lag));
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
    };
    this.#decoder.context = context;
    this.#tracker.context = context;
  }

  #cutError(cause: unknown): ReplicaError {
    const closed = (message: string, offset?: number): ReplicaError =>
      new ReplicaError("DISCONNECTED", message, { offset, cause });
    switch (this.#phase) {
      case "payload": {
        const { bytesRead, length } = this.#payload!;
        const of = length === undefined ? "" : ` of ${length}`;
        return closed(
          `Cannot read the snapshot: the connection was cut at byte ${bytesRead}${of}`,
          bytesRead,
        );
      }
      case "preparing":
        return closed("Cannot read the snapshot: the connection was cut before it began", 0);
      case "stream":
        return closed(
          `The connection to the primary was cut at offset ${this.#tracker.offset}`,
          this.#tracker.offset,
        );
      case "sync":
        return closed(
          "Cannot begin replication: the connection was cut before PSYNC was answered (an ACL change, a client limit, a failed fork)",
        );
      default:
        return this.#heard
          ? closed("Cannot begin replication: the connection was cut in the handshake")
          : closed(
              "Cannot begin replication: the peer closed the connection without a word (a port that wants TLS or a client certificate, or no Redis server?)",
            );
    }
  }
}

function snapshotDecoding({ filter, snapshot, rdb }: ProtocolOptions): Omit<RdbDecoderOptions, "onEvent"> {
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
