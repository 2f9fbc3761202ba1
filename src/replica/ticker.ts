import type { Clock } from "../transport.ts";

/** ms between two ticks at most. */
export const TICK = 1000;

/** Calls on the clock while a connection lives: once a second, and oftener after something that is better said twice. */
export class Ticker {
  readonly #clock: Clock;
  readonly #tick: () => void;
  #cancel: (() => void) | undefined = undefined;

  constructor(clock: Clock, tick: () => void) {
    this.#clock = clock;
    this.#tick = tick;
  }

  /** The next tick after `ms`, the ones after it each after twice as long, up to a second. */
  start(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#clock.setTimer(ms, () => {
      this.start(Math.min(TICK, ms * 2));
      this.#tick();
    });
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
