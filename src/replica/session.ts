import { ReplicaError } from "../errors.ts";
import type { RedisEvent } from "../events.ts";
import type { AbortSignalLike, Address, Clock, Connect, TlsOptions, Transport } from "../transport.ts";
import { type ArrivedChunk, Connection } from "./connection.ts";
import type { History } from "./history.ts";
import { LagWatch } from "./lag_watch.ts";
import * as link from "./link_events.ts";
import { type ProtocolOptions, type ProtocolPhase, ReplicaProtocol } from "./protocol.ts";
import { type ReconnectOptions, type Retry, RetryPolicy } from "./retry.ts";
import { Meter, type ReplicaStatus } from "./status.ts";
import { StopSignal } from "./stop_signal.ts";
import { addressText } from "./url.ts";
import { Wait, type WaitLimit } from "./wait.ts";

/** How long to wait for what, in ms. */
export interface Timeouts {
  /** For a connection, its TLS handshake included. Default 10,000. */
  readonly connect?: number | undefined;
  /** For each sign of life until the snapshot or stream begins; servers send one a second while they prepare it. Default 30,000. */
  readonly handshake?: number | undefined;
  /**
   * For each byte after that, counted only while a read is pending. Primaries send a PING every `repl-ping-replica-period`
   * seconds (10 unless set otherwise). Default 60,000.
   */
  readonly idle?: number | undefined;
}

/** What a session needs; `replicaBatches` makes it of its options. */
export interface SessionOptions {
  readonly address: Address;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly tls: TlsOptions | undefined;
  readonly timeouts: Timeouts;
  readonly reconnect: ReconnectOptions | false;
  readonly signal: AbortSignalLike | undefined;
  readonly watchLag: boolean;
  readonly onStatus: ((status: ReplicaStatus) => void) | undefined;
  readonly protocol: ProtocolOptions;
}

/** For a link whose bytes somebody else reads later. */
export interface RelayTarget {
  readonly makeHistory: (onGetAck: () => void) => History;
  /** Asked before each read: a promise while nothing more can be taken in. */
  readonly room: () => Promise<void> | undefined;
}

const TICK = 1000;
/**
 * ms after which a snapshot's end is acknowledged once more, and again after twice as long, …: a primary that has not yet
 * noticed its child's exit loses the acknowledgement that starts the stream (replication.md §5.2), and would let the
 * first write wait for the next one a second later.
 */
const FIRST_TICK = 10;
/** ms that bytes must have lain unread before a reader counts as behind, or a cut as its fault. */
const BEHIND = 1000;
/** ms for which it is remembered that bytes lay unread for so long. */
const SLOW_MEMORY = 10_000;
/** ms that an answer about the lag is good for. */
const LAG_LIFETIME = 15_000;
const STOPPED: unique symbol = Symbol("stopped");

const PHASES: Readonly<Record<ProtocolPhase, ReplicaStatus["phase"]>> = {
  closed: "connecting",
  handshake: "handshake",
  sync: "handshake",
  preparing: "snapshot",
  payload: "snapshot",
  stream: "online",
  finished: "online",
};

/**
 * The driver: joins a transport, a clock and the protocol into one sequence of event batches. All waiting, timing and
 * sending of the replica link is here, all knowledge of the wire is in the protocol.
 *
 * - Demand-driven: a chunk is read when the batch of the one before was taken and the next is asked for.
 * - Acknowledgements go out on the clock whether or not anybody asks.
 * - However it ends (done, failed, stopped, aborted), the socket is closed and no timer is left.
 */
