import type { ReplicaError } from "../errors.ts";
import type { ArrivalInterval, Position, RedisEvent } from "../events.ts";
import { encodeCommand } from "../resp/encoder.ts";
import { Handshake, type HandshakeOptions, refusal, type SyncGrant } from "./handshake.ts";
import { type History, HistoryReader } from "./history.ts";
import type { HistoryOptions } from "./history_options.ts";
import { LineReader } from "./line_reader.ts";
import { cutError, holeError, type LinkProgress, overrunError, silenceError } from "./link_errors.ts";
import * as link from "./link_events.ts";
import { Payload, parsePayloadForm } from "./payload.ts";
import type { ProtocolPhase } from "./phase.ts";
import { badLine, notRedis } from "./unexpected.ts";

/** What a replica link wants of its server. */
export interface ProtocolOptions extends Omit<HandshakeOptions, "rdbOnly" | "withoutData">, HistoryOptions {
  /** Whether a history that cannot be continued may begin anew. */
  readonly onHole: "reset" | "fail";
  /** Whether it may when the reason is that the reader was too slow. */
  readonly overrun: "reset" | "fail";
}

/** Cuts for slowness in a row, each with a full resync and none with the reader ever catching up, that end the link. */
const MAX_OVERRUNS = 3;
const KEEP_ALIVE: Uint8Array = Uint8Array.of(10);

/**
 * The replica's side of the replication protocol, without input or output: bytes and times go in, events and bytes to
 * send come out. One value lives through any number of connections, so that the history (replication id, offset, db, an
 * open transaction) goes on where it was cut: `open` begins a connection, `closed` ends it.
 *
 * Source: replication.c of the servers.
 */
export class ReplicaProtocol {
  readonly #options: ProtocolOptions;
  readonly #history: History;
  readonly #lines: LineReader = new LineReader();
  #phase: ProtocolPhase = "closed";
  #handshake: Handshake;
  #payload: Payload | undefined = undefined;
  #output: Uint8Array[] = [];
  #heard = false;
  #ackDue = false;
  /** The last cut was for the reader's slowness, it seems. */
  #blamed = false;
  #overruns = 0;
  #bufferLimit: string | undefined = undefined;

  /** @param makeHistory where the bytes go instead of being told here; it gets what to call on GETACK. */
  constructor(options: ProtocolOptions, makeHistory?: (onGetAck: () => void) => History) {
    this.#options = options;
    const onGetAck = (): void => {
      this.#ackDue = true;
    };
    this.#history = makeHistory?.(onGetAck) ?? new HistoryReader(options, onGetAck);
    this.#handshake = this.#newHandshake();
  }

  get phase(): ProtocolPhase {
    return this.#phase;
  }

  /** The last resumable position; `undefined` while a cut would mean a new full resync. */
  get position(): Position | undefined {
    return this.#history.position;
  }

  /** Whether there is a history: `offset` means nothing before. */
  get hasHistory(): boolean {
    return this.#history.state !== "none";
  }

  /** Bytes of a command that has begun and not ended. */
  get pending(): number {
    return this.#history.pending;
  }

  /** Replication offset of everything processed so far. */
  get offset(): number {
    return this.#history.offset;
  }

  /** The snapshot being read: bytes read, and in all where known. */
  get snapshot(): { readonly read: number; readonly total: number | undefined } | undefined {
    return this.#payload && { read: this.#payload.bytesRead, total: this.#payload.length };
  }

  /** Whether there are events to take. */
  get hasEvents(): boolean {
    return this.#history.hasEvents;
  }

  /** The events since the last call. */
  takeEvents(): readonly RedisEvent[] {
    return this.#history.takeEvents();
  }

  /** Bytes to send, in order, since the last call. */
  takeOutput(): readonly Uint8Array[] {
    const output = this.#output;
    if (output.length > 0) this.#output = [];
    return output;
  }

  /** Adds an event that only the driver knows of, in order with all others. */
  note(make: (place: link.LinkPlace) => RedisEvent): void {
    this.#history.note(make);
  }

  /** A connection is there: begins the handshake. */
  open(): void {
    this.#phase = "handshake";
    this.#lines.reset();
    this.#payload = undefined;
    this.#heard = false;
    this.#ackDue = false;
    this.#history.receivedAt = undefined;
    this.#history.rewind();
    this.#handshake = this.#newHandshake();
    this.#output = [this.#handshake.start()];
  }

  /**
   * Takes bytes that arrived in the interval given. Returns whether nothing views the chunk any more, so that it may be
   * written again.
   *
   * @throws ReplicaError when the link cannot go on; the events before remain to be taken.
   */
  write(chunk: Uint8Array, receivedAt: ArrivalInterval): boolean {
    this.#history.receivedAt = receivedAt;
    let free = false;
    let at = 0;
    while (at < chunk.length && this.#phase !== "finished") {
      if (this.#phase === "stream") {
        // What stands before the stream in the chunk is of the snapshot, whose events may view it.
        free = this.#history.writeStream(chunk, at) && at === 0;
        break;
      }
      at = this.#phase === "payload" ? this.#readPayload(chunk, at) : this.#readLine(chunk, at);
    }
    this.#heard ||= chunk.length > 0;
    this.#finishStep(receivedAt.latest);
    return free;
  }

