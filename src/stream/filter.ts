import { defaultCommandTable } from "../commands/keys.ts";
import type { CommandFlag } from "../commands/types.ts";
import type { AofCommand, RedisEvent, ValueType } from "../events.ts";
import { type CommandPlaces, type FilterTable, judgeByPlace } from "./filter_commands.ts";
import { type CommandFamily, judgeByFamily, judgeByFlag } from "./filter_families.ts";
import { compileKeySelection, type KeySelection, type KeyTest } from "./filter_keys.ts";
import { compileSlots, type SlotSelection } from "./filter_slots.ts";
import { FilterStage } from "./filter_stage.ts";
import { compileFrameJudge, type Framed, type FrameJudge, Verdict } from "./frame_judge.ts";

/**
 * What to let through. Each option judges the events it is about and passes the rest; an event must satisfy all of them.
 * An option left out selects everything, an empty list nothing.
 */
export interface FilterOptions {
  /** Keys of the snapshot, and commands that name at least one such key. */
  readonly keys?: KeySelection | undefined;
  /** Keys of the snapshot in these dbs, and commands with at least one key in them. */
  readonly dbs?: number | readonly number[] | undefined;
  /** Keys of the snapshot of these types. Commands are not judged by it. */
  readonly types?: ValueType | readonly ValueType[] | undefined;
  /** Commands with these names, in any case; of a container the container's name (`XGROUP`). */
  readonly commands?: string | readonly string[] | undefined;
  /** Commands of these groups, in the servers' words: `string`, `sorted-set`, `stream`, `generic`, … Keys of the snapshot are not judged by it. */
  readonly families?: CommandFamily | readonly CommandFamily[] | undefined;
  /** Commands that bear at least one of these flags, such as `write`. */
  readonly flags?: CommandFlag | readonly CommandFlag[] | undefined;
  /** Keys of the snapshot in these cluster slots, and commands with at least one key in them. */
  readonly slots?: SlotSelection | undefined;
  /**
   * What `keys`, `dbs` and `slots` do with a command whose keys cannot be told (a module's, a malformed one), and `families` and `flags`
   * with one that the table does not know. Default `"pass"`.
   */
  readonly unknown?: "pass" | "drop" | undefined;
  /** Where commands are looked up. Default: the table of the servers' own commands. */
  readonly table?: FilterTable | undefined;
}

/** What is known of a key of the snapshot before its value is read. */
export interface RdbKeyHeader {
  readonly db: number;
  readonly type: ValueType;
  /** Read only when keys are selected. */
  readonly key: Uint8Array;
}

/** A compiled filter. It has no state of its own and can serve any number of streams. */
export interface EventFilter {
  /** For the decoder's `select`: whether to decode a key's value. */
  readonly select: (header: RdbKeyHeader) => "skip" | "data";
  /** Whether no option concerns keys of the snapshot: then `select` need not be called. */
  readonly passesRdb: boolean;
  /** Whether no option concerns commands. */
  readonly passesCommands: boolean;
  /** Judges commands before they are events; `undefined` where that would not help. */
  readonly frames: FrameJudge | undefined;
  /** Judges one command by itself. */
  passesCommand(command: AofCommand): boolean;
  /** Judges one event by itself. For MULTI and EXEC, which depend on what stands between them, use a stage. */
  passes(event: RedisEvent): boolean;
  /** State for one stream: lets MULTI and EXEC pass only around at least one passing command. */
  stage(): FilterStage;
}

const TYPES: ReadonlySet<string> = new Set<ValueType>([
  "string",
  "list",
  "set",
  "zset",
  "hash",
  "stream",
  "module",
  "array",
]);

/**
 * Compiles filter options to the one filter that sources use before decoding and operators use on events.
 *
 * A command passes whole when any of its keys is selected, each key judged with the db it lives in (MOVE and COPY name
 * another). FLUSHDB, FLUSHALL and SWAPDB pass when a db they touch is selected, and concern every slot; what empties slots passes when one of
 * them is selected. Commands without keys (PUBLISH, FUNCTION
 * LOAD) concern no key, db or slot: `keys`, `dbs` and `slots` pass them. Function libraries, aux, begin, end and link events always
 * pass. Throws `TypeError` or `RangeError` for wrong options.
 */
