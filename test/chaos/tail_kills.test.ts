/** `tail --resume` killed in the middle of its work and started again: every write is printed, at least once, in order. */
import { once } from "node:events";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { startProgram } from "../cli/run_program.ts";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { Printed } from "./printed.ts";

const KILLS = 3;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Writes until it is told to stop; some in transactions. */
async function write(client: TestClient, made: string[][], stopped: () => boolean): Promise<void> {
  for (let i = 0; !stopped(); i++) {
    const sets = Array.from({ length: 10 }, (_, n) => ["SET", `key:${i}`, `${n}`]);
    const whole = i % 3 === 0 ? [["MULTI"], ...sets, ["EXEC"]] : sets;
    await client.pipeline(whole);
    made.push(...whole);
    await sleep(2);
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

describeServers(
  "A tail that is killed",
  (kind) => {
    test("prints everything, some of it again", async () => {
      const random = new Random(5);
      const server = await startServer({ kind });
      cleanups.push(() => server.stop());
      const folder = await mkdtemp(join(tmpdir(), "rxr-kills-"));
      cleanups.push(() => rm(folder, { recursive: true }));
      const file = join(folder, "position.json");
      const client = await connectClient(server);
      cleanups.push(() => client.close());
      const start = (): Printed => {
        const printed = new Printed(
          startProgram(["tail", server.url, "--format", "ndjson", "--resume", file]),
        );
        cleanups.push(() => printed.child.kill("SIGKILL"));
        return printed;
      };
      const runs = [start()];
      await runs[0]!.until("stream", () => runs[0]!.events("online").length > 0);
      const made: string[][] = [];
      let stopped = false;
      const writing = write(client, made, () => stopped);
      for (let kills = 0; kills < KILLS; kills++) {
        const run = runs.at(-1)!;
        const enough = random.int(1, random.pick([20, 2_000]));
        await run.until("writes", () => run.commands.length >= enough);
        while (!(await isThere(file))) await sleep(5);
        const closed = once(run.child, "close");
        run.child.kill("SIGKILL");
        await closed;
        runs.push(start());
      }
      stopped = true;
      await writing;
      await client.command(["SET", "last", "1"]);
      made.push(["SET", "last", "1"]);
      const end = runs.at(-1)!;
      await end.until("last write", () => end.commands.at(-1)?.[1] === "last");

      const lines = runs.map((run) => run.lines.filter(({ command }) => command !== undefined));
      const all = new Map(lines.flat().map(({ offset, command }) => [offset!, command!]));
      const offsets = [...all.keys()].sort((a, b) => a - b);
      expect(offsets.map((offset) => all.get(offset))).toEqual(made);
      // Each run by itself is in order and whole.
      for (const run of lines) {
        const first = offsets.indexOf(run[0]!.offset!);
        expect(run.map(({ offset }) => offset)).toEqual(offsets.slice(first, first + run.length));
      }
      for (const run of runs) expect(run.events("reset")).toEqual([]);
    }, 60_000);
  },
  ["redis-8.0"],
);
