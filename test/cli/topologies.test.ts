/** The program on a cluster of three primaries, and on a primary that Sentinels watch. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { keySlot } from "../../src/bytes/crc16.ts";
import { describeServers } from "../servers/describe.ts";
import {
  SLOTS,
  startCluster,
  startSentinels,
  startServer,
  type TestCluster,
  type TestServer,
} from "../servers/mod.ts";
import { makeCertificates } from "../support/certificates.ts";
import { type Command, connectClient, type TestClient } from "../support/client.ts";
import { compareServers, describeDifferences } from "../support/compare.ts";
import { readKeys } from "../support/read_keys.ts";
import { runProgram, startProgram } from "./run_program.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A running program and what it has said so far. */
function follow(...args: string[]) {
  const child = startProgram(args);
  const said = { out: "", err: "" };
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const closed = once(child, "close") as Promise<[number | null]>;
  cleanups.push(async () => {
    child.kill("SIGKILL");
    await closed;
  });
  return {
    child,
    said,
    async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
      for (const deadline = Date.now() + 40_000; !(await condition()); await sleep(20)) {
        if (child.exitCode === null && Date.now() < deadline) continue;
        throw new Error(`no ${what}: ${said.err}\n${said.out.slice(-2000)}`);
      }
    },
    async end(signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
      process.kill(child.pid!, signal);
      return (await closed)[0];
    },
  };
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

async function startTarget(kind: TestServer["kind"]): Promise<{ url: string; client: TestClient }> {
  const server = await startServer({ kind });
  cleanups.push(() => server.stop());
  const client = await connectClient(server);
  cleanups.push(() => client.close());
  return { url: server.url, client };
}

describeServers("the program on a cluster", clusterTests, ["redis-8.0"]);

