/**
 * Feeds mutated input to all decoders: `npm run fuzz -- --seed N --rounds M`. It prints its seed; a failure names seed and
 * round, and `--seed N --from ROUND --rounds 1` runs that one again. `--target NAME` keeps to one target.
 */
import { parseArgs } from "node:util";
import { FuzzFailure, runFuzz } from "../test/fuzz/run_fuzz.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    rounds: { type: "string", default: "1000000" },
    from: { type: "string", default: "0" },
    target: { type: "string", multiple: true },
  },
});

const seed = Number(values.seed);
const rounds = Number(values.rounds);
/** A lying length must not become an allocation: the whole run stays below this. */
const MAX_RSS_MB = 600;

console.log(`fuzz: seed ${seed}, ${rounds} rounds`);
const begun = performance.now();
try {
  const result = runFuzz({
    seed,
    rounds,
    from: Number(values.from),
    ...(values.target === undefined ? {} : { targets: values.target }),
    onProgress(round) {
      if (round % 100_000 === 0)
        console.log(`${round} rounds, ${Math.round((performance.now() - begun) / 1000)} s`);
    },
  });
  const seconds = (performance.now() - begun) / 1000;
  const rss = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ seed, ...result, seconds: Math.round(seconds), maxRssMb: rss }, undefined, 2));
  if (rss > MAX_RSS_MB) throw new FuzzFailure(`seed ${seed}: memory grew to ${rss} MB`);
} catch (error) {
  if (!(error instanceof FuzzFailure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
