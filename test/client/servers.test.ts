/** The client against real servers. */
import { afterEach, expect, test } from "vitest";
import {
  askRole,
  authenticate,
  Connection,
  type ConnectionOptions,
  hello,
  identify,
  parseClusterNodes,
  parseClusterShards,
  parseClusterSlots,
  parseInfo,
  parseMasterAddress,
  parsePeers,
} from "../../src/client/mod.ts";
import type { ReplicaError } from "../../src/errors.ts";
import { respText } from "../../src/resp/mod.ts";
import { connect } from "../../transports/node/connect.ts";
import { describeServers } from "../servers/describe.ts";
import { type StartOptions, startServer, type TestServer } from "../servers/mod.ts";

describeServers("client", (kind) => {
  const open: { close(): Promise<void> }[] = [];
  const start = async (options: Omit<StartOptions, "kind"> = {}): Promise<TestServer> => {
    const server = await startServer({ kind, ...options });
    open.unshift({ close: () => server.stop() });
    return server;
  };
  const dial = async (server: TestServer, options: ConnectionOptions = {}): Promise<Connection> => {
    const connection = new Connection(await connect({ host: server.host, port: server.port }, {}), options);
    open.unshift(connection);
    return connection;
  };
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  test("greets, asks and reads INFO and ROLE in both protocols", async () => {
    const server = await start();
    for (const protocol of [2, 3] as const) {
      const connection = await dial(server);
      const identity = await hello(connection, { protocol });
      expect(identity).toEqual({
        server: server.family,
        version: server.version,
        mode: "standalone",
        role: "master",
        protocol,
      });
      expect(await identify(connection)).toEqual(identity);
      expect(await askRole(connection)).toEqual({ role: "primary", offset: 0, replicas: [] });
      const info = parseInfo(respText(await connection.request(["INFO", "everything"]))!);
      expect(info.replication?.role).toBe("master");
      expect(info.server?.tcp_port).toBe(String(server.port));
    }
  });

  test("sees a replica, and is told so by it", async () => {
    const primary = await start({ config: { "repl-diskless-sync-delay": "0" } });
    const replica = await start({ config: { replicaof: `127.0.0.1 ${primary.port}` } });
    const [one, other] = [await dial(primary), await dial(replica)];
    await expect
      .poll(() => askRole(one), { timeout: 20_000, interval: 50 })
      .toMatchObject({ replicas: [{ host: "127.0.0.1", port: replica.port }] });
    await expect
      .poll(() => askRole(other), { timeout: 20_000, interval: 50 })
      .toMatchObject({ role: "replica", host: "127.0.0.1", port: primary.port, state: "connected" });
  });

  test("credentials: none, wrong, right, without permission", async () => {
    const server = await start();
    const admin = await dial(server);
    await admin.request(["ACL", "SETUSER", "u", "on", ">hunter2", "+hello", "+auth", "+ping"]);
    await admin.request(["ACL", "SETUSER", "default", ">secret"]);
    const connection = await dial(server);
    await expect(connection.request(["PING"])).rejects.toMatchObject({ code: "NOAUTH" });
    await expect(askRole(connection)).rejects.toMatchObject({ code: "NOAUTH" });
    await expect(authenticate(connection, { user: "u", password: "wrong" })).rejects.toMatchObject({
      code: "WRONGPASS",
    });
    await expect(hello(connection, { credentials: { password: "wrong" } })).rejects.toMatchObject({
      code: "WRONGPASS",
    });
    await authenticate(connection, { user: "u", password: "hunter2" });
    expect(respText(await connection.request(["PING"]))).toBe("PONG");
    await expect(askRole(connection)).rejects.toMatchObject({ code: "NOPERM" });
    await hello(connection, { protocol: 3, credentials: { password: "secret" } });
    expect((await askRole(connection)).role).toBe("primary");
    await expect(connection.request(["NOSUCH", "arg"])).rejects.toMatchObject({ code: "UNKNOWN_COMMAND" });
    await expect(connection.request(["CLUSTER", "NOSUCH"])).rejects.toMatchObject({
      code: "UNKNOWN_COMMAND",
    });
  });

  test("a password where none is set is said plainly", async () => {
    const connection = await dial(await start());
    await expect(authenticate(connection, { password: "hunter2" })).rejects.toMatchObject({
      code: "CONFIG",
      message: expect.stringMatching(/the server has none for its default user/),
    });
  });

  test.each([2, 3] as const)("pub/sub in RESP%i, with requests between", async (protocol) => {
    const server = await start();
    const seen: string[] = [];
    const listener = await dial(server, {
      onPush: (push) => void seen.push(push.items.map(respText).join(" ")),
    });
    await hello(listener, { protocol });
    await listener.subscribe("SUBSCRIBE", ["a", "b"]);
    await listener.subscribe("PSUBSCRIBE", ["x*"]);
    const speaker = await dial(server);
    await Promise.all([
      speaker.request(["PUBLISH", "a", "1"]),
      speaker.request(["PUBLISH", "x1", "2"]),
      speaker.request(["PUBLISH", "c", "3"]),
    ]);
    await listener.request(["PING"]);
    await listener.subscribe("UNSUBSCRIBE", ["b"]);
    expect(seen).toEqual([
      "subscribe a 1",
      "subscribe b 2",
      "psubscribe x* 3",
      "message a 1",
      "pmessage x* x1 2",
      "unsubscribe b 2",
    ]);
  });

  test("a server that goes away ends the connection", async () => {
    const server = await start();
    const connection = await dial(server);
    const reply = connection.request(["BLPOP", "nokey", 0]);
    const code = reply.catch((error: ReplicaError) => error.code);
    await server.kill();
    expect(await code).toBe("DISCONNECTED");
    expect((await connection.ended)?.code).toBe("DISCONNECTED");
  });

  test("a cluster node tells its slots in three ways", async () => {
    const server = await start({ config: { "cluster-enabled": "yes" } });
    const connection = await dial(server);
    await connection.request(["CLUSTER", "ADDSLOTSRANGE", 0, 99, 200, 16383]);
    const slots = [
      { start: 0, end: 99 },
      { start: 200, end: 16383 },
    ];
    for (const protocol of [2, 3] as const) {
      await hello(connection, { protocol });
      const [shard] = parseClusterShards(await connection.request(["CLUSTER", "SHARDS"]), server.host);
      expect(shard?.slots).toEqual(slots);
      expect(shard?.nodes).toMatchObject([{ port: server.port, role: "primary", healthy: true }]);
      const [node] = parseClusterNodes(await connection.request(["CLUSTER", "NODES"]), server.host);
      expect(node).toMatchObject({ host: server.host, port: server.port, role: "primary", slots });
      expect(node?.flags).toContain("myself");
      expect(node?.id).toBe(shard?.nodes[0]?.id);
      await expect
        .poll(async () => {
          const shards = parseClusterSlots(await connection.request(["CLUSTER", "SLOTS"]), server.host);
          return shards.map((one) => [one.slots, one.nodes.map(({ host, port }) => `${host}:${port}`)]);
        })
        .toEqual([[slots, [`${server.host}:${server.port}`]]]);
    }
    expect((await hello(connection)).mode).toBe("cluster");
  });

  test("a Sentinel tells the primary and its replicas", async () => {
    const primary = await start({ config: { "repl-diskless-sync-delay": "0" } });
    const replica = await start({ config: { replicaof: `127.0.0.1 ${primary.port}` } });
    const sentinel = await start({
      sentinel: true,
      config: { "sentinel monitor": `mymaster 127.0.0.1 ${primary.port} 1` },
    });
    const connection = await dial(sentinel);
    expect(await askRole(connection)).toEqual({ role: "sentinel", masters: ["mymaster"] });
    expect(await identify(connection)).toMatchObject({ mode: "sentinel", role: "sentinel" });
    const ask = (name: string) => connection.request(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name]);
    expect(parseMasterAddress(await ask("mymaster"))).toEqual({ host: "127.0.0.1", port: primary.port });
    expect(parseMasterAddress(await ask("nosuch"))).toBeUndefined();
    await expect
      .poll(async () => parsePeers(await connection.request(["SENTINEL", "REPLICAS", "mymaster"])), {
        timeout: 30_000,
        interval: 200,
      })
      .toMatchObject([{ host: "127.0.0.1", port: replica.port, usable: true }]);
    expect(parsePeers(await connection.request(["SENTINEL", "SENTINELS", "mymaster"]))).toEqual([]);
  });
});
