/**
 * Breaks links, primaries and consumers under load: `npm run chaos -- --rounds N --seed S --kind K --server V`. Each round has a
 * seed of its own, printed with it; `--seed THAT --rounds 1` runs the same one again. Ends with a summary as one line of JSON.
 */
import { parseArgs } from "node:util";
import { type RoundResult, runRound } from "../test/chaos/run_round.ts";
import { SCENARIO_KINDS } from "../test/chaos/scenarios/mod.ts";
import { SERVER_KINDS, stopAllServers } from "../test/servers/mod.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "100" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    kind: { type: "string" },
    server: { type: "string" },
  },
});

const rounds = Number(values.rounds);
const seed = Number(values.seed);
const kind = SCENARIO_KINDS.find((one) => one === values.kind);
const server = SERVER_KINDS.find((one) => one === values.server);
if (!(rounds > 0) || !Number.isSafeInteger(seed)) throw new RangeError("--rounds and --seed must be numbers");
if (kind !== values.kind) throw new RangeError(`--kind must be one of ${SCENARIO_KINDS.join(", ")}`);
if (server !== values.server) throw new RangeError(`--server must be one of ${SERVER_KINDS.join(", ")}`);

console.log(`chaos: ${rounds} rounds from seed ${seed}`);
const totals: Record<string, number> = {};
let failed = 0;
for (let round = 0; round < rounds; round++) {
  try {
    const result = await runRound({
      seed: seed + round,
      ...(kind === undefined ? {} : { kind }),
      ...(server === undefined ? {} : { server }),
    });
    add(result);
    console.log(JSON.stringify(result));
  } catch (error) {
    failed++;
    console.error(`FAILED ${error instanceof Error ? error.message : error}`);
  }
}
await stopAllServers();
console.log(JSON.stringify({ rounds, seed, failed, ...totals }));
process.exit(failed === 0 ? 0 : 1);

function add(result: RoundResult): void {
  for (const [name, value] of Object.entries(result)) {
    if (name !== "seed" && typeof value === "number") totals[name] = (totals[name] ?? 0) + value;
  }
}
