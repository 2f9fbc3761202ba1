import type { Address } from "../transport.ts";
import { movedOn } from "./link_errors.ts";
import type { Locator, MakeLocator } from "./locator.ts";
import { addressText } from "./url.ts";
import type { Wait } from "./wait.ts";

/** Where a session attaches to: one address for good, or what a locator finds before each connection. */
export class Destination {
  readonly #locator: Locator | undefined;
  #address: Address | undefined;
  #moved = false;

  /** @param onMoved called when the server in use is no longer the one to attach to. */
  constructor(address: Address | MakeLocator, onMoved: () => void) {
    this.#address = typeof address === "function" ? undefined : address;
    if (typeof address !== "function") return;
    this.#locator = address(() => {
      this.#moved = true;
      onMoved();
    });
  }

  /** Whether the server in use is no longer the one to attach to. */
  get moved(): boolean {
    return this.#moved;
  }

  /** The server to attach to as messages name it. */
  get text(): string {
    return this.#address === undefined ? "the server" : addressText(this.#address);
  }

  /** The server to attach to, once one was found. */
  get address(): Address {
    return this.#address!;
  }

  /** Looks again, if there is anything to look for. Rejects with `ReplicaError`, and with what ends `wait`. */
  async find(wait: Wait): Promise<void> {
    if (this.#locator === undefined) return;
    this.#moved = false;
    const found = await wait.for(this.#locator.locate());
    // Woken: there is something newer to be found.
    if (found === undefined) throw movedOn(undefined);
    this.#address = found;
  }

  /** Looks no more. Idempotent. */
  stop(): void {
    this.#locator?.stop();
  }
}
