import { existsSync } from "node:fs";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { describeServers } from "./describe.ts";
import { freePorts, SERVER_KINDS, startServer, toolPath } from "./mod.ts";
import { probe } from "./probe.ts";
import { run } from "./run.ts";

describeServers("startServer", (kind) => {
  test("answers PING, says its version, and is gone after stop", async () => {
    const server = await startServer({ kind });
    expect(server.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);
    expect(await probe(server.port)).toBe("+PONG");
    expect(existsSync(server.dir)).toBe(true);
    await server.stop();
    await server.stop();
    expect(await probe(server.port)).toBeUndefined();
    expect(existsSync(server.dir)).toBe(false);
    expect(() => process.kill(server.pid, 0)).toThrow();
  });

  test("passes its config on, DEBUG allowed from here", async () => {
    const server = await startServer({ kind, config: { maxmemory: "123456789", requirepass: "secret" } });
    expect(await probe(server.port)).toMatch(/^-NOAUTH/);
    const cli = await toolPath(kind, "cli");
    const argv = [...cli, "-p", String(server.port), "-a", "secret", "--no-auth-warning"];
    expect((await run([...argv, "CONFIG", "GET", "maxmemory"])).stdout).toBe("maxmemory\n123456789\n");
    expect((await run([...argv, "DEBUG", "DIGEST"])).stdout).toBe(`${"0".repeat(40)}\n`);
    await server.stop();
  });

  test("keeps port and folder when it is killed and starts again", async () => {
    const server = await startServer({ kind, config: { appendonly: "yes", appendfsync: "always" } });
    const cli = [...(await toolPath(kind, "cli")), "-p", String(server.port)];
    await run([...cli, "SET", "k", "v"]);
    const { pid, port } = server;
    await server.kill();
    expect(server.running).toBe(false);
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect(server.port).toBe(port);
    expect((await run([...cli, "GET", "k"])).stdout).toBe("v\n");
    await server.stop();
  });

  test("says the end of the log when it cannot start", async () => {
    await expect(startServer({ kind, config: { "no-such-setting": "1" } })).rejects.toThrow(
      /no-such-setting/,
    );
  });

  test("listens on a unix socket when asked to", async () => {
    const server = await startServer({ kind, unixSocket: true });
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.unixSocket!);
      socket.on("error", reject).on("data", (chunk) => {
        resolve(chunk.toString());
        socket.destroy();
      });
      socket.write("PING\r\n");
    });
    expect(answer).toBe("+PONG\r\n");
    await server.stop();
  });

  test("has the programs that come with it", async () => {
    for (const tool of ["cli", "check-rdb", "check-aof", "benchmark"] as const) {
      const argv = await toolPath(kind, tool);
      expect(argv.at(-1)).toMatch(new RegExp(`/(redis|valkey)-${tool}$`));
    }
  });
});

describe("freePorts", () => {
  test("are all different", async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
  });
});

describe("SERVER_KINDS", () => {
  test("name the servers of the support table", () => {
    expect(SERVER_KINDS).toEqual(["redis-7.0", "redis-8.0", "valkey-9.1"]);
  });
});
