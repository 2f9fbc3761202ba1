/** Rows of a command table from a server's own answer to COMMAND. */
import type { CommandFlag, CommandRow, CommandRows, KeyAccess, KeySpec } from "./types.ts";

/** A reply in JavaScript's own words: text as `string`, maps as `Map` or, as RESP2 has them, as flat lists. */
export type PlainReply = string | number | null | readonly PlainReply[] | ReadonlyMap<PlainReply, PlainReply>;

/** A command as a server tells it. */
export interface ServerCommand {
  /** Its row, with the group `module`: COMMAND does not tell groups. */
  readonly row: CommandRow;
  /** What the server leaves open about its keys: `unknown`, `incomplete`, `variable_flags`. */
  readonly open: readonly string[];
}

const FLAGS: readonly CommandFlag[] = ["write", "denyoom", "blocking", "fast", "admin", "pubsub", "noscript"];
const ACCESS: readonly KeyAccess[] = ["RO", "RW", "OW", "RM"];

/**
 * All commands and sub-commands of a server by name (`XGROUP CREATE`), from its reply to COMMAND. Servers older than Redis
 * 7 tell the first run of keys only, and not what is done to them. Throws `TypeError` for a reply of another shape.
 */
export function serverCommands(reply: PlainReply): Map<string, ServerCommand> {
  const commands = new Map<string, ServerCommand>();
  const queue = [...replyList(reply)];
  for (let i = 0; i < queue.length; i++) {
    const [name, arity, flags, first, last, step, , , keySpecs, subcommands] = replyList(queue[i]!);
    queue.push(...replyList(subcommands ?? []));
    const shown = replyList(flags ?? []).map(String);
    const open: string[] = [];
    const keys =
      keySpecs === undefined
        ? oldKeySpec(Number(first), Number(last), Number(step))
        : replyList(keySpecs).flatMap((spec) => keySpecOf(replyMap(spec), open));
    if (keySpecs === undefined && shown.includes("movablekeys")) open.push("incomplete");
    const row = {
      arity: Number(arity),
      group: "module",
      flags: FLAGS.filter((flag) => shown.includes(flag)),
      ...(keys.length > 0 ? { keys } : {}),
    };
    commands.set(commandTitle(name), { row, open });
  }
  return commands;
}

/**
 * The rows that a server knows and `known` does not, for `createCommandTable`: a module's commands, or those of a newer
 * version. Commands whose keys the server cannot tell by rule are left out, and so stay unknown.
 *
 * @example
 * ```ts
 * import { commandInfo, createCommandTable, rowsOfServer } from "rxreplica/commands";
 *
 * const where = new Map<string, any>([
 *   ["flags", ["OW", "update"]],
 *   ["begin_search", new Map<string, any>([["type", "index"], ["spec", new Map([["index", 1]])]])],
 *   ["find_keys", new Map<string, any>([["type", "range"], ["spec", new Map([["lastkey", 0], ["keystep", 1], ["limit", 0]])]])],
 * ]);
 * const reply = [["my.set", 3, ["write"], 1, 1, 1, [], [], [where], []]];
 * const table = createCommandTable(rowsOfServer(reply, (name) => commandInfo(name) !== undefined));
 * if (table.keyPositions("MY.SET")?.kind !== "range") throw new Error("expected a key");
 * ```
 */
export function rowsOfServer(reply: PlainReply, known: (name: string) => boolean): CommandRows {
  const rows: Record<string, CommandRow> = Object.create(null);
  for (const [name, { row, open }] of serverCommands(reply)) {
    if (!known(name) && !open.includes("unknown") && !open.includes("incomplete")) rows[name] = row;
  }
  return rows;
}

/** A command's name as tables have it: `xgroup|create` is `XGROUP CREATE`. */
export function commandTitle(name: PlainReply | undefined): string {
  return String(name).toUpperCase().replace("|", " ");
}

/** A list of a reply. Throws `TypeError` for anything else. */
export function replyList(value: PlainReply): readonly PlainReply[] {
  if (!Array.isArray(value)) throw new TypeError("Cannot read what the server says of its commands: no list");
  return value;
}

/** A map of a reply, also in its flat form. Throws `TypeError` for anything else. */
export function replyMap(value: PlainReply | undefined): ReadonlyMap<PlainReply, PlainReply> {
  if (value instanceof Map) return value;
  const items = replyList(value ?? null);
  const map = new Map<PlainReply, PlainReply>();
  for (let i = 0; i + 1 < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
  return map;
}

function keySpecOf(spec: ReadonlyMap<PlainReply, PlainReply>, open: string[]): KeySpec[] {
  const flags = replyList(spec.get("flags") ?? []).map(String);
  for (const flag of ["incomplete", "variable_flags"]) if (flags.includes(flag)) open.push(flag);
  const [beginType, beginSpec] = searchOf(spec.get("begin_search"));
  const [findType, findSpec] = searchOf(spec.get("find_keys"));
  const number = (of: ReadonlyMap<PlainReply, PlainReply>, name: string) => Number(of.get(name));
  const begin: KeySpec["begin"] =
    beginType === "index"
      ? number(beginSpec, "index")
      : [String(beginSpec.get("keyword")), number(beginSpec, "startfrom")];
  const notKey = flags.includes("not_key");
  const access = ACCESS.find((word) => flags.includes(word)) ?? (notKey ? "RO" : "RW");
  const common = { access, begin, ...(notKey ? { notKey: true as const } : {}) };
  if ((beginType === "index" || beginType === "keyword") && findType === "range") {
    const range = ["lastkey", "keystep", "limit"].map((name) => number(findSpec, name));
    return [{ ...common, range: range as [number, number, number] }];
  }
  if ((beginType === "index" || beginType === "keyword") && findType === "keynum") {
    const numkeys = ["keynumidx", "firstkey", "keystep"].map((name) => number(findSpec, name));
    return [{ ...common, numkeys: numkeys as [number, number, number] }];
  }
  open.push("unknown");
  return [];
}

/** What servers older than Redis 7 say: first and last key and the step, 0 for none. */
function oldKeySpec(first: number, last: number, step: number): KeySpec[] {
  if (!(first > 0 && step > 0)) return [];
  return [{ access: "RW", begin: first, range: [last < 0 ? last : last - first, step, 0] }];
}

function searchOf(value: PlainReply | undefined): [type: string, spec: ReadonlyMap<PlainReply, PlainReply>] {
  const search = replyMap(value);
  return [String(search.get("type")), replyMap(search.get("spec") ?? [])];
}
