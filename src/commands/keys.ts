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

/**
 * The cluster slots of a command's keys and shard channels, each once; `undefined` where the keys cannot be told. Slots are
 * CRC16 of the key, or of its hash tag `{…}`, modulo 16384.
 *
 * @example
 * ```ts
 * import { slotsOf } from "rxreplica/commands";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const slots = slotsOf(["DEL", "foo", "{foo}.bar"].map(bytes));
 * if (String(slots) !== "12182") throw new Error(`unexpected ${slots}`);
 * ```
 */
export function slotsOf(argv: readonly Uint8Array[]): number[] | undefined {
  return defaultCommandTable().slotsOf(argv);
}

/**
 * Visits the keys of a command without making its other arguments: `true` when the visitor stopped it, `false` when it has
 * seen every key, `undefined` when the keys cannot be told.
 *
 * @example
 * ```ts
 * import { keysOfCommand } from "rxreplica/commands";
 *
 * const argv = ["MSET", "a", "1", "b", "2"].map((word) => new TextEncoder().encode(word));
 * const command = { name: "MSET", argc: argv.length, arg: (index: number) => argv[index] };
 * const indexes: number[] = [];
 * keysOfCommand(command, (index) => {
 *   indexes.push(index);
 *   return false;
 * });
 * if (String(indexes) !== "1,3") throw new Error(`unexpected ${indexes}`);
 * ```
 */
export function keysOfCommand(command: CommandLike, visit: KeyVisitor): boolean | undefined {
  return defaultCommandTable().keysOfCommand(command, visit);
}

/**
 * Where the keys of a command stand, as far as its name alone (upper case) tells; `undefined` for an unknown command.
 *
 * @example
 * ```ts
 * import { keyPositions } from "rxreplica/commands";
 *
 * const positions = keyPositions("BLPOP");
 * if (positions?.kind !== "range" || positions.first !== 1 || positions.last !== -2) throw new Error("unexpected");
 * ```
 */
export function keyPositions(name: string): KeyPositions | undefined {
  return defaultCommandTable().keyPositions(name);
}

/**
 * The dbs that a command, run in `db`, touches as a whole: FLUSHDB, FLUSHALL, SWAPDB and what empties cluster slots;
 * `undefined` for all others.
 *
 * @example
 * ```ts
 * import { wholeDbs } from "rxreplica/commands";
 *
 * const argv = ["SWAPDB", "0", "3"].map((word) => new TextEncoder().encode(word));
 * const dbs = wholeDbs({ name: "SWAPDB", argc: 3, arg: (index) => argv[index] }, 0);
 * if (String(dbs) !== "0,3") throw new Error(`unexpected ${dbs}`);
 * ```
 */
export function wholeDbs(command: CommandLike, db: number): readonly number[] | "all" | undefined {
  return defaultCommandTable().wholeDbs(command, db);
}

/**
 * The cluster slots that a command empties as a whole (CLUSTER FLUSHSLOT, TRIMSLOTS, SFLUSH); `undefined` for all others.
 *
 * @example
 * ```ts
 * import { wholeSlots } from "rxreplica/commands";
 *
 * const argv = ["TRIMSLOTS", "RANGES", "1", "0", "99"].map((word) => new TextEncoder().encode(word));
 * const [range] = wholeSlots({ name: "TRIMSLOTS", argc: 5, arg: (index) => argv[index] }) ?? [];
 * if (range?.start !== 0 || range.end !== 99) throw new Error("unexpected");
 * ```
 */
export function wholeSlots(command: CommandLike): readonly SlotRange[] | undefined {
  return defaultCommandTable().wholeSlots(command);
}
