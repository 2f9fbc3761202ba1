import { cp, mkdtemp, readdir, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aofBatches } from "../../src/rx/aof_batches.ts";
import type { AofBatchEvent } from "../../src/rx/aof_reader.ts";
import type { ReadAofOptions } from "../../src/rx/read_aof_options.ts";
import { listFolder, openFile } from "../../transports/node/files.ts";
import { clock } from "../../transports/shared/clock.ts";
import { describeServers } from "../servers/describe.ts";
import { startServer, type TestServer } from "../servers/mod.ts";
import { applyAll } from "../support/apply.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { compareServers, debugDigest, describeDifferences } from "../support/compare.ts";
import { fillServer } from "../support/fill.ts";
import { Random } from "../support/random.ts";
import { writeLoad } from "../support/write_load.ts";

const CONFIG = { appendonly: "yes", "aof-timestamp-enabled": "yes", appendfsync: "always" };
const files: ReadAofOptions = { open: openFile, list: listFolder };

async function readAll(path: string, options: ReadAofOptions = {}): Promise<AofBatchEvent[]> {
  const events: AofBatchEvent[] = [];
  for await (const batch of aofBatches(path, { ...files, ...options })) events.push(...batch);
  return events;
}

/** Waits until the server has written what a rewrite makes. */
async function rewrite(client: TestClient): Promise<void> {
  await client.command(["BGREWRITEAOF"]);
  for (;;) {
    const info = await client.text("INFO", "persistence");
    if (/aof_rewrite_in_progress:0/.test(info) && /aof_rewrite_scheduled:0/.test(info)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describeServers("An AOF", (kind) => {
  let copyServer: TestServer;
  let copy: TestClient;

  beforeAll(async () => {
    copyServer = await startServer({ kind });
    copy = await connectClient(copyServer);
  });
  afterAll(async () => {
    copy?.close();
    await copyServer?.stop();
  });

  /** Differences between a server and what applying events to an empty one gives. */
  async function differencesAfter(client: TestClient, events: Iterable<AofBatchEvent>): Promise<string> {
    await copy.command(["FLUSHALL"]);
    await copy.command(["FUNCTION", "FLUSH"]);
    const own = await connectClient(copyServer);
    await applyAll(own, events);
    own.close();
    // The stream of 7.0 does not carry what XREADGROUP does to a group's count of read entries.
    const differences = (await compareServers(client, copy)).filter(
      ({ what }) => kind !== "redis-7.0" || !what.includes("entries-read"),
    );
    return describeDifferences(differences);
  }

  describe.each(["yes", "no"])("with aof-use-rdb-preamble %s", (preamble) => {
    test("gives what the server holds, before and after a rewrite", async () => {
      const server = await startServer({ kind, config: { ...CONFIG, "aof-use-rdb-preamble": preamble } });
      const client = await connectClient(server);
      const folder = join(server.dir, "appendonlydir");
      await fillServer(client, { keys: 60, big: 1 << 16 });
      await writeLoad(client, { count: 1_500, seed: 3 });
      const before = await readAll(folder);
      expect(await differencesAfter(client, before)).toBe("");
      expect(before.some((event) => event.kind === "aof" && event.event === "timestamp")).toBe(true);
      await rewrite(client);
      await writeLoad(client, { count: 500, seed: 4 });
      const after = await readAll(folder);
      expect(after.some((event) => event.kind === "rdb")).toBe(preamble === "yes");
      expect(await differencesAfter(client, after)).toBe("");
      // The digest counts keys that have expired until the server gets to deleting them.
      await expect
        .poll(async () => (await debugDigest(copy)) === (await debugDigest(client)), { timeout: 10_000 })
        .toBe(true);
      client.close();
      await server.stop();
    });
  });

  test("cut anywhere gives what the server loads from it", async () => {
    const server = await startServer({ kind, config: CONFIG });
    const client = await connectClient(server);
    await writeLoad(client, { count: 400, seed: 5 });
    client.close();
    const folder = join(server.dir, "appendonlydir");
    const last = (await readdir(folder))
      .filter((name) => name.endsWith(".incr.aof"))
      .sort()
      .at(-1)!;
    const { length } = await readFile(join(folder, last));
    const random = new Random(6);
    for (let round = 0; round < 3; round++) {
      const dir = await mkdtemp(join(tmpdir(), "rxreplica-aof-"));
      await cp(folder, join(dir, "appendonlydir"), { recursive: true });
      await truncate(join(dir, "appendonlydir", last), Math.floor(random.next() * length));
      const events = await readAll(join(dir, "appendonlydir"));
      const end = events.at(-1);
      const kept =
        end?.kind === "link" && end.event === "truncated"
          ? events.filter(
              (event) => !(event.kind === "aof" && event.offset > end.safeTo && event.file === end.file),
            )
          : events;
      const cutServer = await startServer({ kind, config: CONFIG, dir });
      const loaded = await connectClient(cutServer);
      expect(await differencesAfter(loaded, kept)).toBe("");
      loaded.close();
      await cutServer.stop();
      await rm(dir, { recursive: true });
    }
    await server.stop();
  });

  test("is followed while it is written and rewritten", async () => {
    const server = await startServer({ kind, config: CONFIG });
    const client = await connectClient(server);
    const folder = join(server.dir, "appendonlydir");
    const events: AofBatchEvent[] = [];
    const following = aofBatches(folder, { ...files, follow: { clock, interval: 5 } });
    let done = false;
    const reading = (async () => {
      for await (const batch of following) {
        events.push(...batch);
        if (
          batch.some(
            (event) => event.kind === "aof" && event.event === "command" && event.text(1) === "the-end",
          )
        )
          return;
        if (done) return;
      }
    })();
    for (let round = 0; round < 3; round++) {
      await writeLoad(client, { count: 300, seed: 10 + round });
      await rewrite(client);
    }
    await client.command(["SET", "the-end", "1"]);
    await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, 20_000))]);
    done = true;
    const resets = events.flatMap((event, index) =>
      event.kind === "link" && event.event === "reset" ? [index] : [],
    );
    expect(events.length).toBeGreaterThan(100);
    expect(await differencesAfter(client, events.slice((resets.at(-1) ?? -1) + 1))).toBe("");
    client.close();
    await server.stop();
  });

  test("stops in time", async () => {
    const server = await startServer({ kind, config: CONFIG });
    const client = await connectClient(server);
    await client.command(["SET", "early", "1"]);
    // Marks are written when a command meets a new second.
    const seconds = async () => Number(String(((await client.command(["TIME"])) as Buffer[])[0]));
    const first = await seconds();
    while ((await seconds()) <= first + 1) await new Promise((resolve) => setTimeout(resolve, 50));
    await client.command(["SET", "late", "1"]);
    const names = (events: readonly AofBatchEvent[]) =>
      events.flatMap((event) => (event.kind === "aof" && event.event === "command" ? [event.text(1)] : []));
    const folder = join(server.dir, "appendonlydir");
    expect(names(await readAll(folder))).toEqual(["early", "late"]);
    expect(names(await readAll(folder, { until: (first + 1) * 1000 }))).toEqual(["early"]);
    client.close();
    await server.stop();
  });
});
