/**
 * Installs a packed tarball into an empty project, as a user would, and imports every entry under Node, Deno and Bun, runs
 * the program and compiles against the types. Usage: `tsx scripts/check_package.ts FILE.tgz`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const BIN = join(ROOT, "node_modules", ".bin");
const tarball = process.argv[2];
if (tarball === undefined) throw new Error("Usage: tsx scripts/check_package.ts FILE.tgz");

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const entries = Object.keys(manifest.exports).filter((key) => key !== "./package.json");

/** What one entry must do, besides being there. */
const USES: Readonly<Record<string, string>> = {
  ".": `for await (const batch of entry.rdbBatches(rdb)) for (const event of batch) seen.push(event.event);`,
  "./rdb": `const decoder = new entry.RdbDecoder({ onEvent: (event) => seen.push(event.event) }); decoder.write(rdb); decoder.end();`,
  "./resp": `if (entry.encodeCommand(["PING"]).length !== 14) throw new Error("encodeCommand");`,
  "./commands": `if (entry.keysOf(["SET", "k", "v"].map((word) => new TextEncoder().encode(word)))?.length !== 1) throw new Error("keysOf");`,
  "./memory": `const [a, b] = entry.memoryPair(); await a.write(rdb); if ((await b.chunks[Symbol.asyncIterator]().next()).value.length !== rdb.length) throw new Error("memoryPair");`,
};

/** A snapshot of one key. */
const RDB = [82, 69, 68, 73, 83, 48, 48, 48, 52, 0, 1, 107, 1, 118, 255];

const IMPORTS = `
const rdb = Uint8Array.of(${RDB.join()});
const seen = [];
${entries
  .map((key) => {
    const name = key.replace(".", "rxreplica");
    const use =
      USES[key] ??
      `if (typeof entry.replicate !== "function" || typeof entry.connect !== "function") throw new Error("${name}");`;
    return `{ const entry = await import("${name}"); ${use} }`;
  })
  .join("\n")}
if (seen.join() !== "begin,key,end,begin,key,end") throw new Error(seen.join());
console.log("${entries.length} entries");
`;

/** Each entry's types, used from a strict program that knows no runtime's types. */
const TYPES = `${entries.map((key, index) => `import * as entry${index} from "${key.replace(".", "rxreplica")}";`).join("\n")}
import { type Observable } from "rxjs";
import { replicate, type RedisEvent } from "rxreplica/node";
export const events: Observable<RedisEvent> = replicate("redis://127.0.0.1:6379", { dbs: [0] });
export const all: unknown[] = [${entries.map((_, index) => `entry${index}`).join(", ")}];
`;

const folder = mkdtempSync(join(tmpdir(), "rxreplica-package-"));
try {
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "empty", private: true, type: "module" }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", resolve(tarball)]);
  writeFileSync(join(folder, "check.mjs"), IMPORTS);
  writeFileSync(join(folder, "check.ts"), TYPES);
  writeFileSync(join(folder, "one.rdb"), Uint8Array.from(RDB));
  const program = join("node_modules", "rxreplica", "dist", "cli", "main.js");
  const runtimes: readonly (readonly [command: string, before: readonly string[]])[] = [
    [process.execPath, []],
    [join(BIN, "deno"), ["run", "-A"]],
    [join(BIN, "bun"), []],
  ];
  for (const [command, before] of runtimes) {
    expect(run(command, [...before, "check.mjs"]), `${entries.length} entries`);
    expect(run(command, [...before, program, "--version"]), manifest.version);
    // Each runtime's own files and sockets are loaded when they are needed.
    expect(run(command, [...before, program, "dump", "one.rdb"]), '"key":"k"');
    expect(fail(command, [...before, program, "dump", "redis://127.0.0.1:1"]), "(CONNECT)");
  }
  expect(run(join("node_modules", ".bin", "rxreplica"), ["--version"]), manifest.version);
  // Declarations are checked too (no skipLibCheck): they must not need more than the language and rxjs.
  const types = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom", "--types", ""];
  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ] as const) {
    run(join(BIN, "tsc"), [...types, "--module", module, "--moduleResolution", resolution, "check.ts"]);
  }
  console.log(
    `The package works: ${entries.length} entries and the program under Node, Deno and Bun, and its types`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command: string, parameters: readonly string[]): string {
  console.log(`$ ${command} ${parameters.join(" ")}`);
  return execFileSync(command, parameters, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** What a command says on standard error that has to fail. */
function fail(command: string, parameters: readonly string[]): string {
  console.log(`$ ${command} ${parameters.join(" ")}`);
  const { status, stderr } = spawnSync(command, parameters, { cwd: folder, encoding: "utf8" });
  if (status !== 1) throw new Error(`Expected status 1, got ${status}: ${stderr}`);
  return stderr;
}

function expect(said: string, wanted: string): void {
  if (!said.includes(wanted))
    throw new Error(`Expected ${JSON.stringify(wanted)}, got ${JSON.stringify(said)}`);
}
