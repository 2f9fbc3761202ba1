import type { CommandTable, KeyPositions } from "../commands/types.ts";
import type { AofCommand } from "../events.ts";
import type { KeyRangeTest, KeyTest } from "./filter_keys.ts";

/** What a filter asks of a command table. */
export type FilterTable = Pick<
  CommandTable,
  "commandInfo" | "keyPositions" | "keysOfCommand" | "wholeDbs" | "wholeSlots"
>;

/** A command that can have an argument looked at in place. */
interface InPlace {
  testArg(index: number, test: KeyRangeTest): boolean;
}

/** What is wanted of commands; at least one of `keys` and `dbs` is given. */
export interface CommandPlaces {
  readonly keys: KeyTest | undefined;
  readonly dbs: ReadonlySet<number> | undefined;
  readonly passUnknown: boolean;
  readonly table: FilterTable;
}

/** Judges commands by their keys and dbs: by each on its own, as two filters in a row would. */
export function judgeByPlace(places: CommandPlaces): (command: AofCommand) => boolean {
  const { keys, dbs, passUnknown, table } = places;
  const positionsOf = rememberPositions(table);
  const passesByNamedKeys = judgeByNamedKeys(places);

  return (command) => {
    const positions = positionsOf(command.name);
    if (positions === undefined) return passUnknown;
    if (positions.kind !== "range") return passesByNamedKeys(command);
    // Nearly every command of a stream: its keys stand in a row, and live where it runs.
    const { first, step } = positions;
    const last = positions.last < 0 ? command.argc + positions.last : positions.last;
    if (last < first || last >= command.argc) return passUnknown;
    if (dbs !== undefined && !dbs.has(command.db)) return false;
    if (keys === undefined) return true;
    for (let index = first; index <= last; index += step) {
      if (testKey(keys, command, index, command.db)) return true;
    }
    return false;
  };
}

/** The same for commands without keys, and for those whose arguments tell where their keys are and live. */
function judgeByNamedKeys({
  keys,
  dbs,
  passUnknown,
  table,
}: CommandPlaces): (command: AofCommand) => boolean {
  // One visitor for all commands: a closure for each would be the dearest part of judging it.
  let current: AofCommand;
  let visited: boolean;
  let keyHit: boolean;
  let dbHit: boolean;
  const visit = (index: number, named: number | undefined): boolean => {
    const db = named ?? current.db;
    visited = true;
    if (!dbHit) dbHit = dbs!.has(db);
    if (!keyHit) keyHit = testKey(keys!, current, index, db);
    return keyHit && dbHit;
  };

  return (command) => {
    current = command;
    visited = false;
    keyHit = keys === undefined;
    dbHit = dbs === undefined;
    const stopped = table.keysOfCommand(command, visit);
    if (stopped === undefined) return passUnknown;
    if (visited) return stopped;
    const whole = table.wholeDbs(command, command.db);
    if (whole === undefined || dbs === undefined) return true;
    return whole === "all" ? dbs.size > 0 : whole.some((db) => dbs.has(db));
  };
}

/** Tests a key where it stands if the command allows it: a view of it would cost more than the test. */
function testKey({ byRange, byKey }: KeyTest, command: AofCommand, index: number, db: number): boolean {
  if (byRange === undefined) return byKey(command.arg(index)!, db);
  if ((command as Partial<InPlace>).testArg !== undefined) {
    return (command as AofCommand & InPlace).testArg(index, byRange);
  }
  const key = command.arg(index)!;
  return byRange(key, 0, key.length);
}

/** A power of two. Names of a length that begin with the same letter share a slot. */
const SLOTS = 256;

/** Looks positions up in a few slots before the table: a stream has few kinds of commands, and their names are the same strings. */
function rememberPositions(table: FilterTable): (name: string) => KeyPositions | undefined {
  const slots = new Array<
    { readonly name: string; readonly positions: KeyPositions | undefined } | undefined
  >(SLOTS);
  slots.fill(undefined);
  return (name) => {
    const slot = (name.charCodeAt(0) + (name.length << 5)) & (SLOTS - 1);
    const known = slots[slot];
    if (known !== undefined && known.name === name) return known.positions;
    const positions = table.keyPositions(name);
    slots[slot] = { name, positions };
    return positions;
  };
}
