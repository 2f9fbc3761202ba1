import type { ArrivalInterval } from "../events.ts";
import type { Clock, Transport } from "../transport.ts";
import { ArrivalClock } from "./arrival.ts";
import type { Wait, WaitLimit } from "./wait.ts";

/** Bytes and when they came. */
export interface ArrivedChunk {
  readonly bytes: Uint8Array;
  readonly receivedAt: ArrivalInterval;
}

/** A read of the transport that is under way or done and not yet taken. */
interface Read {
  readonly result: Promise<IteratorResult<Uint8Array>>;
  readonly since: number;
}

/** One open transport as the session uses it: dated reads on demand, writes in order whose failure shows in the next read. */
export class Connection {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #wait: Wait;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #arrival: ArrivalClock;
  #read: Read | undefined = undefined;
  #receivedAt: ArrivalInterval | undefined = undefined;
  #writes = 0;
  #writeFailure: unknown = undefined;
  #writeFailureSeen = false;
  #closed = false;

  constructor(transport: Transport, clock: Clock, wait: Wait) {
    this.#transport = transport;
    this.#clock = clock;
    this.#wait = wait;
    this.#arrival = new ArrivalClock(clock);
    this.#chunks = transport.chunks[Symbol.asyncIterator]();
  }

  /** Whether bytes given to `send` are still on their way to the runtime. */
  get writing(): boolean {
    return this.#writes > 0;
  }

  /** Whether everything that arrived was read when last looked: a read waits, or the last one had to. */
  get caughtUp(): boolean {
    return this.#arrival.waited;
  }

  /** For how many ms, at `now`, bytes that arrived may have lain unread; 0 while a read waits. */
  behindFor(now: number): number {
    return this.#read !== undefined && this.#arrival.waited ? 0 : Math.max(0, now - this.#arrival.emptyAt);
  }

  /**
   * The next chunk; `"woken"` when the wait was woken first (the read goes on and is taken by the next call), `undefined`
   * at the end. The limit counts from when the read began.
   *
   * @throws what ended the connection.
   */
  async next(limit: WaitLimit): Promise<ArrivedChunk | "woken" | undefined> {
    this.#read ??= this.#begin();
    const { result, since } = this.#read;
    const left = Math.max(0, since + limit.ms - this.#clock.now());
    const read = await this.#wait.for(result, { ms: left, error: limit.error });
    if (read === undefined) return "woken";
    this.#read = undefined;
    if (read.done === true) {
      if (this.#writeFailure !== undefined) throw this.#writeFailure;
      return undefined;
    }
    return { bytes: read.value, receivedAt: this.#receivedAt! };
  }

  /** Gives back the chunk taken last, which nothing views any more. */
  release(bytes: Uint8Array): void {
    this.#transport.release?.(bytes);
  }

  /** Sends bytes behind those sent before. */
  send(bytes: Uint8Array): void {
    if (this.#closed || this.#writeFailure !== undefined) return;
    this.#writes++;
    this.#transport.write(bytes).then(
      () => {
        this.#writes--;
      },
      (error: unknown) => {
        this.#writes--;
        this.#writeFailure ??= error;
      },
    );
  }

  /**
   * A failed write usually ends the reads too, after what the peer still said. Called once a second: where that did not
   * happen by the next call, the failure itself ends the wait.
   */
  surfaceWriteFailure(): void {
    if (this.#writeFailure === undefined || this.#closed) return;
    if (this.#writeFailureSeen) this.#wait.interrupt(this.#writeFailure);
    this.#writeFailureSeen = true;
  }

  /** Closes the transport. Idempotent; never fails. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#arrival.stop();
    try {
      await this.#transport.close();
    } catch {
      // Nothing can be done about a socket that does not want to close.
    }
  }

  #begin(): Read {
    this.#arrival.begin();
    const result = this.#chunks.next().then(
      (read) => {
        this.#receivedAt = this.#arrival.end(this.#transport.drained);
        return read;
      },
      (error: unknown) => {
        this.#arrival.stop();
        throw error;
      },
    );
    return { result, since: this.#clock.now() };
  }
}
