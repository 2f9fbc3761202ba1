import type { Clock } from "../../src/transport.ts";

/**
 * The runtime's own time and timers. They keep the process alive: between two attempts of a reconnecting link nothing
 * else does, and whoever closes a link cancels them.
 *
 * @example
 * ```ts
 * import { clock } from "rxreplica/node";
 *
 * const before = clock.now();
 * await new Promise<void>((passed) => clock.setTimer(20, passed));
 * if (clock.now() - before < 15) throw new Error("unexpected");
 * ```
 */
export const clock: Clock = {
  now: () => Date.now(),
  setTimer: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
