/** One seeded round: a scenario on a server, and what is left of it held to the primary. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SERVER_KINDS, type ServerKind } from "../servers/mod.ts";
import { Random } from "../support/random.ts";
import { Rig } from "./rig.ts";
import { SCENARIO_KINDS, SCENARIOS, type ScenarioKind } from "./scenarios/mod.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import type { Verified } from "./stream_check.ts";

export interface RoundOptions {
  readonly seed: number;
  /** Default: the seed's. */
  readonly kind?: ScenarioKind;
  /** Default: the seed's. */
  readonly server?: ServerKind;
}

export interface RoundResult extends Verified {
  readonly seed: number;
  readonly kind: ScenarioKind;
  readonly server: ServerKind;
  /** Which of its ways the scenario took, where it has several. */
  readonly way?: string;
  /** Commands of a second, filtered consumer that were kept until the end and had not changed. */
  readonly kept: number;
  /** Faults of the proxy. */
  readonly faults: number;
  readonly disconnected: number;
  readonly continued: number;
  readonly fullresyncs: number;
  readonly resets: number;
  readonly restarts: number;
  readonly ms: number;
}

/** Which scenario and server a seed stands for: so many seeds in a row as there are scenarios have them all, and the next ones each on another server. */
export function choose({ seed, kind, server }: RoundOptions): Required<RoundOptions> {
  return {
    seed,
    kind: kind ?? SCENARIO_KINDS[seed % SCENARIO_KINDS.length]!,
    server: server ?? SERVER_KINDS[Math.floor(seed / SCENARIO_KINDS.length + seed) % SERVER_KINDS.length]!,
  };
}

/** Runs it. Throws an error that names the round when anything does not hold. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { seed, kind, server } = choose(options);
  const scenario: Scenario = SCENARIOS[kind];
  const random = new Random(seed);
  const folder = await mkdtemp(join(tmpdir(), "rxr-chaos-"));
  const begun = performance.now();
  let rig: Rig | undefined;
  try {
    const faults = [...(scenario.faults?.(random) ?? [])];
    rig = await Rig.start({
      kind: server,
      seed,
      random,
      folder,
      child: scenario.child ?? false,
      alone: scenario.alone ?? false,
      sentinels: scenario.sentinels,
      config: { "repl-backlog-size": "16mb", ...scenario.config?.(random) },
      consumer: scenario.consumer?.(random, folder) ?? {},
      faults,
    });
    await scenario.run(rig);
    // No more faults: what was not reached yet would hold up the end.
    faults.length = 0;
    const verified = await rig.verify();
    const { consumer, proxy, way } = rig;
    return {
      seed,
      kind,
      server,
      ...(way === undefined ? {} : { way }),
      ...verified,
      faults: proxy.faults,
      disconnected: consumer.count("disconnected"),
      continued: consumer.count("continue"),
      fullresyncs: consumer.count("fullresync"),
      resets: consumer.count("reset"),
      restarts: consumer.restarts,
      ms: Math.round(performance.now() - begun),
    };
  } catch (error) {
    const way = rig?.way === undefined ? "" : `, ${rig.way}`;
    const where = `chaos round --seed ${seed} --kind ${kind} on ${server}${way}`;
    const what = error instanceof Error ? error.message : String(error);
    const log = (await rig?.primary.log())?.split("\n").slice(-40).join("\n");
    throw new Error(`${where}: ${what}; ${rig?.consumer.summary()}\n${log ?? ""}`, { cause: error });
  } finally {
    await rig?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
