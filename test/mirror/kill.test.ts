/** A mirror that is killed at any time applies each write once, when it keeps its position in the target. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startProgram } from "../cli/run_program.ts";
import { describeServers } from "../servers/describe.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { fillServer } from "../support/fill.ts";
import { Random } from "../support/random.ts";
import { writeLoad } from "../support/write_load.ts";
import { atEnd, expectSame, start } from "./rig.ts";

const KEY = "mirror:position";
const DB = 9;
const KILLS = Number(process.env.RXREPLICA_MIRROR_KILLS ?? 6);

interface State {
  readonly position?: { readonly offset: number };
}

async function stateOf(client: TestClient): Promise<State | undefined> {
  const [, reply] = await client.pipeline([
    ["SELECT", DB],
    ["GET", KEY],
  ]);
  return reply === null ? undefined : (JSON.parse(String(reply)) as State);
}

async function until(what: string, condition: () => Promise<boolean>, ms = 60_000): Promise<void> {
  for (const deadline = Date.now() + ms; !(await condition()); await sleep(10)) {
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`);
  }
}

/** Writes that leave a trace of each time they are applied, where nothing but FLUSHALL deletes them. */
async function keepCounting(client: TestClient, writing: () => boolean): Promise<void> {
  await client.command(["SELECT", 3]);
  for (let i = 0; writing(); i++) {
    await client.pipeline([
      ["RPUSH", "log", i],
      ["INCR", "n"],
    ]);
    await sleep(1);
  }
}

describeServers(
  "mirror --resume-in-target, killed again and again",
  (kind) => {
    test(
      "applies each write once",
      async () => {
        const source = await start(kind, { "repl-backlog-size": "256mb" });
        const target = await start(kind);
        const writer = await connectClient(source.server);
        atEnd(() => writer.close());
        const counter = await connectClient(source.server);
        atEnd(() => counter.close());
        await fillServer(source.client, { seed: 3 });
        const random = new Random(KILLS);
        let stderr = "";
        const run = () => {
          const { url } = source.server;
          const position = ["--resume-in-target", KEY, "--resume-db", String(DB)];
          const child = startProgram(["mirror", url, target.server.url, ...position]);
          child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
          return child;
        };
        let writing = true;
        atEnd(() => {
          writing = false;
        });
        let kills = 0;
        // Whatever was applied twice must not be flushed away before the end: only the first half flushes and swaps.
        const load = (async () => {
          const options = { pause: 5, dbs: [0, 1, DB] };
          const half = KILLS / 2;
          const first = await writeLoad(writer, { ...options, seed: 21, until: () => kills >= half });
          const second = await writeLoad(writer, {
            ...options,
            seed: 22,
            until: () => !writing,
            flush: false,
          });
          return { commands: first.commands + second.commands };
        })();
        const counting = keepCounting(counter, () => writing);
        for (; kills < KILLS; kills++) {
          const child = run();
          const before = (await stateOf(target.client))?.position?.offset ?? -1;
          // The first is killed inside its snapshot perhaps, the others in the middle of what they apply.
          if (kills > 0) {
            const moved = async () => {
              if (child.exitCode !== null) throw new Error(`the mirror ended by itself: ${stderr}`);
              return ((await stateOf(target.client))?.position?.offset ?? -1) > before;
            };
            await until(`kill ${kills}: ${stderr}`, moved);
          } else await until("the snapshot", async () => (await stateOf(target.client)) !== undefined);
          // Most times while the target has what was sent and has not answered yet.
          const nap = kills % 3 > 0 ? target.client.command(["DEBUG", "SLEEP", 0.5]) : undefined;
          await sleep(nap === undefined ? random.int(0, 150) : random.int(100, 300));
          child.kill("SIGKILL");
          await once(child, "exit");
          await nap;
        }
        const last = run();
        await sleep(300);
        writing = false;
        const { commands } = await load;
        await counting;
        const info = await source.client.info("replication");
        const offset = Number(info.master_repl_offset);
        await until(`offset ${offset}: ${stderr}`, async () => {
          return ((await stateOf(target.client))?.position?.offset ?? -1) >= offset;
        });
        process.kill(last.pid!, "SIGINT");
        expect(await once(last, "exit")).toEqual([0, null]);
        await target.client.pipeline([
          ["SELECT", DB],
          ["DEL", KEY],
        ]);
        await expectSame(source.client, target.client);
        // One snapshot, or a second one when the first was not loaded to its end.
        expect(Number((await source.client.info("stats")).sync_full)).toBeLessThanOrEqual(2);
        expect(commands).toBeGreaterThan(1_000);
      },
      120_000 + KILLS * 10_000,
    );

    test("applies once what it was killed over before the target had answered", async () => {
      const source = await start(kind, { "repl-backlog-size": "64mb" });
      const target = await start(kind);
      const caughtUp = async () => {
        const offset = Number((await source.client.info("replication")).master_repl_offset);
        return ((await stateOf(target.client))?.position?.offset ?? -1) >= offset;
      };
      for (let round = 1; round <= 3; round++) {
        const { url } = source.server;
        const position = ["--resume-in-target", KEY, "--resume-db", String(DB)];
        const child = startProgram(["mirror", url, target.server.url, ...position]);
        atEnd(() => child.kill("SIGKILL"));
        await source.client.command(["SET", "round", round]);
        await until("the mirror to catch up", caughtUp);
        const nap = target.client.command(["DEBUG", "SLEEP", 1]);
        await source.client.pipeline([
          ["INCR", "n"],
          ["RPUSH", "log", round],
        ]);
        await sleep(500);
        child.kill("SIGKILL");
        await once(child, "exit");
        await nap;
      }
      const last = startProgram([
        "mirror",
        source.server.url,
        target.server.url,
        "--resume-in-target",
        KEY,
        "--resume-db",
        String(DB),
      ]);
      await source.client.command(["SET", "round", "last"]);
      await until("the mirror to catch up", caughtUp);
      last.kill("SIGKILL");
      await once(last, "exit");
      await target.client.pipeline([
        ["SELECT", DB],
        ["DEL", KEY],
      ]);
      await expectSame(source.client, target.client);
    }, 60_000);
  },
  ["redis-8.0", "valkey-9.1"],
);
