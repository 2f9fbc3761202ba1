import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { toolPath } from "../test/servers/mod.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Inside the project, so that all runtimes find its dependencies. */
const built = join(root, "node_modules", ".cache", "rxreplica-bench");

export const RUNTIMES = ["node", "bun", "deno"] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** Whose programs in C are the measure. */
const SERVER = "redis-7.0";

/** Compiles the library, the program and the benchmarks' children, as they are published: JavaScript of ES2022. */
export function build(): void {
  const { resolve } = createRequire(import.meta.url);
  const compiler = join(dirname(resolve("typescript/package.json")), "bin", "tsc");
  mkdirSync(built, { recursive: true });
  // Below node_modules the package of the project does not count any more.
  writeFileSync(join(built, "package.json"), '{ "type": "module" }\n');
  execFileSync("node", [
    compiler,
    "-p",
    join(root, "bench", "tsconfig.json"),
    "--noCheck",
    "--outDir",
    built,
  ]);
}

/** The command that runs a compiled file of the project on a runtime. */
export function run(runtime: Runtime, file: string, ...args: readonly string[]): readonly string[] {
  const script = join(built, file.replace(/\.ts$/, ".js"));
  return [...RUNTIME_COMMANDS[runtime](), script, ...args];
}

const RUNTIME_COMMANDS: Readonly<Record<Runtime, () => readonly string[]>> = {
  node: () => ["node"],
  bun: () => [installed("bun")],
  deno: () => [installed("deno"), "run", "-A"],
};

/** A runtime that came as a package of the project, else the one on the path. */
function installed(name: string): string {
  const path = join(root, "node_modules", ".bin", name);
  return existsSync(path) ? path : name;
}

/** A program that comes with the server. */
export async function tool(
  name: "check-rdb" | "check-aof" | "benchmark",
  ...args: readonly string[]
): Promise<readonly string[]> {
  return [...(await toolPath(SERVER, name)), ...args];
}

export { SERVER };
