/** Two mirrors against each other: each write goes over once. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { describeWithServers } from "../servers/describe.ts";
import { compareServers, describeDifferences } from "../support/compare.ts";
import { type Mirror, mirror, start } from "./rig.ts";

describeWithServers("Two mirrors with a loop guard", ["redis-8.0"], () => {
  test("send nothing back", async () => {
    const [a, b] = [await start("redis-8.0"), await start("redis-8.0")];
    await a.client.command(["SET", "both", 100]);
    const there = await mirror(a.server.url, b.server.url, {
      positionIn: { key: "pos:ab", db: 15 },
      loopGuard: "pos:ba",
    });
    await there.caughtUp(a.client);
    const back: Mirror = await mirror(b.server.url, a.server.url, {
      positionIn: { key: "pos:ba", db: 15 },
      loopGuard: "pos:ab",
      existing: "merge",
      snapshot: false,
    });
    await back.caughtUp(b.client);
    for (let i = 0; i < 50; i++) {
      await a.client.pipeline([
        ["INCR", "both"],
        ["RPUSH", "list:a", i],
      ]);
      await b.client.pipeline([["MULTI"], ["INCR", "both"], ["RPUSH", "list:b", i], ["EXEC"]]);
    }
    // Whatever came back would go on for ever: there is time for many rounds.
    for (let i = 0; i < 20; i++) {
      await there.caughtUp(a.client);
      await back.caughtUp(b.client);
      await sleep(10);
    }
    expect(await a.client.text("GET", "both")).toBe("200");
    expect(await a.client.text("LLEN", "list:b")).toBe("50");
    expect([await there.stop(), await back.stop()]).toEqual([undefined, undefined]);
    for (const { client } of [a, b]) await client.pipeline([["SELECT", 15], ["FLUSHDB"], ["SELECT", 0]]);
    expect(describeDifferences(await compareServers(a.client, b.client))).toBe("");
    expect(there.last!.totals.ignored).toBeGreaterThan(50);
  });
});
