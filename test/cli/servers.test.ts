import type { ChildProcess } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeServers, describeWithServers } from "../servers/describe.ts";
import { startServer, type TestServer } from "../servers/mod.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { compareServers, describeDifferences } from "../support/compare.ts";
import { fillServer } from "../support/fill.ts";
import { compareNdjson } from "../support/ndjson_compare.ts";
import { runProgram, startProgram } from "./run_program.ts";

/** A running program whose lines are read as they come. */
class Follower {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  stderr = "";
  readonly #closed: Promise<[status: number | null]>;
  #wake: () => void = () => {};

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = startProgram(args, { env });
    this.#closed = once(this.child, "close") as Promise<[number | null]>;
    createInterface({ input: this.child.stdout! }).on("line", (line) => {
      this.lines.push(line);
      this.#wake();
    });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
  }

  /** The first line that matches, which may have come already. */
  async line(matches: (line: string) => boolean): Promise<string> {
    for (let at = 0; ; ) {
      for (; at < this.lines.length; at++) if (matches(this.lines[at]!)) return this.lines[at]!;
      await Promise.race([
        new Promise<void>((resolve) => (this.#wake = resolve)),
        this.#closed.then(() => {
          if (at === this.lines.length) throw new Error(`ended: ${this.stderr}`);
        }),
      ]);
    }
  }

  online(): Promise<string> {
    return this.line((line) => line.includes('"event":"online"'));
  }

  async end(signal: NodeJS.Signals = "SIGINT"): Promise<{ status: number | null; stderr: string }> {
    // Not `child.kill`: Deno then tells the signal as the end's cause, whatever the program made of it.
    process.kill(this.child.pid!, signal);
    const [status] = await this.#closed;
    return { status, stderr: this.stderr };
  }
}

/** Sends a program's output to a server, as `redis-cli --pipe` does; returns the errors it answers. */
async function loadCommands(port: number, child: ChildProcess): Promise<readonly string[]> {
  const socket = connect(port, "127.0.0.1");
  const errors: string[] = [];
  const lines = createInterface({ input: socket });
  const echoed = new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      if (line.startsWith("-")) errors.push(line);
      if (line === "that was all") resolve();
    });
  });
  child.stdout!.pipe(socket, { end: false });
  await once(child, "close");
  socket.write("ECHO 'that was all'\r\n");
  await echoed;
  socket.destroy();
  return errors;
}

