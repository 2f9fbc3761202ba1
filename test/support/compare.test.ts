import { beforeAll, expect, test } from "vitest";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { type Command, connectClient, type TestClient } from "./client.ts";
import { compareServers, debugDigest, describeDifferences } from "./compare.ts";
import { FAR_FUTURE, fillServer, knows } from "./fill.ts";

/** One change to a filled server, and the lines that the comparer must say about it. */
interface Planted {
  readonly change: Command;
  readonly expected: RegExp;
  readonly needs?: string;
}

/** Changes that DEBUG DIGEST does not see: the reason why there is a comparer. */
const UNSEEN_BY_DIGEST: readonly Planted[] = [
  {
    change: ["PEXPIREAT", "str:expires", FAR_FUTURE + 1],
    expected: /"str:expires": expireAt: \d+00 ≠ \d+01$/,
  },
  { change: ["XSETID", "stream:big", "7-5"], expected: /"stream:big": "last-generated-id": "7-0" ≠ "7-5"/ },
  { change: ["XGROUP", "CREATE", "stream:fields", "g", 0], expected: /"stream:fields": "group g / },
  {
    change: ["XGROUP", "SETID", "stream:groups", "unread", "9-0"],
    expected: /"group unread (last-delivered-id|entries-read|lag)"/,
  },
  {
    change: ["XGROUP", "CREATECONSUMER", "stream:empty", "g", "new"],
    expected: /"stream:empty": "group g consumer new /,
  },
  {
    change: ["XACK", "stream:trimmed:pending", "g", "4-0"],
    expected: /"group g (pending 4-0|pel-count|consumer c )/,
  },
  {
    change: ["XCLAIM", "stream:groups", "workers", "alice", 0, "12-0", "TIME", 5, "JUSTID"],
    expected: /"group workers (pending 12-0|consumer alice pending)"/,
  },
  {
    change: ["FUNCTION", "DELETE", "writers"],
    expected: /^db -1 "writers": function library: .* ≠ nothing$/,
  },
  {
    change: [
      "FUNCTION",
      "LOAD",
      "REPLACE",
      "#!lua name=readers\nredis.register_function('peek', function() end)",
    ],
    expected: /^db -1 "readers": function library: "LUA/,
  },
];

const SEEN_BY_DIGEST: readonly Planted[] = [
  { change: ["SET", "new", "v"], expected: /^db 0 "new": only right has it \(string\)$/ },
  { change: ["DEL", "list:one"], expected: /"list:one": only left has it \(list\)$/ },
  { change: ["SET", "str:same:45", "b", "KEEPTTL"], expected: /"str:same:45": "value": "a{45}" ≠ "b"/ },
  { change: ["SET", "set:listpack", "v"], expected: /"set:listpack": type: set ≠ string$/ },
  { change: ["APPEND", "str:big:random", "x"], expected: /"str:big:random": "value"/ },
  { change: ["LSET", "list:nodes", 3000, "x"], expected: /"list:nodes": "element 3000": "3000" ≠ "x"/ },
  {
    change: ["RPUSH", "list:packed", "x"],
    expected: /"list:packed": "(element 23|length)": (nothing|"23") ≠/,
  },
  { change: ["SREM", "set:int64", 1], expected: /"set:int64": "member 1": "" ≠ nothing$/ },
  {
    change: ["ZINCRBY", "zset:listpack", "5e-324", "member:7"],
    expected: /"zset:listpack": .*"5e-324" ≠ "1e-323"/,
  },
  { change: ["HSET", "hash:binary", "n", "12346"], expected: /"field n": "12345" ≠ "12346"/ },
  { change: ["PERSIST", "hash:expires"], expected: /"hash:expires": expireAt: \d+ ≠ 0$/ },
  {
    change: ["XADD", "stream:one", "1-2", "f", "v"],
    expected: /"stream:one": "(length|last-generated-id|entries-added|entry 1-2)"/,
  },
  {
    change: ["HPEXPIREAT", "hash:ttl:some", FAR_FUTURE, "FIELDS", 1, "b"],
    expected: /"hash:ttl:some": "field b" expireAt: \d+1000 ≠ \d+0000$/,
    needs: "HPEXPIREAT",
  },
  {
    change: ["HPEXPIREAT", "hash:one", FAR_FUTURE, "FIELDS", 1, "f"],
    expected: /"hash:one": "field f" expireAt: 0 ≠ \d+$/,
    needs: "HPEXPIREAT",
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

  test("finds every planted difference, and nothing else", async () => {
    await right.pipeline([["FLUSHALL"], ["FUNCTION", "FLUSH"]]);
    await fillServer(right, { seed: 7, big: 20_000, keys: 30 });
    const digest = await debugDigest(right);
    await plant(UNSEEN_BY_DIGEST);
    expect(await debugDigest(right)).toBe(digest);
    await plant(SEEN_BY_DIGEST);
    expect(await debugDigest(right)).not.toBe(digest);
  });

  test("compares every db", async () => {
    await right.pipeline([
      ["SELECT", 9],
      ["SET", "elsewhere", "v"],
      ["SELECT", 0],
    ]);
    expect(describeDifferences(await compareServers(left, right, { limit: 1000 }))).toMatch(
      /^db 9 "elsewhere": only right/m,
    );
  });

  /** Changes the right server; the comparison must then give the expected lines and no others that are new. */
  async function plant(planted: readonly Planted[]): Promise<void> {
    const before = new Set(await differences());
    const possible: Planted[] = [];
    for (const one of planted) {
      if (one.needs === undefined || (await knows(right, one.needs))) possible.push(one);
    }
    await right.pipeline(possible.map(({ change }) => change));
    const lines = (await differences()).filter((line) => !before.has(line));
    for (const { expected } of possible) expect(lines).toContainEqual(expect.stringMatching(expected));
    expect(lines.filter((line) => !possible.some(({ expected }) => expected.test(line)))).toEqual([]);
  }

  async function differences(): Promise<string[]> {
    const text = describeDifferences(await compareServers(left, right));
    return text === "" ? [] : text.split("\n");
  }

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
