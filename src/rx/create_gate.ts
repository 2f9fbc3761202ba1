/** Stops a source between two events for as long as somebody holds it. */
export interface Gate {
  /**
   * Holds the gate until the returned function is called. Holds are counted: the gate opens when the last one is released.
   * Releasing twice counts once.
   */
  hold(): () => void;
  /** Whether anybody holds it now. */
  readonly held: boolean;
  /** Resolves as soon as nobody holds it; at once when that is so now. Whoever waits looks at `held` again afterwards. */
  opened(): Promise<void>;
}

/**
 * Creates the gate by which a slow consumer holds a source back. While it is held, the source emits no further event and
 * reads no further chunk; released, it goes on in the same place. One gate may serve several subscriptions: the slowest
 * rules. Unsubscribing ignores it.
 *
 * Hold it for work in progress only, and release it in all cases: a gate held while waiting for more events waits for ever.
 *
 * @example
 * ```ts
 * import { createGate } from "rxreplica";
 *
 * const gate = createGate();
 * const first = gate.hold();
 * const second = gate.hold();
 * first();
 * first();
 * if (!gate.held) throw new Error("the second hold is still there");
 * second();
 * await gate.opened();
 * if (gate.held) throw new Error("nobody holds it any more");
 * ```
 */
export function createGate(): Gate {
  return new CountingGate();
}

class CountingGate implements Gate {
  #holds = 0;
  // One promise for all who wait, made when the first one asks.
  #opening: Promise<void> | undefined = undefined;
  #open: (() => void) | undefined = undefined;

  get held(): boolean {
    return this.#holds > 0;
  }

  hold(): () => void {
    this.#holds++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (--this.#holds > 0) return;
      this.#open?.();
      this.#opening = undefined;
      this.#open = undefined;
    };
  }

  opened(): Promise<void> {
    if (this.#holds === 0) return Promise.resolve();
    this.#opening ??= new Promise((resolve) => {
      this.#open = resolve;
    });
    return this.#opening;
  }
}
