import { ReplicaError } from "../errors.ts";
import type { RedisEvent } from "../events.ts";
import type { AbortSignalLike, Address, Clock, Connect, TlsOptions, Transport } from "../transport.ts";
import { type ArrivedChunk, Connection } from "./connection.ts";
import type { History } from "./history.ts";
import * as link from "./link_events.ts";
import type { Locator, MakeLocator } from "./locator.ts";
import type { ProtocolPhase } from "./phase.ts";
import { type ProtocolOptions, ReplicaProtocol } from "./protocol.ts";
import { ReaderPace } from "./reader_pace.ts";
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
  /** Where to attach, or what finds it before each connection. */
  readonly address: Address | MakeLocator;
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
  readonly #locator: Locator | undefined;
  readonly #meter: Meter;
  readonly #pace: ReaderPace;
  #connection: Connection | undefined = undefined;
  #cancelTick: (() => void) | undefined = undefined;
  #cancelStatus: (() => void) | undefined = undefined;
  #address: Address | undefined = undefined;
  #waiting = false;
  /** The server in use is no longer the one to attach to. */
  #moved = false;
  #stopped = false;

  constructor(options: SessionOptions, relay?: RelayTarget) {
    const { address, clock, protocol, reconnect } = options;
    this.#options = options;
    this.#relay = relay;
    this.#protocol = new ReplicaProtocol(protocol, relay?.makeHistory);
    this.#wait = new Wait(clock);
    this.#retries = new RetryPolicy(reconnect);
    if (typeof address === "function") this.#locator = address(() => this.#moveOn());
    else this.#address = address;
    this.#meter = new Meter(clock.now());
    this.#pace = this.#makePace();
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
        if (!this.#moved) await this.#wait.sleep(retry.delay);
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
    return this.#pace.lag(this.#connection, this.#protocol.phase);
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
    const { shard } = this.#options.protocol;
    return {
      ...(shard === undefined ? {} : { shard }),
      phase: this.#waiting ? "waiting" : PHASES[protocol.phase],
      offset: attached ? protocol.offset : undefined,
      position: protocol.position,
      snapshot: protocol.phase === "payload" ? protocol.snapshot : undefined,
      lag: this.lag,
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
    if (this.#locator !== undefined) await this.#locate(this.#locator);
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

  async #locate(locator: Locator): Promise<void> {
    this.#moved = false;
    const found = await this.#wait.for(locator.locate());
    // Woken: there is something newer to be found.
    if (found === undefined) throw movedOn(undefined);
    this.#address = found;
  }

  /** Another server is to be attached to: leaves this one with whatever it still sends. */
  #moveOn(): void {
    if (this.#stopped) return;
    this.#moved = true;
    if (this.#waiting) this.#wait.wake();
    else this.#wait.interrupt(movedOn(this.offset));
  }

  get #where(): string {
    return this.#address === undefined ? "the server" : addressText(this.#address);
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
    const { connect, tls } = this.#options;
    return connect(this.#address!, { tls, connectTimeout: this.#connectTimeout, signal });
  }

  get #connectTimeout(): number {
    return this.#options.timeouts.connect ?? 10_000;
  }

  async #read(connection: Connection): Promise<ArrivedChunk | "woken"> {
    const protocol = this.#protocol;
    let cause: unknown;
    if (this.#moved) throw movedOn(protocol.offset);
    try {
      const chunk = await connection.next(this.#readLimit());
      if (chunk !== undefined) return chunk;
    } catch (error) {
      if (error === STOPPED || this.#moved) throw error;
      if (error instanceof ReplicaError && error.code !== "DISCONNECTED" && error.code !== "closed")
        throw error;
      cause = error;
    }
    if (this.#pace.wasTooSlow(connection, protocol.phase)) protocol.blameReader();
    throw protocol.closed(cause);
  }

  #readLimit(): WaitLimit {
    const { phase } = this.#protocol;
    const { handshake = 30_000, idle = 60_000 } = this.#options.timeouts;
    const ms = phase === "payload" || phase === "stream" ? idle : handshake;
    return { ms, error: () => this.#protocol.silence(ms) };
  }

  #noteArrival(connection: Connection, { bytes, receivedAt }: ArrivedChunk): void {
    const protocol = this.#protocol;
    this.#meter.chunk(bytes.length, receivedAt.latest);
    this.#pace.note(receivedAt, connection);
    if (connection.caughtUp && protocol.phase === "stream") protocol.absolveReader();
    protocol.lag = this.lag;
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
    connection.surfaceWriteFailure();
    // A peer that does not take what was sent before needs no second copy of it.
    if (!connection.writing) {
      this.#protocol.tick(this.#options.clock.now());
      this.#flush();
    }
    this.#pace.tick(connection, this.#protocol.phase);
    this.#wakeForEvents();
  }

  #wakeForEvents(): void {
    if (this.#protocol.hasEvents && this.#connection !== undefined) this.#wait.wake();
  }

  #makePace(): ReaderPace {
    const { clock, protocol, watchLag } = this.#options;
    return new ReaderPace({
      clock,
      username: protocol.username,
      password: protocol.password,
      open: watchLag ? () => this.#open(new StopSignal()) : undefined,
      offset: () => this.#protocol.offset,
      onLag: (warnings, limit) => {
        this.#protocol.bufferLimit = limit;
        for (const warning of warnings) this.#protocol.note((place) => link.lagging(place, warning));
        this.#wakeForEvents();
      },
      onRefused: ({ code, message }) => {
        this.#protocol.note((place) => link.warning(place, code, `Cannot watch the lag: ${message}`));
        this.#wakeForEvents();
      },
    });
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
    this.#pace.reset();
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  async #release(): Promise<void> {
    this.#cancelStatus?.();
    this.#cancelStatus = undefined;
    this.#locator?.stop();
    this.#pace.stop();
    await this.#disconnect();
  }
}

function movedOn(offset: number | undefined): ReplicaError {
  return new ReplicaError("DISCONNECTED", "Left the server: another one is to be attached to", { offset });
}

function connectError(error: unknown, where: string): unknown {
  if (error instanceof ReplicaError || error instanceof TypeError || error === STOPPED) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ReplicaError("CONNECT", `Cannot connect to ${where}: ${text}`, { cause: error });
}
