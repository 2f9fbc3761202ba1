import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { describeServers } from "../servers/describe.ts";
import { startServer, type TestServer } from "../servers/start.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { runProgram, startProgram } from "./run_program.ts";

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(kind: TestServer["kind"], flags: string) {
  const server = await startServer({ kind, config: { "notify-keyspace-events": flags } });
  open.push(() => server.stop());
  const client = await connectClient(server);
  open.push(() => client.close());
  return { server, client };
}

/** Runs `notify` until it has printed a line with the last of these keys, writing until then. */
async function collect(args: readonly string[], client: TestClient, write: () => Promise<void>) {
  const child = startProgram(["notify", ...args]);
  open.push(() => void child.kill("SIGKILL"));
  let out = "";
  let errors = "";
  child.stderr!.on("data", (text) => (errors += text));
  const ended = new Promise<void>((resolve) => {
    child.stdout!.on("data", (text) => {
      out += text;
      if (out.includes('"ready"')) resolve();
    });
    child.once("close", () => resolve());
  });
  const deadline = Date.now() + 20_000;
  const isOn = async () =>
    Number(await client.text("PUBSUB", "NUMPAT")) + (await client.text("PUBSUB", "CHANNELS")).length > 0 ||
    (await client.info("replication")).slave0?.includes("online") === true;
  while (!(await isOn())) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`did not begin: ${errors}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await write();
  await client.pipeline([
    ["SET", "ready", "v"],
    ["DEL", "ready"],
  ]);
  await ended;
  // Not `child.kill`: under Deno that reports the signal, however the child ended.
  process.kill(child.pid!, "SIGINT");
  const [status] = child.exitCode === null ? await once(child, "close") : [child.exitCode];
  const lines = out
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { status, errors, lines: lines.filter(({ key }) => key !== "ready") };
}

describeServers("rxreplica notify", (kind) => {
  test("prints what the server publishes", async () => {
    const { server, client } = await start(kind, "KEA");
    const { lines, status } = await collect([server.url], client, async () => {
      await client.pipeline([
        ["SET", "k", "v"],
        ["SELECT", 1],
        ["RPUSH", Buffer.from([255]), "x"],
        ["SELECT", 0],
      ]);
    });
    expect(status).toBe(0);
    expect(lines.map(({ kind: k, db, event, key }) => [k, db, event, key])).toEqual([
      ["notification", 0, "set", "k"],
      ["notification", 1, "rpush", { base64: "/w==" }],
    ]);
  });

  test("--configure switches on what is missing and puts the setting back at the end", async () => {
    const { server, client } = await start(kind, '""');
    const { lines, status } = await collect([server.url, "--configure"], client, () =>
      client.pipeline([["SET", "k", "v"]]).then(() => {}),
    );
    expect(status).toBe(0);
    expect(lines.map(({ event, key }) => [event, key])).toEqual([["set", "k"]]);
    expect(await client.text("CONFIG", "GET", "notify-keyspace-events")).toBe("notify-keyspace-events\n");
  });

  test("--derive needs no setting and tells offset and certainty", async () => {
    const { server, client } = await start(kind, '""');
    await client.command(["SADD", "s", "a"]);
    const { lines } = await collect([server.url, "--derive", "--flags", "gs"], client, async () => {
      await client.pipeline([
        ["SREM", "s", "a"],
        ["LPUSH", "l", "x"],
      ]);
    });
    expect(lines.map(({ event, key, certainty }) => [event, key, certainty])).toEqual([
      ["srem", "s", "generic"],
      ["del", "s", "exact"],
    ]);
    expect(lines[0]).toMatchObject({ mayBe: ["spop"], level: "members", db: 0 });
    expect(lines[0]!.offset).toBeTypeOf("number");
  });
});

describeServers(
  "rxreplica notify, wrong use",
  (kind) => {
    test("says what is wrong", async () => {
      const { server } = await start(kind, '""');
      const off = await runProgram(["notify", server.url]);
      expect([off.status, off.stderr]).toEqual([
        1,
        expect.stringMatching(/CONFIG SET notify-keyspace-events/),
      ]);
      const letter = await runProgram(["notify", server.url, "--flags", "y"]);
      expect([letter.status, letter.stderr]).toEqual([1, expect.stringMatching(/unknown letter "y"/)]);
      expect((await runProgram(["notify", "nonsense"])).status).toBe(2);
    });
  },
  ["redis-7.0"],
);
