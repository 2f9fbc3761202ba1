/** What FLUSHALL does to a snapshot that is being sent: servers kill the child that writes it, and with it the link. */
import { expect, test } from "vitest";
import { Follower } from "../replica/support/follower.ts";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { connectClient } from "../support/client.ts";

describeServers("FLUSHALL while a snapshot is being written", (kind) => {
  test.each([
    ["to the link", "yes", "begin"],
    ["to the disk", "no", "fullresync"],
  ] as const)(
    "%s cuts the link, which begins anew and says so",
    async (_where, diskless, begun) => {
      const server = await startServer({ kind, config: { "repl-diskless-sync": diskless } });
      const client = await connectClient(server);
      await client.command(["DEBUG", "POPULATE", "5000", "k", "400"]);
      // µs a key: some 5 s for all of them.
      await client.command(["CONFIG", "SET", "rdb-key-save-delay", "1000"]);
      const follower = new Follower(server.url, { reconnect: { minDelay: 10, maxDelay: 100 } });
      await follower.seen(begun);
      await client.command(["CONFIG", "SET", "rdb-key-save-delay", "0"]);
      await client.pipeline([["FLUSHALL"], ["SET", "after", "1"]]);
      await follower.seen("online");
      expect(follower.link("disconnected")).toMatchObject([{ code: "DISCONNECTED" }]);
      expect(follower.link("reset")).toMatchObject([{ reason: "snapshot-cut" }]);
      expect(follower.link("end")).toMatchObject([{ keys: 1 }]);
      await follower.stop();
      client.close();
      await server.stop();
    },
    20_000,
  );
});
