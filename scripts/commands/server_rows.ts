/** Rows of the command table as one server tells them, from its COMMAND and COMMAND DOCS replies. */
import type { CommandFlag, CommandRow, KeyAccess, KeySpec } from "../../src/commands/types.ts";

/** A reply in JavaScript's own words: maps as `Map`, text as `string`. */
export type Plain = string | number | null | readonly Plain[] | ReadonlyMap<Plain, Plain>;

/** One server's answers. */
export interface ServerAnswers {
  readonly family: "redis" | "valkey";
  /** `major.minor`. */
  readonly line: string;
  /** Reply to COMMAND. */
  readonly commands: Plain;
  /** Reply to COMMAND DOCS. */
  readonly docs: Plain;
}

/** A row, with what the server left open in its key specifications. */
export interface ServerRow {
  readonly row: CommandRow;
  readonly open: readonly string[];
  /** The `arguments` of COMMAND DOCS; `undefined` where it does not describe the command. */
  readonly grammar: readonly Plain[] | undefined;
}

const FLAGS: readonly CommandFlag[] = ["write", "denyoom", "blocking", "fast", "admin", "pubsub", "noscript"];
const ACCESS: readonly KeyAccess[] = ["RO", "RW", "OW", "RM"];

/** All commands and sub-commands of a server by name, `XGROUP CREATE`. */
export function serverRows(answers: ServerAnswers): Map<string, ServerRow> {
  const docs = docsByName(answers.docs);
  const rows = new Map<string, ServerRow>();
  const queue = [...list(answers.commands)];
  for (let i = 0; i < queue.length; i++) {
    const [name, arity, flags, , , , , , keySpecs, subcommands] = list(queue[i]!);
    queue.push(...list(subcommands ?? []));
    const title = titleOf(name!);
    const doc = docs.get(title);
    const shown = list(flags!).map(String);
    const open: string[] = [];
    const keys = list(keySpecs ?? []).flatMap((spec) => keySpecOf(spec, open));
    const since = doc?.get("since");
    rows.set(title, {
      row: {
        arity: Number(arity),
        group: typeof doc?.get("group") === "string" ? String(doc.get("group")) : "module",
        flags: FLAGS.filter((flag) => shown.includes(flag)),
        ...(typeof since === "string" ? { since: { [answers.family]: since } } : {}),
        ...(keys.length > 0 ? { keys } : {}),
      },
      open,
      grammar: doc?.has("since") ? list(doc.get("arguments") ?? []) : undefined,
    });
  }
  return rows;
}

function keySpecOf(value: Plain, open: string[]): KeySpec[] {
  const spec = map(value);
  const flags = list(spec.get("flags")!).map(String);
  const access = ACCESS.find((word) => flags.includes(word));
  for (const flag of ["incomplete", "variable_flags"]) if (flags.includes(flag)) open.push(flag);
  const [beginType, beginSpec] = typed(spec.get("begin_search")!);
  const [findType, findSpec] = typed(spec.get("find_keys")!);
  if (access === undefined && !flags.includes("not_key"))
    throw new Error(`Key access of ${flags} is not known`);
  if (beginType === "unknown" || findType === "unknown") {
    open.push("unknown");
    return [];
  }
  const number = (of: ReadonlyMap<Plain, Plain>, name: string) => Number(of.get(name));
  const begin: KeySpec["begin"] =
    beginType === "index"
      ? number(beginSpec, "index")
      : [String(beginSpec.get("keyword")), number(beginSpec, "startfrom")];
  const common = {
    access: access ?? "RO",
    begin,
    ...(flags.includes("not_key") ? { notKey: true as const } : {}),
  };
  if (findType === "range") {
    const range = ["lastkey", "keystep", "limit"].map((name) => number(findSpec, name));
    return [{ ...common, range: range as [number, number, number] }];
  }
  if (findType !== "keynum") throw new Error(`Key search ${findType} is not known`);
  const numkeys = ["keynumidx", "firstkey", "keystep"].map((name) => number(findSpec, name));
  return [{ ...common, numkeys: numkeys as [number, number, number] }];
}

function docsByName(docs: Plain): Map<string, ReadonlyMap<Plain, Plain>> {
  const found = new Map<string, ReadonlyMap<Plain, Plain>>();
  const queue = [...map(docs)];
  for (let i = 0; i < queue.length; i++) {
    const [name, doc] = queue[i]!;
    found.set(titleOf(name), map(doc));
    const subcommands = map(doc).get("subcommands");
    if (subcommands !== undefined) queue.push(...map(subcommands));
  }
  return found;
}

function titleOf(name: Plain): string {
  return String(name).toUpperCase().replace("|", " ");
}

function typed(value: Plain): [type: string, spec: ReadonlyMap<Plain, Plain>] {
  const spec = map(value).get("spec");
  return [String(map(value).get("type")), spec instanceof Map ? spec : new Map()];
}

/** A reply that must be a list. */
export function list(value: Plain): readonly Plain[] {
  if (!Array.isArray(value)) throw new Error(`Expected a list, not ${String(value)}`);
  return value;
}

/** A reply that must be a map. */
export function map(value: Plain): ReadonlyMap<Plain, Plain> {
  if (!(value instanceof Map)) throw new Error(`Expected a map, not ${String(value)}`);
  return value;
}
