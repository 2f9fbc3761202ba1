import type { ReplicaError } from "../errors.ts";
import type { ArrivalInterval } from "../events.ts";
import type { Clock, Transport } from "../transport.ts";
import type { Connection } from "./connection.ts";
import { type LagAccess, type LagWarning, LagWatch } from "./lag_watch.ts";
import type { ProtocolPhase } from "./phase.ts";

/** ms that bytes must have lain unread before a reader counts as behind, or a cut as its fault. */
const BEHIND = 1000;
/** ms for which it is remembered that bytes lay unread for so long. */
const SLOW_MEMORY = 10_000;
/** ms that an answer about the lag is good for. */
const LAG_LIFETIME = 15_000;

/** What the pace of a reader is measured with. */
export interface ReaderPaceOptions extends LagAccess {
  readonly clock: Clock;
  /** Opens a connection beside the link to ask about the lag; `undefined`: do not ask. */
  readonly open: (() => Promise<Transport>) | undefined;
  /** Replication offset of what was handed out so far. */
  readonly offset: () => number;
  /** Warnings of the lag, and the primary's limit as its setting says it. */
  readonly onLag: (warnings: readonly LagWarning[], limit: string | undefined) => void;
  readonly onRefused: (error: ReplicaError) => void;
}

/** Whether events are taken fast enough: how far behind the reader is, and whether a cut was its fault. */
export class ReaderPace {
  readonly #clock: Clock;
  readonly #watch: LagWatch | undefined;
  #lag: { readonly bytes: number; readonly at: number } | undefined = undefined;
  /** When bytes were taken last that may have lain unread for long. */
  #slowAt = Number.NEGATIVE_INFINITY;
  /** Bytes that may wait at the primary for this replica, as far as known. */
  #outputBuffer = Number.POSITIVE_INFINITY;

  constructor(options: ReaderPaceOptions) {
    const { clock, open } = options;
    this.#clock = clock;
    this.#watch =
      open &&
      new LagWatch({
        ...options,
        open,
        onLag: (bytes, warnings, state) => {
          this.#lag = { bytes, at: clock.now() };
          this.#outputBuffer = state.outputBuffer ?? Number.POSITIVE_INFINITY;
          options.onLag(warnings, state.outputBufferText);
        },
      });
  }

  /** A chunk was taken. */
  note({ earliest, latest }: ArrivalInterval, connection: Connection): void {
    if (latest - earliest >= BEHIND) this.#slowAt = latest;
    if (connection.caughtUp) this.#lag = { bytes: 0, at: latest };
  }

  /** Once a second: asks the primary about the lag if the reader is behind. */
  tick(connection: Connection, phase: ProtocolPhase): void {
    const now = this.#clock.now();
    if (phase !== "stream" && phase !== "payload") return;
    if (connection.behindFor(now) >= BEHIND) this.#watch?.poll(now);
  }

  /** Bytes that the primary is ahead, as far as known. */
  lag(connection: Connection | undefined, phase: ProtocolPhase): number | undefined {
    const lag = this.#lag;
    const now = this.#clock.now();
    if (connection === undefined) return undefined;
    if (phase === "stream" && connection.behindFor(now) === 0) return 0;
    return lag === undefined || now - lag.at > LAG_LIFETIME ? undefined : lag.bytes;
  }

  /**
   * Whether a cut was the primary's answer to slow reading, as far as one can tell: it closes without a word, and what it had
   * sent before is read first. In the stream bytes that lay unread are evidence enough, for a reader that was cut by
   * chance goes on where it was. A snapshot is read without a pause by fast readers too; there the lag must have been
   * seen to be great.
   */
  wasTooSlow(connection: Connection, phase: ProtocolPhase): boolean {
    const now = this.#clock.now();
    if (phase === "payload" && (this.#lag?.bytes ?? 0) * 2 < this.#outputBuffer) return false;
    if (phase !== "payload" && phase !== "stream") return false;
    return connection.behindFor(now) >= BEHIND || now - this.#slowAt < SLOW_MEMORY;
  }

  /** The connection is gone, and with it what was known of it. */
  reset(): void {
    this.#lag = undefined;
    this.#slowAt = Number.NEGATIVE_INFINITY;
  }

  /** Asks no more. */
  stop(): void {
    this.#watch?.stop();
  }
}
