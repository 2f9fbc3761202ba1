import { indexArgument, isWord } from "./arguments.ts";
import type { CommandLike, SlotRange, WholeScope } from "./types.ts";

/** Slots of a cluster (the servers' CLUSTER_SLOTS). */
const SLOTS = 16384;

/** The dbs that a command with this scope touches as a whole, run in `db`. */
export function dbsOfScope(
  scope: WholeScope | undefined,
  command: CommandLike,
  db: number,
): readonly number[] | "all" | undefined {
  if (scope === undefined) return undefined;
  if (scope === "db") return [db];
  if (scope !== "two-dbs") return "all";
  const a = indexArgument(command.arg(1));
  const b = indexArgument(command.arg(2));
  return a === undefined || b === undefined ? undefined : [a, b];
}

/**
 * The slots that a command empties: `CLUSTER FLUSHSLOT slot [ASYNC|SYNC]`, `TRIMSLOTS RANGES n start end …`,
 * `SFLUSH start end … [ASYNC|SYNC]`.
 */
export function slotsOfCommand(command: CommandLike): readonly SlotRange[] | undefined {
  if (command.name === "CLUSTER") {
    const slot = slotArgument(command.arg(2));
    return slot === undefined ? undefined : [{ start: slot, end: slot }];
  }
  if (command.name === "TRIMSLOTS") {
    const count = indexArgument(command.arg(2));
    if (!isWord(command.arg(1), "RANGES") || count === undefined) return undefined;
    return command.argc === 3 + 2 * count ? slotPairs(command, 3, command.argc) : undefined;
  }
  const option = command.arg(command.argc - 1);
  return slotPairs(
    command,
    1,
    isWord(option, "ASYNC") || isWord(option, "SYNC") ? command.argc - 1 : command.argc,
  );
}

function slotPairs(command: CommandLike, from: number, to: number): readonly SlotRange[] | undefined {
  const ranges: SlotRange[] = [];
  for (let i = from; i < to; i += 2) {
    const start = slotArgument(command.arg(i));
    const end = i + 1 < to ? slotArgument(command.arg(i + 1)) : undefined;
    if (start === undefined || end === undefined) return undefined;
    ranges.push({ start, end });
  }
  return ranges;
}

function slotArgument(bytes: Uint8Array | undefined): number | undefined {
  const slot = indexArgument(bytes);
  return slot !== undefined && slot < SLOTS ? slot : undefined;
}