describeServers("the program", (kind) => {
  let server: TestServer;
  let client: TestClient;
  let folder: string;
  const followers: Follower[] = [];
  const tail = (...options: string[]): Follower => {
    const follower = new Follower(["tail", server.url, "--format", "ndjson", ...options]);
    followers.push(follower);
    return follower;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "rxreplica-cli-"));
    server = await startServer({ kind, tls: true, unixSocket: true });
    client = await connectClient(server);
    await fillServer(client, { keys: 60, big: 200_000 });
  });

  afterAll(async () => {
    for (const { child } of followers) child.kill("SIGKILL");
    client.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("dump of the server and of the file it saves say the same", async () => {
    await client.command(["SAVE"]);
    const [live, file] = await Promise.all([
      runProgram(["dump", server.url]),
      runProgram(["dump", join(server.dir, "dump.rdb")]),
    ]);
    expect(live).toMatchObject({ status: 0, stderr: "" });
    expect(file).toMatchObject({ status: 0, stderr: "" });
    expect(compareNdjson(live.stdout.split("\n"), file.stdout.split("\n"), { rdbVersion: 99 })).toEqual([]);
    const keys = file.stdout.split("\n").filter((line) => line.includes('"kind":"rdb","db":')).length;
    const sizes = await client.info("keyspace");
    const told = Object.values(sizes).reduce((sum, text) => sum + Number(/keys=(\d+)/.exec(text)![1]), 0);
    expect(keys).toBe(told);
  });

  test("--count of the server and of the file say the same", async () => {
    await client.command(["SAVE"]);
    const [live, file] = await Promise.all([
      runProgram(["dump", server.url, "--count"]),
      runProgram(["dump", join(server.dir, "dump.rdb"), "--count"]),
    ]);
    const rdb = (result: { stdout: string }): unknown => (JSON.parse(result.stdout) as { rdb: unknown }).rdb;
    expect(rdb(live)).toEqual(rdb(file));
  });

  test.each([
    ["commands", []],
    ["payloads", ["--raw"]],
  ])("--format resp rebuilds the data in another server: %s", async (_, options) => {
    const target = await startServer({ kind });
    const copy = await connectClient(target);
    const child = startProgram(["dump", server.url, "--format", "resp", ...options]);
    expect(await loadCommands(target.port, child)).toEqual([]);
    expect(describeDifferences(await compareServers(client, copy))).toBe("");
    copy.close();
    await target.stop();
  });

  test("tail prints each write soon after it, in order, with offsets, and SIGINT ends it with 0", async () => {
    const follower = tail();
    await follower.online();
    const delays: number[] = [];
    for (let i = 0; i < 30; i++) {
      const before = performance.now();
      await client.command(["SET", `tail:${i}`, `value ${i}`]);
      await follower.line((line) => line.includes(`"tail:${i}"`));
      delays.push(performance.now() - before);
    }
    const median = delays.sort((a, b) => a - b)[delays.length >> 1]!;
    expect(median).toBeLessThan(50);

    await client.command(["MULTI"]);
    await client.command(["SET", "{tx}a", "1"]);
    await client.command(["DEL", "{tx}a"]);
    await client.command(["EXEC"]);
    const exec = await follower.line((line) => line.includes('["EXEC"]'));
    const offset = Number((await client.info("replication")).master_repl_offset);
    expect((JSON.parse(exec) as { offset: number }).offset).toBe(offset);

    expect(await follower.end()).toEqual({ status: 0, stderr: "" });
    const commands = follower.lines.filter((line) => line.includes('"kind":"aof"'));
    const written = commands.flatMap((line) => /"command":\["SET","tail:(\d+)"/.exec(line)?.[1] ?? []);
    expect(written).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
    expect(commands.slice(-4).every((line) => line.includes('"tx":true'))).toBe(true);
  });

  test("--resume goes on where the run before ended, even one that was killed", async () => {
    const file = join(folder, "position.json");
    const set = async (from: number, to: number): Promise<void> => {
      for (let i = from; i < to; i++) await client.command(["SET", "resumed", String(i)]);
    };
    const values = (follower: Follower): number[] =>
      follower.lines.flatMap((line) => {
        const found = /"command":\["SET","resumed","(\d+)"\]/.exec(line);
        return found === null ? [] : [Number(found[1])];
      });

    const first = tail("--no-snapshot", "--resume", file);
    await first.online();
    await set(0, 5);
    await first.line((line) => line.includes('"resumed","4"'));
    await first.end();
    await set(5, 10);
    const second = tail("--resume", file);
    await second.line((line) => line.includes('"resumed","9"'));
    await second.end("SIGKILL");
    await set(10, 15);
    const third = tail("--resume", file);
    await third.line((line) => line.includes('"resumed","14"'));
    await third.end();

    expect(values(first)).toEqual([0, 1, 2, 3, 4]);
    expect(values(second)).toEqual([5, 6, 7, 8, 9]);
    // At least once: what was printed after the last save is printed again.
    const again = values(third);
    expect(again).toEqual(Array.from({ length: again.length }, (_, i) => 15 - again.length + i));
    expect(again.length).toBeGreaterThanOrEqual(5);
    for (const { lines } of [second, third]) {
      expect(lines.some((line) => line.includes('"event":"continue"'))).toBe(true);
      expect(lines.some((line) => line.includes('"kind":"rdb"'))).toBe(false);
    }
  });

  test("--no-snapshot, --match, --db and --command choose", async () => {
    const follower = tail(
      "--no-snapshot",
      "--match",
      "pick:*",
      "--db",
      "1",
      "--command",
      "set",
      "--command",
      "del",
    );
    await follower.online();
    await client.command(["SET", "pick:other-db", "v"]);
    await client.command(["SELECT", 1]);
    for (const args of [
      ["SET", "pick:1", "a"],
      ["SET", "other", "b"],
      ["APPEND", "pick:1", "c"],
      ["DEL", "pick:1"],
    ]) {
      await client.command(args);
    }
    await client.command(["SELECT", 0]);
    await follower.line((line) => line.includes('["DEL","pick:1"]'));
    await follower.end();
    const data = follower.lines.filter(
      (line) => !line.includes('"kind":"link"') && !line.includes('"type":"aux"'),
    );
    const commands = data.flatMap((line) => {
      const { command, db } = JSON.parse(line) as { command?: string[]; db: number };
      return command === undefined ? [] : [[db, ...command]];
    });
    expect(commands).toEqual([
      [1, "SET", "pick:1", "a"],
      [1, "DEL", "pick:1"],
    ]);
    expect(data.filter((line) => line.includes('"kind":"rdb","db"'))).toEqual([]);
  });

  test("over a Unix socket", async () => {
    const { status, stdout } = await runProgram([
      "dump",
      `unix://${server.unixSocket}`,
      "--match",
      "str:int:1",
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('"key":"str:int:1"');
  });

  test("over TLS with a client certificate", async () => {
    const { certificates, url } = server.tls!;
    const pem = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    };
    const ca = ["--ca", pem("ca", certificates.ca)];
    const own = ["--cert", pem("cert", certificates.clientCert), "--key", pem("key", certificates.clientKey)];
    const dump = (...options: string[]) => runProgram(["dump", url, "--match", "str:int:1", ...options]);

    const good = await dump(...ca, ...own);
    expect(good).toMatchObject({ status: 0, stderr: "" });
    expect(good.stdout).toContain('"key":"str:int:1"');
    expect(await dump("--insecure", ...own)).toMatchObject({ status: 0 });

    const passphrase = "four words of it";
    const cipher = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase } as const;
    const locked = pem("locked", String(createPrivateKey(certificates.clientKey).export(cipher)));
    const withPassphrase = (RXREPLICA_KEY_PASSPHRASE: string) =>
      runProgram(["dump", url, "--count", ...ca, "--cert", join(folder, "cert"), "--key", locked], {
        env: { RXREPLICA_KEY_PASSPHRASE },
      });
    expect(await withPassphrase(passphrase)).toMatchObject({ status: 0, stderr: "" });
    expect((await withPassphrase("another")).status).not.toBe(0);
  });
});

describeWithServers("the program and a server", ["redis-8.0"], () => {
  test("a closed pipe ends it quietly", async () => {
    const server = await startServer({ kind: "redis-8.0" });
    const client = await connectClient(server);
    await client.command(["DEBUG", "POPULATE", 50_000]);
    const child = startProgram(["tail", server.url, "--format", "ndjson"]);
    let stderr = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    await once(child.stdout!, "data");
    child.stdout!.destroy();
    const [status] = (await once(child, "exit")) as [number];
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    client.close();
    await server.stop();
  });

  test("a reader that stalls holds the server back, not the link, and two signals end it", async () => {
    const config = { "repl-timeout": "2", "repl-ping-replica-period": "1" };
    const server = await startServer({ kind: "redis-8.0", config });
    const client = await connectClient(server);
    const child = startProgram(["tail", server.url, "--format", "ndjson"]);
    const replica = async (): Promise<string> => (await client.info("replication")).slave0 ?? "none";
    while (!(await replica()).includes("state=online")) await sleep(50);
    // Nobody reads its output: what fits into the pipe and the buffers before it is written, the rest has to wait.
    const value = "x".repeat(1_000_000);
    for (let i = 0; i < 30; i++) await client.command(["SET", "big", value]);
    await sleep(5000);
    expect(await replica()).toMatch(/state=online,offset=\d+,lag=[01]\b/);
    const behind = Number(/offset=(\d+)/.exec(await replica())![1]);
    expect(Number((await client.info("replication")).master_repl_offset) - behind).toBeGreaterThan(5_000_000);
    child.kill("SIGTERM");
    child.kill("SIGTERM");
    const [status, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect([status, signal]).toEqual([null, "SIGTERM"]);
    client.close();
    await server.stop();
  });

  test("passwords: none, wrong, from the environment, from the URL", async () => {
    const server = await startServer({ kind: "redis-8.0" });
    const admin = await connectClient(server);
    await admin.command([
      "ACL",
      "SETUSER",
      "reader",
      "on",
      ">s3cr:t",
      "+psync",
      "+replconf",
      "+ping",
      "allkeys",
    ]);
    await admin.command(["CONFIG", "SET", "requirepass", "s3cret"]);
    const dump = (env: Record<string, string>, url = server.url, ...options: string[]) =>
      runProgram(["dump", url, ...options], { env });

    const refused = await dump({});
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/^rxreplica: .*\(NOAUTH\)\n$/);
    const wrong = await dump({ REDISCLI_AUTH: "guess" });
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toMatch(/^rxreplica: .*\(WRONGPASS\)\n$/);
    expect(wrong.stderr + wrong.stdout).not.toContain("guess");
    expect(await dump({ REDISCLI_AUTH: "s3cret" })).toMatchObject({ status: 0 });
    await admin.command(["CONFIG", "SET", "requirepass", ""]);
    const needless = await dump({ REDISCLI_AUTH: "s3cret" });
    expect(needless.stderr).toMatch(/the server has none for its default user.*\(CONFIG\)\n$/);
    await admin.command(["CONFIG", "SET", "requirepass", "s3cret"]);
    expect(await dump({ REDISCLI_AUTH: "guess" }, `redis://:s3cret@127.0.0.1:${server.port}`)).toMatchObject({
      status: 0,
    });
    expect(await dump({ REDISCLI_AUTH: "s3cr:t" }, server.url, "--user", "reader")).toMatchObject({
      status: 0,
    });
    admin.close();
    await server.stop();
  });

  test("nobody there", async () => {
    const { status, stderr } = await runProgram(["dump", "redis://127.0.0.1:1"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^rxreplica: .*refused.*\(CONNECT\)\n$/);
  });

  test.each([
    ["dump", "--count"],
    ["stats", "--format", "text"],
  ])("nobody there, nothing counted, no totals: %s %s", async (command, ...options) => {
    const { status, stdout } = await runProgram([command, "redis://127.0.0.1:1", ...options]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });

  test("doctor says what it found where no server is", async () => {
    const stranger = createServer((_request, response) => response.end()).listen(0, "127.0.0.1");
    await once(stranger, "listening");
    const { port } = stranger.address() as AddressInfo;
    const { status, stdout, stderr } = await runProgram(["doctor", `redis://127.0.0.1:${port}`]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/no Redis server, it said "HTTP\/1.1 400 Bad Request" \(PROTOCOL/);
    stranger.close();
  });
});
