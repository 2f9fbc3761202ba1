import { expect, test } from "vitest";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { CuttingProxy } from "./support/cutting_proxy.ts";
import { Follower } from "./support/follower.ts";
import { MemorySpoolFile } from "./support/spool_files.ts";
import { seeded } from "./support/wire.ts";

const WRITES = 3000;
const CUTS = 20;

/** Numbered writes, some in transactions, in several dbs; each also names its db. Returns how many. */
async function writeNumbers(client: TestClient, random: () => number): Promise<number> {
  let n = 0;
  while (n < WRITES) {
    const db = Math.floor(random() * 3);
    const count = random() < 0.3 ? 1 + Math.floor(random() * 4) : 1;
    const writes = Array.from({ length: count }, () => [
      "SET",
      "n",
      `${n++} ${db} ${"x".repeat(Math.floor(random() * 400))}`,
    ]);
    const unit = count === 1 ? writes : [["MULTI"], ...writes, ["EXEC"]];
    await client.pipeline([["SELECT", db], ...unit]);
  }
  return n;
}

describeServers("Random cuts", (kind) => {
  test.each([
    ["", 1],
    ["", 2],
    [" with a spool", 3],
  ])("lose nothing and tell nothing twice%s (seed %i)", async (spooled, seed) => {
    const random = seeded(seed);
    const server = await startServer({ kind, config: { "repl-backlog-size": "64mb" } });
    const client = await connectClient(server);
    await client.command(["SET", "pad", "p".repeat(20_000)]);
    let cuts = 0;
    const proxy = await CuttingProxy.start(server.port, () =>
      cuts++ < CUTS ? Math.floor(2 ** (1 + random() * 16)) : undefined,
    );
    const follower = new Follower(proxy.url, {
      reconnect: { minDelay: 1, maxDelay: 5, initialAttempts: 100 },
      watchLag: false,
      ...(spooled === "" ? {} : { overrun: { spool: async () => new MemorySpoolFile() } }),
    });
    await follower.seen("online");
    const writes = await writeNumbers(client, random);
    await follower.until("the last write", () =>
      follower.commands.some((command) => command.startsWith(`SET n ${writes - 1} `)),
    );
    const seen = follower.events.flatMap((event) =>
      event.kind === "aof" && event.event === "command" && event.name === "SET"
        ? [{ event, words: event.text(2)!.split(" ") }]
        : [],
    );
    expect(seen.map(({ words }) => Number(words[0]))).toEqual(Array.from({ length: writes }, (_, n) => n));
    expect(seen.every(({ event, words }) => event.db === Number(words[1]))).toBe(true);
    // Every transaction is told once, whole.
    const open = follower.commands.filter((command) => command === "MULTI").length;
    expect(follower.commands.filter((command) => command === "EXEC").length).toBe(open);
    expect(proxy.cuts).toBe(CUTS);
    expect(follower.link("reset").every(({ reason }) => reason === "snapshot-cut")).toBe(true);
    expect(follower.link("continue").length).toBeGreaterThan(0);
    await follower.stop();
    proxy.stop();
    client.close();
    await server.stop();
  });
});
