import type { AbortSignalLike } from "../transport.ts";

/** A signal that its owner raises: what the core hands to a transport, since it has no `AbortController` of its own. */
export class StopSignal implements AbortSignalLike {
  #aborted = false;
  readonly #listeners: Set<() => void> = new Set();

  get aborted(): boolean {
    return this.#aborted;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    if (!this.#aborted) this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** Raises the signal, once. */
  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
