/** What must hold of the whole: a copy made from our events is the primary's data, whatever the primary does meanwhile. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { RedisEvent } from "../../src/events.ts";
import { describeServers } from "../servers/describe.ts";
import { type ServerKind, startServer } from "../servers/mod.ts";
import { Applier } from "../support/apply.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { compareServers, debugDigest, describeDifferences } from "../support/compare.ts";
import { fillServer } from "../support/fill.ts";
import { writeLoad } from "../support/write_load.ts";
import { Attached, masterOffset } from "./attach.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(kind: ServerKind, config: Record<string, string> = {}) {
  const server = await startServer({ kind, config: { "repl-diskless-sync-delay": "0", ...config } });
  cleanups.push(() => server.stop());
  const client = await connectClient(server);
  cleanups.push(() => client.close());
  return { server, client };
}

async function settle(left: TestClient, right: TestClient): Promise<void> {
  expect(describeDifferences(await compareServers(left, right))).toBe("");
  // The digest counts keys that are past their time and not yet deleted; each server deletes them in its own time.
  const digests = async () => [await debugDigest(right), await debugDigest(left)] as const;
  const deadline = Date.now() + 10_000;
  let [copy, original] = await digests();
  while (copy !== original && Date.now() < deadline) {
    await sleep(100);
    [copy, original] = await digests();
  }
  expect(copy).toBe(original);
}

describeServers("A copy made from snapshot and stream under writes", (kind) => {
  test.each([
    ["diskless", "yes"],
    ["disk-based", "no"],
  ])(
    "equals the primary, %s",
    async (_, diskless) => {
      const source = await start(kind, { "repl-diskless-sync": diskless });
      const target = await start(kind);
      const writer = await connectClient(source.server);
      cleanups.push(() => writer.close());
      await fillServer(source.client, { seed: 7 });
      const applier = new Applier(target.client);
      let writing = true;
      const load = writeLoad(writer, { seed: 11, until: () => !writing, pause: 5 });
      const attached = new Attached(source.server.url, (event) => applier.apply(event));
      cleanups.push(() => attached.stop());
      await attached.until(() => attached.count("link:online") > 0, "the stream");
      await attached.until(() => attached.count("aof:command") > 2_000, "two thousand live commands");
      writing = false;
      await load;
      await attached.caughtUp(source.client);
      await applier.flush();
      expect(attached.count("link:reset")).toBe(0);
      expect(attached.count("link:fullresync")).toBe(1);
      await settle(source.client, target.client);
    },
    120_000,
  );

  test("resumes from a position without losing or repeating a command", async () => {
    const source = await start(kind);
    const target = await start(kind);
    await fillServer(source.client, { seed: 3 });
    const applier = new Applier(target.client);
    let last: RedisEvent | undefined;
    const keep = async (event: RedisEvent) => {
      await applier.apply(event);
      last = event;
    };
    const first = new Attached(source.server.url, keep);
    await first.until(() => first.count("link:online") > 0, "the stream");
    await writeLoad(source.client, { seed: 5, count: 500 });
    await first.caughtUp(source.client);
    await first.stop();
    await writeLoad(source.client, { seed: 6, count: 500 });
    const position = last?.position;
    expect(position).toBeDefined();
    const second = new Attached(source.server.url, keep, { position });
    cleanups.push(() => second.stop());
    await second.until(() => second.count("link:continue") > 0, "the partial resync");
    await second.caughtUp(source.client);
    await applier.flush();
    expect(second.count("link:fullresync")).toBe(0);
    await settle(source.client, target.client);
  }, 120_000);

  test("tells the primary's own offset when quiet, and answers WAIT", async () => {
    const { server, client } = await start(kind);
    const attached = new Attached(server.url, () => {});
    cleanups.push(() => attached.stop());
    await attached.until(() => attached.count("link:online") > 0, "the stream");
    await client.command(["SET", "a", "1"]);
    await client.pipeline([["MULTI"], ["INCR", "b"], ["INCR", "c"], ["EXEC"]]);
    expect(await client.command(["WAIT", 1, 5_000])).toBe(1);
    await attached.caughtUp(client);
    expect(attached.offset).toBe(await masterOffset(client));
    expect(attached.count("aof:command")).toBe(5);
  });
});
