/** A second consumer, of few keys, that keeps its events: what was handed out must not change afterwards, wherever its link is cut. */
import type { Subscription } from "rxjs";
import type { AofCommand } from "../../src/events.ts";
import { encodeCommand } from "../../src/resp/encoder.ts";
import { replicate } from "../../src/rx/replicate.ts";
import { connect } from "../../transports/node/connect.ts";
import { clock } from "../../transports/shared/clock.ts";
import type { Recording } from "./stream_check.ts";

export class Sieve {
  readonly #subscription: Subscription;
  readonly #kept: { readonly replid: string; readonly command: AofCommand }[] = [];
  #failure: unknown;

  /** @param keys glob of the keys that it takes */
  constructor(url: string, keys: string) {
    const clientName = "sieve";
    const reconnect = { minDelay: 5, maxDelay: 60, initialAttempts: 10_000 };
    let replid = "";
    this.#subscription = replicate(url, { connect, clock, keys, clientName, reconnect }).subscribe({
      next: (event) => {
        if (event.event === "fullresync" || event.event === "continue") replid = event.replid;
        if (event.event === "command" && event.kind === "aof") this.#kept.push({ replid, command: event });
      },
      error: (error: unknown) => {
        this.#failure = error;
      },
    });
  }

  /** Compares everything kept with the tapes. Returns how many commands that were. */
  verify(tapes: readonly Recording[]): number {
    if (this.#failure !== undefined) throw this.#failure;
    let verified = 0;
    for (const { replid, command } of this.#kept) {
      const frame = encodeCommand([...command.args]);
      const { offset } = command;
      const start = offset - frame.length;
      const histories = tapes.flatMap((tape) => tape.histories.get(replid) ?? []);
      const history = histories.find((one) => start >= one.start && offset <= one.end);
      if (history === undefined) continue;
      if (!history.slice(start, offset).equals(frame))
        throw new Error(`the command kept of ${offset} of ${replid} is not what the primary sent`);
      verified++;
    }
    return verified;
  }

  stop(): void {
    this.#subscription.unsubscribe();
  }
}
