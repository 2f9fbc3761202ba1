import { keySlot } from "../bytes/crc16.ts";
import { planOf } from "./argument_plan.ts";
import { visitSpec } from "./key_spec.ts";
import { NameIndex } from "./name_index.ts";
import { type AccessVisitor, type KeyReader, SPECIAL_KEYS } from "./special_keys.ts";
import { parseSyntax } from "./syntax.ts";
import { COMMANDS } from "./table.generated.ts";
import type {
  CommandInfo,
  CommandLike,
  CommandRow,
  CommandRows,
  CommandTable,
  KeyPositions,
  KeyRef,
  KeyVisitor,
  SlotRange,
} from "./types.ts";
import { dbsOfScope, slotsOfCommand } from "./whole.ts";

/** A row made ready for questions. */
interface Entry {
  readonly info: CommandInfo;
  readonly positions: KeyPositions;
  /** Fewest arguments that the arity allows, name included. */
  readonly minArgc: number;
  readonly reader: KeyReader | undefined;
  /** Of a container: its sub-commands by their second word. */
  readonly subs: NameIndex<Entry> | undefined;
}

/**
 * Makes a command table: the commands of Redis and Valkey, and those of `extra`, which win. Nothing is registered anywhere:
 * the table is a value, given to whatever should know these commands.
 *
 * @param extra rows by name in any case, such as `{ "MY.SET": { arity: -3, group: "module", flags: ["write"], keys: [{ access:
 * "RW", begin: 1, range: [0, 1, 0] }] } }`
 * @throws TypeError for a row whose name or numbers make no sense
 *
 * @example
 * ```ts
 * import { createCommandTable } from "rxreplica/commands";
 *
 * const table = createCommandTable({
 *   "MY.MSET": { arity: -3, group: "module", flags: ["write"], keys: [{ access: "OW", begin: 1, range: [-1, 2, 0] }] },
 * });
 * const argv = ["my.mset", "a", "1", "b", "2"].map((word) => Uint8Array.from(word, (sign) => sign.charCodeAt(0)));
 * const indexes = table.keysOf(argv)?.map((key) => key.index);
 * if (String(indexes) !== "1,3") throw new Error(`unexpected ${indexes}`);
 * ```
 */
export function createCommandTable(extra: CommandRows = {}): CommandTable {
  const rows = new Map<string, CommandRow>(Object.entries(COMMANDS));
  for (const [name, row] of Object.entries(extra)) rows.set(checkedName(name), checkedRow(name, row));
  return new Table(rows);
}

class Table implements CommandTable {
  readonly #byName: ReadonlyMap<string, Entry>;
  readonly #byBytes: NameIndex<Entry>;

  constructor(rows: ReadonlyMap<string, CommandRow>) {
    const plain = new Map<string, Entry>();
    const containers = new Map<string, Map<string, Entry>>();
    for (const [name, row] of rows) {
      const [container, sub] = name.split(" ");
      if (sub === undefined) {
        plain.set(name, entryOf(name, row));
        continue;
      }
      const subs = containers.get(container!) ?? new Map<string, Entry>();
      containers.set(container!, subs.set(sub, entryOf(name, row)));
    }
    for (const [name, subs] of containers) plain.set(name, containerOf(name, subs));
    this.#byBytes = new NameIndex(plain);
    const byName = new Map(plain);
    for (const [name, subs] of containers) {
      for (const [sub, entry] of subs) byName.set(`${name} ${sub}`, entry);
    }
    this.#byName = byName;
  }

  commandInfo(command: string | readonly Uint8Array[]): CommandInfo | undefined {
    if (typeof command === "string") return this.#byName.get(command.toUpperCase())?.info;
    return this.#entryOf(new Argv(command, this.#nameOfArgv(command)))?.info;
  }

  nameOf(bytes: Uint8Array, start: number = 0, end: number = bytes.length): string | undefined {
    return this.#byBytes.get(bytes, start, end)?.info.name;
  }

