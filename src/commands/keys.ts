/**
 * The questions of `CommandTable`, asked of the commands of Redis and Valkey. For module commands and commands of one's own
 * make a table with `createCommandTable`.
 */
import { createCommandTable } from "./table.ts";
import type {
  CommandInfo,
  CommandLike,
  CommandTable,
  KeyPositions,
  KeyRef,
  KeyVisitor,
  SlotRange,
} from "./types.ts";

let known: CommandTable | undefined;

/**
 * The table of all commands that Redis and Valkey put into a replication stream, made on first use.
 *
 * @example
 * ```ts
 * import { defaultCommandTable } from "rxreplica/commands";
 *
 * const row = defaultCommandTable().commandInfo("getdel");
 * if (row?.name !== "GETDEL" || !row.flags.includes("write")) throw new Error("unexpected");
 * ```
 */
export function defaultCommandTable(): CommandTable {
  known ??= createCommandTable();
  return known;
}

/**
 * What is known about a command, by name in any case or by its arguments; `undefined` if it is unknown.
 *
 * @example
 * ```ts
 * import { commandInfo } from "rxreplica/commands";
 *
 * const row = commandInfo("xgroup create");
 * if (row?.since?.redis !== "5.0.0" || row.group !== "stream") throw new Error("unexpected");
 * ```
 */
export function commandInfo(command: string | readonly Uint8Array[]): CommandInfo | undefined {
  return defaultCommandTable().commandInfo(command);
}

/**
 * The keys of a command; `undefined` if they cannot be told: an unknown command, or arguments that do not fit it.
 * Key positions are those of the servers' `COMMAND GETKEYS`.
 *
 * @example
 * ```ts
 * import { keysOf } from "rxreplica/commands";
 *
 * const bytes = (text: string) => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
 * const keys = keysOf(["COPY", "from", "to", "DB", "3"].map(bytes));
 * if (keys?.[0]?.index !== 1 || keys[1]?.index !== 2 || keys[1].db !== 3) throw new Error("unexpected");
 * ```
 */
export function keysOf(argv: readonly Uint8Array[]): KeyRef[] | undefined {
  return defaultCommandTable().keysOf(argv);
}

/** `CommandTable.keysOfCommand` of the default table. */
export function keysOfCommand(command: CommandLike, visit: KeyVisitor): boolean | undefined {
  return defaultCommandTable().keysOfCommand(command, visit);
}

/** `CommandTable.keyPositions` of the default table. */
export function keyPositions(name: string): KeyPositions | undefined {
  return defaultCommandTable().keyPositions(name);
}

/** `CommandTable.wholeDbs` of the default table. */
export function wholeDbs(command: CommandLike, db: number): readonly number[] | "all" | undefined {
  return defaultCommandTable().wholeDbs(command, db);
}

/** `CommandTable.wholeSlots` of the default table. */
export function wholeSlots(command: CommandLike): readonly SlotRange[] | undefined {
  return defaultCommandTable().wholeSlots(command);
}
