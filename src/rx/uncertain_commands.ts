import type { AofCommand } from "../events.ts";
import { isIdempotent } from "../stream/idempotent.ts";
import type { CommandSource } from "./target_batch.ts";

/** The first commands of a stream, which an earlier run that was cut may have applied already. */
export class UncertainCommands {
  #left: number;
  /** Offset of the last of them, by shard. */
  readonly #until = new Map<string | undefined, number>();

  /** @param count how many there are at most. */
  constructor(count: number) {
    this.#left = count;
  }

  /** Counts a command of the stream. `true`: it may have been applied before, and may not be applied twice. */
  note(command: AofCommand): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    this.#until.set(command.shard, command.offset);
    return !isIdempotent(command.name, command.args);
  }

  /** Whether a command is one of them, of either kind. */
  has(source: CommandSource): boolean {
    return source.kind === "aof" && source.offset <= (this.#until.get(source.shard) ?? -1);
  }

  /** What follows is certain: a snapshot takes the place of all that was. */
  clear(): void {
    this.#left = 0;
  }
}
