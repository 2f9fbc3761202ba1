import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Block } from "../../cli/format/block.ts";
import { writeNdjson } from "../../cli/format/ndjson.ts";
import { aofBatches } from "../../src/rx/aof_batches.ts";
import type { AofBatchEvent } from "../../src/rx/aof_reader.ts";
import { rdbBatches } from "../../src/rx/rdb_batches.ts";
import { listFolder, openFile } from "../../transports/node/files.ts";
import { findCorpus } from "../corpus/corpus.ts";
import { describeWithServers } from "../servers/describe.ts";
import { startServer, type TestServer } from "../servers/mod.ts";
import { applyAll } from "../support/apply.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { compareNdjson } from "../support/ndjson_compare.ts";

const corpus = findCorpus("aof");

/** Lines of what reading gives, as `dump` prints them. */
function linesOf(events: readonly AofBatchEvent[]): string[] {
  const block = new Block();
  for (const event of events) writeNdjson(block, event);
  return new TextDecoder().decode(block.take()).split("\n");
}

async function read(path: string, chunkSize?: number): Promise<AofBatchEvent[]> {
  const events: AofBatchEvent[] = [];
  for await (const batch of aofBatches(path, { open: openFile, list: listFolder, chunkSize }))
    events.push(...batch);
  return events;
}

/**
 * Lines to compare. A file of commands does not tell when consumers were seen, and that of 7.0 not what XREADGROUP does to a
 * group's count of read entries; 6.2 could not be asked for expiry times when the truth was written down.
 */
function comparable(name: string, text: string): string[] {
  const left = text.replace(/"(seenTime|activeTime)": ?-?\d+/g, '"$1":0');
  if (name.includes("7.0")) return left.replace(/"entriesRead": ?\d+, ?/g, "").split("\n");
  return (name.includes("6.2") ? left.replace(/, ?"expireAt": ?\d+|"expireAt": ?\d+, ?/g, "") : left).split(
    "\n",
  );
}

/** Version of the RDB that has what the server that made the file knew of streams. */
function rdbVersionOf(name: string): number {
  if (name.includes("6.2")) return 9;
  return name.includes("7.0") ? 10 : 11;
}

if ("missing" in corpus) {
  console.warn(`corpus tests skipped: ${corpus.missing}`);
  test.skip(`AOFs of the corpus (${corpus.missing})`);
} else {
  const { folder } = corpus;
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith(".aof") || statSync(join(folder, name)).isDirectory())
    .sort();

  test.each(sources)("%s reads the same however it is cut", async (name) => {
    const whole = linesOf(await read(join(folder, name)));
    expect(whole.length).toBeGreaterThan(2);
    expect(whole.filter((line) => line.includes('"truncated"'))).toEqual([]);
    for (const chunkSize of [1, 7, 1000])
      expect(linesOf(await read(join(folder, name), chunkSize))).toEqual(whole);
  });

  const known = sources.filter((name) => existsSync(join(folder, `${name.replace(/\.aof$/, "")}.ndjson`)));
  for (const kind of ["redis-8.0", "valkey-9.1"] as const) {
    describeWithServers(`Replaying what was read gives what the server held, on ${kind}`, [kind], () => {
      let server: TestServer;
      let client: TestClient;
      beforeAll(async () => {
        server = await startServer({ kind, dir: await mkdtemp(join(tmpdir(), "rxreplica-aof-")) });
        client = await connectClient(server);
      });
      afterAll(async () => {
        client?.close();
        await server?.stop();
        if (server !== undefined) await rm(server.dir, { recursive: true });
      });

      test.each(known.filter((name) => name.includes("valkey") === (kind === "valkey-9.1")))(
        "%s",
        async (name) => {
          await client.command(["FLUSHALL"]);
          await client.command(["FUNCTION", "FLUSH"]);
          const own = await connectClient(server);
          await applyAll(own, await read(join(folder, name)));
          own.close();
          await client.command(["SAVE"]);
          const saved: AofBatchEvent[] = [];
          const level = { limits: { maxPartElements: 1e6, maxPartBytes: 1e8 } };
          for await (const batch of rdbBatches(join(server.dir, "dump.rdb"), { open: openFile, ...level }))
            saved.push(...batch);
          const base = name.replace(/\.aof$/, "");
          const truth = readFileSync(join(folder, `${base}.ndjson`), "utf8");
          const options = { rdbVersion: rdbVersionOf(name) };
          expect(
            compareNdjson(comparable(name, linesOf(saved).join("\n")), comparable(name, truth), options),
          ).toEqual([]);
        },
      );
    });
  }
}