function clusterTests(kind: TestServer["kind"]): void {
  let cluster: TestCluster;
  let folder: string;
  const clients = new Map<TestServer, TestClient>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rxr-topologies-"));
    cluster = await startCluster({
      kind,
      config: { "repl-backlog-size": "64mb", "repl-diskless-sync-delay": "0" },
    });
    for (const node of cluster.nodes) clients.set(node, await connectClient(node));
    for (let i = 0; i < 300; i++) {
      await write(`str:${i}`, ["SET", `str:${i}`, "v".repeat(i)]);
      if (i % 10 === 0)
        await write(`set:${i}`, ["SADD", `set:${i}`, ...Array.from({ length: i + 1 }, (_, n) => n)]);
    }
  });

  afterAll(async () => {
    for (const client of clients.values()) client.close();
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs commands where their key is. */
  async function write(key: string, ...commands: Command[]): Promise<void> {
    await clients.get(nodeOf(key))!.pipeline(commands);
  }

  /** Slots are shared evenly, in order. */
  function nodeOf(key: string): TestServer {
    const slot = keySlot(Buffer.from(key));
    return cluster.nodes[Math.floor((slot * 3) / SLOTS)]!;
  }

  async function sizes(): Promise<number> {
    let sum = 0;
    for (const client of clients.values()) sum += Number(await client.text("DBSIZE"));
    return sum;
  }

  test("counts and statistics are those of all shards together", async () => {
    const [counted, stats] = await Promise.all([
      runProgram(["dump", cluster.url, "--count"]),
      runProgram(["stats", cluster.url]),
    ]);
    expect(counted).toMatchObject({ status: 0, stderr: "" });
    const keys = await sizes();
    const { rdb } = JSON.parse(counted.stdout) as { rdb: { keys: number; elements: number; bytes: number } };
    expect(rdb.keys).toBe(keys);
    const lines = stats.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const of = (what: string) => lines.filter((line) => line.of === what);
    expect(of("total")).toMatchObject([{ keys, elements: rdb.elements, bytes: rdb.bytes }]);
    expect(of("type").map(({ type, keys }) => [type, keys])).toEqual(
      expect.arrayContaining([["string", 300]]),
    );
    expect(of("prefix").map(({ prefix, keys, error }) => [prefix, keys, error])).toEqual(
      expect.arrayContaining([["str:", 300, 0]]),
    );
    expect(of("biggest")).toHaveLength(10);
  });

  test("tail prints every shard's writes and goes on where it ended", async () => {
    const file = join(folder, "tail.json");
    const args = ["tail", cluster.url, "--no-snapshot", "--format", "ndjson", "--resume", file];
    const first = follow(...args);
    await first.until("three links", () => count(first.said.out, /"event":"online"/g) === 3);
    for (let i = 0; i < 30; i++) await write(`tail:${i}`, ["SET", `tail:${i}`, "1"]);
    await first.until("writes", () => count(first.said.out, /"SET","tail:/g) === 30);
    expect(new Set(first.said.out.match(/"shard":"\w+"/g)).size).toBe(3);
    expect(await first.end()).toBe(0);
    for (let i = 0; i < 30; i++) await write(`tail:${i}`, ["DEL", `tail:${i}`]);
    const second = follow(...args);
    await second.until("what was missed", () => count(second.said.out, /"DEL","tail:/g) === 30);
    expect(await second.end()).toBe(0);
    expect(second.said.out).not.toContain('"reset"');
    expect(second.said.out).not.toContain('"SET","tail:');
  });

  test.each([["--derive"], ["--configure"]])("notify %s tells of every shard", async (how) => {
    const notify = follow("notify", cluster.url, how, "--format", "ndjson", "--match", "n:*");
    await notify.until("notifications of all", async () => {
      for (let i = 0; i < 20; i++) await write(`n:${i}`, ["SET", `n:${i}`, "1"]);
      return new Set(notify.said.out.match(/"key":"n:\d+"/g)).size === 20;
    });
    expect(await notify.end(), notify.said.err).toBe(0);
  });

  test("doctor examines every primary", async () => {
    const { status, stdout } = await runProgram(["doctor", cluster.url]);
    const findings = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(status).toBe(0);
    expect(findings[0]).toMatchObject({ topic: "cluster", message: expect.stringMatching(/^3 shards/) });
    const servers = findings.filter(({ topic }) => topic === "server").map(({ server }) => server);
    expect(servers.sort()).toEqual(cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).sort());
  });

  /** What of the cluster's data a server holds otherwise. */
  async function differences(target: TestClient): Promise<string> {
    const found: string[] = [];
    let keys = 0;
    for (const client of clients.values()) {
      const names = (await client.command(["KEYS", "*"])) as Buffer[];
      keys += names.length;
      const [ours, theirs] = [await readKeys(client, names), await readKeys(target, names)];
      for (const [i, name] of names.entries()) {
        const [left, right] = [ours[i], theirs[i]].map((one) =>
          JSON.stringify(one && [one.type, [...one.lines].sort()]),
        );
        if (left !== right) found.push(`${name}: ${left?.slice(0, 100)} ≠ ${right?.slice(0, 100)}`);
      }
    }
    const size = Number(await target.text("DBSIZE"));
    return size === keys ? found.join("\n") : `${found.join("\n")}\n${keys} ≠ ${size} keys`;
  }

  test("mirror applies all shards to one server, each write once through a kill, and begins anew after FLUSHALL", async () => {
    const target = await startTarget(kind);
    const args = ["mirror", cluster.url, target.url, "--resume-in-target", "pos", "--resume-db", "1"];
    const counters = async (rounds: number): Promise<void> => {
      for (let round = 0; round < rounds; round++) {
        for (let i = 0; i < 9; i++) {
          const tag = `{c${i}}`;
          await write(
            tag,
            ["INCR", `${tag}n`],
            ["MULTI"],
            ["RPUSH", `${tag}l`, round],
            ["INCR", `${tag}n`],
            ["EXEC"],
          );
        }
      }
    };
    const caughtUp = (mark: string) => async () => {
      for (let i = 0; i < 9; i++) if ((await target.client.text("GET", `{c${i}}mark`)) !== mark) return false;
      return true;
    };
    const mark = async (text: string): Promise<void> => {
      for (let i = 0; i < 9; i++) await write(`{c${i}}`, ["SET", `{c${i}}mark`, text]);
    };
    const first = follow(...args);
    await mark("loaded");
    await first.until("snapshots and writes", caughtUp("loaded"));
    const writing = counters(60);
    await sleep(200);
    await first.end("SIGKILL");
    const second = follow(...args);
    await writing;
    await mark("resumed");
    await second.until("what was missed", caughtUp("resumed"));
    expect(await differences(target.client)).toBe("");
    for (const client of clients.values()) {
      expect((await client.info("stats")).sync_partial_ok).not.toBe("0");
    }
    // One shard alone is emptied: the others' keys must stay in the target.
    await clients.get(cluster.nodes[1]!)!.command(["FLUSHALL"]);
    await mark("anew");
    await second.until("the end", caughtUp("anew"));
    await second.until("a snapshot", async () => (await differences(target.client)) === "");
    expect(second.said.err).toMatch(/FLUSHALL of the shard \w+ alone.*\(HISTORY\); beginning anew/);
    expect(await second.end(), second.said.err).toBe(0);
  }, 90_000);

  test("mirror of a cluster to a cluster, with the position in a file", async () => {
    const target = await startCluster({ kind });
    cleanups.push(() => target.stop());
    const file = join(folder, "mirror.json");
    const args = ["mirror", cluster.url, target.url, "--resume", file];
    const there = async (): Promise<number> => {
      let sum = 0;
      for (const node of await target.primaries()) {
        const client = await connectClient(node);
        sum += Number(await client.text("DBSIZE"));
        client.close();
      }
      return sum;
    };
    const first = follow(...args);
    await first.until("all keys", async () => (await there()) === (await sizes()));
    expect(await first.end(), first.said.err).toBe(0);
    for (let i = 0; i < 30; i++) await write(`more:${i}`, ["SET", `more:${i}`, "1"]);
    const second = follow(...args);
    await second.until("more keys", async () => (await there()) === (await sizes()));
    expect(await second.end(), second.said.err).toBe(0);
    expect(second.said.err).not.toContain("snapshot");
  }, 90_000);
}

describeServers("the program with Sentinels", sentinelTests, ["redis-8.0"]);

function sentinelTests(kind: TestServer["kind"]): void {
  test("examines, counts, tails and mirrors the primary that they name, through a failover", async () => {
    const config = { "repl-backlog-size": "64mb", "repl-diskless-sync-delay": "0" };
    const [primary, replica] = await Promise.all([
      startServer({ kind, config }),
      startServer({ kind, config }),
    ]);
    cleanups.push(
      () => primary.stop(),
      () => replica.stop(),
    );
    const old = await connectClient(primary);
    cleanups.push(() => old.close());
    const before = await connectClient(replica);
    await before.command(["REPLICAOF", primary.host, primary.port]);
    before.close();
    await old.pipeline(Array.from({ length: 100 }, (_, i) => ["SET", `k${i}`, i]));
    const sentinels = await startSentinels({ kind, primary, replicas: 1 });
    cleanups.push(() => sentinels.stop());
    const target = await startTarget(kind);

    const examined = await runProgram(["doctor", sentinels.url]);
    expect(examined.status).toBe(0);
    expect(count(examined.stdout, /"topic":"sentinel","message":"the Sentinel at .* names/g)).toBe(3);
    expect(count(examined.stdout, /"topic":"server"/g)).toBe(1);
    const counted = await runProgram(["dump", sentinels.url, "--count"]);
    expect(JSON.parse(counted.stdout)).toMatchObject({ rdb: { keys: 100 } });

    const tail = follow("tail", sentinels.url, "--no-snapshot", "--format", "ndjson");
    const mirror = follow(
      "mirror",
      sentinels.url,
      target.url,
      "--resume-in-target",
      "pos",
      "--resume-db",
      "1",
    );
    const notify = follow("notify", sentinels.url, "--configure", "--event", "del", "--format", "ndjson");
    await tail.until("a link", () => tail.said.out.includes('"event":"online"'));
    await notify.until("what the primary publishes", async () => {
      await old.pipeline([
        ["SET", "gone", 1],
        ["DEL", "gone"],
      ]);
      return notify.said.out.includes('"gone"');
    });
    expect(await notify.end(), notify.said.err).toBe(0);
    const holds = (text: string) => async () => (await target.client.text("GET", "mark")) === text;
    await old.pipeline([
      ["INCR", "n"],
      ["RPUSH", "l", "old"],
      ["SET", "mark", "before"],
    ]);
    await mirror.until("writes", holds("before"));
    const port = await sentinels.failover();
    expect(port).toBe(replica.port);
    // Clients of a server are cut when Sentinels change its role.
    const next = await connectClient(replica);
    cleanups.push(() => next.close());
    while (!(await next.text("ROLE")).startsWith("master")) await sleep(50);
    await next.pipeline([
      ["INCR", "n"],
      ["RPUSH", "l", "new"],
      ["SET", "mark", "after"],
    ]);
    await mirror.until("writes of the new primary", holds("after"));
    await tail.until("writes of the new primary", () => tail.said.out.includes('["SET","mark","after"]'));
    expect(await mirror.end(), mirror.said.err).toBe(0);
    expect(await tail.end(), tail.said.err).toBe(0);
    await target.client.pipeline([
      ["SELECT", 1],
      ["DEL", "pos"],
      ["SELECT", 0],
    ]);
    expect(describeDifferences(await compareServers(next, target.client))).toBe("");
    expect(tail.said.out.match(/\["(INCR|RPUSH)".*?\]/g)).toEqual([
      '["INCR","n"]',
      '["RPUSH","l","old"]',
      '["INCR","n"]',
      '["RPUSH","l","new"]',
    ]);
  }, 90_000);

  test("over TLS, with a password of the Sentinels' own", async () => {
    const tls = { certificates: await makeCertificates() };
    const primary = await startServer({ kind, tls });
    cleanups.push(() => primary.stop());
    const sentinels = await startSentinels({ kind, primary, tls, password: "sentinels only" });
    cleanups.push(() => sentinels.stop());
    const folder = await mkdtemp(join(tmpdir(), "rxr-topologies-"));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    const { ca, clientCert, clientKey } = tls.certificates;
    const options: string[] = [];
    for (const [name, text] of Object.entries({ ca, cert: clientCert, key: clientKey })) {
      await writeFile(join(folder, name), text);
      options.push(`--${name}`, join(folder, name));
    }
    const env = { SENTINELCLI_AUTH: "sentinels only" };
    const examined = await runProgram(["doctor", sentinels.tlsUrl, ...options], { env });
    expect(examined, examined.stderr).toMatchObject({ status: 0 });
    expect(count(examined.stdout, /names/g)).toBe(3);
    expect(await runProgram(["dump", sentinels.tlsUrl, "--count", ...options], { env })).toMatchObject({
      status: 0,
    });
    const refused = await runProgram(["dump", sentinels.tlsUrl, "--count", ...options]);
    expect(refused).toMatchObject({ status: 1, stdout: "", stderr: expect.stringMatching(/\(NOAUTH\)\n$/) });
  }, 60_000);
}
