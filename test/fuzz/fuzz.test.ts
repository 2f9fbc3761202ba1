import { describe, expect, test } from "vitest";
import { runFuzz } from "./run_fuzz.ts";
import { FUZZ_TARGETS } from "./targets.ts";

/** Another seed at each run would make a failure hard to see again; `npm run fuzz` takes others. */
const SEED = 1;
const MS_A_TARGET = 2500;

describe("mutated input gives events and at most one coded error, the same however chunked", () => {
  test.each(FUZZ_TARGETS.map(({ name }) => name))("%s", (name) => {
    const until = performance.now() + MS_A_TARGET;
    const result = runFuzz({ seed: SEED, rounds: 20_000, targets: [name], until });
    expect(result.rounds).toBeGreaterThan(200);
    // Mutations that are all refused at once, or never, would show little.
    expect(result.errors).toBeGreaterThan(result.rounds * 0.1);
    expect(result.errors).toBeLessThan(result.rounds * 0.999);
  });
});
