import type { ArrivalInterval } from "../events.ts";
import type { Clock } from "../transport.ts";

/**
 * Turns of the event loop after which a read that has not resolved counts as having waited. A timer may run before the
 * turn's sockets are looked at, so one turn proves nothing; after the second every runtime has looked at least once. The
 * third is for adapters that need a turn of their own between socket and promise (TLS, a task queue).
 */
const TURNS = 3;
/** The shortest timer that all runtimes tell apart from "now". */
const TURN_MS = 1;

/**
 * Says when the bytes of each chunk arrived, as far as one can know without a time stamp of the socket.
 *
 * A chunk that the reader had to wait for arrived when the read resolved. One that lay ready may have arrived at any time
 * since the socket was last known to be empty: that is the last read that waited. Whether a read waited is found by
 * letting three turns of the event loop pass. When in doubt the read counts as not having waited, which makes the
 * interval wider, never wrong. (A program that blocks its event loop while a read waits delays the stamp by as much.)
 */
export class ArrivalClock {
  readonly #clock: Clock;
  #emptyAt: number;
  #turns = 0;
  #cancel: (() => void) | undefined = undefined;

  /** Nothing of this connection arrived before now. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#emptyAt = clock.now();
  }

  /** Since when everything that arrived may be unread, Unix ms: the last read that waited. */
  get emptyAt(): number {
    return this.#emptyAt;
  }

  /** Whether the read that is pending, or the last one, had to wait. */
  get waited(): boolean {
    return this.#turns >= TURNS;
  }

  /** A read begins. */
  begin(): void {
    this.#turns = 0;
    this.#probe();
  }

  /** The read resolved: when its bytes arrived. */
  end(): ArrivalInterval {
    this.stop();
    const latest = this.#clock.now();
    if (this.waited) this.#emptyAt = latest;
    // A clock set back must not turn the interval round.
    return { earliest: Math.min(this.#emptyAt, latest), latest };
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #probe(): void {
    this.#cancel = this.#clock.setTimer(TURN_MS, () => {
      this.#cancel = undefined;
      this.#turns++;
      if (this.#turns < TURNS) this.#probe();
    });
  }
}