export class ReplicaSession {
  readonly #options: SessionOptions;
  readonly #relay: RelayTarget | undefined;
  readonly #protocol: ReplicaProtocol;
  readonly #wait: Wait;
  readonly #retries: RetryPolicy;
  readonly #where: string;
  readonly #meter: Meter;
  readonly #lagWatch: LagWatch | undefined;
  #lag: { readonly bytes: number; readonly at: number } | undefined = undefined;
  /** When bytes were taken last that may have lain unread for long. */
  #slowAt = Number.NEGATIVE_INFINITY;
  /** Bytes that may wait at the primary for this replica, as far as known. */
  #outputBuffer = Number.POSITIVE_INFINITY;
  #connection: Connection | undefined = undefined;
  #cancelTick: (() => void) | undefined = undefined;
  #cancelStatus: (() => void) | undefined = undefined;
  #waiting = false;
  #stopped = false;

  constructor(options: SessionOptions, relay?: RelayTarget) {
    const { address, clock, protocol, reconnect } = options;
    this.#options = options;
    this.#relay = relay;
    this.#protocol = new ReplicaProtocol(protocol, relay?.makeHistory);
    this.#wait = new Wait(clock);
    this.#retries = new RetryPolicy(reconnect);
    this.#where = addressText(address);
    this.#meter = new Meter(clock.now());
    this.#lagWatch = options.watchLag ? this.#makeLagWatch() : undefined;
  }

