import type { Subscription } from "rxjs";
import { afterEach, expect, test } from "vitest";
import { ReplicaError } from "../../src/errors.ts";
import type { PublishedNotification } from "../../src/notifications/node_subscription.ts";
import type { NotificationGap } from "../../src/notifications/notification.ts";
import type { NotificationsOptions } from "../../src/rx/notifications.ts";
import { notifications } from "../../transports/node/mod.ts";
import { startCluster } from "../servers/cluster.ts";
import { describeServers, describeWithServers } from "../servers/describe.ts";
import { startSentinels } from "../servers/sentinel.ts";
import { startServer, type TestServer } from "../servers/start.ts";
import { connectClient, type TestClient } from "../support/client.ts";

type Told = PublishedNotification | NotificationGap;

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Subscribes and keeps what comes; resolves once the server counts a subscription. */
async function listen(url: string, client: TestClient | undefined, options: NotificationsOptions = {}) {
  const told: Told[] = [];
  let failure: unknown;
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const one of waiting.splice(0)) one();
  };
  const subscription: Subscription = notifications(url, {
    reconnect: { minDelay: 5, maxDelay: 50 },
    ...options,
  }).subscribe({
    next: (one) => {
      told.push(one);
      wake();
    },
    error: (error) => {
      failure = error;
      wake();
    },
  });
  open.push(() => subscription.unsubscribe());
  const until = async (condition: () => boolean | Promise<boolean>) => {
    const deadline = Date.now() + 15_000;
    while (!(await condition())) {
      if (failure !== undefined) throw failure;
      if (Date.now() > deadline) throw new Error(`waited too long; told ${JSON.stringify(told.map(text))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20);
        waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  };
  if (client !== undefined) await until(async () => (await subscriptions(client)) > 0);
  return { told, until, subscription };
}

async function subscriptions(client: TestClient): Promise<number> {
  const patterns = Number(await client.text("PUBSUB", "NUMPAT"));
  return patterns + (await client.text("PUBSUB", "CHANNELS")).split("\n").filter(Boolean).length;
}

function text(one: Told): string {
  if (one.event === "gap" || one.key === undefined) return `gap`;
  return `${one.event} ${Buffer.from(one.key).toString("latin1")}@${one.db}`;
}

async function start(kind: TestServer["kind"], flags: string) {
  const server = await startServer({ kind, config: { "notify-keyspace-events": flags || '""' } });
  open.push(() => server.stop());
  const client = await connectClient(server);
  open.push(() => client.close());
  return { server, client };
}

describeServers("notifications", (kind) => {
  test.each([2, 3] as const)("RESP%i, all events, any bytes in keys", async (protocol) => {
    const { server, client } = await start(kind, "KEA");
    const { told, until } = await listen(server.url, client, { protocol });
    const key = Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0x3a]);
    await client.pipeline([
      ["SET", key, "v"],
      ["SELECT", 3],
      ["RPUSH", "a__:b", "x"],
      ["LPOP", "a__:b"],
    ]);
    await until(() => told.length === 4);
    expect(told.map(text)).toEqual([
      `set ${key.toString("latin1")}@0`,
      "rpush a__:b@3",
      "lpop a__:b@3",
      "del a__:b@3",
    ]);
    expect(told[0]).toMatchObject({ kind: "notification", source: "keyevent" });
  });

  test("narrow selections subscribe narrowly", async () => {
    const { server, client } = await start(kind, "KEA");
    const one = await listen(server.url, client, { events: ["del"], dbs: [0] });
    expect(await client.text("PUBSUB", "CHANNELS")).toBe("__keyevent@0__:del");
    const two = await listen(`${server.url}/2`, client, { keys: "user:*" });
    const three = await listen(server.url, client, { keys: Buffer.from("user:*"), dbs: [2] });
    await until2(async () => (await subscriptions(client)) === 3);
    await client.pipeline([
      ["SET", "user:1", 1],
      ["DEL", "user:1"],
      ["SELECT", 2],
      ["SET", "user:1", 1],
      ["SET", "user:*", 1],
      ["SET", "other", 1],
      ["DEL", "user:1"],
    ]);
    await one.until(() => one.told.length === 1);
    await two.until(() => two.told.length === 3);
    await three.until(() => three.told.length === 1);
    expect(two.told.map(text)).toEqual(["set user:1@2", "set user:*@2", "del user:1@2"]);
    expect(three.told.map(text)).toEqual(["set user:*@2"]);
    expect(three.told[0]).toMatchObject({ source: "keyspace" });

    async function until2(condition: () => Promise<boolean>) {
      await one.until(condition);
    }
  });

  test("a server that publishes nothing is an error that says what to set", async () => {
    const { server } = await start(kind, "Kg");
    const { until } = await listen(server.url, undefined, { events: ["expired"] });
    const failure = await until(() => false).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ReplicaError);
    expect((failure as ReplicaError).code).toBe("CONFIG");
    expect((failure as ReplicaError).message).toMatch(
      /"gK" and lacks "Ex"; run CONFIG SET notify-keyspace-events gKEx/,
    );
  });

  test("configure adds what is missing, restore puts it back", async () => {
    const { server, client } = await start(kind, "Kg");
    const { told, until, subscription } = await listen(server.url, client, {
      events: ["set"],
      configure: true,
      restore: true,
    });
    const setting = async () => (await client.text("CONFIG", "GET", "notify-keyspace-events")).split("\n")[1];
    expect(await setting()).toBe("g$KE");
    await client.command(["SET", "k", "v"]);
    await until(() => told.length === 1);
    subscription.unsubscribe();
    await until(async () => (await setting()) === "gK");
  });

  test("a user without CONFIG gets a coded error with a remedy", async () => {
    const { server, client } = await start(kind, "KEA");
    await client.command(["ACL", "SETUSER", "app", "on", ">secret", "&*", "+@all", "-config"]);
    const { until } = await listen(server.url, undefined, { username: "app", password: "secret" });
    const failure = await until(() => false).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "CONFIG" });
    expect(String(failure)).toMatch(/check: false/);
    expect(String(failure)).not.toMatch(/secret/);
    const { told, until: later } = await listen(server.url, client, {
      username: "app",
      password: "secret",
      check: false,
    });
    await client.command(["SET", "k", "v"]);
    await later(() => told.length === 1);
  });

  test("each lost connection is a gap, and events go on after it", async () => {
    const { server, client } = await start(kind, "KEA");
    const { told, until } = await listen(server.url, client);
    for (let round = 1; round <= 5; round++) {
      await client.command(["SET", `k${round}`, "v"]);
      await until(() => told.filter((one) => one.event === "set").length === round);
      await client.command(["CLIENT", "KILL", "TYPE", "pubsub"]);
      await until(() => told.filter((one) => one.event === "gap").length === round);
    }
    const gaps = told.filter((one): one is NotificationGap => one.event === "gap");
    for (const { from, to } of gaps) expect(to! - from!).toBeGreaterThanOrEqual(0);
  });

  test("withValue tells what the key holds", async () => {
    const { server, client } = await start(kind, "KEA");
    const { told, until } = await listen(server.url, client, { withValue: true });
    await client.pipeline([
      ["SET", "s", "v"],
      ["SELECT", 1],
      ["RPUSH", "l", "a", "b"],
      ["SET", "gone", "v"],
      ["DEL", "gone"],
    ]);
    await until(() => told.length === 4);
    const fetched = told.map((one) => (one as PublishedNotification).fetched);
    expect(fetched[0]).toMatchObject({ type: "string", value: { type: "bulk" } });
    expect(fetched[1]).toMatchObject({ type: "list", value: { type: "array" } });
    expect(fetched[3]).toMatchObject({ type: "none" });
  });
});

describeWithServers("notifications of a cluster", ["redis-8.0"], () => {
  test("every primary, and the one that takes over", async () => {
    const cluster = await startCluster({
      kind: "redis-8.0",
      primaries: 3,
      replicasPerPrimary: 1,
      config: { "notify-keyspace-events": "KEA" },
    });
    open.push(() => cluster.stop());
    const primaries = await cluster.primaries();
    const clients = await Promise.all(primaries.map((node) => connectClient(node)));
    for (const client of clients) open.push(() => client.close());
    const { told, until } = await listen(cluster.url, undefined, { topologyInterval: 100 });
    for (const client of clients) await until(async () => (await subscriptions(client)) > 0);
    // Slots of a, b and c lie on three primaries.
    for (const client of clients)
      for (const key of ["a", "b", "c"]) await client.command(["SET", key, 1]).catch(() => {});
    await until(() => told.length >= 3);
    expect(new Set(told.map(text))).toEqual(new Set(["set a@0", "set b@0", "set c@0"]));
    expect(new Set(told.map((one) => one.shard)).size).toBeGreaterThan(1);
    const replica = cluster.nodes[3]!;
    await cluster.failover(replica);
    const promoted = await connectClient(replica);
    open.push(() => promoted.close());
    await until(async () => (await subscriptions(promoted)) > 0);
    await until(() => told.some((one) => one.event === "gap"));
    for (const key of ["a", "b", "c"]) await promoted.command(["SET", key, 2]).catch(() => {});
    await until(() =>
      told.some((one) => one.event === "set" && one.shard?.endsWith(String(replica.port)) === true),
    );
  });
});

describeWithServers("notifications of what Sentinels name", ["valkey-9.1"], () => {
  test("the primary, and the one that takes over", async () => {
    const kind = "valkey-9.1";
    const config = { "notify-keyspace-events": "KEA", "repl-diskless-sync-delay": "0" };
    const primary = await startServer({ kind, config });
    open.push(() => primary.stop());
    const replica = await startServer({
      kind,
      config: { ...config, replicaof: `127.0.0.1 ${primary.port}` },
    });
    open.push(() => replica.stop());
    const group = await startSentinels({ kind, primary, replicas: 1, password: "other" });
    open.push(() => group.stop());
    const client = await connectClient(primary);
    open.push(() => client.close());
    const { told, until } = await listen(group.url, undefined, { sentinel: { password: "other" } });
    // Sentinels subscribe to a channel, nobody else to a pattern.
    await until(async () => (await client.text("PUBSUB", "NUMPAT")) !== "0");
    await client.command(["SET", "a", 1]);
    await until(() => told.length >= 1);
    expect(await group.failover()).toBe(replica.port);
    await until(() => told.some((one) => one.event === "gap"));
    // Sentinels disconnect the clients of a server that they promote.
    const promoted = await connectClient(replica);
    open.push(() => promoted.close());
    await until(async () => (await promoted.text("PUBSUB", "NUMPAT")) !== "0");
    await promoted.command(["SET", "b", 1]);
    await until(() => told.some((one) => text(one) === "set b@0"));
    expect(told.map(text).filter((one, index, all) => one !== all[index - 1])).toEqual([
      "set a@0",
      "gap",
      "set b@0",
    ]);
    expect(told[1]).toMatchObject({ shard: undefined });
    const refused = await listen(group.url, undefined);
    await expect(refused.until(() => false)).rejects.toMatchObject({ code: "NOAUTH" });
  });
});
