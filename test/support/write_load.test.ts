import { expect, test } from "vitest";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { connectClient, type Reply, TestClient } from "./client.ts";
import { compareServers, debugDigest, describeDifferences } from "./compare.ts";
import { fillServer } from "./fill.ts";
import { writeLoad } from "./write_load.ts";

/** A client of no server, that keeps what it is given. */
function recorder(): { client: TestClient; sent: string[] } {
  const sent: string[] = [];
  const send = async (args: (string | Buffer)[]): Promise<Reply> => {
    if (args[0] === "INFO") return Buffer.from("redis_version:8.0.0\r\n");
    sent.push(args.map((one) => Buffer.from(one).toString("latin1")).join(" "));
    return args[0] === "COMMAND" ? [[]] : Buffer.from("OK");
  };
  return { client: new TestClient(send, () => {}), sent };
}

test("writeLoad sends the same commands for the same seed", async () => {
  const [one, same, other] = [recorder(), recorder(), recorder()];
  const { commands } = await writeLoad(one.client, { seed: 5, count: 500 });
  expect(one.sent.length).toBeGreaterThanOrEqual(commands);
  expect(commands).toBeGreaterThanOrEqual(500);
  await writeLoad(same.client, { seed: 5, count: 500 });
  await writeLoad(other.client, { seed: 6, count: 500 });
  expect(same.sent).toEqual(one.sent);
  expect(other.sent).not.toEqual(one.sent);
});

test("writeLoad ends when it is told to", async () => {
  const { client } = recorder();
  let asked = 0;
  const { commands } = await writeLoad(client, { until: () => ++asked > 3, batch: 10 });
  expect(commands).toBeGreaterThanOrEqual(30);
  expect(commands).toBeLessThan(60);
});

describeServers("writeLoad", (kind) => {
  test("leaves a server and its own replica the same", async () => {
    const [primary, replica] = [await startServer({ kind }), await startServer({ kind })];
    const client = await connectClient(primary);
    const blocker = await connectClient(primary);
    const other = await connectClient(replica);
    await fillServer(client, { keys: 30, big: 10_000 });
    await other.command(["REPLICAOF", "127.0.0.1", primary.port]);
    const { commands, refused } = await writeLoad(client, { seed: 11, count: 3_000, blocker });
    expect(commands).toBeGreaterThanOrEqual(3_000);
    expect(refused / commands).toBeLessThan(0.15);
    const offsets = async () => {
      const [ours, theirs] = [await client.info("replication"), await other.info("replication")];
      return [theirs.master_link_status, theirs.master_repl_offset === ours.master_repl_offset];
    };
    await expect.poll(offsets, { timeout: 20_000 }).toEqual(["up", true]);
    expect(describeDifferences(await compareServers(client, other))).toBe("");
    // A replica keeps what has expired until it is told, which the digest sees and the comparer does not.
    const digests = async () => (await debugDigest(other)) === (await debugDigest(client));
    await expect.poll(digests, { timeout: 5_000 }).toBe(true);
    for (const one of [client, blocker, other]) one.close();
    await Promise.all([primary.stop(), replica.stop()]);
  });
});
