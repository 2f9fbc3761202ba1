import { beforeAll, beforeEach, expect, test } from "vitest";
import type { AofCommand, RdbEvent, StreamGroup } from "../../src/events.ts";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { applyAll } from "./apply.ts";
import { type Command, connectClient, type Reply, type TestClient } from "./client.ts";
import { compareServers, debugDigest, describeDifferences } from "./compare.ts";
import { FILLED_DBS, fillServer } from "./fill.ts";

type Pair = readonly [Buffer, Buffer];

describeServers("Applier", (kind) => {
  let source: TestClient;
  let target: TestClient;

  beforeAll(async () => {
    source = await connectClient(await startServer({ kind }));
    target = await connectClient(await startServer({ kind }));
  });

  beforeEach(async () => {
    await source.pipeline([["FLUSHALL"], ["FUNCTION", "FLUSH"]]);
    await fillServer(source, { seed: 3, keys: 90, big: 50_000 });
    await target.pipeline([["FLUSHALL"], ["SET", "left over", "from before"]]);
  });

  // The events are made here from what the server answers, so that this tells about the applier alone.
  test("rebuilds every value in parts", async () => {
    await applyAll(target, eventsOf(source, false));
    expect(describeDifferences(await compareServers(source, target))).toBe("");
    expect(await debugDigest(target)).toBe(await debugDigest(source));
  });

  test("restores raw values in fragments", async () => {
    await applyAll(target, eventsOf(source, true));
    expect(describeDifferences(await compareServers(source, target))).toBe("");
  });

  test("runs commands in their dbs and transactions", async () => {
    await source.command(["FLUSHALL"]);
    await source.command(["FUNCTION", "FLUSH"]);
    const commands: [db: number, Command][] = [
      [0, ["SET", "a", "1"]],
      [3, ["LPUSH", "l", "x", Buffer.from([0, 255])]],
      [3, ["MULTI"]],
      [3, ["INCR", "n"]],
      [0, ["INCR", "a"]],
      [0, ["EXEC"]],
    ];
    await applyAll(target, [begin(), ...commands.map(([db, args]) => aofCommand(db, args))]);
    await source.pipeline([
      ["SET", "a", "2"],
      ["SELECT", 3],
      ["LPUSH", "l", "x", Buffer.from([0, 255])],
    ]);
    await source.pipeline([
      ["SET", "n", "1"],
      ["SELECT", 0],
    ]);
    expect(describeDifferences(await compareServers(source, target))).toBe("");
  });

  test("fails when the target refuses a command, in a transaction too", async () => {
    await expect(applyAll(target, [aofCommand(0, ["LPUSH", "left over", "x"])])).rejects.toThrow(/WRONGTYPE/);
    const transaction = [["MULTI"], ["INCR", "left over"], ["EXEC"]].map((args) => aofCommand(0, args));
    await expect(applyAll(target, transaction)).rejects.toThrow(/not an integer/);
  });
});

const PLACED = { position: undefined, receivedAt: undefined };

function begin(): RdbEvent {
  return { kind: "rdb", event: "begin", version: 11, family: "redis", ...PLACED };
}

function aofCommand(db: number, args: Command): AofCommand {
  const views = args.map((one) => (typeof one === "object" ? one : Buffer.from(String(one))));
  return { kind: "aof", event: "command", db, name: String(args[0]), args: views } as unknown as AofCommand;
}

async function* eventsOf(client: TestClient, raw: boolean): AsyncGenerator<RdbEvent> {
  yield begin();
  for (const library of (await client.command(["FUNCTION", "LIST", "WITHCODE"])) as Reply[][]) {
    const code = library[library.findIndex((name) => String(name) === "library_code") + 1] as Buffer;
    yield { kind: "rdb", event: "function", code, codeText: code.toString(), ...PLACED };
  }
  for (const db of FILLED_DBS) {
    await client.command(["SELECT", db]);
    for (const key of (await client.command(["KEYS", "*"])) as Buffer[]) {
      const expiry = Number(await client.command(["PEXPIRETIME", key]));
      const base = { ...PLACED, db, key, expireAt: expiry < 0 ? undefined : expiry };
      if (raw) {
        const payload = (await client.command(["DUMP", key])) as Buffer;
        const half = payload.length >> 1;
        const pieces = [payload.subarray(0, half), payload.subarray(half)];
        for (const [part, piece] of pieces.entries())
          yield keyEvent({ ...base, part, last: part === 1, raw: piece });
        continue;
      }
      const type = await client.text("TYPE", key);
      const parts = await partsOf(client, type, key);
      for (const [part, value] of parts.entries()) {
        yield keyEvent({ ...base, type, part, last: part === parts.length - 1, value });
      }
    }
  }
  await client.command(["SELECT", 0]);
}

