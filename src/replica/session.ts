import { ReplicaError } from "../errors.ts";
import type { RedisEvent } from "../events.ts";
import type { AbortSignalLike, Address, Clock, Connect, TlsOptions } from "../transport.ts";
import { type ArrivedChunk, Connection } from "./connection.ts";
import * as link from "./link_events.ts";
import { type ProtocolOptions, ReplicaProtocol } from "./protocol.ts";
import { type ReconnectOptions, type Retry, RetryPolicy } from "./retry.ts";
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
  readonly protocol: ProtocolOptions;
}

const TICK = 1000;
const STOPPED: unique symbol = Symbol("stopped");

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
  readonly #protocol: ReplicaProtocol;
  readonly #wait: Wait;
  readonly #retries: RetryPolicy;
  readonly #where: string;
  #connection: Connection | undefined = undefined;
  #cancelTick: (() => void) | undefined = undefined;
  #stopped = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#protocol = new ReplicaProtocol(options.protocol);
    this.#wait = new Wait(options.clock);
    this.#retries = new RetryPolicy(options.reconnect);
    this.#where = addressText(options.address);
  }

  /** The batches, one a chunk that brought events. To be iterated once. */
  async *run(): AsyncGenerator<readonly RedisEvent[], void, undefined> {
    const { signal } = this.#options;
    const abort = (): void => this.stop();
    if (signal?.aborted === true) return;
    signal?.addEventListener("abort", abort);
    try {
      for (;;) {
        let retry: Retry;
        try {
          yield* this.#link();
          return;
        } catch (thrown) {
          if (this.#stopped) return;
          await this.#disconnect();
          const next = this.#afterFailure(thrown);
          const events = this.#protocol.takeEvents();
          if (events.length > 0) yield events;
          if ("error" in next) throw next.error;
          retry = next;
        }
        if (this.#stopped) return;
        await this.#wait.sleep(retry.delay);
      }
    } catch (error) {
      if (!this.#stopped) throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      await this.#disconnect();
    }
  }

  /** Ends the session: pending reads and waits end at once, the socket is closed. Idempotent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#wait.end(STOPPED);
    void this.#disconnect();
  }

  /** One connection from beginning to end. */
  async *#link(): AsyncGenerator<readonly RedisEvent[], void, undefined> {
    const protocol = this.#protocol;
    protocol.note((place) => link.connecting(place, this.#where));
    yield protocol.takeEvents();
    if (this.#stopped) return;
    const connection = await this.#connect();
    protocol.open();
    this.#flush();
    this.#scheduleTick();
    for (;;) {
      const chunk = await this.#read(connection);
      if (chunk !== "woken") {
        protocol.write(chunk.bytes, chunk.receivedAt);
        this.#flush();
        if (protocol.phase === "stream") this.#retries.succeeded();
      }
      const finished = protocol.phase === "finished";
      if (finished) await this.#disconnect();
      const events = protocol.takeEvents();
      if (events.length > 0) yield events;
      if (finished || this.#stopped) return;
    }
  }

  async #connect(): Promise<Connection> {
    const { address, clock, connect, timeouts, tls } = this.#options;
    const connectTimeout = timeouts.connect ?? 10_000;
    const signal = new StopSignal();
    const opening = connect(address, { tls, connectTimeout, signal });
    try {
      const transport = await this.#wait.for(opening, {
        ms: connectTimeout,
        error: () =>
          new ReplicaError(
            "TIMEOUT",
            `Cannot connect to ${this.#where}: no answer within ${connectTimeout} ms`,
          ),
      });
      this.#connection = new Connection(transport!, clock, this.#wait);
      return this.#connection;
    } catch (error) {
      signal.abort();
      // A connection that comes after all must not stay open.
      opening.then((transport) => transport.close()).catch(() => {});
      throw connectError(error, this.#where);
    }
  }

  async #read(connection: Connection): Promise<ArrivedChunk | "woken"> {
    const protocol = this.#protocol;
    try {
      const chunk = await connection.next(this.#readLimit());
      if (chunk !== undefined) return chunk;
    } catch (error) {
      if (error instanceof ReplicaError && error.code !== "DISCONNECTED" && error.code !== "closed")
        throw error;
      throw protocol.closed(error);
    }
    throw protocol.closed();
  }

  #readLimit(): WaitLimit {
    const { phase } = this.#protocol;
    const { handshake = 30_000, idle = 60_000 } = this.#options.timeouts;
    const ms = phase === "payload" || phase === "stream" ? idle : handshake;
    return { ms, error: () => this.#protocol.silence(ms) };
  }

  #flush(): void {
    for (const bytes of this.#protocol.takeOutput()) this.#connection?.send(bytes);
  }

  #scheduleTick(): void {
    this.#cancelTick = this.#options.clock.setTimer(TICK, () => {
      this.#scheduleTick();
      this.#tick();
    });
  }

  #tick(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    connection.surfaceWriteFailure();
    // A peer that does not take what was sent before needs no second copy of it.
    if (connection.writing) return;
    this.#protocol.tick(this.#options.clock.now());
    this.#flush();
    if (this.#protocol.hasEvents) this.#wait.wake();
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
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }
}

function connectError(error: unknown, where: string): unknown {
  if (error instanceof ReplicaError || error instanceof TypeError || error === STOPPED) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ReplicaError("CONNECT", `Cannot connect to ${where}: ${text}`, { cause: error });
}
