import { execFile, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServers } from "../servers/describe.ts";
import { startServer, type TestServer } from "../servers/mod.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { ROOT } from "../support/sources.ts";
import { allExamples, type Example } from "./examples.ts";

/** Examples that need a server name this one; here it becomes a real one's URL, of an empty server. */
const PLACEHOLDER = "redis://127.0.0.1:6379";
const FOLDER = join(ROOT, ".cache", `examples-${process.pid}`);
const RUNTIME = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
/** Examples are written for Node and run with the own entry of each runtime; what only another has runs there alone. */
const ENTRY = `"rxreplica/${RUNTIME}"`;
const EXAMPLES = allExamples().map((example, index) => ({
  ...example,
  run: example.run || (RUNTIME !== "node" && example.code.includes(ENTRY)),
  code: example.code.replaceAll('"rxreplica/node"', ENTRY),
  file: join(FOLDER, `example_${index}.ts`),
}));
const RUNNABLE = EXAMPLES.filter((example) => example.run);

type Placed = Example & { readonly file: string };

beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
  for (const { file, code } of EXAMPLES) writeFileSync(file, code);
});
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe("examples", () => {
  test("are found, and assert something", () => {
    expect(EXAMPLES.length).toBeGreaterThan(40);
    const idle = RUNNABLE.filter(({ place, code }) => !place.includes(".md:") && !/\bthrow\b/.test(code));
    expect(idle.map(({ place }) => place)).toEqual([]);
  });

  test.skipIf("Deno" in globalThis || "Bun" in globalThis)("type-check", async () => {
    const config = {
      extends: "../../tsconfig.json",
      compilerOptions: {
        paths: {
          rxreplica: ["../../mod.ts"],
          "rxreplica/node": ["../../transports/node/mod.ts"],
          "rxreplica/deno": ["../../transports/deno/mod.ts"],
          "rxreplica/bun": ["../../transports/bun/mod.ts"],
          "rxreplica/memory": ["../../transports/memory/mod.ts"],
          "rxreplica/resp": ["../../src/resp/mod.ts"],
          "rxreplica/rdb": ["../../src/rdb/mod.ts"],
          "rxreplica/commands": ["../../src/commands/mod.ts"],
        },
      },
      include: ["./*.ts"],
    };
    writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [tsc, "-p", FOLDER, "--noEmit", "--pretty", "false"],
      {
        cwd: ROOT,
      },
    ).catch((error: { stdout: string }) => error);
    // What is wrong elsewhere is told by the check of the sources.
    const complaints = stdout.split("\n").flatMap((line) => {
      const found = /example_(\d+)\.ts\((\d+),\d+\): (.*)/.exec(line);
      return found === null ? [] : [`${EXAMPLES[Number(found[1])]!.place} + ${found[2]}: ${found[3]}`];
    });
    expect(complaints).toEqual([]);
  });

  test.each(RUNNABLE.filter(({ code }) => !code.includes(PLACEHOLDER)))(
    "$place runs",
    async ({ file }: Placed) => {
      await import(pathToFileURL(file).href);
    },
  );
});

/** Examples that go on for ever, and what they have to print about a key that is there and then written. */
const ENDLESS: readonly { readonly page: string; readonly prints: readonly string[] }[] = [
  { page: "README.md:", prints: ["has string user:1", "wrote SET user:1"] },
];

describeWithServers("examples that need a server", ["valkey-9.1"], () => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await startServer({ kind: "valkey-9.1" });
    client = await connectClient(server);
    await client.command(["SET", "user:1", "ann"]);
  });
  afterAll(async () => {
    client.close();
    await server.stop();
  });

  test.each(RUNNABLE.filter(({ code }) => code.includes(PLACEHOLDER)))(
    "$place runs",
    async ({ place, file, code }: Placed) => {
      writeFileSync(file, fromSources(code.replaceAll(PLACEHOLDER, server.url)));
      const before = "Deno" in globalThis ? ["run", "-A"] : "Bun" in globalThis ? [] : ["--import", "tsx"];
      const child = spawn(process.execPath, [...before, file], {
        cwd: ROOT,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const prints = ENDLESS.find(({ page }) => place.startsWith(page))?.prints;
      let said = "";
      let failed = "";
      child.stderr.on("data", (bytes: Uint8Array) => (failed += String(bytes)));
      child.stdout.on("data", (bytes: Uint8Array) => {
        said += String(bytes);
        if (prints?.every((text) => said.includes(text))) child.kill("SIGKILL");
        else if (prints !== undefined && said.includes(prints[0]!))
          void client.command(["SET", "user:1", "bea"]);
      });
      const status = await new Promise((resolve) => child.once("close", resolve));
      if (prints === undefined) expect(`${status} ${failed}`).toBe("0 ");
      else for (const text of prints) expect(said + failed).toContain(text);
    },
  );
});

/** The example with the package's names replaced by its sources, for a process without this test's aliases. */
function fromSources(code: string): string {
  return code.replace(/"rxreplica(?:\/(\w+))?"/g, (_name, entry: string | undefined) => {
    const folder =
      entry === undefined
        ? ""
        : /^(resp|rdb|commands)$/.test(entry)
          ? `src/${entry}/`
          : `transports/${entry}/`;
    return JSON.stringify(pathToFileURL(join(ROOT, folder, "mod.ts")).href);
  });
}
