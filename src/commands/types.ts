/**
 * The shape of the command table: what a row says, and what is asked of the table.
 */

/**
 * What a command does to a key, in the words of the servers' key specifications: `RO` reads, `RW` reads and writes,
 * `OW` overwrites whatever was there, `RM` removes the key.
 */
export type KeyAccess = "RO" | "RW" | "OW" | "RM";

/**
 * What is said about a command: the servers' own flags, and `stream` for commands that take part in a replication stream
 * without being writes (SELECT, MULTI, REPLCONF, …).
 */
export type CommandFlag =
  | "write"
  | "may_replicate"
  | "stream"
  | "denyoom"
  | "blocking"
  | "fast"
  | "admin"
  | "pubsub"
  | "noscript";

/**
 * Where one run of keys stands in the arguments, name at 0: first where to begin, then how to go on from there.
 *
 * - `begin`: an index, or a keyword that is looked for from an index on (from the end when negative); keys begin after it.
 * - `range`: `[last, step, limit]`: `last` counts from the first key (or, when negative, from the end of the arguments;
 *   with a `limit` above 1 from the end of the first 1/limit of what remains).
 * - `numkeys`: `[at, first, step]`: the number of keys stands `at` arguments after `begin`, the first key `first` after it.
 */
export type KeySpec = {
  readonly access: KeyAccess;
  readonly begin: number | readonly [keyword: string, from: number];
  /** The arguments are channels, not keys: they have a slot, but no value. */
  readonly notKey?: true;
} & (
  | { readonly range: readonly [last: number, step: number, limit: number] }
  | { readonly numkeys: readonly [at: number, first: number, step: number] }
);

/** What a command touches beyond single keys: its db, two dbs, every db, or all keys of some cluster slots. */
export type WholeScope = "db" | "two-dbs" | "all" | "slots";

/** The first version that has a command, such as `7.4.0`; absent where the family does not have it. */
export interface Since {
  readonly redis?: string;
  readonly valkey?: string;
}

/** One row of a command table, as data. */
export interface CommandRow {
  /** Arguments with the name; −n: n or more. */
  readonly arity: number;
  /** The servers' command group, `string`, `stream`, `generic`, …; `module` for modules. */
  readonly group: string;
  readonly flags: readonly CommandFlag[];
  readonly since?: Since;
  readonly keys?: readonly KeySpec[];
  /** `keys` does not say it all (or, `access`, not what happens to them): read by code of its own, by the command's name. */
  readonly special?: "keys" | "access";
  readonly whole?: WholeScope;
  /** Grammar of the arguments after the name, in the notation of `syntax.ts`; absent where it is not known. */
  readonly syntax?: string;
  /** No server at hand knows the command: the row was written by hand after published facts. */
  readonly from?: "hand";
}

/** Rows by name, upper case; a sub-command with its container: `XGROUP CREATE`. */
export type CommandRows = Readonly<Record<string, CommandRow>>;

/** What the table knows about a command. */
export interface CommandInfo extends CommandRow {
  /** Upper case, with the sub-command: `XGROUP CREATE`. */
  readonly name: string;
  /** The sub-commands of a container such as `XGROUP`, upper case; empty for all others. */
  readonly subcommands: readonly string[];
}

/** One key of a command. */
export interface KeyRef {
  /** Where it stands in the arguments, name at 0. */
  readonly index: number;
  readonly key: Uint8Array;
  readonly access: KeyAccess;
  /** The db it lives in where the command names another than the one it runs in: MOVE, COPY … DB. */
  readonly db?: number | undefined;
}

/**
 * Where the keys of a command stand when the name alone tells it. `range`: `first`, then each `step` up to `last`, which
 * counts from the end when negative (−1 is the last argument); with fewer than `minArgc` arguments the command is malformed.
 * `special`: the arguments must be read, `keysOfCommand` does that. `none`: a known command without keys.
 */
export type KeyPositions =
  | { readonly kind: "none" }
  | { readonly kind: "special" }
  | {
      readonly kind: "range";
      readonly first: number;
      readonly last: number;
      readonly step: number;
      readonly minArgc: number;
    };

/** A command whose arguments are made only when they are asked for, such as `AofCommand`. */
export interface CommandLike {
  /** Upper case; of a container the container's name only. */
  readonly name: string;
  /** Number of arguments, name included. */
  readonly argc: number;
  /** Argument `index`, the name at 0; `undefined` beyond the end. */
  arg(index: number): Uint8Array | undefined;
}

/**
 * Told each key's index and the db it lives in (`undefined`: the one the command runs in). MOVE names its one key twice, once
 * for each db. Returns `true` to stop.
 */
export type KeyVisitor = (index: number, db: number | undefined) => boolean;

/** An inclusive range of cluster slots. */
export interface SlotRange {
  readonly start: number;
  readonly end: number;
}

/** Answers questions about commands. Made by `createCommandTable`; holds no state that questions change. */
export interface CommandTable {
  /**
   * The row for a command, by name in any case (`"xgroup create"`) or by its arguments; `undefined` if unknown.
   * A container by itself (`"XGROUP"`) has a row that lists its sub-commands.
   */
  commandInfo(command: string | readonly Uint8Array[]): CommandInfo | undefined;
  /** The upper-case name of the command whose bytes stand at `start … end`, without making a string; `undefined` if unknown. */
  nameOf(bytes: Uint8Array, start?: number, end?: number): string | undefined;
  /** The keys of a command in the order of its key specifications; `undefined` if they cannot be told. Never throws. */
  keysOf(argv: readonly Uint8Array[]): KeyRef[] | undefined;
  /**
   * Visits the keys of a command without making its other arguments. `true`: the visitor stopped it. `false`: every key
   * was visited (none, for a command without keys). `undefined`: the keys cannot be told (unknown command, malformed
   * arguments). Never throws by itself.
   */
  keysOfCommand(command: CommandLike, visit: KeyVisitor): boolean | undefined;
  /** Where the keys of a command stand, by its upper-case name; `undefined` if unknown. */
  keyPositions(name: string): KeyPositions | undefined;
  /**
   * The dbs that a command touches as a whole: FLUSHDB the one it runs in (`db`), SWAPDB the two it names, FLUSHALL and
   * the commands that empty cluster slots `"all"`. `undefined` for every other command, and for malformed arguments.
   */
  wholeDbs(command: CommandLike, db: number): readonly number[] | "all" | undefined;
  /**
   * The cluster slots of a command's keys and shard channels, each once, in the order of the arguments; `undefined` where the
   * keys cannot be told.
   */
  slotsOf(argv: readonly Uint8Array[]): number[] | undefined;
  /** The cluster slots that a command empties as a whole (CLUSTER FLUSHSLOT, TRIMSLOTS, SFLUSH); `undefined` for others. */
  wholeSlots(command: CommandLike): readonly SlotRange[] | undefined;
}
