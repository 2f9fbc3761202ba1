import type { RedisEvent } from "../events.ts";
import type { SpoolFile } from "../transport.ts";
import { HistoryReader } from "./history.ts";
import { RelayHistory, replay } from "./relay.ts";
import { ReplicaSession } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";
import { Spool } from "./spool.ts";
import type { SpoolRecord } from "./spool_record.ts";
import { Meter, type ReplicaStatus } from "./status.ts";

/** Where a spool is kept. */
export interface SpoolSettings {
  readonly open: () => Promise<SpoolFile>;
  /** Most bytes that its file may hold. */
  readonly maxBytes: number;
}

/**
 * A session whose link reads on while the consumer takes its time, so that the primary has no reason to cut it: what is
 * not taken yet lies in a spool. The link keeps itself up alone, reconnecting from what it has received; acknowledged is
 * what was received, not what was taken. When the spool is full, the link is read at the consumer's pace again.
 */
export class SpooledSession {
  readonly #options: SessionOptions;
  readonly #link: ReplicaSession;
  readonly #spool: Spool;
  readonly #history: HistoryReader;
  readonly #meter: Meter;
  #stopped = false;
  #failure: { readonly error: unknown } | undefined = undefined;

  constructor(options: SessionOptions, settings: SpoolSettings) {
    this.#options = options;
    this.#spool = new Spool(settings.open, settings);
    this.#meter = new Meter(options.clock.now());
    const { protocol, onStatus } = options;
    // Acknowledging is the link's.
    this.#history = new HistoryReader(protocol, () => {});
    this.#link = new ReplicaSession(
      { ...options, signal: undefined, onStatus: onStatus && (() => this.#tell(onStatus)) },
      {
        makeHistory: (onGetAck) => new RelayHistory(protocol, onGetAck, (record) => this.#spool.push(record)),
        room: () => this.#spool.room(),
      },
    );
  }

  /** The batches, one a record that brought events. To be iterated once. */
  async *run(): AsyncGenerator<readonly RedisEvent[], void, undefined> {
    const { signal } = this.#options;
    if (signal?.aborted === true || this.#stopped) return;
    const abort = (): void => this.stop();
    signal?.addEventListener("abort", abort);
    const filling = this.#fill();
    try {
      while (!this.#stopped) {
        const record = await this.#spool.next();
        if (record === undefined) break;
        yield* this.#take(record);
      }
      if (this.#failure !== undefined) throw this.#failure.error;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.stop();
      await this.#spool.close();
      await filling;
    }
  }

  /** Ends the session at once; what lies in the spool is lost. Idempotent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#link.stop();
    void this.#spool.close();
  }

  /** How the link and its consumer are doing now. */
  status(): ReplicaStatus {
    const now = this.#options.clock.now();
    const link = this.#link.status();
    const history = this.#history;
    return {
      ...link,
      offset: history.state === "none" ? undefined : history.offset,
      position: history.position,
      lag: this.#lag(),
      buffered: this.#spool.buffered + history.pending,
      events: this.#meter.events,
      eventsPerSecond: this.#meter.rate(now),
    };
  }

  *#take(record: SpoolRecord): Generator<readonly RedisEvent[], void, undefined> {
    const history = this.#history;
    let failure: { readonly error: unknown } | undefined;
    try {
      replay(record, history);
      history.lag = this.#lag();
      if (record.receivedAt !== undefined && history.state === "stream") {
        history.tellProgress(record.receivedAt.latest);
      }
    } catch (error) {
      failure = { error };
    }
    const events = history.takeEvents();
    this.#meter.events += events.length;
    if (events.length > 0) yield events;
    if (failure !== undefined) throw failure.error;
  }

  async #fill(): Promise<void> {
    try {
      // Its events went to the spool.
      for await (const _ of this.#link.run());
      this.#spool.end();
    } catch (error) {
      this.#spool.end({ error });
    }
  }

  /** Bytes that the primary is ahead of the consumer, as far as known. */
  #lag(): number | undefined {
    const { lag, offset } = this.#link;
    return lag === undefined ? undefined : lag + Math.max(0, offset - this.#history.offset);
  }

  #tell(onStatus: (status: ReplicaStatus) => void): void {
    try {
      onStatus(this.status());
    } catch (error) {
      this.#failure = { error };
      this.stop();
    }
  }
}
