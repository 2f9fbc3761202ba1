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
        const load = writeLoad(writer, { seed: 21, until: () => !writing, pause: 2, dbs: [0, 1, DB] });
        for (let kills = 0; kills < KILLS; kills++) {
          const child = run();
          const before = (await stateOf(target.client))?.position?.offset ?? -1;
          // The first is killed inside its snapshot perhaps, the others in the middle of what they apply.
          if (kills > 0) {
            const moved = async () => ((await stateOf(target.client))?.position?.offset ?? -1) > before;
            await until(`kill ${kills}: ${stderr}`, moved);
          } else await until("the snapshot", async () => (await stateOf(target.client)) !== undefined);
          await sleep(random.int(0, 150));
          child.kill("SIGKILL");
          await once(child, "exit");
        }
        const last = run();
        await sleep(300);
        writing = false;
        const { commands } = await load;
        const info = await source.client.info("replication");
        const offset = Number(info.master_repl_offset);
        await until(`offset ${offset}: ${stderr}`, async () => {
          return ((await stateOf(target.client))?.position?.offset ?? -1) >= offset;
        });
        last.kill("SIGINT");
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
  },
  ["redis-8.0", "valkey-9.1"],
);
