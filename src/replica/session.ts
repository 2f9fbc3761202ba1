import { ReplicaError } from "../errors.ts";
import type { RedisEvent } from "../events.ts";
import { type ArrivedChunk, Connection } from "./connection.ts";
import { Destination } from "./destination.ts";
import { movedOn } from "./link_errors.ts";
import * as link from "./link_events.ts";
import { openLink, openTransport } from "./open_link.ts";
import { ReplicaProtocol } from "./protocol.ts";
import { ReaderPace } from "./reader_pace.ts";
import { type Retry, RetryPolicy } from "./retry.ts";
import type { RelayTarget, SessionOptions } from "./session_options.ts";
import { describeProtocol, Meter, type ReplicaStatus } from "./status.ts";
import { StopSignal } from "./stop_signal.ts";
import { TICK, Ticker } from "./ticker.ts";
import { STOPPED, Wait, type WaitLimit } from "./wait.ts";

/**
 * ms after which a snapshot's end is acknowledged once more, and again after twice as long, …: a primary that has not yet
 * noticed its child's exit loses the acknowledgement that starts the stream (replication.c), and would let the
 * first write wait for the next one a second later.
 */
const FIRST_TICK = 10;

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
  readonly #destination: Destination;
  readonly #meter: Meter;
  readonly #pace: ReaderPace;
  readonly #ticker: Ticker;
  readonly #statusTicker: Ticker;
  #connection: Connection | undefined = undefined;
  #waiting = false;
  #stopped = false;

  constructor(options: SessionOptions, relay?: RelayTarget) {
    const { address, clock, protocol, reconnect } = options;
    this.#options = options;
    this.#relay = relay;
    this.#protocol = new ReplicaProtocol(protocol, relay?.makeHistory);
    this.#wait = new Wait(clock);
    this.#retries = new RetryPolicy(reconnect);
    this.#destination = new Destination(address, () => this.#moveOn());
    this.#meter = new Meter(clock.now());
    this.#pace = this.#makePace();
    this.#ticker = new Ticker(clock, () => this.#tick());
    this.#statusTicker = new Ticker(clock, () => this.#tellStatus());
  }

  /** The batches, one a chunk that brought events. To be iterated once. */
  async *run(): AsyncGenerator<readonly RedisEvent[], void, undefined> {
    const { signal, onStatus } = this.#options;
    const abort = (): void => this.stop();
    if (signal?.aborted === true || this.#stopped) return;
    signal?.addEventListener("abort", abort);
    if (onStatus !== undefined) this.#statusTicker.start(TICK);
    if (this.#options.protocol.announce !== undefined) this.#protocol.note(link.announced);
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
        if (!this.#destination.moved) await this.#wait.sleep(retry.delay);
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
    const { clock, protocol } = this.#options;
    const { shard } = protocol;
    const described = describeProtocol(this.#protocol);
    return {
      ...(shard === undefined ? {} : { shard }),
      ...described,
      phase: this.#waiting ? "waiting" : described.phase,
      lag: this.lag,
      ...this.#meter.counts(clock.now()),
    };
  }

  /** One connection from beginning to end. */
  async *#link(): AsyncGenerator<readonly RedisEvent[], void, undefined> {
    const protocol = this.#protocol;
    await this.#destination.find(this.#wait);
    protocol.note((place) => link.connecting(place, this.#destination.text));
    if (protocol.hasEvents) yield this.#takeEvents();
    if (this.#stopped) return;
    const connection = await this.#connect();
    protocol.open();
    this.#flush();
    this.#ticker.start(TICK);
    for (;;) {
      for (let room = this.#relay?.room(); room !== undefined; room = this.#relay?.room()) {
        await this.#wait.for(room);
      }
      const chunk = await this.#read(connection);
      if (chunk !== "woken") {
        const { phase } = protocol;
        this.#noteArrival(connection, chunk);
        if (protocol.write(chunk.bytes, chunk.receivedAt)) connection.release(chunk.bytes);
        this.#flush();
        if (protocol.phase === "stream" && phase !== "stream") {
          this.#retries.succeeded();
          this.#ticker.start(FIRST_TICK);
        }
      }
      const finished = protocol.phase === "finished";
      if (finished) await this.#disconnect();
      if (protocol.hasEvents) yield this.#takeEvents();
      if (finished || this.#stopped) return;
    }
  }

  /** Another server is to be attached to: leaves this one with whatever it still sends. */
  #moveOn(): void {
    if (this.#waiting) this.#wait.wake();
    else this.#wait.interrupt(movedOn(this.offset));
  }

  async #connect(): Promise<Connection> {
    const transport = await openLink(this.#options, this.#destination.address, this.#wait);
    this.#connection = new Connection(transport, this.#options.clock, this.#wait);
    return this.#connection;
  }

  async #read(connection: Connection): Promise<ArrivedChunk | "woken"> {
    const protocol = this.#protocol;
    let cause: unknown;
    if (this.#destination.moved) throw movedOn(protocol.offset);
    try {
      const chunk = await connection.next(this.#readLimit());
      if (chunk !== undefined) return chunk;
    } catch (error) {
      if (error === STOPPED || this.#destination.moved) throw error;
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
    this.#retries.heard();
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
      open: watchLag
        ? () => openTransport(this.#options, this.#destination.address, new StopSignal())
        : undefined,
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

  #tellStatus(): void {
    try {
      this.#options.onStatus?.(this.status());
    } catch (error) {
      this.#wait.end(error);
    }
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
    this.#ticker.stop();
    this.#pace.reset();
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  async #release(): Promise<void> {
    this.#statusTicker.stop();
    this.#destination.stop();
    this.#pace.stop();
    await this.#disconnect();
  }
}
