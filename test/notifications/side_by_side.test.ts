import { lastValueFrom, Subject, toArray } from "rxjs";
import { afterEach, expect, test } from "vitest";
import type { DerivedNotification, DeriveLevel } from "../../src/notifications/notification.ts";
import { mergeNotifications } from "../../src/rx/merge_notifications.ts";
import { decodeSaved, encodeSaved } from "../../src/rx/saved_text.ts";
import { notifications } from "../../transports/node/mod.ts";
import { describeServers, describeWithServers } from "../servers/describe.ts";
import type { ServerKind } from "../servers/kinds.ts";
import { writeLoad } from "../support/write_load.ts";
import { CASES } from "./cases.ts";
import { MISSING } from "./missing.ts";
import { newDeriver, SideBySide } from "./side_by_side.ts";

let pair: SideBySide | undefined;
afterEach(async () => {
  await pair?.stop();
  pair = undefined;
});

async function start(kind: ServerKind, level: DeriveLevel = "values"): Promise<SideBySide> {
  pair = await SideBySide.start(kind, { level });
  await writeLoad(pair.client, { count: 500, seed: 40 });
  await pair.attach();
  return pair;
}

/** Ambiguities that the cases bring about on every server. */
const AMBIGUOUS = {
  "srem>spop": expect.any(Number),
  "del>spop+del": expect.any(Number),
  "del>evicted": expect.any(Number),
  "set>incrbyfloat": expect.any(Number),
  "hset>hincrbyfloat": expect.any(Number),
  "none>ltrim": expect.any(Number),
};

describeServers("derived beside published notifications", (kind) => {
  test("a random load at level values differs in declared ambiguities only", async () => {
    const { client } = await start(kind);
    await writeLoad(client, { count: 4_000, seed: 41 });
    await pair!.settle();
    const { differences, equal, published, classes } = pair!.comparison();
    expect(differences).toEqual([]);
    expect(published).toBeGreaterThan(3_000);
    expect(equal / published).toBeGreaterThan(0.85);
    expect(Object.keys(classes).length).toBeGreaterThan(3);
  });

  test("every case", async () => {
    pair = await SideBySide.start(kind);
    const { client } = pair;
    await pair.attach();
    await client.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-random"]);
    for (const { kinds, steps } of CASES) {
      if (kinds !== undefined && !kinds.includes(kind)) continue;
      await client.pipeline([["SELECT", 0], ["FLUSHALL"]]);
      for (const step of steps) {
        if (typeof step === "number") await new Promise((resolve) => setTimeout(resolve, step));
        else await client.command(step).catch(() => {});
      }
    }
    await pair.settle();
    const { differences, classes } = pair.comparison();
    expect(differences).toEqual([]);
    expect(classes).toMatchObject(AMBIGUOUS);
  });

  test("merged with pub/sub, the ambiguities are resolved", async () => {
    const { client, server } = await start(kind);
    const derived = new Subject<DerivedNotification>();
    pair!.onDerived = (one) => derived.next(one);
    const published = notifications(server.url);
    const merged = lastValueFrom(mergeNotifications(derived, published).pipe(toArray()));
    while (Number(await client.text("PUBSUB", "NUMPAT")) < 2)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await writeLoad(client, { count: 3_000, seed: 42 });
    await pair!.settle();
    await new Promise((resolve) => setTimeout(resolve, 100));
    derived.complete();
    const told = (await merged) as DerivedNotification[];
    pair!.derived = told;
    const { differences, classes, equal } = pair!.comparison();
    expect(differences).toEqual([]);
    expect(equal).toBeGreaterThan(2_500);
    expect(Object.keys(classes).filter((name) => !name.startsWith("none>"))).toEqual([]);
  });

  test("20 cuts of the link leave it complete", async () => {
    const { client, link } = await start(kind);
    for (let cut = 1; cut <= 20; cut++) {
      await writeLoad(client, { count: 150, seed: 50 + cut });
      await client.command(["CLIENT", "KILL", "TYPE", "replica"]);
      await link.until(() => link.count("link:continue") >= cut, `reconnection ${cut}`);
    }
    await pair!.settle();
    expect(link.count("link:reset")).toBe(0);
    expect(pair!.comparison().differences).toEqual([]);
  });
});

describeWithServers("lower levels and resumption", ["redis-8.0"], () => {
  test.each(["stateless", "keys", "members"] as const)(
    "level %s claims nothing that is not so",
    async (level) => {
      const { client } = await start("redis-8.0", level);
      await writeLoad(client, { count: 3_000, seed: 43 });
      await pair!.settle();
      const { differences, equal } = pair!.comparison(MISSING[level]);
      expect(differences).toEqual([]);
      expect(equal).toBeGreaterThan(1_500);
      expect(new Set(pair!.derived.map((one) => one.level))).toEqual(new Set([level]));
    },
  );

  test.each(["stateless", "keys", "members", "values"] as const)(
    "level %s goes on from a state that was saved as text",
    async (level) => {
      const { client } = await start("redis-8.0", level);
      for (let part = 0; part < 4; part++) {
        await writeLoad(client, { count: 600, seed: 60 + part });
        await pair!.settle();
        const { position, data } = pair!.deriver.save();
        const text = encodeSaved({ version: 1, position, states: { n: { version: 1, position, data } } });
        const next = newDeriver(level);
        next.load(1, position, decodeSaved(text).states.n!.data);
        expect(next.keys).toBe(pair!.deriver.keys);
        pair!.deriver = next;
      }
      expect(pair!.comparison(MISSING[level]).differences).toEqual([]);
      expect(new Set(pair!.derived.map((one) => one.level))).toEqual(new Set([level]));
    },
  );

  test("beyond its bound the level drops, and says so", async () => {
    const { client } = await start("redis-8.0");
    pair!.deriver = newDeriver("values", 20_000);
    await pair!.link.until(() => true, "the link");
    await writeLoad(client, { count: 300, seed: 44 });
    await pair!.settle();
    expect(pair!.deriver.level).toBe("stateless");
  });
});
