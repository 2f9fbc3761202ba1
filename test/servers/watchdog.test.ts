import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { describeServers } from "./describe.ts";
import { probe } from "./probe.ts";
import { run } from "./run.ts";

const SCRIPT = fileURLToPath(new URL("leave_running.ts", import.meta.url));

/** How this runtime runs a TypeScript file. */
function runtime(): string[] {
  if ("Deno" in globalThis) return [process.execPath, "run", "-A"];
  return "Bun" in globalThis ? [process.execPath, "run"] : [process.execPath, "--import", "tsx"];
}

describeServers(
  "a server that was left running",
  (kind) => {
    test.each(["exit", "kill", "throw"])("ends with its process, by %s", async (how) => {
      const { stdout, stderr } = await run([...runtime(), SCRIPT, kind, how], { timeout: 30_000 });
      expect(stdout, stderr).toMatch(/^\{/);
      const { dir, port } = JSON.parse(stdout) as { dir: string; port: number };
      // Not by its pid: a process that nobody has waited for keeps its own.
      await expect.poll(() => probe(port), { timeout: 5_000 }).toBeUndefined();
      await expect.poll(() => existsSync(dir), { timeout: 5_000 }).toBe(false);
    });
  },
  ["valkey-9.1"],
);
