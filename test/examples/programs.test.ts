/** Runs the programs in `examples/` as their readers do, against real servers. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServers } from "../servers/describe.ts";
import { startServer, type TestServer } from "../servers/mod.ts";
import { connectClient } from "../support/client.ts";
import { ROOT } from "../support/sources.ts";

const FOLDER = join(ROOT, "examples");
const before = "Deno" in globalThis ? ["run", "-A"] : "Bun" in globalThis ? [] : ["--import", "tsx"];

async function run(name: string, ...args: string[]): Promise<string[]> {
  const command = [...before, join(FOLDER, name), ...args];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, {
    cwd: ROOT,
    timeout: 50_000,
  });
  expect(stderr).toBe("");
  return stdout.trimEnd().split("\n");
}

/** What a program prints, line by line, on an empty server. */
const PROGRAMS: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  "cache_invalidation.ts": [
    "read ann and cached it",
    "after RENAME: 0 cached, read null ann",
    "after DEL: read null",
  ],
  "change_feed.ts": [
    /^\d+-\d+ HSET example:order:1 item tea amount 2$/,
    /^\d+-\d+ HINCRBY example:order:1 amount 1$/,
    /^\d+-\d+ DEL example:order:1$/,
  ],
  "search_feeder.ts": [
    "from the snapshot, tea: example:doc:1",
    "live, tea: example:doc:1, example:doc:2",
    "and shizuoka: example:doc:1",
  ],
  "audit_log.ts": [
    /"writes":\[\{"name":"SET","db":0,"keys":\["example:account:1"\],"arguments":2\}\]\}$/,
    /^\{"at":"20.*"writes":\[\{"name":"DECRBY".*\},\{"name":"INCRBY","db":0,"keys":\["example:account:2"\]/,
    /"name":"DEL","db":0,"keys":\["example:account:1","example:account:2"\]/,
  ],
  "hot_keys.ts": ["   100  example:hot:3", "    50  example:hot:2", "    34  example:hot:1"],
};

describe("examples without a server", () => {
  test("each program is run by a test and is short", () => {
    const here = ["live_migration.ts", "read_gzipped_rdb.ts", "redis_json_module.ts", "demo.ts"];
    const names = readdirSync(FOLDER).filter((name) => name.endsWith(".ts"));
    expect(names.sort()).toEqual([...Object.keys(PROGRAMS), ...here].sort());
    const long = names.filter((name) => readFileSync(join(FOLDER, name), "utf8").split("\n").length > 61);
    expect(long).toEqual([]);
  });

  test("read_gzipped_rdb.ts counts what came over HTTP", async () => {
    const lines = await run("read_gzipped_rdb.ts");
    expect(lines).toContainEqual(expect.stringMatching(/^ +\d+ {2}hash$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ +\d+ {2}stream$/));
  });

  test("redis_json_module.ts shows the document", async () => {
    expect(await run("redis_json_module.ts")).toEqual([
      'user:1 ReJSON-RL {"name":"ann","tags":["tea","go"]}',
    ]);
  });
});

describeWithServers("examples", ["valkey-9.1"], () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ kind: "valkey-9.1" });
  });
  afterAll(() => server.stop());

  test.each(Object.entries(PROGRAMS))("%s", async (name, expected) => {
    const lines = await run(name, server.url);
    expect(lines).toEqual(
      expected.map((line) => (typeof line === "string" ? line : expect.stringMatching(line))),
    );
  });

  test("live_migration.ts moves everything", async () => {
    const target = await startServer({ kind: "valkey-9.1" });
    const client = await connectClient(server);
    for (let i = 0; i < 50; i++) await client.command(["RPUSH", `list:${i}`, "a", "b"]);
    client.close();
    const lines = await run("live_migration.ts", server.url, target.url);
    await target.stop();
    const [, moved, there] =
      /^moved: (\d+) keys in the target, (\d+) in the source$/.exec(lines.at(-1)!) ?? [];
    expect(moved).toBe(there);
    expect(Number(moved)).toBeGreaterThan(50);
    expect(lines.slice(0, -1).join()).toMatch(/following: \d+ keys, \d+ commands/);
  });
});
