import type { RedisEvent } from "../events.ts";
import { CommandEvent } from "../stream/command_event.ts";
import * as link from "./link_events.ts";

/**
 * Says in a warning event when slots begin to move as a whole (atomic slot migration). The shard that gets them tells of it in
 * its stream and then gets their keys by plain commands, though the keys are there already in a copy made of all shards; the
 * shard that gives them deletes them afterwards without a mark. Such a copy is no longer exact, and cannot know by itself.
 *
 * ```
 *   CLUSTER SYNCSLOTS ESTABLISH SOURCE <node> NAME <job> SLOTSRANGE <start> <end>…          Valkey 9
 *   CLUSTER SYNCSLOTS CONF ASM-TASK <task>:<from>:<to>:import:connecting:<start>-<end>…     Redis 8.4
 * ```
 *
 * Seen on Valkey 9.1; that of Redis 8.4 after published facts only.
 */
export function warnOfAtomicMoves(batch: readonly RedisEvent[]): readonly RedisEvent[] {
  let warned: RedisEvent[] | undefined;
  for (const [index, event] of batch.entries()) {
    const slots = event instanceof CommandEvent ? slotsArriving(event) : undefined;
    if (slots !== undefined) {
      warned ??= batch.slice(0, index);
      const { position, receivedAt, shard } = event;
      warned.push(link.warning({ position, receivedAt, shard }, "HISTORY", messageOf(slots)));
    }
    warned?.push(event);
  }
  return warned ?? batch;
}

/** The slots whose import this command begins, as `start-end …`; `undefined` for any other command. */
function slotsArriving(command: CommandEvent): string | undefined {
  if (command.name !== "CLUSTER" || command.text(1)?.toUpperCase() !== "SYNCSLOTS") return undefined;
  const [, , verb, ...rest] = command.args.map((_, index) => command.text(index)!);
  if (verb?.toUpperCase() === "ESTABLISH") {
    const bounds = rest.slice(rest.indexOf("SLOTSRANGE") + 1);
    return bounds
      .map((bound, index) => (index % 2 === 0 ? bound : `-${bound} `))
      .join("")
      .trim();
  }
  const [what, task] = rest;
  if (verb?.toUpperCase() !== "CONF" || what?.toUpperCase() !== "ASM-TASK") return undefined;
  return /:import:connecting:(.*)$/.exec(task ?? "")?.[1];
}

function messageOf(slots: string): string {
  return `Slots ${slots} begin to move to this shard as a whole: a copy made of all shards is not exact for their keys until it begins anew`;
}
