import type { ArrivalInterval } from "../events.ts";
import type { Clock } from "../transport.ts";

/**
 * A read that is still pending after this many ms and two more turns of the event loop has waited. The ms leave room for
 * transports that let bytes gather a little before they read (2 ms in this project's); a timer may run before its turn's
 * sockets were looked at, so only a further turn proves that they were.
 */
const PATIENCE = 5;
const TURNS = 3;
/** The shortest timer that all runtimes tell apart from "now". */
const TURN_MS = 1;

/**
 * Says when the bytes of each chunk arrived, as far as one can know without a time stamp of the socket.
 *
 * A chunk that the reader had to wait for arrived when the read resolved. One that lay ready may have arrived at any time
 * since the socket was last known to be empty: that is the last read that waited, or one of which the transport says
 * that it took all there was. When in doubt a read counts as neither, which makes the interval wider, never wrong. (A
 * program that blocks its event loop while a read waits delays the stamp by as much.)
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

  /** Since when everything that arrived may be unread, Unix ms. */
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
    this.#probe(PATIENCE);
  }

  /** The read resolved: when its bytes arrived. `drained`: it took everything that had. */
  end(drained: boolean | undefined): ArrivalInterval {
    this.stop();
    const latest = this.#clock.now();
    // A clock set back must not turn the interval round.
    const earliest = this.waited ? latest : Math.min(this.#emptyAt, latest);
    if (this.waited || drained === true) this.#emptyAt = latest;
    return { earliest, latest };
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #probe(ms: number): void {
    this.#cancel = this.#clock.setTimer(ms, () => {
      this.#cancel = undefined;
      this.#turns++;
      if (this.#turns < TURNS) this.#probe(TURN_MS);
    });
  }
}
