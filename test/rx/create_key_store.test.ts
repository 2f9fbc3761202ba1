import { firstValueFrom } from "rxjs";
import { afterEach, expect, test } from "vitest";
import { createKeyStore, createStatus, replicate } from "../../transports/node/mod.ts";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { connectClient } from "../support/client.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const saved = {
  version: 1,
  position: { replid: "a".repeat(40), offset: 12, db: 3 },
  states: {
    part: {
      version: 2,
      position: { replid: "a".repeat(40), offset: 12, db: 3 },
      data: { bytes: Uint8Array.of(0, 255), n: 1 },
    },
  },
} as const;

describeServers("createKeyStore", (kind) => {
  test("gives back what it saved, from a database of its own and with a password", async () => {
    const server = await startServer({ kind, config: { requirepass: "s3cret%word" } });
    cleanups.push(() => server.stop());
    const url = `redis://:s3cret%25word@${server.host}:${server.port}`;
    const store = createKeyStore(url, { key: "position", db: 4 });
    expect(await store.load()).toBeUndefined();
    await store.save(saved);
    expect(await store.load()).toEqual(saved);
    const client = await connectClient(url, { db: 4 });
    cleanups.push(() => client.close());
    expect(await client.command(["TYPE", "position"])).toEqual(Buffer.from("string"));
    await client.command(["SET", "position", "something else"]);
    await expect(store.load()).rejects.toMatchObject({ code: "MALFORMED" });
    const wrong = createKeyStore(`redis://:wrong@${server.host}:${server.port}`, { key: "position" });
    await expect(wrong.save(saved)).rejects.toMatchObject({ code: "WRONGPASS" });
    await expect(wrong.save(saved)).rejects.not.toThrow(/wrong@/);
  });

  test("createStatus tells once a second how a link is doing", async () => {
    const server = await startServer({ kind, config: { "repl-diskless-sync-delay": "0" } });
    cleanups.push(() => server.stop());
    const { onStatus, status } = createStatus();
    const link = replicate(server.url, { onStatus }).subscribe();
    cleanups.push(() => link.unsubscribe());
    const first = await firstValueFrom(status);
    expect(first.received).toBeGreaterThan(0);
    expect(first.cuts).toBe(0);
  });
});

test("createKeyStore refuses a URL that names no single server", () => {
  expect(() => createKeyStore("redis-cluster://localhost:1", { key: "k" })).toThrow(TypeError);
});