  /** The batches, one a chunk that brought events. To be iterated once. */
  async *run(): AsyncGenerator<readonly RedisEvent[], void, undefined> {
    const { signal, onStatus } = this.#options;
    const abort = (): void => this.stop();
    if (signal?.aborted === true || this.#stopped) return;
    signal?.addEventListener("abort", abort);
    if (onStatus !== undefined) this.#scheduleStatus(onStatus);
    this.#warnOfAnnouncement();
    try {
      for (;;) {
        let retry: Retry;
        try {
          yield* this.#link();
          return;
        } catch (thrown) {
          if (this.#stopped) return;
          this.#meter.cuts += this.#connection === undefined ? 0 : 1;
          await this.#disconnect();
          const next = this.#afterFailure(thrown);
          if (this.#protocol.hasEvents) yield this.#takeEvents();
          if ("error" in next) throw next.error;
          retry = next;
        }
        if (this.#stopped) return;
        this.#waiting = true;
        await this.#wait.sleep(retry.delay);
        this.#waiting = false;
      }
    } catch (error) {
      if (!this.#stopped) throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      await this.#release();
    }
  }

  /** Ends the session: pending reads and waits end at once, the socket is closed. Idempotent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#wait.end(STOPPED);
    void this.#release();
  }

  /** Bytes that the primary is ahead of what was read here, as far as known. */
  get lag(): number | undefined {
    return this.#currentLag(this.#options.clock.now());
  }

  /** Replication offset of what was read here. */
  get offset(): number {
    return this.#protocol.offset;
  }

  /** How the link is doing now. */
  status(): ReplicaStatus {
    const { clock } = this.#options;
    const protocol = this.#protocol;
    const meter = this.#meter;
    const now = clock.now();
    const attached = protocol.hasHistory;
    return {
      phase: this.#waiting ? "waiting" : PHASES[protocol.phase],
      offset: attached ? protocol.offset : undefined,
      position: protocol.position,
      snapshot: protocol.phase === "payload" ? protocol.snapshot : undefined,
      lag: this.#currentLag(now),
      buffered: protocol.pending,
      received: meter.received,
      events: meter.events,
      eventsPerSecond: meter.rate(now),
      silence: meter.silence(now),
      cuts: meter.cuts,
    };
  }

  #warnOfAnnouncement(): void {
    if (this.#options.protocol.announce === undefined) return;
    const message =
      "An announced replica looks like a server: FAILOVER without TO and Sentinel may choose it as the new primary";
    this.#protocol.note((place) => link.warning(place, "CONFIG", message));
  }

  /** One connection from beginning to end. */
  async *#link(): AsyncGenerator<readonly RedisEvent[], void, undefined> {
    const protocol = this.#protocol;
    protocol.note((place) => link.connecting(place, this.#where));
    if (protocol.hasEvents) yield this.#takeEvents();
    if (this.#stopped) return;
    const connection = await this.#connect();
    protocol.open();
    this.#flush();
    this.#scheduleTick(TICK);
    for (;;) {
      for (let room = this.#relay?.room(); room !== undefined; room = this.#relay?.room()) {
        await this.#wait.for(room);
      }
      const chunk = await this.#read(connection);
      if (chunk !== "woken") {
        const { phase } = protocol;
        this.#noteArrival(connection, chunk);
        protocol.write(chunk.bytes, chunk.receivedAt);
        this.#flush();
        if (protocol.phase === "stream" && phase !== "stream") {
          this.#retries.succeeded();
          this.#scheduleTick(FIRST_TICK);
        }
      }
      const finished = protocol.phase === "finished";
      if (finished) await this.#disconnect();
      if (protocol.hasEvents) yield this.#takeEvents();
      if (finished || this.#stopped) return;
    }
  }

  async #connect(): Promise<Connection> {
    const connectTimeout = this.#connectTimeout;
    const signal = new StopSignal();
    const opening = this.#open(signal);
    try {
      const transport = await this.#wait.for(opening, {
        ms: connectTimeout,
        error: () =>
          new ReplicaError(
            "TIMEOUT",
            `Cannot connect to ${this.#where}: no answer within ${connectTimeout} ms`,
          ),
      });
      this.#connection = new Connection(transport!, this.#options.clock, this.#wait);
      return this.#connection;
    } catch (error) {
      signal.abort();
      // A connection that comes after all must not stay open.
      opening.then((transport) => transport.close()).catch(() => {});
      throw connectError(error, this.#where);
    }
  }

  #open(signal: AbortSignalLike): Promise<Transport> {
    const { address, connect, tls } = this.#options;
    return connect(address, { tls, connectTimeout: this.#connectTimeout, signal });
  }

  get #connectTimeout(): number {
    return this.#options.timeouts.connect ?? 10_000;
  }

  async #read(connection: Connection): Promise<ArrivedChunk | "woken"> {
    const protocol = this.#protocol;
    let cause: unknown;
    try {
      const chunk = await connection.next(this.#readLimit());
      if (chunk !== undefined) return chunk;
    } catch (error) {
      if (error === STOPPED) throw error;
      if (error instanceof ReplicaError && error.code !== "DISCONNECTED" && error.code !== "closed")
        throw error;
      cause = error;
    }
    if (this.#wasTooSlow(connection)) protocol.blameReader();
    throw protocol.closed(cause);
  }

  /**
   * Whether a cut was the primary's answer to slow reading, as far as one can tell: it closes without a word, and what it had
   * sent before is read first. In the stream bytes that lay unread are evidence enough, for a reader that was cut by
   * chance goes on where it was. A snapshot is read without a pause by fast readers too; there the lag must have been
   * seen to be great.
   */
  #wasTooSlow(connection: Connection): boolean {
    const now = this.#options.clock.now();
    const { phase } = this.#protocol;
    if (phase === "payload" && (this.#lag?.bytes ?? 0) * 2 < this.#outputBuffer) return false;
    if (phase !== "payload" && phase !== "stream") return false;
    return connection.behindFor(now) >= BEHIND || now - this.#slowAt < SLOW_MEMORY;
  }

  #readLimit(): WaitLimit {
    const { phase } = this.#protocol;
    const { handshake = 30_000, idle = 60_000 } = this.#options.timeouts;
    const ms = phase === "payload" || phase === "stream" ? idle : handshake;
    return { ms, error: () => this.#protocol.silence(ms) };
  }

  #noteArrival(connection: Connection, chunk: ArrivedChunk): void {
    const now = chunk.receivedAt.latest;
    this.#meter.chunk(chunk.bytes.length, now);
    if (now - chunk.receivedAt.earliest >= BEHIND) this.#slowAt = now;
    if (connection.caughtUp) {
      this.#lag = { bytes: 0, at: now };
      if (this.#protocol.phase === "stream") this.#protocol.absolveReader();
    }
    this.#protocol.lag = this.#currentLag(now);
  }

  #takeEvents(): readonly RedisEvent[] {
    const events = this.#protocol.takeEvents();
    this.#meter.events += events.length;
    return events;
  }

  #flush(): void {
    for (const bytes of this.#protocol.takeOutput()) this.#connection?.send(bytes);
  }

  /** The next tick after `ms`, the ones after it each after twice as long, up to a second. */
  #scheduleTick(ms: number): void {
    this.#cancelTick?.();
    this.#cancelTick = this.#options.clock.setTimer(ms, () => {
      this.#scheduleTick(Math.min(TICK, ms * 2));
      this.#tick();
    });
  }

  #tick(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const now = this.#options.clock.now();
    connection.surfaceWriteFailure();
    // A peer that does not take what was sent before needs no second copy of it.
    if (!connection.writing) {
      this.#protocol.tick(now);
      this.#flush();
    }
    const { phase } = this.#protocol;
    const behind = connection.behindFor(now) >= BEHIND;
    if (behind && (phase === "stream" || phase === "payload")) this.#lagWatch?.poll(now);
    this.#wakeForEvents();
  }

  #wakeForEvents(): void {
    if (this.#protocol.hasEvents && this.#connection !== undefined) this.#wait.wake();
  }

  #makeLagWatch(): LagWatch {
    const { clock, protocol } = this.#options;
    return new LagWatch({
      clock,
      username: protocol.username,
      password: protocol.password,
      open: () => this.#open(new StopSignal()),
      offset: () => this.#protocol.offset,
      onLag: (bytes, warnings, state) => {
        this.#lag = { bytes, at: clock.now() };
        this.#outputBuffer = state.outputBuffer ?? Number.POSITIVE_INFINITY;
        this.#protocol.bufferLimit = state.outputBufferText;
        for (const warning of warnings) this.#protocol.note((place) => link.lagging(place, warning));
        this.#wakeForEvents();
      },
      onRefused: ({ code, message }) => {
        this.#protocol.note((place) => link.warning(place, code, `Cannot watch the lag: ${message}`));
        this.#wakeForEvents();
      },
    });
  }

  /** Bytes that the primary is ahead, as far as known. */
  #currentLag(now: number): number | undefined {
    const lag = this.#lag;
    const connection = this.#connection;
    if (connection === undefined) return undefined;
    if (this.#protocol.phase === "stream" && connection.behindFor(now) === 0) return 0;
    return lag === undefined || now - lag.at > LAG_LIFETIME ? undefined : lag.bytes;
  }

  #scheduleStatus(onStatus: (status: ReplicaStatus) => void): void {
    this.#cancelStatus = this.#options.clock.setTimer(TICK, () => {
      this.#scheduleStatus(onStatus);
      try {
        onStatus(this.status());
      } catch (error) {
        this.#wait.end(error);
      }
    });
  }

  /** Tells the events of a failure; what comes next is another attempt or an error. */
  #afterFailure(error: unknown): Retry | { readonly error: unknown } {
    // Anything else is a wrong argument found late (TLS options) or a fault of this program.
    if (!(error instanceof ReplicaError)) return { error };
    let retry: Retry;
    try {
      retry = this.#retries.failed(error);
    } catch (final) {
      return { error: final };
    }
    this.#protocol.note((place) => link.disconnected(place, error.code, error.message));
    this.#protocol.note((place) => link.retry(place, retry.attempt, retry.delay));
    return retry;
  }

  async #disconnect(): Promise<void> {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#lag = undefined;
    this.#slowAt = Number.NEGATIVE_INFINITY;
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  async #release(): Promise<void> {
    this.#cancelStatus?.();
    this.#cancelStatus = undefined;
    this.#lagWatch?.stop();
    await this.#disconnect();
  }
}

function connectError(error: unknown, where: string): unknown {
  if (error instanceof ReplicaError || error instanceof TypeError || error === STOPPED) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ReplicaError("CONNECT", `Cannot connect to ${where}: ${text}`, { cause: error });
}