export function compileFilter(options: FilterOptions): EventFilter {
  const keys = options.keys === undefined ? undefined : compileKeySelection(options.keys);
  const dbs = options.dbs === undefined ? undefined : compileDbs(options.dbs);
  const types = options.types === undefined ? undefined : compileTypes(options.types);
  const names = options.commands === undefined ? undefined : compileNames(options.commands);
  const unknown = options.unknown ?? "pass";
  if (unknown !== "pass" && unknown !== "drop") {
    throw new TypeError(`Cannot compile filter: unknown must be "pass" or "drop", got ${String(unknown)}`);
  }

  const table = options.table ?? defaultCommandTable();
  const passUnknown = unknown === "pass";
  const slots = options.slots === undefined ? undefined : compileSlots(options.slots, passUnknown, table);
  const { families, flags } = options;

  const passesRdb = keys === undefined && dbs === undefined && types === undefined && slots === undefined;
  const judges: ((command: AofCommand) => boolean)[] = [];
  if (names !== undefined) judges.push((command) => names.has(command.name));
  if (families !== undefined)
    judges.push(judgeByFamily(asList(families), passUnknown, table, options.table !== undefined));
  if (flags !== undefined) judges.push(judgeByFlag(asList(flags), passUnknown, table));
  const places: CommandPlaces | undefined =
    keys === undefined && dbs === undefined ? undefined : { keys, dbs, passUnknown, table };
  if (places !== undefined) judges.push(judgeByPlace(places));
  if (slots !== undefined) judges.push((command) => slots.passesCommand(command));
  const passesCommands = judges.length === 0;
  const frames =
    families === undefined && flags === undefined && slots === undefined
      ? compileFrameJudge({ names, places })
      : undefined;
  const passesCommand = judgeFramed(frames, judgeByAll(judges));

  const passesKey = (header: RdbKeyHeader): boolean =>
    (dbs === undefined || dbs.has(header.db)) &&
    (types === undefined || types.has(header.type)) &&
    (keys === undefined || passesKeyTest(keys, header.key, header.db)) &&
    (slots === undefined || slots.passesKey(header.key));

  const filter: EventFilter = {
    passesRdb,
    passesCommands,
    frames,
    passesCommand,
    select: (header) => (passesKey(header) ? "data" : "skip"),
    passes(event) {
      if (event.kind === "aof") return event.event !== "command" || passesCommand(event);
      return passesRdb || event.kind !== "rdb" || event.event !== "key" || passesKey(event);
    },
    stage: () => new FilterStage(filter),
  };
  return filter;
}

/** Judges by bytes what has them at hand, and by `judge` what they do not decide. */
function judgeFramed(
  frames: FrameJudge | undefined,
  judge: (command: AofCommand) => boolean,
): (command: AofCommand) => boolean {
  if (frames === undefined) return judge;
  return (command) => {
    if ((command as Partial<Framed>).judgeFrame === undefined) return judge(command);
    const verdict = (command as AofCommand & Framed).judgeFrame(frames);
    return verdict === Verdict.ASK ? judge(command) : verdict === Verdict.PASS;
  };
}

/** One judge for all of them; the usual one or two without a loop. */
function judgeByAll(judges: readonly ((command: AofCommand) => boolean)[]): (command: AofCommand) => boolean {
  const [first, second] = judges;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (judges.length === 2) return (command) => first(command) && second(command);
  return (command) => judges.every((judge) => judge(command));
}

function passesKeyTest(test: KeyTest, key: Uint8Array, db: number): boolean {
  return test.byRange === undefined ? test.byKey(key, db) : test.byRange(key, 0, key.length);
}

function compileDbs(dbs: number | readonly number[]): ReadonlySet<number> {
  const list = asList(dbs);
  for (const db of list) {
    if (!Number.isInteger(db) || db < 0) {
      throw new RangeError(`Cannot compile filter: db must be an integer from 0 on, got ${String(db)}`);
    }
  }
  return new Set(list);
}

function compileTypes(types: ValueType | readonly ValueType[]): ReadonlySet<string> {
  const list = asList(types);
  for (const type of list) {
    if (!TYPES.has(type)) {
      throw new TypeError(
        `Cannot compile filter: unknown type ${String(type)}, known are ${[...TYPES].join(", ")}`,
      );
    }
  }
  return new Set(list);
}

function compileNames(commands: string | readonly string[]): ReadonlySet<string> {
  const list = asList(commands);
  for (const name of list) {
    if (typeof name !== "string" || name === "") {
      throw new TypeError("Cannot compile filter: a command's name must be a non-empty string");
    }
  }
  return new Set(list.map((name) => name.toUpperCase()));
}

function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