function keyEvent(fields: object): RdbEvent {
  return { kind: "rdb", event: "key", ...fields } as unknown as RdbEvent;
}

/** The value in parts of 7 elements, a stream's groups last and one by one. */
async function partsOf(client: TestClient, type: string, key: Buffer): Promise<unknown[]> {
  if (type === "string") {
    const value = (await client.command(["GET", key])) as Buffer;
    return value.length > 1_000 ? [value.subarray(0, 999), value.subarray(999)] : [value];
  }
  if (type === "list") return chunks((await client.command(["LRANGE", key, 0, -1])) as Buffer[]);
  if (type === "set") return chunks((await client.command(["SMEMBERS", key])) as Buffer[]);
  if (type === "zset") {
    const reply = pairs(await client.command(["ZRANGE", key, 0, -1, "WITHSCORES"]));
    return chunks(
      reply.map(([member, score]) => ({ member, score: Number(String(score).replace("inf", "Infinity")) })),
    );
  }
  if (type === "hash") return chunks(await hashFields(client, key));
  return await streamParts(client, key);
}

async function hashFields(client: TestClient, key: Buffer): Promise<unknown[]> {
  const fields = pairs(await client.command(["HGETALL", key]));
  const names = fields.map(([field]) => field);
  const [times] = await client.attempt([["HPEXPIRETIME", key, "FIELDS", names.length, ...names]]);
  return fields.map(([field, value], index) => {
    const expireAt = Array.isArray(times) ? Number(times[index]) : -1;
    return { field, value, expireAt: expireAt < 0 ? undefined : expireAt };
  });
}

async function streamParts(client: TestClient, key: Buffer): Promise<unknown[]> {
  const info = named(await client.command(["XINFO", "STREAM", key, "FULL", "COUNT", 0]));
  const entries = (info.entries as [Buffer, Reply][]).map(([id, fields]) => ({
    id: String(id),
    fields: pairs(fields),
  }));
  const numbers = {
    length: Number(info.length),
    lastId: String(info["last-generated-id"]),
    firstId: String(info["recorded-first-entry-id"]),
    maxDeletedId: String(info["max-deleted-entry-id"]),
    entriesAdded: Number(info["entries-added"]),
  };
  const groups = (info.groups as Reply[]).flatMap((group) => groupPieces(named(group)));
  return [
    ...chunks(entries).map((some) => ({ entries: some, info: undefined, groups: [] })),
    { entries: [], info: numbers, groups: [] },
    ...groups.map((group) => ({ entries: [], info: undefined, groups: [group] })),
  ];
}

/** A group as three pieces: its pending entries in two, then its consumers. */
function groupPieces(group: Record<string, Reply>): StreamGroup[] {
  const pending = (group.pending as Reply[][]).map(([id, , deliveredAt, deliveries]) => ({
    id: String(id),
    deliveredAt: Number(deliveredAt),
    deliveries: Number(deliveries),
  }));
  const consumers = (group.consumers as Reply[]).map(named).map((consumer) => ({
    name: consumer.name as Buffer,
    seenAt: 0,
    activeAt: undefined,
    pending: (consumer.pending as Reply[][]).map(([id]) => String(id)),
  }));
  const base = {
    name: group.name as Buffer,
    lastId: String(group["last-delivered-id"]),
    entriesRead: group["entries-read"] === null ? undefined : Number(group["entries-read"]),
    nacked: [],
  };
  return [
    { ...base, pending: pending.slice(0, 5), consumers: [] },
    { ...base, pending: pending.slice(5), consumers: [] },
    { ...base, pending: [], consumers },
  ];
}

function chunks<T>(elements: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < elements.length; at += 7) parts.push(elements.slice(at, at + 7));
  return parts;
}

function pairs(reply: Reply): Pair[] {
  const flat = reply as Buffer[];
  return flat.flatMap((one, at): Pair[] => (at % 2 === 0 ? [[one, flat[at + 1]!]] : []));
}

function named(reply: Reply): Record<string, Reply> {
  return Object.fromEntries(pairs(reply).map(([name, value]) => [String(name), value as Reply]));
}
