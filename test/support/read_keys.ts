/** Reads keys whole, each as plain lines of text that can be compared one by one. */
import type { Command, Reply, TestClient } from "./client.ts";

/** One key as plain lines, path → text in latin1: two keys are equal if their lines are. */
export interface KeyState {
  readonly type: string;
  readonly expireAt: number;
  readonly lines: ReadonlyMap<string, Line>;
}

export interface Line {
  readonly text: string;
  /** Unix ms when this hash field expires; 0: never. */
  readonly expireAt: number;
}

/** Fields of XINFO STREAM FULL that tell about memory or about when somebody asked, not about the data. */
const NOT_DATA = new Set([
  "radix-tree-keys",
  "radix-tree-nodes",
  "seen-time",
  "active-time",
  "idle",
  "inactive",
]);

/** The keys as they are now in the selected db, in order; `undefined` for one that is not there. */
export async function readKeys(
  client: TestClient,
  keys: readonly Buffer[],
): Promise<(KeyState | undefined)[]> {
  const heads = await client.pipeline(
    keys.flatMap((key): Command[] => [
      ["TYPE", key],
      ["PEXPIRETIME", key],
    ]),
  );
  const types = keys.map((_, index) => String(heads[index * 2]));
  const values = await client.attempt(keys.map((key, index) => readCommand(types[index]!, key)));
  const states = keys.map((_, index): KeyState | undefined => {
    const value = values[index];
    if (value instanceof Error) {
      // The key went, or became another one, between TYPE and its reading.
      if (/no such key|WRONGTYPE/i.test(value.message)) return undefined;
      throw value;
    }
    const expireAt = Number(heads[index * 2 + 1]);
    const isGone =
      expireAt === -2 ||
      value === undefined ||
      value === null ||
      (Array.isArray(value) && value.length === 0);
    if (types[index] === "none" || isGone) return undefined;
    const lines = new Map(linesOf(types[index]!, value));
    return { type: types[index]!, expireAt: Math.max(0, expireAt), lines };
  });
  await readFieldExpiry(client, keys, states);
  return states;
}

function readCommand(type: string, key: Buffer): Command {
  if (type === "string") return ["GET", key];
  if (type === "list") return ["LRANGE", key, 0, -1];
  if (type === "set") return ["SMEMBERS", key];
  if (type === "zset") return ["ZRANGE", key, 0, -1, "WITHSCORES"];
  if (type === "hash") return ["HGETALL", key];
  if (type === "stream") return ["XINFO", "STREAM", key, "FULL", "COUNT", 0];
  // A module's type: its serialized form is all there is.
  return ["DUMP", key];
}

/** Marks the fields of hashes with their expiry; a server that does not know the command has none. */
async function readFieldExpiry(
  client: TestClient,
  keys: readonly Buffer[],
  states: readonly (KeyState | undefined)[],
): Promise<void> {
  const hashes = states.flatMap((state, index) =>
    state?.type === "hash" ? [{ state, key: keys[index]! }] : [],
  );
  const replies = await client.attempt(
    hashes.map(({ state, key }) => {
      const fields = [...state.lines.keys()].map((path) => Buffer.from(path.slice(6), "latin1"));
      return ["HPEXPIRETIME", key, "FIELDS", fields.length, ...fields];
    }),
  );
  for (const [index, reply] of replies.entries()) {
    if (!Array.isArray(reply)) {
      if (reply instanceof Error && /unknown command/i.test(reply.message)) return;
      throw reply instanceof Error ? reply : new Error("HPEXPIRETIME gave no list");
    }
    const lines = hashes[index]!.state.lines as Map<string, Line>;
    for (const [at, [path, line]] of [...lines].entries()) {
      // −1: never expires; −2: gone since it was read, which counts as expired long ago.
      const expireAt = Number(reply[at]);
      lines.set(path, { text: line.text, expireAt: expireAt === -2 ? 1 : Math.max(0, expireAt) });
    }
  }
}

function* linesOf(type: string, value: Reply): Generator<[path: string, Line]> {
  if (!Array.isArray(value)) {
    yield ["value", line(text(value))];
  } else if (type === "list") {
    for (const [index, element] of value.entries()) yield [`element ${index}`, line(text(element))];
    yield ["length", line(String(value.length))];
  } else if (type === "set") {
    for (const member of value) yield [`member ${text(member)}`, line("")];
  } else if (type === "zset") {
    for (const [member, score] of pairs(value))
      yield [`member ${text(member)}`, line(scoreText(text(score)))];
  } else if (type === "hash") {
    for (const [field, held] of pairs(value)) yield [`field ${text(field)}`, line(text(held))];
  } else {
    yield* streamLines(value);
  }
}

function* streamLines(info: readonly Reply[]): Generator<[path: string, Line]> {
  for (const [name, value] of data(info)) {
    if (name === "entries") {
      for (const [id, fields] of value as [Reply, Reply][]) yield [`entry ${text(id)}`, line(flat(fields))];
    } else if (name === "groups") {
      for (const group of value as Reply[][]) yield* groupLines(group);
    } else {
      yield [name, line(brief(value))];
    }
  }
}

function* groupLines(group: readonly Reply[]): Generator<[path: string, Line]> {
  const path = `group ${text(find(group, "name"))}`;
  for (const [name, value] of data(group)) {
    if (name === "pel" || name === "pending") {
      for (const pending of value as Reply[][]) {
        yield [`${path} pending ${text(pending[0]!)}`, line(flat(pending.slice(1)))];
      }
    } else if (name === "consumers") {
      for (const consumer of value as Reply[][]) {
        const consumerPath = `${path} consumer ${text(find(consumer, "name"))}`;
        for (const [field, held] of data(consumer)) yield [`${consumerPath} ${field}`, line(brief(held))];
      }
    } else {
      yield [`${path} ${name}`, line(brief(value))];
    }
  }
}

function data(reply: readonly Reply[]): [name: string, value: Reply][] {
  const named = pairs(reply).map(([name, value]): [string, Reply] => [text(name), value]);
  return named.filter(([name]) => !NOT_DATA.has(name));
}

/** The value beside a name in a flat list of names and values; `null` when it is not there. */
export function find(reply: readonly Reply[], name: string): Reply {
  return pairs(reply).find(([field]) => text(field) === name)?.[1] ?? null;
}

function pairs(reply: readonly Reply[]): [Reply, Reply][] {
  const found: [Reply, Reply][] = [];
  for (let at = 0; at + 1 < reply.length; at += 2) found.push([reply[at]!, reply[at + 1]!]);
  return found;
}

function line(text: string): Line {
  return { text, expireAt: 0 };
}

/** A reply as text, bytes as latin1. */
export function text(reply: Reply): string {
  if (Buffer.isBuffer(reply)) return reply.toString("latin1");
  return reply === null ? "nil" : String(reply);
}

/** Nested replies as one text, lengths included so that no two replies give the same. */
export function flat(reply: Reply): string {
  if (Array.isArray(reply)) return `[${reply.map(flat).join(",")}]`;
  return Buffer.isBuffer(reply) ? JSON.stringify(text(reply)) : text(reply);
}

function brief(reply: Reply): string {
  return Array.isArray(reply) ? flat(reply) : text(reply);
}

/** Versions print the same double with more or fewer digits: compare the number. */
function scoreText(score: string): string {
  if (/inf$/i.test(score)) return score.startsWith("-") ? "-inf" : "inf";
  const number = Number(score);
  return Object.is(number, -0) ? "-0" : String(number);
}
