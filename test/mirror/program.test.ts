/** `rxreplica mirror` as people run it. */
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, expect, test } from "vitest";
import { runProgram, startProgram } from "../cli/run_program.ts";
import { describeWithServers } from "../servers/describe.ts";
import { fillServer } from "../support/fill.ts";
import { writeLoad } from "../support/write_load.ts";
import { atEnd, expectSame, type Started, start } from "./rig.ts";

test.each([
  [["mirror", "a.rdb", "redis-sentinel://h:1/m"], /Sentinels/],
  [["mirror", "redis://h", "redis://h", "--resume", "f", "--resume-in-target"], /give one/],
  [["mirror", "a.rdb", "redis://h", "--resume", "f"], /SOURCE must be a server/],
  [["mirror", "redis://h", "redis-cluster://h:1", "--resume-in-target"], /single server/],
  [["mirror", "redis://h", "redis://h", "--flush", "--merge"], /contradict/],
  [["mirror", "redis://h", "redis://h", "--db-map", "1:2"], /SOURCE=TARGET/],
  [["mirror", "redis://h", "redis://h/3"], /--db-map/],
])("%j is wrong usage", async (args, message) => {
  const { status, stderr } = await runProgram(args);
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
});

/** Runs a mirror and collects what it says. */
function run(...args: string[]) {
  const child = startProgram(["mirror", ...args]);
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exit = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  atEnd(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  return {
    child,
    says: () => stderr,
    async stop() {
      // Not `child.kill`: under Deno that reports the signal, however the child ended.
      process.kill(child.pid!, "SIGINT");
      return (await exit)[0];
    },
    status: async () => (await exit)[0],
  };
}

async function until(what: () => string, condition: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`waited in vain; ${what()}`);
  }
}

