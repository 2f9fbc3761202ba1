import { latin1 } from "../bytes/text.ts";
import type { EventContext, RedisEvent } from "../events.ts";
import { encodeCommand } from "../resp/encoder.ts";
import { CommandEvent } from "../stream/command_event.ts";
import { CommandSource } from "../stream/command_source.ts";

/** Keys remembered at most; the ones that came first are forgotten. */
const MAX_KEYS = 1_000_000;

/**
 * Keeps a key that moves to another shard from being deleted by the one that it left: its new shard restores it, then the
 * old one deletes it, and who merges both must not delete what was restored.
 *
 * Source: cluster.c of the servers.
 */
export class SlotMoves {
  /** The shard that each key arrived at and that no deletion elsewhere has followed yet. */
  readonly #arrived: Map<string, string> = new Map();

  /** A key is now with `shard`. */
  arrive(key: Uint8Array, shard: string): void {
    const name = latin1(key);
    this.#arrived.delete(name);
    this.#arrived.set(name, shard);
    if (this.#arrived.size <= MAX_KEYS) return;
    for (const oldest of this.#arrived.keys()) {
      this.#arrived.delete(oldest);
      break;
    }
  }

  /** The events of `shard` without deletions of keys that arrived elsewhere. */
  pass(
    batch: readonly RedisEvent[],
    shard: string,
    context: () => EventContext["place"],
  ): readonly RedisEvent[] {
    let passed: RedisEvent[] | undefined;
    for (const [index, event] of batch.entries()) {
      const kept = event instanceof CommandEvent ? this.#take(event, shard, context) : event;
      if (kept !== event) passed ??= batch.slice(0, index);
      if (kept !== undefined) passed?.push(kept);
    }
    return passed ?? batch;
  }

  #take(event: CommandEvent, shard: string, place: () => EventContext["place"]): CommandEvent | undefined {
    const { name } = event;
    if (name === "RESTORE-ASKING") {
      const key = event.arg(1);
      if (key !== undefined) this.arrive(key, shard);
    }
    if (this.#arrived.size === 0 || (name !== "DEL" && name !== "UNLINK")) return event;
    const keys = event.args.slice(1);
    const left = keys.filter((key) => this.#isHere(key, shard));
    if (left.length === keys.length) return event;
    return left.length === 0 ? undefined : shortened(event, [name, ...left], place());
  }

  /** Whether a deletion by `shard` concerns a key that is there; whatever it was, it is over. */
  #isHere(key: Uint8Array, shard: string): boolean {
    const name = latin1(key);
    const at = this.#arrived.get(name);
    if (at === undefined) return true;
    this.#arrived.delete(name);
    return at === shard;
  }
}

/** The same command in the same place with fewer arguments. */
function shortened(
  event: CommandEvent,
  args: readonly (string | Uint8Array)[],
  place: EventContext["place"],
): CommandEvent {
  const bytes = encodeCommand(args);
  const { position, receivedAt, shard, db, offset } = event;
  const context = { replid: position?.replid, receivedAt, shard, file: undefined, place };
  const source = new CommandSource(bytes, offset - bytes.length, context, db, undefined);
  return new CommandEvent(source, 0, bytes.length);
}
