import { ReplicaError } from "../errors.ts";
import { bytesOf } from "../stream/rebuild_arguments.ts";
import type { TargetCommand } from "./target_batch.ts";

interface OpenUnit {
  readonly commands: TargetCommand[];
  bytes: number;
}

/** The commands of transactions whose EXEC has not come, for each shard of a cluster on its own. */
export class OpenUnits {
  readonly #maxBytes: number;
  readonly #open = new Map<string | undefined, OpenUnit>();

  /** @param maxBytes of one transaction. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  begin(shard: string | undefined): void {
    this.#open.set(shard, { commands: [], bytes: 0 });
  }

  /** Whether a transaction has begun. */
  has(shard: string | undefined): boolean {
    return this.#open.has(shard);
  }

  /** Adds to a transaction that has begun. Throws `LIMIT` for one that becomes too large. */
  add(shard: string | undefined, commands: readonly TargetCommand[]): void {
    const unit = this.#open.get(shard)!;
    for (const one of commands) {
      unit.commands.push(one);
      unit.bytes += bytesOf(one.args);
    }
    if (unit.bytes <= this.#maxBytes) return;
    throw new ReplicaError(
      "LIMIT",
      `Cannot apply a transaction: it is above ${this.#maxBytes} bytes; raise maxTransactionBytes`,
    );
  }

  /** Ends a transaction and gives its commands; none where none had begun. */
  end(shard: string | undefined): readonly TargetCommand[] {
    const commands = this.#open.get(shard)?.commands ?? [];
    this.#open.delete(shard);
    return commands;
  }
}
