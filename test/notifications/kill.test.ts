import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { DerivedNotification } from "../../src/notifications/notification.ts";
import { describeWithServers } from "../servers/describe.ts";
import { writeLoad } from "../support/write_load.ts";
import { compare } from "./compare.ts";
import { MISSING } from "./missing.ts";
import { SideBySide } from "./side_by_side.ts";

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Line {
  /** Of the first line of a run: the offset that it goes on from. */
  readonly from?: number;
  readonly db: number;
  readonly event: string;
  readonly name: string;
  readonly offset: number;
  readonly level: string;
  readonly certainty: DerivedNotification["certainty"];
  readonly mayBe: readonly string[];
}

async function lines(file: string): Promise<Line[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  // The last line may be cut by the kill.
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

/** Leaves out what was told beyond the position that a later run went on from: it is told again. */
function withoutRepeats(told: readonly Line[]): Line[] {
  const kept: Line[] = [];
  for (const line of told) {
    if (line.from === undefined) kept.push(line);
    else while (kept.length > 0 && kept[kept.length - 1]!.offset > line.from) kept.pop();
  }
  return kept;
}

/** Keys of the first load may expire before there is anybody to derive that. */
function isCompared(name: string): boolean {
  return !name.startsWith("marker:") && !name.startsWith("once:70:");
}

describeWithServers("derivation that is killed", ["redis-8.0"], () => {
  test.each(["stateless", "keys", "members", "values"] as const)(
    "level %s goes on with its state",
    async (level) => {
      const pair = await SideBySide.start("redis-8.0");
      open.push(() => pair.stop());
      const folder = await mkdtemp(join(tmpdir(), "rxr-kill-"));
      open.push(() => rm(folder, { recursive: true, force: true }));
      await writeLoad(pair.client, { count: 200, seed: 70 });
      await pair.attach();
      const file = join(folder, "told.ndjson");
      let errors = "";
      const begin = (): ChildProcess => {
        const child = spawn(
          process.execPath,
          ["--import", "tsx", join(import.meta.dirname, "follower.ts"), pair.server.url, folder, level],
          { stdio: ["ignore", "ignore", "pipe"] },
        );
        child.stderr!.on("data", (text) => (errors += text));
        open.push(() => void child.kill("SIGKILL"));
        return child;
      };
      const replicas = async (): Promise<number> => {
        const fields = await pair.client.info("replication");
        return Object.keys(fields).filter((name) => /^slave\d/.test(name) && fields[name]!.includes("online"))
          .length;
      };
      const until = async (condition: () => Promise<boolean>): Promise<void> => {
        const deadline = Date.now() + 40_000;
        while (!(await condition())) {
          if (errors !== "") throw new Error(errors);
          if (Date.now() > deadline) throw new Error("waited too long");
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      for (let round = 0; round < 3; round++) {
        const child = begin();
        await until(async () => (await replicas()) === 2);
        await writeLoad(pair.client, { count: 300, seed: 71 + round });
        // What expires in the last round expires before it ends.
        if (round === 2) await new Promise((resolve) => setTimeout(resolve, 800));
        const marker = `marker:end:${round}`;
        await pair.client.command(["SET", marker, 1]);
        // The last round ends in order; the others wherever they are.
        if (round === 2) await until(async () => (await lines(file)).some(({ name }) => name === marker));
        else await until(async () => (await lines(file)).length > 100 * (round + 1));
        child.kill("SIGKILL");
        await once(child, "close");
        await writeLoad(pair.client, { count: round === 2 ? 0 : 100, seed: 80 + round });
      }
      await pair.settle();
      const told = withoutRepeats(await lines(file)).filter(({ name }) => isCompared(name));
      const derived = told.map((line) => ({
        ...line,
        key: Buffer.from(line.name, "latin1"),
        command: { args: [] },
      }));
      const { differences, equal } = compare(
        pair.published().filter(({ key }) => isCompared(key)),
        derived as unknown as DerivedNotification[],
        MISSING[level],
      );
      expect(errors).toBe("");
      expect(differences).toEqual([]);
      expect(equal).toBeGreaterThan(400);
      expect(new Set(told.map((line) => line.level))).toEqual(new Set([level]));
    },
  );
});