  /** Called once a second while connected: acknowledges, or shows life while the snapshot is under way. */
  tick(now: number): void {
    if (this.#phase === "preparing" || this.#phase === "payload") this.#output.push(KEEP_ALIVE);
    this.#ackDue = true;
    this.#finishStep(now);
  }

  /** The connection is gone. What that means depends on how far it was. */
  closed(cause?: unknown): ReplicaError {
    const error = cutError(this.#progress, cause);
    this.#phase = "closed";
    return error;
  }

  /** Nothing came for `ms`. What that means depends on how far it was. */
  silence(ms: number): ReplicaError {
    return silenceError(this.#progress, ms);
  }

  /** The primary cut the last connection because its reader was too slow, it seems; a loss that follows has that reason. */
  blameReader(): void {
    this.#blamed = true;
  }

  /** The reader has caught up with the primary: it is not too slow. */
  absolveReader(): void {
    this.#overruns = 0;
  }

  /** Bytes that the primary is ahead, as far as known; told in `progress` events. */
  set lag(bytes: number | undefined) {
    this.#history.lag = bytes;
  }

  /** The primary's limit on what waits for a replica, as its setting says it; told when it was exceeded too often. */
  set bufferLimit(setting: string | undefined) {
    this.#bufferLimit = setting;
  }

  get #progress(): LinkProgress {
    return { phase: this.#phase, heard: this.#heard, offset: this.offset, snapshot: this.snapshot };
  }

  #newHandshake(): Handshake {
    const { snapshot, stream } = this.#options;
    const { state, replid, offset } = this.#history;
    const from = state === "stream" ? { replid, offset } : undefined;
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
    this.note((place) => link.handshake(place, this.#handshake.server));
  }

  #begin(grant: SyncGrant): void {
    if (grant.kind === "full") {
      this.#beginSnapshot(grant.replid, grant.offset);
    } else {
      this.#history.resume(grant.replid ?? this.#history.replid);
      this.#beginStream();
    }
    this.#blamed = false;
  }

  #beginSnapshot(replid: string, offset: number): void {
    const loss = this.#loss(replid, offset);
    if (loss?.reason === "overrun") this.#countOverrun(loss.lostFrom);
    if (loss !== undefined && this.#options.onHole === "fail") {
      throw holeError(loss.reason, loss.lostFrom);
    }
    this.#history.beginSnapshot(replid, offset);
    if (loss !== undefined) this.note((place) => link.reset(place, loss));
    this.note((place) => link.fullresync(place, replid, offset));
    this.#phase = "preparing";
  }

  /** What a full resync at `offset` of `replid` takes away from the history so far. */
  #loss(replid: string, offset: number): link.Loss | undefined {
    const { state, replid: known, offset: lostFrom } = this.#history;
    if (state === "none") return undefined;
    // Offsets of two histories cannot be compared, and one that lies behind us belongs to a primary that lost its end.
    const same = replid.toLowerCase() === known.toLowerCase() && offset >= lostFrom;
    const reason = state === "snapshot" ? "snapshot-cut" : same ? "backlog" : "history";
    return {
      reason: this.#blamed && reason !== "history" ? "overrun" : reason,
      lostFrom,
      lostTo: same ? offset : undefined,
    };
  }

  #countOverrun(offset: number | undefined): void {
    this.#overruns++;
    const allowed = this.#options.overrun === "fail" ? 1 : MAX_OVERRUNS;
    if (this.#overruns >= allowed) throw overrunError(allowed, this.#bufferLimit, offset);
  }

  #takeHeader(line: string): void {
    if (line === "") return;
    if (line.startsWith("-")) throw refusal(line.slice(1), "receive the snapshot", this.#options.password);
    const form = parsePayloadForm(line);
    if (form === undefined) throw badLine("no header of a snapshot", line);
    this.#payload = new Payload(form, this.#history.decoder);
    this.#phase = "payload";
  }

  #readPayload(chunk: Uint8Array, start: number): number {
    const payload = this.#payload!;
    const at = payload.write(chunk, start);
    if (payload.done) {
      this.#history.endSnapshot();
      if (this.#options.stream) this.#beginStream();
      else this.#phase = "finished";
    }
    return at;
  }

  #beginStream(): void {
    this.#phase = "stream";
    this.#ackDue = true;
  }

  /** What was read or the time asks for an answer, or for a word about where we are. */
  #finishStep(now: number): void {
    if (this.#phase !== "stream") return;
    if (this.#ackDue) {
      this.#ackDue = false;
      this.#output.push(encodeCommand(["REPLCONF", "ACK", this.offset]));
    }
    this.#history.tellProgress(now);
  }
}
