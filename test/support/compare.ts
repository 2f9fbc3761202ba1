/**
 * The one comparer of two servers: key by key what is different, where DEBUG DIGEST only says that something is and does
 * not see TTLs, consumer groups and functions.
 */
import type { Reply, TestClient } from "./client.ts";
import { find, flat, type KeyState, type Line, readKeys, text } from "./read_keys.ts";

export interface Difference {
  /** −1 for what belongs to no db: functions. */
  readonly db: number;
  /** The key's bytes; a function library's name. */
  readonly key: Buffer;
  /** What is different, with both sides, for people. */
  readonly what: string;
}

export interface CompareOptions {
  /** How many differences to collect before giving up. Default 100. */
  readonly limit?: number;
}

/** Keys read in one go. */
const BATCH = 500;
/** `DEBUG DIGEST` of the whole data set. */
export async function debugDigest(client: TestClient): Promise<string> {
  return await client.text("DEBUG", "DIGEST");
}

/**
 * Differences between two servers, none if they hold the same: per db and key TYPE, PEXPIRETIME, the full value,
 * HPEXPIRETIME of every field, XINFO STREAM FULL but for consumers' seen and active times, and FUNCTION LIST WITHCODE.
 * Whatever has reached its expiry by the end of the comparison counts as gone on both sides.
 */
export async function compareServers(
  left: TestClient,
  right: TestClient,
  options: CompareOptions = {},
): Promise<Difference[]> {
  const { limit = 100 } = options;
  const differences = await compareFunctions(left, right);
  const dbs = new Set([...(await usedDbs(left)), ...(await usedDbs(right))]);
  for (const db of [...dbs].sort((a, b) => a - b)) {
    await left.command(["SELECT", db]);
    await right.command(["SELECT", db]);
    const names = new Set([...(await keyNames(left)), ...(await keyNames(right))]);
    const sorted = [...names].sort();
    for (let at = 0; at < sorted.length && differences.length < limit; at += BATCH) {
      const keys = sorted.slice(at, at + BATCH).map((name) => Buffer.from(name, "latin1"));
      const [ours, theirs] = await Promise.all([readKeys(left, keys), readKeys(right, keys)]);
      const now = Date.now();
      for (const [index, key] of keys.entries()) {
        const what = compareStates(alive(ours[index], now), alive(theirs[index], now));
        for (const one of what) differences.push({ db, key, what: one });
      }
    }
  }
  await left.command(["SELECT", 0]);
  await right.command(["SELECT", 0]);
  return differences.slice(0, limit);
}

/** Differences as text, a line each; empty when there are none. Good for `expect(…).toBe("")`. */
export function describeDifferences(differences: readonly Difference[]): string {
  return differences
    .map(({ db, key, what }) => `db ${db} ${show(key.toString("latin1"))}: ${what}`)
    .join("\n");
}

async function usedDbs(client: TestClient): Promise<number[]> {
  const fields = Object.keys(await client.info("keyspace"));
  return fields.flatMap((name) => (/^db\d+$/.test(name) ? [Number(name.slice(2))] : []));
}

async function keyNames(client: TestClient): Promise<string[]> {
  const names: string[] = [];
  let cursor = "0";
  do {
    const [next, keys] = (await client.command(["SCAN", cursor, "COUNT", 1000])) as [Buffer, Buffer[]];
    for (const key of keys) names.push(key.toString("latin1"));
    cursor = next.toString();
  } while (cursor !== "0");
  return names;
}

/** The key without what has expired by `now`. */
function alive(state: KeyState | undefined, now: number): KeyState | undefined {
  if (state === undefined || (state.expireAt > 0 && state.expireAt <= now)) return undefined;
  if (state.type !== "hash") return state;
  const lines = [...state.lines].filter(([, { expireAt }]) => expireAt === 0 || expireAt > now);
  return lines.length === 0 ? undefined : { ...state, lines: new Map(lines) };
}

function compareStates(left: KeyState | undefined, right: KeyState | undefined): string[] {
  if (left === undefined || right === undefined) {
    if (left === right) return [];
    return [left === undefined ? `only right has it (${right?.type})` : `only left has it (${left.type})`];
  }
  if (left.type !== right.type) return [`type: ${left.type} ≠ ${right.type}`];
  const found: string[] = [];
  if (left.expireAt !== right.expireAt) found.push(`expireAt: ${left.expireAt} ≠ ${right.expireAt}`);
  for (const path of new Set([...left.lines.keys(), ...right.lines.keys()])) {
    const ours = left.lines.get(path);
    const theirs = right.lines.get(path);
    if (ours?.text !== theirs?.text) found.push(`${show(path)}: ${showLine(ours)} ≠ ${showLine(theirs)}`);
    else if (ours?.expireAt !== theirs?.expireAt) {
      found.push(`${show(path)} expireAt: ${ours?.expireAt} ≠ ${theirs?.expireAt}`);
    }
  }
  return found.slice(0, 5);
}

async function compareFunctions(left: TestClient, right: TestClient): Promise<Difference[]> {
  const [ours, theirs] = [await libraries(left), await libraries(right)];
  const found: Difference[] = [];
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    if (ours.get(name) === theirs.get(name)) continue;
    const what = `function library: ${showLine(ours.get(name))} ≠ ${showLine(theirs.get(name))}`;
    found.push({ db: -1, key: Buffer.from(name, "latin1"), what });
  }
  return found;
}

/** Library name → engine, code and the functions in it. */
async function libraries(client: TestClient): Promise<Map<string, string>> {
  const list = (await client.command(["FUNCTION", "LIST", "WITHCODE"])) as Reply[][];
  return new Map(
    list.map((library): [string, string] => {
      const functions = (find(library, "functions") as Reply[]).map(flat).sort();
      const parts = [text(find(library, "engine")), text(find(library, "library_code")), ...functions];
      return [text(find(library, "library_name")), parts.join("\n")];
    }),
  );
}

function showLine(one: Line | string | undefined): string {
  if (one === undefined) return "nothing";
  return show(typeof one === "string" ? one : one.text);
}

function show(latin1: string): string {
  const shown = JSON.stringify(latin1.length > 60 ? `${latin1.slice(0, 60)}…` : latin1);
  return latin1.length > 60 ? `${shown} (${latin1.length} bytes)` : shown;
}