  keysOf(argv: readonly Uint8Array[]): KeyRef[] | undefined {
    const command = new Argv(argv, this.#nameOfArgv(argv));
    const entry = this.#entryOf(command);
    if (entry === undefined) return undefined;
    const keys: KeyRef[] = [];
    const add: AccessVisitor = (index, db, access) => {
      const key = argv[index]!;
      keys.push(db === undefined ? { index, key, access } : { index, key, access, db });
      return false;
    };
    return visitEntry(entry, command, add) === undefined ? undefined : keys;
  }

  slotsOf(argv: readonly Uint8Array[]): number[] | undefined {
    const command = new Argv(argv, this.#nameOfArgv(argv));
    const entry = this.#entryOf(command);
    if (entry === undefined) return undefined;
    const slots = new Set<number>();
    const add: AccessVisitor = (index) => {
      slots.add(keySlot(argv[index]!));
      return false;
    };
    if (visitEntry(entry, command, add) === undefined) return undefined;
    for (const spec of entry.info.keys ?? []) if (spec.notKey) visitSpec(command, spec, add);
    return [...slots];
  }

  keysOfCommand(command: CommandLike, visit: KeyVisitor): boolean | undefined {
    const entry = this.#entryOf(command);
    if (entry === undefined) return undefined;
    const positions = entry.positions;
    if (positions.kind === "none") return false;
    if (positions.kind === "special") return visitEntry(entry, command, visit);
    const argc = command.argc;
    if (argc < positions.minArgc) return undefined;
    const last = positions.last < 0 ? argc + positions.last : positions.last;
    for (let i = positions.first; i <= last; i += positions.step) {
      if (visit(i, undefined)) return true;
    }
    return false;
  }

  keyPositions(name: string): KeyPositions | undefined {
    return this.#byName.get(name)?.positions;
  }

  wholeDbs(command: CommandLike, db: number): readonly number[] | "all" | undefined {
    return dbsOfScope(this.#entryOf(command)?.info.whole, command, db);
  }

  wholeSlots(command: CommandLike): readonly SlotRange[] | undefined {
    return this.#entryOf(command)?.info.whole === "slots" ? slotsOfCommand(command) : undefined;
  }

  #nameOfArgv(argv: readonly Uint8Array[]): string {
    const name = argv[0];
    return name === undefined ? "" : (this.nameOf(name) ?? "");
  }

  #entryOf(command: CommandLike): Entry | undefined {
    const entry = this.#byName.get(command.name);
    if (entry === undefined || entry.subs === undefined) return entry;
    const sub = command.arg(1);
    return sub === undefined ? undefined : entry.subs.get(sub, 0, sub.length);
  }
}

class Argv implements CommandLike {
  readonly name: string;
  readonly argc: number;
  readonly #argv: readonly Uint8Array[];

  constructor(argv: readonly Uint8Array[], name: string) {
    this.name = name;
    this.argc = argv.length;
    this.#argv = argv;
  }

  arg(index: number): Uint8Array | undefined {
    return this.#argv[index];
  }
}

function visitEntry(entry: Entry, command: CommandLike, visit: AccessVisitor): boolean | undefined {
  if (command.argc < entry.minArgc) return undefined;
  if (entry.reader !== undefined) return entry.reader(command, visit);
  for (const spec of entry.info.keys ?? []) {
    if (spec.notKey) continue;
    const result = visitSpec(command, spec, visit);
    if (result !== false) return result;
  }
  return false;
}

function entryOf(name: string, row: CommandRow): Entry {
  return {
    info: { ...row, name, subcommands: [] },
    positions: positionsOf(row),
    minArgc: Math.abs(row.arity),
    reader: row.special === undefined ? undefined : SPECIAL_KEYS.get(name),
    subs: undefined,
  };
}

/** A container by itself: what its sub-commands have in common, and no keys before the sub-command is known. */
function containerOf(name: string, subs: ReadonlyMap<string, Entry>): Entry {
  const [first] = subs.values();
  const flags = first!.info.flags.filter((flag) =>
    [...subs.values()].every((sub) => sub.info.flags.includes(flag)),
  );
  return {
    info: { arity: -2, group: first!.info.group, flags, name, subcommands: [...subs.keys()] },
    positions: { kind: "special" },
    minArgc: 2,
    reader: undefined,
    subs: new NameIndex(subs),
  };
}

function positionsOf(row: CommandRow): KeyPositions {
  if (row.special === "keys") return { kind: "special" };
  const specs = (row.keys ?? []).filter((spec) => !spec.notKey);
  const spec = specs[0];
  if (spec === undefined) return { kind: "none" };
  if (specs.length > 1 || typeof spec.begin !== "number" || "numkeys" in spec) return { kind: "special" };
  const [last, step, limit] = spec.range;
  if (last < 0 && limit > 1) return { kind: "special" };
  const minArgc = Math.max(Math.abs(row.arity), last < 0 ? spec.begin : spec.begin + last + 1);
  return { kind: "range", first: spec.begin, last: last < 0 ? last : spec.begin + last, step, minArgc };
}

function checkedName(name: string): string {
  if (!/^[!-~]+( [!-~]+)?$/.test(name)) throw new TypeError(`Cannot name a command ${JSON.stringify(name)}`);
  return name.toUpperCase();
}

function checkedRow(name: string, row: CommandRow): CommandRow {
  const numbers = [row.arity];
  const steps: number[] = [];
  for (const spec of row.keys ?? []) {
    numbers.push(...(typeof spec.begin === "number" ? [spec.begin] : [spec.begin[1]]));
    const find = "numkeys" in spec ? spec.numkeys : spec.range;
    numbers.push(...find);
    steps.push("numkeys" in spec ? spec.numkeys[2] : spec.range[1]);
  }
  if (!numbers.every(Number.isSafeInteger) || row.arity === 0 || !steps.every((step) => step > 0)) {
    throw new TypeError(
      `Cannot use the row of command ${name}: its arity or key positions are no whole numbers`,
    );
  }
  if (row.special !== undefined && !SPECIAL_KEYS.has(name.toUpperCase())) {
    throw new TypeError(
      `Cannot use the row of command ${name}: no reader for special keys goes by that name`,
    );
  }
  if (row.syntax !== undefined) planOf(parseSyntax(row.syntax));
  return row;
}
