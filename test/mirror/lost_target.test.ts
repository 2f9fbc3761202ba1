/** A mirror outlives its target: the target is killed and started again under load, and both are the same at the end. */
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startProgram } from "../cli/run_program.ts";
import { describeServers } from "../servers/describe.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { compareServers, describeDifferences } from "../support/compare.ts";
import { fillServer } from "../support/fill.ts";
import { writeLoad } from "../support/write_load.ts";
import { atEnd, expectSame, type Started, start } from "./rig.ts";

const KEY = "mirror:position";
const DB = 9;
const DURABLE = { appendonly: "yes", appendfsync: "everysec" };

/** A running mirror and what it says. */
function run(source: Started, target: Started, ...options: string[]) {
  const child = startProgram(["mirror", source.server.url, target.server.url, ...options]);
  const said = { text: "" };
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    said.text += text;
  });
  const exit = once(child, "exit") as Promise<[number | null, string | null]>;
  atEnd(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  const stop = async () => {
    process.kill(child.pid!, "SIGINT");
    return (await exit)[0];
  };
  return { child, said, stop, exit };
}

async function until(what: () => string, condition: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + 45_000; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what()}`);
  }
}

/** Both hold the same value of a key that is written last; a target that is away holds nothing. */
async function arrived(mirror: ReturnType<typeof run>, source: TestClient, target: Started): Promise<void> {
  const mark = `mark ${Date.now()}`;
  await source.pipeline([
    ["SELECT", 0],
    ["SET", "mark", mark],
  ]);
  await until(
    () => `${mark}: ${mirror.said.text}`,
    async () => {
      if (mirror.child.exitCode !== null) throw new Error(`it ended: ${mirror.said.text}`);
      const client = await connectClient(target.server).catch(() => undefined);
      const held = await client?.text("GET", "mark").catch(() => "");
      client?.close();
      return held === mark;
    },
  );
}

/** Kills the target and starts it again, a while later. */
async function killTarget({ server }: Started, away: number): Promise<void> {
  await server.kill("SIGKILL");
  await sleep(away);
  await server.restart();
}

/** A proxy whose `cut` ends its connections for the client only: the server goes on waiting. */
async function halfOpenProxy(port: number): Promise<[port: number, cut: () => void]> {
  const open: Socket[] = [];
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    client.pipe(upstream, { end: false }).on("error", () => {});
    upstream.pipe(client).on("error", () => {});
    client.on("error", () => {});
    open.push(client);
    atEnd(() => upstream.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => server.close());
  return [
    (server.address() as AddressInfo).port,
    () => {
      for (const client of open.splice(0)) client.destroy();
    },
  ];
}

describeServers(
  "mirror to a target that is killed",
  (kind) => {
    test("applies each write once with --resume-in-target", async () => {
      const source = await start(kind, { "repl-backlog-size": "256mb" });
      const target = await start(kind, DURABLE);
      await fillServer(source.client, { seed: 3, keys: 20, big: 1 << 16 });
      const mirror = run(source, target, "--resume-in-target", KEY, "--resume-db", String(DB));
      await arrived(mirror, source.client, target);
      const writer = await connectClient(source.server);
      atEnd(() => writer.close());
      let kills = 0;
      const load = writeLoad(writer, {
        seed: 5,
        dbs: [0, 1],
        flush: false,
        pause: 5,
        until: () => kills >= 3,
      });
      const counting = (async () => {
        await source.client.command(["SELECT", 3]);
        for (; kills < 3; await sleep(1)) {
          await source.client.pipeline([
            ["INCR", "n"],
            ["RPUSH", "log", "once"],
          ]);
        }
      })();
      for (; kills < 3; kills++) {
        await sleep(400);
        await killTarget(target, 100);
      }
      await load;
      await counting;
      await arrived(mirror, source.client, target);
      expect(await mirror.stop(), mirror.said.text).toBe(0);
      expect(mirror.said.text).toMatch(/trying again\n(?:.*\n)*?rxreplica: going on at offset \d+/);
      const client = await connectClient(target.server);
      atEnd(() => client.close());
      await client.pipeline([
        ["SELECT", DB],
        ["DEL", KEY],
      ]);
      await expectSame(source.client, client);
      expect((await source.client.info("stats")).sync_full).toBe("1");
    }, 90_000);

    test("begins anew where nothing is kept and the target was restarted", async () => {
      const source = await start(kind, { "repl-backlog-size": "64mb" });
      const target = await start(kind, { save: '""', appendonly: "no" });
      await source.client.pipeline([
        ["SET", "before", 1],
        ["INCR", "n"],
      ]);
      const mirror = run(source, target);
      await arrived(mirror, source.client, target);
      await target.server.kill("SIGKILL");
      await source.client.pipeline([
        ["SET", "meanwhile", 1],
        ["INCR", "n"],
      ]);
      await target.server.restart();
      await arrived(mirror, source.client, target);
      const client = await connectClient(target.server);
      atEnd(() => client.close());
      await expectSame(source.client, client);
      expect(await mirror.stop(), mirror.said.text).toBe(0);
      expect(mirror.said.text).toMatch(/going on with a snapshot/);
    }, 60_000);

    test("goes on at the position in a file, and after a mere cut at the one in memory", async () => {
      const file = join(tmpdir(), `rxr-lost-${process.pid}-${kind}.json`);
      atEnd(() => rm(file, { force: true }));
      for (const options of [["--resume", file], []]) {
        const source = await start(kind, { "repl-backlog-size": "64mb" });
        const target = await start(kind, DURABLE);
        const mirror = run(source, target, ...options);
        await arrived(mirror, source.client, target);
        await source.client.pipeline([
          ["RPUSH", "list", "a"],
          ["HSET", "hash", "f", "v"],
        ]);
        await arrived(mirror, source.client, target);
        if (options.length > 0) await killTarget(target, 0);
        else await target.client.command(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        await source.client.pipeline([
          ["SET", "after", 1],
          ["HDEL", "hash", "f"],
        ]);
        await arrived(mirror, source.client, target);
        const client = await connectClient(target.server);
        atEnd(() => client.close());
        expect(describeDifferences(await compareServers(source.client, client))).toBe("");
        expect(await mirror.stop(), mirror.said.text).toBe(0);
        expect(mirror.said.text).toMatch(/going on at offset \d+/);
        const warned = /the target was restarted: what it had acknowledged/.test(mirror.said.text);
        expect(warned).toBe(options.length > 0);
        expect((await source.client.info("stats")).sync_full).toBe("1");
      }
    }, 60_000);

    test("ends a connection that only the target still knows before anything goes over the next one", async () => {
      const source = await start(kind, { "repl-backlog-size": "64mb" });
      const target = await start(kind);
      const [proxy, cut] = await halfOpenProxy(target.server.port);
      const through = { ...target, server: { ...target.server, url: `redis://127.0.0.1:${proxy}` } };
      const mirror = run(source, through, "--resume-in-target", KEY, "--resume-db", String(DB));
      await arrived(mirror, source.client, target);
      cut();
      await arrived(mirror, source.client, target);
      expect(mirror.said.text).toMatch(/going on at offset/);
      const clients = await target.client.text("CLIENT", "LIST");
      expect(clients.match(/name=rxreplica-mirror/g)).toHaveLength(1);
      expect(await mirror.stop(), mirror.said.text).toBe(0);
    }, 60_000);

    test("says at once that a target is not there, and waits in vain no longer than it is told", async () => {
      const source = await start(kind);
      const target = await start(kind);
      await target.server.kill();
      const [status] = await run(source, target).exit;
      expect(status).toBe(1);
      await target.server.restart();
      const mirror = run(source, target);
      await arrived(mirror, source.client, target);
      await target.server.kill();
      await source.client.command(["SET", "nobody", "there"]);
      await until(
        () => mirror.said.text,
        () => mirror.said.text.includes("trying again"),
      );
      expect(await mirror.stop(), mirror.said.text).toBe(0);
    }, 60_000);
  },
  ["redis-8.0"],
);
