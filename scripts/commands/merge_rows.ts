/** Joins what several servers say about commands, and what is written by hand, into the rows of the table. */
import { isDeepStrictEqual } from "node:util";
import { planOf } from "../../src/commands/argument_plan.ts";
import { parseSyntax } from "../../src/commands/syntax.ts";
import type { CommandRow, CommandRows } from "../../src/commands/types.ts";
import { RENAMES, RETYPES } from "./naming.ts";
import { ADDITIONS, INCLUSIONS, PATCHES, UNEVEN } from "./overrides.ts";
import type { ServerRow } from "./server_rows.ts";
import { syntaxOf } from "./syntax_of.ts";

/** The rows of all commands that can stand in a replication stream, sorted by name. Throws for stale overrides. */
export function mergeRows(servers: readonly ReadonlyMap<string, ServerRow>[]): CommandRows {
  const stale: string[] = [];
  const rows = new Map<string, CommandRow>();
  const open = new Map<string, Set<string>>();
  for (const server of servers) {
    for (const [name, { row, open: left }] of server) {
      const before = rows.get(name);
      rows.set(name, before === undefined ? row : joined(name, before, row));
      open.set(name, new Set([...(open.get(name) ?? []), ...left]));
    }
  }

  const chosen = new Map<string, CommandRow>();
  for (const [name, row] of rows) if (row.flags.includes("write")) chosen.set(name, row);
  for (const { name, flag } of INCLUSIONS) {
    const row = rows.get(name);
    if (row === undefined) stale.push(`${name}: to be included, but no server knows it`);
    else if (chosen.has(name)) stale.push(`${name}: to be included, but it is flagged as a write`);
    else chosen.set(name, { ...row, flags: [flag, ...row.flags] });
  }
  const disputed = addSyntax(chosen, servers, stale);
  for (const { name, set, was } of PATCHES) {
    if (set.syntax !== undefined) disputed.delete(name);
    const row = chosen.get(name);
    if (row === undefined) {
      stale.push(`${name}: to be patched, but it is not in the table`);
      continue;
    }
    for (const [field, value] of Object.entries(set)) {
      if (isDeepStrictEqual(row[field as keyof CommandRow], value)) {
        stale.push(`${name}: the servers say ${field} as the patch does`);
      }
    }
    for (const [field, value] of Object.entries(was ?? {})) {
      const said = row[field as keyof CommandRow];
      if (!isDeepStrictEqual(said, value)) {
        stale.push(`${name}: ${field} was ${JSON.stringify(value)}, the servers say ${JSON.stringify(said)}`);
      }
    }
    chosen.set(name, { ...row, ...set });
  }
  for (const { name, row } of ADDITIONS) {
    if (rows.has(name)) stale.push(`${name}: to be added, but a server knows it`);
    chosen.set(name, row);
  }
  for (const [name, row] of chosen) {
    const left = open.get(name);
    if (left !== undefined && left.size > 0 && row.special === undefined) {
      stale.push(
        `${name}: its key specifications are ${[...left].join(", ")}, and nothing here makes up for it`,
      );
    }
  }
  for (const name of disputed)
    stale.push(`${name}: the servers differ on its syntax, and nothing here decides`);
  for (const [name, row] of chosen) checkSyntax(name, row, stale);
  if (stale.length > 0) throw new Error(`The overrides do not fit the servers:\n  ${stale.join("\n  ")}`);
  return Object.fromEntries([...chosen].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What an earlier server says stays; a later one adds its `since`, and must find the keys in the same places. */
function joined(name: string, row: CommandRow, other: CommandRow): CommandRow {
  const places = (of: CommandRow) => (of.keys ?? []).map(({ access: _, ...place }) => place);
  if (!isDeepStrictEqual(places(row), places(other))) {
    throw new Error(`The servers find the keys of ${name} in different places: patch it by hand`);
  }
  const since = { ...row.since, ...other.since };
  return Object.keys(since).length > 0 ? { ...row, since } : row;
}

/** Adds what COMMAND DOCS says of arguments. Returns the commands that servers describe in different ways. */
function addSyntax(
  chosen: Map<string, CommandRow>,
  servers: readonly ReadonlyMap<string, ServerRow>[],
  stale: string[],
): Set<string> {
  const disputed = new Set<string>();
  const used = new Set<string>();
  for (const [name, row] of chosen) {
    const said = new Set<string>();
    for (const server of servers) {
      const grammar = server.get(name)?.grammar;
      if (grammar !== undefined) said.add(syntaxOf(name, grammar, used));
    }
    const [syntax] = said;
    if (said.size > 1) disputed.add(name);
    if (syntax !== undefined) chosen.set(name, { ...row, syntax });
  }
  for (const key of [...Object.keys(RENAMES), ...Object.keys(RETYPES)]) {
    if (!used.has(key)) stale.push(`${key}: named in naming.ts, but no command has such an argument`);
  }
  return disputed;
}

/** A grammar must be readable and need as many arguments as the arity says. */
function checkSyntax(name: string, { syntax, arity }: CommandRow, stale: string[]): void {
  if (syntax === undefined) return;
  const least = planOf(parseSyntax(syntax)).least + name.split(" ").length;
  if ((least === Math.abs(arity)) === UNEVEN.has(name))
    stale.push(`${name}: needs ${least} arguments by its syntax, ${arity} by its arity`);
}
