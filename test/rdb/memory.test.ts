import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { MEMORY_INPUTS } from "./memory_inputs.ts";

const CHILD = fileURLToPath(new URL("memory_child.ts", import.meta.url));
/** The inputs in full (1 GB strings, 10 million elements) with RXREPLICA_FULL=1; by default a part of that. */
const SCALE = process.env.RXREPLICA_FULL === "1" ? 1 : 0.12;
/** What decoding may add to an idle process, MB. Node itself takes about 45. */
const MAX_GROWTH = 90;

// The other runtimes count their memory in other ways.
const isNode = !("Bun" in globalThis) && !("Deno" in globalThis);

describe.runIf(isNode)("memory stays small however big one value is", () => {
  const cases = MEMORY_INPUTS.flatMap(({ name }, index) =>
    (["data", "raw"] as const).map((level) => ({ name, index, level })),
  );
  // Level raw treats all values alike, so two say enough.
  test.each(cases.filter(({ index, level }) => level === "data" || index === 0 || index === 5))(
    "$name at level $level",
    { timeout: 120_000 },
    ({ index, level }) => {
      const args = ["--import", "tsx", CHILD, String(index), String(SCALE), level];
      const child = spawnSync(process.execPath, args, { encoding: "utf8" });
      expect(child.stderr).toBe("");
      const result = JSON.parse(child.stdout) as { beforeMb: number; maxRssMb: number; elements: number };
      if (SCALE === 1) console.log(child.stdout.trim());
      expect(result.maxRssMb - result.beforeMb).toBeLessThan(MAX_GROWTH);
    },
  );
});
