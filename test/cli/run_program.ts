/** Runs the program from its source, under the runtime that the tests run under. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const MAIN = join(ROOT, "cli/main.ts");

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array;
}

export interface RunResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the program; the caller ends it. */
export function startProgram(args: readonly string[], options: RunOptions = {}): ChildProcess {
  const { PATH, HOME } = process.env;
  return spawn(process.execPath, [...runtimeArgs(), MAIN, ...args], {
    cwd: ROOT,
    env: { PATH, HOME, ...options.env },
    stdio: "pipe",
  });
}

/** Runs the program to its end. */
export async function runProgram(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = startProgram(args, options);
  let stdout = "";
  let stderr = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // A program that does not read all of its input is no fault of the test.
  child.stdin!.on("error", () => {});
  child.stdin!.end(options.input);
  const [status, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { status, signal, stdout, stderr };
}

function runtimeArgs(): readonly string[] {
  if ("Deno" in globalThis) return ["run", "-A"];
  return process.versions.bun === undefined ? ["--import", "tsx"] : [];
}
