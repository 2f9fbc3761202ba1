import type { RedisEvent, Transaction } from "../events.ts";

/** Knows, of a stream of events, whether it stands between a MULTI and its EXEC; for each shard of a cluster on its own. */
export class OpenTransactions {
  #single: Transaction | undefined = undefined;
  #shards: Map<string, Transaction> | undefined = undefined;
  #any = false;

  /** Whether a transaction has begun and not ended. */
  get any(): boolean {
    return this.#any;
  }

  /** Takes the next value of the stream; what is not an event changes nothing. */
  note(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    const event = value as RedisEvent;
    if (event.kind === "aof") {
      // Of nearly every command no more than this is asked.
      if (event.event !== "command" || (event.tx === undefined && !this.#any)) return;
      const { tx } = event;
      this.#set(event.shard, tx === undefined || endsTransaction(event.name) ? undefined : tx);
    } else if (event.kind === "link" && this.#any) {
      if (event.event === "fullresync" || event.event === "reset") this.#set(event.shard, undefined);
      // The position moves at EXEC only: one beyond the beginning tells the end of a transaction whose EXEC was dropped.
      else if (event.position !== undefined && event.position.offset > this.#startOf(event.shard)) {
        this.#set(event.shard, undefined);
      }
    }
  }

  #startOf(shard: string | undefined): number {
    const transaction = shard === undefined ? this.#single : this.#shards?.get(shard);
    return transaction?.startOffset ?? Number.POSITIVE_INFINITY;
  }

  #set(shard: string | undefined, transaction: Transaction | undefined): void {
    if (shard === undefined) {
      this.#single = transaction;
    } else if (transaction !== undefined) {
      this.#shards ??= new Map();
      this.#shards.set(shard, transaction);
    } else this.#shards?.delete(shard);
    this.#any = this.#single !== undefined || (this.#shards !== undefined && this.#shards.size > 0);
  }
}

/** No server propagates DISCARD; other writers of AOF files might. */
function endsTransaction(name: string): boolean {
  return name === "EXEC" || name === "DISCARD";
}
