/** The program takes the sockets and files of the runtime that it runs under. */
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { loadConnect, loadFiles, loadTextStore, RUNTIME } from "../../cli/runtime.ts";
import type { Connect } from "../../src/transport.ts";
import { describeWithServers } from "../servers/describe.ts";
import { startServer } from "../servers/mod.ts";
import { connectClient } from "../support/client.ts";
import { startProgram } from "./run_program.ts";

const ROOT = join(import.meta.dirname, "../..");
const folder = await mkdtemp(join(tmpdir(), "rxreplica-runtime-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

test("is told by its own globals", () => {
  const expected = process.versions.deno ? "deno" : process.versions.bun ? "bun" : "node";
  expect(RUNTIME).toBe(expected);
});

test("brings its own sockets, files and stores", async () => {
  const native = (await import(`../../transports/${RUNTIME}/connect.ts`)) as { readonly connect: Connect };
  expect(await loadConnect()).toBe(native.connect);
  const { openFile, listFolder } = await loadFiles();
  await (await loadTextStore(join(folder, "text"))).save("kept");
  expect(await listFolder(folder)).toEqual(["text"]);
  const file = await openFile(join(folder, "text"));
  for await (const chunk of file.chunks) expect(Buffer.from(chunk).toString()).toBe("kept");
  expect(file.size).toBe(4);
});

test("nothing else of the program names a runtime's transport", () => {
  const files = readdirSync(join(ROOT, "cli"), { recursive: true, encoding: "utf8" });
  const named = files.filter((file) => {
    return (
      file.endsWith(".ts") &&
      /transports\/(node|deno|bun)\//.test(readFileSync(join(ROOT, "cli", file), "utf8"))
    );
  });
  expect(named).toEqual(["runtime.ts"]);
});

describeWithServers("a reader that stalls", ["redis-8.0"], () => {
  test("holds a primary back over TLS too: the bytes wait there, not in the program", async () => {
    const server = await startServer({ kind: "redis-8.0", tls: true });
    const client = await connectClient(server);
    const { certificates, url } = server.tls!;
    const options: string[] = [];
    for (const [name, text] of [
      ["ca", certificates.ca],
      ["cert", certificates.clientCert],
      ["key", certificates.clientKey],
    ] as const) {
      await writeFile(join(folder, name), text);
      options.push(`--${name}`, join(folder, name));
    }
    const child = startProgram(["tail", url, "--no-snapshot", "--format", "ndjson", ...options]);
    const listed = () => client.text("CLIENT", "LIST", "TYPE", "replica");
    while (!(await client.info("replication")).slave0?.includes("state=online")) await sleep(50);
    // Nobody reads its output. What sockets, pipes and blocks of output hold is some 10 MB at most.
    const sent = 60_000_000;
    const value = "x".repeat(1_000_000);
    for (let bytes = 0; bytes < sent; bytes += value.length) await client.command(["SET", "big", value]);
    const waiting = async () => Number(/ omem=(\d+)/.exec(await listed())?.[1] ?? 0);
    // Until the program has taken nothing for a second: what it takes it takes at once.
    for (let last = -1; last !== (await waiting()); await sleep(1000)) last = await waiting();
    expect(await waiting()).toBeGreaterThan(sent - 25_000_000);
    process.kill(child.pid!, "SIGKILL");
    client.close();
    await server.stop();
  }, 60_000);
});
