/** The three runtimes as programs that run a TypeScript file, whichever of them runs the tests. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const BIN = join(ROOT, "node_modules/.bin");

export const RUNTIMES = ["node", "deno", "bun"] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** Words before the file; `undefined` where the runtime is not to be had. */
export function runtimeCommand(runtime: Runtime): readonly string[] | undefined {
  const [command, ...args] = {
    node: ["node", "--import", "tsx"],
    deno: [join(BIN, "deno"), "run", "-A"],
    bun: [join(BIN, "bun"), "run"],
  }[runtime];
  try {
    // Packages bring programs that start programs: signals must reach the one that runs the file.
    const path = execFileSync(command!, whereIs(runtime), { encoding: "utf8", cwd: ROOT }).trim();
    return [path, ...args];
  } catch {
    return undefined;
  }
}

function whereIs(runtime: Runtime): readonly string[] {
  return runtime === "deno" ? ["eval", "console.log(Deno.execPath())"] : ["-p", "process.execPath"];
}
