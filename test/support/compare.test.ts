import { beforeAll, expect, test } from "vitest";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { type Command, connectClient, type TestClient } from "./client.ts";
import { compareServers, debugDigest, describeDifferences } from "./compare.ts";
import { FAR_FUTURE, fillServer, knows } from "./fill.ts";

/** One change to a filled server, and what the comparer must say about it. */
interface Planted {
  readonly change: Command;
  readonly expected: RegExp;
  readonly needs?: string;
  readonly db?: number;
  /** DEBUG DIGEST sees none of these: the reason why there is a comparer. */
  readonly digestIsBlind?: boolean;
}

const PLANTED: readonly Planted[] = [
  { change: ["SET", "new", "v"], expected: /^db 0 "new": only right has it \(string\)$/ },
  { change: ["DEL", "list:one"], expected: /"list:one": only left has it \(list\)/ },
  { change: ["SET", "elsewhere", "v"], db: 9, expected: /^db 9 "elsewhere": only right/ },
  { change: ["SET", "str:same:45", "b", "KEEPTTL"], expected: /"str:same:45": "value": "a{45}" ≠ "b"/ },
  { change: ["APPEND", "str:big:random", "x"], expected: /"str:big:random": "value"/ },
  { change: ["LSET", "list:nodes", 3000, "x"], expected: /"list:nodes": "element 3000"/ },
  { change: ["RPUSH", "list:nodes", "x"], expected: /"element 5000": nothing ≠ "x"/ },
  { change: ["SREM", "set:int64", 1], expected: /"set:int64": "member 1": "" ≠ nothing/ },
  { change: ["ZINCRBY", "zset:listpack", "5e-324", "member:7"], expected: /"5e-324" ≠ "1e-323"/ },
  { change: ["ZADD", "zset:listpack", "0.10000000000000002", "member:4"], expected: /"0.1" ≠ "0.1000/ },
  { change: ["HSET", "hash:binary", "n", "12346"], expected: /"field n": "12345" ≠ "12346"/ },
  { change: ["XADD", "stream:one", "1-2", "f", "v"], expected: /"stream:one": .*"entry 1-2": nothing ≠/s },
  {
    change: ["PEXPIREAT", "str:expires", FAR_FUTURE + 1],
    expected: /expireAt: \d+00 ≠ \d+01/,
    digestIsBlind: true,
  },
  { change: ["PERSIST", "hash:expires"], expected: /"hash:expires": expireAt: \d+ ≠ 0/ },
  {
    change: ["HPEXPIREAT", "hash:ttl:some", FAR_FUTURE, "FIELDS", 1, "b"],
    expected: /"hash:ttl:some": "field b" expireAt/,
    needs: "HPEXPIREAT",
  },
  {
    change: ["HPEXPIREAT", "hash:one", FAR_FUTURE, "FIELDS", 1, "f"],
    expected: /"hash:one": "field f" expireAt: 0 ≠/,
    needs: "HPEXPIREAT",
  },
  { change: ["XSETID", "stream:one", "1-5"], expected: /"last-generated-id": "1-1" ≠/, digestIsBlind: true },
  { change: ["XGROUP", "CREATE", "stream:one", "g", 0], expected: /"group g/, digestIsBlind: true },
  {
    change: ["XGROUP", "SETID", "stream:groups", "unread", "9-0"],
    expected: /last-delivered/,
    digestIsBlind: true,
  },
  {
    change: ["XACK", "stream:groups", "workers", "11-0"],
    expected: /group workers pending 11-0/,
    digestIsBlind: true,
  },
  {
    change: ["XCLAIM", "stream:groups", "workers", "alice", 0, "12-0", "TIME", 5, "JUSTID"],
    expected: /group workers pending 12-0": "\[[^ ]*alice[^ ]* ≠ /,
    digestIsBlind: true,
  },
  {
    change: ["XGROUP", "CREATECONSUMER", "stream:groups", "at-end", "new"],
    expected: /group at-end consumer new/,
    digestIsBlind: true,
  },
  {
    change: ["FUNCTION", "DELETE", "readers"],
    expected: /db -1 "readers": function library/,
    digestIsBlind: true,
  },
  {
    change: [
      "FUNCTION",
      "LOAD",
      "REPLACE",
      "#!lua name=readers\nredis.register_function('peek', function() end)",
    ],
    expected: /db -1 "readers": function library: "LUA/,
    digestIsBlind: true,
  },
];

describeServers("compareServers", (kind) => {
  let left: TestClient;
  let right: TestClient;

  beforeAll(async () => {
    left = await connectClient(await startServer({ kind }));
    right = await connectClient(await startServer({ kind }));
    await fillServer(left, { seed: 7, big: 20_000, keys: 30 });
  });

  test("finds nothing between two servers filled from the same seed", async () => {
    await fillServer(right, { seed: 7, big: 20_000, keys: 30 });
    expect(await debugDigest(right)).toBe(await debugDigest(left));
    expect(describeDifferences(await compareServers(left, right))).toBe("");
    await right.command(["FLUSHALL"]);
    await fillServer(right, { seed: 8, big: 20_000, keys: 30 });
    expect((await compareServers(left, right)).length).toBeGreaterThan(20);
  });

  test("finds every planted difference, and only that", async () => {
    for (const { change, expected, needs, db = 0, digestIsBlind } of PLANTED) {
      if (needs !== undefined && !(await knows(right, needs))) continue;
      await right.pipeline([["FLUSHALL"], ["FUNCTION", "FLUSH"]]);
      await fillServer(right, { seed: 7, big: 20_000, keys: 30 });
      const digest = await debugDigest(right);
      await right.pipeline([["SELECT", db], change]);
      const found = await compareServers(left, right);
      expect(describeDifferences(found)).toMatch(expected);
      expect(new Set(found.map((one) => one.key.toString("latin1"))).size, String(change)).toBe(1);
      if (digestIsBlind === true) expect(await debugDigest(right), String(change)).toBe(digest);
    }
  }, 60_000);

  test("leaves out what has expired on either side", async () => {
    const clean: Command[] = [["FLUSHALL"], ["FUNCTION", "FLUSH"], ["DEBUG", "SET-ACTIVE-EXPIRE", 0]];
    for (const client of [left, right]) await client.pipeline(clean);
    const at = Date.now() + 30;
    await left.command(["SET", "soon", "v", "PXAT", at]);
    await left.command(["SET", "stays", "v"]);
    await right.command(["SET", "stays", "v"]);
    expect(describeDifferences(await compareServers(left, right))).toMatch(/^(db 0 "soon": only left.*)?$/);
    while (Date.now() <= at) await left.command(["PING"]);
    expect(await compareServers(left, right)).toEqual([]);
  });
});
