import { formatDecimal, parseInteger } from "../bytes/integer.ts";
import { latin1 } from "../bytes/text.ts";
import { defaultCommandTable } from "../commands/keys.ts";
import type { CommandTable, KeyRef } from "../commands/types.ts";
import { ReplicaError } from "../errors.ts";
import { type Arguments, word } from "./rebuild_arguments.ts";

/** A command and the database to run it in; `undefined`: any. */
export interface PlacedArguments {
  readonly db: number | undefined;
  readonly args: Arguments;
}

/** What is called differently in the target. */
export interface RetargetOptions {
  /** Target database by source database; those it does not name keep their number. */
  readonly dbMap?: Readonly<Record<number, number>> | undefined;
  /** Source databases that are mirrored; commands on all databases are narrowed to them. Default: all. */
  readonly dbs?: readonly number[] | undefined;
  /** The name that a key has in the target; the database is the source's. */
  readonly renameKey?: ((key: Uint8Array, db: number) => Uint8Array) | undefined;
  /** Where the keys of commands stand. Default: the commands of Redis and Valkey. */
  readonly table?: CommandTable | undefined;
}

/** Rewrites commands for a target in which databases and keys have other names. Holds no state. */
export class Retargeter {
  readonly #dbMap: Readonly<Record<number, number>> | undefined;
  readonly #dbs: ReadonlySet<number> | undefined;
  readonly #renameKey: ((key: Uint8Array, db: number) => Uint8Array) | undefined;
  readonly #table: CommandTable;
  readonly #changes: boolean;

  constructor(options: RetargetOptions = {}) {
    this.#dbMap = options.dbMap;
    this.#dbs = options.dbs && new Set(options.dbs);
    this.#renameKey = options.renameKey;
    this.#table = options.table ?? defaultCommandTable();
    this.#changes = this.#dbMap !== undefined || this.#dbs !== undefined || this.#renameKey !== undefined;
  }

  /** Target databases of everything that is mirrored; `undefined`: all there are. */
  get targetDbs(): readonly number[] | undefined {
    return this.#dbs && [...new Set([...this.#dbs].map((db) => this.db(db)))];
  }

  /** The target's number of a source database. */
  db(db: number): number {
    return this.#dbMap?.[db] ?? db;
  }

  /**
   * What to run in the target, mostly one command. Throws `ReplicaError` `UNSUPPORTED` for a command that reaches beyond the
   * mirrored databases, and for one whose keys cannot be told while keys are renamed.
   */
  command(name: string, db: number | undefined, args: Arguments): readonly PlacedArguments[] {
    if (!this.#changes) return [{ db, args }];
    if (db === undefined) return [{ db, args }];
    const target = this.db(db);
    switch (name) {
      case "FLUSHALL": {
        const dbs = this.targetDbs;
        if (dbs === undefined) return [{ db: target, args }];
        return dbs.map((one) => ({ db: one, args: [word("FLUSHDB"), ...args.slice(1)] }));
      }
      case "SWAPDB":
        return [
          { db: target, args: [args[0]!, this.#dbArgument(name, args[1]), this.#dbArgument(name, args[2])] },
        ];
      default:
        this.#checkSelected(name, db);
        return [{ db: target, args: this.#rewrite(name, db, args) }];
    }
  }

  #rewrite(name: string, db: number, args: Arguments): Arguments {
    const rename = this.#renameKey;
    // Only these two name another db than the one they run in.
    const namesDb = name === "MOVE" || name === "COPY";
    if (rename === undefined && !namesDb) return args;
    const keys = this.#table.keysOf(args);
    if (keys === undefined) {
      if (rename === undefined) return args;
      throw new ReplicaError(
        "UNSUPPORTED",
        `Cannot rename the keys of ${name}: it is not known which they are`,
        { db },
      );
    }
    const output = [...args];
    if (rename !== undefined && name !== "SPUBLISH") {
      for (const { index, key, db: other } of keys) output[index] = rename(key, other ?? db);
    }
    if (namesDb) this.#rewriteDb(name, args, keys, output);
    return output;
  }

  #rewriteDb(name: string, args: Arguments, keys: readonly KeyRef[], output: Uint8Array[]): void {
    const other = keys.find((ref) => ref.db !== undefined);
    if (other === undefined) return;
    let at = 2;
    if (name === "COPY") {
      at = 3;
      while (at < args.length && latin1(args[at]!).toUpperCase() !== "DB") at++;
      at++;
    }
    output[at] = this.#dbArgument(name, args[at]);
  }

  #dbArgument(name: string, arg: Uint8Array | undefined): Uint8Array {
    const db = arg && parseInteger(arg, 0, arg.length);
    if (typeof db !== "number") return arg ?? new Uint8Array(0);
    this.#checkSelected(name, db);
    return formatDecimal(this.db(db));
  }

  #checkSelected(name: string, db: number): void {
    if (this.#dbs === undefined || this.#dbs.has(db)) return;
    throw new ReplicaError(
      "UNSUPPORTED",
      `Cannot mirror ${name}: it reaches database ${db}, which is not among those mirrored`,
      { db },
    );
  }
}
