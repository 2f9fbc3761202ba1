import { afterEach, expect, test } from "vitest";
import { encodeUtf8, utf8 } from "../../src/bytes/text.ts";
import { Connection, examineServer, type Finding, hello, problemOf } from "../../src/client/mod.ts";
import { providerOf } from "../../src/client/providers.ts";
import { memoryPair } from "../../transports/memory/mod.ts";
import { connect } from "../../transports/node/connect.ts";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { connectClient } from "../support/client.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function at(findings: readonly Finding[], topic: string): Finding | undefined {
  return findings.find((one) => one.topic === topic);
}

describeServers("examineServer", (kind) => {
  test("finds nothing in the way on a server as it comes, and says what a small setting costs", async () => {
    const server = await startServer({ kind, config: { "client-output-buffer-limit": "replica 1mb 0 0" } });
    cleanups.push(() => server.stop());
    const connection = new Connection(await connect({ host: server.host, port: server.port }, {}));
    cleanups.push(() => connection.close());
    const findings = await examineServer(connection);
    expect(problemOf(findings)).toBeUndefined();
    expect(at(findings, "server")?.message).toContain(server.version);
    expect(at(findings, "permissions")?.level).toBe("ok");
    expect(at(findings, "output-buffer")).toMatchObject({
      level: "warning",
      message: "a reader that falls behind by 1 MiB at once is cut",
    });
    expect(at(findings, "notifications")?.remedy).toContain("notify-keyspace-events");
  });

  test("names the permission that is missing", async () => {
    const server = await startServer({ kind });
    cleanups.push(() => server.stop());
    const client = await connectClient(server);
    cleanups.push(() => client.close());
    await client.command(["ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@all", "-psync"]);
    const connection = new Connection(await connect({ host: server.host, port: server.port }, {}));
    cleanups.push(() => connection.close());
    await hello(connection, { credentials: { user: "reader", password: "secret" } });
    const findings = await examineServer(connection);
    expect(at(findings, "permissions")).toMatchObject({
      level: "problem",
      remedy: "ACL SETUSER reader +psync",
    });
    expect(problemOf(findings)?.code).toBe("CONFIG");
  });
});

test("examineServer names the hosted service that has no PSYNC", async () => {
  const [here, there] = memoryPair();
  const answers: Readonly<Record<string, string>> = {
    HELLO:
      "%4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.1.0\r\n$5\r\nproto\r\n:2\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n",
    INFO: "$33\r\n# Server\r\nos:Amazon ElastiCache\r\n\r\n",
    COMMAND: "*2\r\n*-1\r\n*-1\r\n",
    CONFIG: "-ERR unknown command 'config'\r\n",
  };
  void (async () => {
    for await (const chunk of there.chunks)
      for (const [, name] of utf8(chunk).matchAll(/\*\d+\r\n\$\d+\r\n([A-Z]+)/g))
        await there.write(encodeUtf8(answers[name!] ?? "-ERR unknown command\r\n"));
  })();
  const connection = new Connection(here);
  cleanups.push(() => connection.close());
  const findings = await examineServer(connection);
  expect(at(findings, "permissions")).toMatchObject({
    level: "problem",
    message: "the server has no PSYNC: Amazon ElastiCache does not offer it",
  });
  expect(at(findings, "settings")?.message).toContain("does not show its settings");
});

test.each([
  ["my.abc123.use1.cache.amazonaws.com", "Amazon ElastiCache"],
  ["name.redis.cache.windows.net", "Azure Cache for Redis"],
  ["localhost", undefined],
])("providerOf knows %s", (host, name) => {
  expect(providerOf(host, {})).toBe(name);
});
