/** Runs rounds of fuzzing; each is made from its number alone, so that it can be run again on its own. */
import { cut } from "../rdb/support.ts";
import { Random } from "../support/random.ts";
import { FUZZ_TARGETS, type FuzzTarget } from "./targets.ts";

export interface FuzzOptions {
  readonly seed: number;
  /** First round, and how many. */
  readonly from?: number;
  readonly rounds: number;
  /** Names of targets; all without. */
  readonly targets?: readonly string[];
  /** Called after every 10,000 rounds. */
  readonly onProgress?: (round: number) => void;
  /** Stop early at this time, `performance.now()`. */
  readonly until?: number;
}

export interface FuzzResult {
  readonly rounds: number;
  readonly bytes: number;
  readonly inputs: Readonly<Record<string, number>>;
  readonly errors: number;
  /** The slowest input, ms. */
  readonly slowest: number;
}

/** A round in which something did not hold. */
export class FuzzFailure extends Error {
  override readonly name: string = "FuzzFailure";
}

/** What an input may take: a fixed part for what the machine does besides, and a part by its size. */
const MS_FIXED = 250;
const MS_PER_KIB = 5;
/** Times that an input which was too slow is tried again: a pause of the machine does not repeat. */
const RETRIES = 3;

export function runFuzz(options: FuzzOptions): FuzzResult {
  const { seed, from = 0, rounds, targets, onProgress, until = Number.POSITIVE_INFINITY } = options;
  const chosen = FUZZ_TARGETS.filter(({ name }) => targets === undefined || targets.includes(name));
  const inputs: Record<string, number> = {};
  let bytes = 0;
  let errors = 0;
  let slowest = 0;
  let round = from;
  for (; round < from + rounds; round++) {
    if (round % 256 === 0 && performance.now() > until) break;
    const random = new Random(seed * 1_000_003 + round);
    const target = chosen[round % chosen.length]!;
    const input = target.make(random);
    const variant = random.int(0, 0xffff);
    const sizes = [random.int(1, 5), random.int(1, 60)];
    const done = check(
      target,
      input,
      variant,
      sizes,
      () => `seed ${seed} round ${round} target ${target.name}`,
    );
    inputs[target.name] = (inputs[target.name] ?? 0) + 1;
    bytes += input.length;
    if (done.failed) errors++;
    slowest = Math.max(slowest, done.ms);
    if (round % 10_000 === 9_999) onProgress?.(round + 1);
  }
  return { rounds: round - from, bytes, inputs, errors, slowest };
}

function check(
  target: FuzzTarget,
  input: Uint8Array,
  variant: number,
  sizes: readonly number[],
  where: () => string,
): { readonly failed: boolean; readonly ms: number } {
  const fail = (what: string): never => {
    throw new FuzzFailure(`${where()}: ${what}\ninput ${Buffer.from(input).toString("hex").slice(0, 4000)}`);
  };
  let whole: readonly string[] = [];
  let ms = Number.POSITIVE_INFINITY;
  const budget = MS_FIXED + (MS_PER_KIB * input.length) / 1024;
  try {
    for (let i = 0; i < RETRIES && ms > budget; i++) {
      const begun = performance.now();
      whole = target.run([input], variant);
      ms = performance.now() - begun;
    }
  } catch (error) {
    fail(`not a coded error: ${(error as Error).stack}`);
  }
  if (ms > budget) fail(`took ${ms} ms for ${input.length} bytes`);
  const failures = whole.filter((line) => line.startsWith("error "));
  if (failures.length > 1) fail("more than one error");
  if (target.chunked) {
    let chunked: readonly string[] = [];
    try {
      chunked = target.run(cut(input, sizes), variant);
    } catch (error) {
      fail(`in chunks of ${sizes}, not a coded error: ${(error as Error).stack}`);
    }
    const at = whole.findIndex((line, index) => line !== chunked[index]);
    if (at >= 0 || chunked.length !== whole.length)
      fail(
        `in chunks of ${sizes} (variant ${variant}) line ${at} of ${whole.length}/${chunked.length} differs:\n  ${whole[at < 0 ? whole.length : at]}\n  ${chunked[at < 0 ? whole.length : at]}`,
      );
  }
  return { failed: failures.length > 0, ms };
}
