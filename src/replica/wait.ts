import type { Clock } from "../transport.ts";

/** The longest timer that runtimes keep, 24 days: they fire a longer one at once. */
const LONGEST = 2 ** 31 - 1;

/** What the waits of a session that was stopped end with. */
export const STOPPED: unique symbol = Symbol("stopped");

/** A limit on waiting: after `ms`, `error()` is thrown. */
export interface WaitLimit {
  readonly ms: number;
  readonly error: () => Error;
}

/**
 * Waits for one promise at a time, up to a limit, and can be called away from it. Whatever ends the wait, no timer stays
 * behind, and a promise that was left fails silently.
 */
export class Wait {
  readonly #clock: Clock;
  #settle:
    | { readonly resolve: (value: undefined) => void; readonly reject: (error: unknown) => void }
    | undefined = undefined;
  #ended: { readonly error: unknown } | undefined = undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with what `promise` gives, or with `undefined` when woken. */
  async for<T>(promise: Promise<T>, limit?: WaitLimit): Promise<T | undefined> {
    promise.catch(ignore);
    if (this.#ended !== undefined) throw this.#ended.error;
    let cancel: (() => void) | undefined;
    try {
      return await new Promise<T | undefined>((resolve, reject) => {
        this.#settle = { resolve, reject };
        promise.then(resolve, reject);
        if (limit !== undefined && limit.ms <= LONGEST) {
          cancel = this.#clock.setTimer(limit.ms, () => reject(limit.error()));
        }
      });
    } finally {
      this.#settle = undefined;
      cancel?.();
    }
  }

  /** Lets `ms` pass. */
  async sleep(ms: number): Promise<void> {
    let cancel: (() => void) | undefined;
    try {
      await this.for(
        new Promise<void>((resolve) => {
          cancel = this.#clock.setTimer(Math.min(ms, LONGEST), resolve);
        }),
      );
    } finally {
      cancel?.();
    }
  }

  /** Ends the wait under way, if any, with `undefined`. */
  wake(): void {
    this.#settle?.resolve(undefined);
  }

  /** Fails the wait under way, if any. */
  interrupt(error: unknown): void {
    this.#settle?.reject(error);
  }

  /** Ends the wait under way and all later ones with `error`. */
  end(error: unknown): void {
    this.#ended ??= { error };
    this.interrupt(error);
  }
}

function ignore(): void {}
