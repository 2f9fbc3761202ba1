/** Reads what a server holds, key by key, in the program's line format: the truth that fixtures are held to. */
import type { Reply, TestClient } from "../support/client.ts";

/** Lines for all keys of these databases and for the functions. */
export async function readBack(client: TestClient, dbs: readonly number[]): Promise<string[]> {
  const lines: string[] = [];
  for (const db of dbs) {
    await client.command(["SELECT", db]);
    const keys = (await client.command(["KEYS", "*"])) as Buffer[];
    for (const key of keys.sort(Buffer.compare)) lines.push(JSON.stringify(await readKey(client, db, key)));
  }
  await client.command(["SELECT", 0]);
  const libraries = (await client.command(["FUNCTION", "LIST", "WITHCODE"])) as Reply[][];
  for (const library of libraries)
    lines.push(
      JSON.stringify({ kind: "rdb", type: "function", value: json(field(library, "library_code")) }),
    );
  return lines;
}

async function readKey(client: TestClient, db: number, key: Buffer): Promise<unknown> {
  const type = String(await client.command(["TYPE", key]));
  const at = Number(await client.command(["PEXPIRETIME", key]));
  const value = await readValue(client, type, key);
  return { kind: "rdb", db, key: json(key), type, value, ...(at > 0 ? { expireAt: at } : {}) };
}

async function readValue(client: TestClient, type: string, key: Buffer): Promise<unknown> {
  switch (type) {
    case "string":
      return json(await client.command(["GET", key]));
    case "list":
      return ((await client.command(["LRANGE", key, 0, -1])) as Reply[]).map(json);
    case "set":
      return ((await client.command(["SMEMBERS", key])) as Reply[]).map(json);
    case "zset":
      return pairs((await client.command(["ZRANGE", key, 0, -1, "WITHSCORES"])) as Reply[]).map(
        ([member, score]) => [json(member), scoreOf(String(score))],
      );
    case "hash":
      return readHash(client, key);
    case "stream":
      return readStream((await client.command(["XINFO", "STREAM", key, "FULL", "COUNT", 0])) as Reply[]);
    default:
      throw new Error(`no reading for type ${type}`);
  }
}

async function readHash(client: TestClient, key: Buffer): Promise<unknown> {
  const fields = pairs((await client.command(["HGETALL", key])) as Reply[]);
  const names = fields.map(([name]) => name as Buffer);
  const [expiries] = await client.attempt([["HPEXPIRETIME", key, "FIELDS", names.length, ...names]]);
  return fields.map(([name, value], index) => {
    const at = Array.isArray(expiries) ? Number(expiries[index]) : -1;
    return [json(name), json(value), ...(at > 0 ? [at] : [])];
  });
}

function readStream(info: readonly Reply[]): unknown {
  const groups = field(info, "groups") as Reply[][];
  return {
    lastId: String(field(info, "last-generated-id")),
    firstId: String(field(info, "recorded-first-entry-id")),
    maxDeletedId: String(field(info, "max-deleted-entry-id")),
    entriesAdded: Number(field(info, "entries-added")),
    length: Number(field(info, "length")),
    entries: (field(info, "entries") as Reply[][]).map(([id, fields]) => [
      String(id),
      pairs(fields as Reply[]).map(([name, value]) => [json(name), json(value)]),
    ]),
    groups: groups.map((group) => {
      const read = field(group, "entries-read");
      return {
        name: json(field(group, "name")),
        lastId: String(field(group, "last-delivered-id")),
        entriesRead: read === null ? null : Number(read),
        pel: ((field(group, "pel") ?? field(group, "pending")) as Reply[][]).map(([id, , time, count]) => [
          String(id),
          Number(time),
          Number(count),
        ]),
        consumers: (field(group, "consumers") as Reply[][]).map((consumer) => ({
          name: json(field(consumer, "name")),
          seenTime: Number(field(consumer, "seen-time")),
          activeTime: Number(field(consumer, "active-time") ?? -1),
          pel: ((field(consumer, "pel") ?? field(consumer, "pending")) as Reply[][]).map(([id]) =>
            String(id),
          ),
        })),
      };
    }),
  };
}

function scoreOf(text: string): number | string {
  return /inf/.test(text) ? text : Number(text);
}

function field(reply: readonly Reply[], name: string): Reply {
  for (const [key, value] of pairs(reply)) if (String(key) === name) return value;
  return null;
}

function pairs(reply: readonly Reply[]): [Reply, Reply][] {
  const found: [Reply, Reply][] = [];
  for (let at = 0; at + 1 < reply.length; at += 2) found.push([reply[at]!, reply[at + 1]!]);
  return found;
}

/** Bytes as text where they are UTF-8, else in base64. */
function json(reply: Reply): unknown {
  const bytes = Buffer.isBuffer(reply) ? reply : Buffer.from(String(reply));
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : { base64: bytes.toString("base64") };
}
