/** A mirror holds what its source holds: by commands and by RESTORE, between the server versions at hand. */
import { expect, test } from "vitest";
import { describeWithServers } from "../servers/describe.ts";
import type { ServerKind } from "../servers/mod.ts";
import { connectClient } from "../support/client.ts";
import { fillServer } from "../support/fill.ts";
import { writeLoad } from "../support/write_load.ts";
import { atEnd, expectSame, followed, mirror, start, startReference } from "./rig.ts";

/** 5,000 in the suite; `npm run mirror:long` asks for more. */
const COMMANDS = Number(process.env.RXREPLICA_MIRROR_COMMANDS ?? 5_000);
const PAIRS: readonly (readonly [ServerKind, ServerKind])[] = [
  ["redis-7.0", "redis-8.0"],
  ["redis-8.0", "redis-8.0"],
  ["valkey-9.1", "valkey-9.1"],
];

for (const [from, to] of PAIRS) {
  describeWithServers(`A mirror from ${from} to ${to}`, [from, to], () => {
    test.each(["commands", "restore"] as const)(
      "holds snapshot and load, via %s",
      async (via) => {
        const source = await start(from);
        const target = await start(to);
        const blocker = await connectClient(source.server);
        atEnd(() => blocker.close());
        const reference = from === to ? source : await startReference(to, source.server);
        await fillServer(source.client, { seed: 7 });
        await writeLoad(source.client, { seed: 5, count: 1_000 });
        const made = await mirror(source.server.url, target.server.url, { via, existing: "flush" });
        await writeLoad(source.client, { seed: 9, count: COMMANDS, blocker });
        await made.caughtUp(source.client);
        if (reference !== source) await followed(reference.client, source.client);
        await expectSame(source.client, target.client, reference.client);
        expect(made.last?.totals).toMatchObject({ refused: 0, snapshots: 1 });
        expect(await made.stop()).toBeUndefined();
      },
      60_000 + COMMANDS * 5,
    );
  });
}
