/** On each runtime, over TLS with client certificates, through 20 random cuts: exactly the writes that were made, in order. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { describeServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { connectClient } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { type Fault, FaultProxy } from "./fault_proxy.ts";
import { Printed } from "./printed.ts";
import { RUNTIMES, runtimeCommand } from "./runtimes.ts";

const ROOT = join(import.meta.dirname, "../..");
const CUTS = 20;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function startPrinting(argv: readonly string[]): Printed {
  const { PATH, HOME } = process.env;
  const child = spawn(argv[0]!, argv.slice(1), { cwd: ROOT, env: { PATH, HOME } });
  cleanups.push(() => child.kill("SIGKILL"));
  return new Printed(child);
}

/** The first connection gets as far as the stream; those after it are cut in TLS' handshake, ours, or anywhere later. */
function randomCuts(random: Random): Fault[] {
  return Array.from({ length: CUTS }, (_, index) => ({
    kind: "cut",
    after: index === 0 ? random.int(20_000, 40_000) : random.int(0, random.pick([4_000, 12_000, 12_000])),
    how: random.pick(["fin", "rst"]),
  }));
}

/** Commands that replicas are told as they were given. */
function randomWrites(random: Random, count: number): string[][] {
  const make = (): string[] => {
    const value =
      random.pick(["é", "x", "\r\n", "*1\r\n"]) + random.word(random.int(0, random.pick([10, 900])));
    return random.pick([
      ["SET", `key:${random.int(0, 9)}`, value],
      ["RPUSH", "list", value, value],
      ["INCR", "count"],
      ["HSET", "hash", random.word(2), value],
    ]);
  };
  return Array.from({ length: count }, make);
}

async function throughCuts(
  kind: Parameters<typeof startServer>[0]["kind"],
  argv: (url: string, files: string[]) => string[],
) {
  const server = await startServer({ kind, tls: true, config: { "repl-backlog-size": "64mb" } });
  cleanups.push(() => server.stop());
  const folder = await mkdtemp(join(tmpdir(), "rxr-cuts-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  const { certificates, port } = server.tls!;
  const files: string[] = [];
  for (const name of ["ca", "clientCert", "clientKey"] as const) {
    files.push(join(folder, `${name}.pem`));
    await writeFile(files.at(-1)!, certificates[name], { mode: 0o600 });
  }
  const random = new Random(4);
  const faults = randomCuts(random);
  const proxy = await FaultProxy.start(port, () => faults.shift());
  cleanups.push(() => proxy.stop());
  const client = await connectClient(server);
  cleanups.push(() => client.close());
  const printed = startPrinting(argv(`rediss://127.0.0.1:${proxy.port}`, files));
  await printed.until("stream", () => printed.events("online").length > 0);
  const made: string[][] = [];
  while (proxy.faults < CUTS) {
    const writes = randomWrites(random, 10);
    const whole = random.oneIn(3) ? [["MULTI"], ...writes, ["EXEC"]] : writes;
    await client.pipeline(whole);
    made.push(...whole);
    if (made.length > 200_000 || printed.child.exitCode !== null)
      throw new Error(`${proxy.faults} cuts; ${printed.stderr}`);
    await sleep(2);
  }
  await client.command(["SET", "last", "1"]);
  made.push(["SET", "last", "1"]);
  await printed.until("last write", () => printed.commands.at(-1)?.[1] === "last");
  process.kill(printed.child.pid!, "SIGINT");
  const [status] = await once(printed.child, "close");
  return { printed, made, proxy, status: status as number | null };
}

describeServers(
  `Through ${CUTS} cuts of a TLS link`,
  (kind) => {
    for (const runtime of RUNTIMES) {
      const command = runtimeCommand(runtime);
      const run = command === undefined ? test.skip : test;

      run(`rxreplica tail under ${runtime} prints exactly what was written`, async () => {
        const { printed, made, proxy, status } = await throughCuts(kind, (url, [ca, cert, key]) => {
          const tls = ["--ca", ca!, "--cert", cert!, "--key", key!];
          return [...command!, "cli/main.ts", "tail", url, "--format", "ndjson", ...tls];
        });
        expect(printed.commands).toEqual(made);
        expect(proxy.faults).toBe(CUTS);
        expect(printed.events("disconnected").length).toBeGreaterThanOrEqual(CUTS);
        expect(printed.events("reset")).toEqual([]);
        expect(printed.events("fullresync").length).toBe(1);
        expect(status, printed.stderr).toBe(0);
      });

      run(`the SDK's own entry for ${runtime} receives exactly what was written`, async () => {
        const { printed, made, proxy } = await throughCuts(kind, (url, files) => {
          return [...command!, "test/chaos/native_tail.ts", runtime, url, ...files];
        });
        expect(printed.commands).toEqual(made);
        expect(proxy.faults).toBe(CUTS);
        expect(printed.events("reset")).toEqual([]);
      });
    }
  },
  ["redis-8.0"],
);