describeWithServers("rxreplica mirror", ["redis-8.0"], () => {
  let source: Started;
  let target: Started;
  let folder: string;

  beforeEach(async () => {
    source = await start("redis-8.0", { "repl-backlog-size": "64mb" });
    target = await start("redis-8.0");
    folder = await mkdtemp(join(tmpdir(), "rxr-mirror-"));
    atEnd(() => rm(folder, { recursive: true, force: true }));
  });

  const holds =
    (key: string, value: string, db = 0) =>
    async () => {
      const [, reply] = await target.client.pipeline([
        ["SELECT", db],
        ["GET", key],
      ]);
      return String(reply) === value;
    };

  test("refuses a target that holds keys unless told what to do with them", async () => {
    await source.client.command(["SET", "k", "new"]);
    await target.client.pipeline([
      ["SET", "k", "old"],
      ["SET", "other", 1],
    ]);
    const refusing = run(source.server.url, target.server.url);
    expect(await refusing.status()).toBe(1);
    expect(refusing.says()).toMatch(/target holds keys.*CONFIG/);
    expect(await target.client.text("GET", "k")).toBe("old");
    const merging = run(source.server.url, target.server.url, "--merge");
    await until(merging.says, holds("k", "new"));
    expect(await merging.stop()).toBe(0);
    expect(await target.client.text("DBSIZE")).toBe("2");
    const flushing = run(source.server.url, target.server.url, "--flush", "--no-stream");
    expect(await flushing.status()).toBe(0);
    expect(await target.client.text("DBSIZE")).toBe("1");
    expect(flushing.says()).toMatch(/1 command applied/);
  });

  test("merges keys of every type over others of the same names", async () => {
    await fillServer(source.client, { seed: 4, big: 1 << 16 });
    await fillServer(target.client, { seed: 5, big: 1 << 16 });
    const merging = run(source.server.url, target.server.url, "--merge", "--no-stream");
    expect(await merging.status()).toBe(0);
    for (const db of [0, 1, 5]) {
      await target.client.command(["SELECT", db]);
      await source.client.command(["SELECT", db]);
      const here = new Set(
        ((await source.client.command(["KEYS", "*"])) as Buffer[]).map((one) => one.toString("latin1")),
      );
      const gone = ((await target.client.command(["KEYS", "*"])) as Buffer[]).filter(
        (one) => !here.has(one.toString("latin1")),
      );
      if (gone.length > 0) await target.client.command(["DEL", ...gone]);
    }
    await expectSame(source.client, target.client);
  });

  test("goes on at the position in a file, after whatever happened meanwhile", async () => {
    const file = join(folder, "position.json");
    await fillServer(source.client, { seed: 1, keys: 30, big: 4096 });
    const first = run(source.server.url, target.server.url, "--resume", file, "--via", "restore");
    await until(first.says, async () => (await readFile(file, "utf8").catch(() => "")) !== "");
    await writeLoad(source.client, { seed: 2, count: 500 });
    await source.client.command(["SET", "done", 1]);
    await until(first.says, holds("done", "1"));
    expect(await first.stop()).toBe(0);
    await source.client.command(["SET", "done", 2]);
    await source.client.command(["INCR", "counter"]);
    const second = run(source.server.url, target.server.url, "--resume", file);
    await until(second.says, holds("counter", "1"));
    expect(await second.stop()).toBe(0);
    // It ended in order: nothing may have been applied twice.
    expect(second.says()).not.toMatch(/twice/);
    await expectSame(source.client, target.client);
    expect((await source.client.info("stats")).sync_full).toBe("1");
  });

  test("says after a cut what may be applied twice", async () => {
    const file = join(folder, "position.json");
    await source.client.command(["SET", "a", 1]);
    const first = run(source.server.url, target.server.url, "--resume", file);
    await until(first.says, async () => (await readFile(file, "utf8").catch(() => "")) !== "");
    first.child.kill("SIGKILL");
    await first.status();
    await source.client.pipeline([
      ["SET", "a", 2],
      ["INCR", "counter"],
    ]);
    const second = run(source.server.url, target.server.url, "--resume", file);
    await until(second.says, holds("counter", "1"));
    expect(await second.stop()).toBe(0);
    expect(second.says()).toMatch(/may be applied twice: INCR at offset \d+/);
    expect(second.says()).not.toMatch(/twice: SET/);
  });

  test("stops at a refused command with the command, the answer and the position", async () => {
    const mirror = run(source.server.url, target.server.url, "--resume-in-target");
    await source.client.command(["SET", "begun", 1]);
    await until(mirror.says, holds("begun", "1"));
    await target.client.command(["SET", "k", "not a list"]);
    await source.client.pipeline([
      ["RPUSH", "k", "secret"],
      ["SET", "after", 1],
    ]);
    expect(await mirror.status()).toBe(1);
    expect(mirror.says()).toMatch(
      /Cannot apply RPUSH k at offset \d+: the target answered "WRONGTYPE.*applied up to [0-9a-f]{40}:\d+ \(SERVER/,
    );
    const again = run(source.server.url, target.server.url, "--resume-in-target");
    expect(await again.status()).toBe(1);
    expect(again.says()).toMatch(/stopped at a RPUSH that the target refused \("WRONGTYPE/);
    await source.client.command(["RPUSH", "k", "once more"]);
    const skipping = run(source.server.url, target.server.url, "--resume-in-target", "--on-error", "skip");
    await source.client.command(["SET", "end", 1]);
    await until(skipping.says, holds("end", "1"));
    expect(await skipping.stop()).toBe(0);
    expect(skipping.says()).toMatch(/refused in database 0 at offset \d+: RPUSH k "once more": WRONGTYPE/);
    expect(await holds("after", "1")()).toBe(true);
  });

  test("maps databases and renames keys, those that commands name too", async () => {
    await source.client.pipeline([
      ["SET", "user:1", "a"],
      ["SELECT", 3],
      ["HSET", "user:2", "f", "v"],
      ["SELECT", 0],
    ]);
    const args = ["--db-map", "0=4", "--db-map", "3=5", "--rename", "user:=u/", "--rename", "old:"];
    const mirror = run(source.server.url, target.server.url, ...args);
    await until(mirror.says, holds("u/1", "a", 4));
    await source.client.pipeline([
      ["COPY", "user:1", "user:9", "DB", 3],
      ["MSET", "user:3", "x", "plain", "y"],
      ["EVAL", "redis.call('SET', KEYS[1], 'script')", 1, "user:lua"],
      ["SORT", "user:list", "STORE", "user:sorted"],
      ["RENAME", "user:3", "end"],
    ]);
    await until(mirror.says, holds("old:end", "x", 4));
    expect(await holds("u/9", "a", 5)()).toBe(true);
    expect(await holds("old:plain", "y", 4)()).toBe(true);
    expect(await holds("u/lua", "script", 4)()).toBe(true);
    await target.client.command(["SELECT", 5]);
    expect(await target.client.text("HGET", "u/2", "f")).toBe("v");
    // Only what belongs to the mirrored databases is emptied.
    await source.client.pipeline([["SELECT", 0], ["FLUSHDB"], ["SET", "user:z", 1]]);
    await until(mirror.says, holds("u/z", "1", 4));
    await target.client.command(["SELECT", 4]);
    expect(await target.client.text("DBSIZE")).toBe("1");
    expect(await mirror.stop()).toBe(0);
  });

  test("narrows commands on all databases to those that are mirrored", async () => {
    await target.client.pipeline([
      ["SELECT", 7],
      ["SET", "not ours", 1],
    ]);
    await source.client.pipeline([
      ["SET", "k", 1],
      ["SELECT", 2],
      ["SET", "other", 1],
    ]);
    const mirror = run(source.server.url, target.server.url, "--db", "0");
    await until(mirror.says, holds("k", "1"));
    await source.client.pipeline([["FLUSHALL"], ["SELECT", 0], ["SET", "end", 1]]);
    await until(mirror.says, holds("end", "1"));
    expect(await holds("not ours", "1", 7)()).toBe(true);
    expect(await target.client.info("keyspace")).toMatchObject({ db0: expect.stringMatching(/^keys=1,/) });
    expect(await mirror.stop()).toBe(0);
  });
});
