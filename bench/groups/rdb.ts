import { RDB_NAMES, type RdbDataset } from "../data/datasets.ts";
import { makeDataset } from "../data/make.ts";
import { type Cost, measure, median } from "../measure.ts";
import { type Runtime, run, tool } from "../programs.ts";
import type { Settings } from "../settings.ts";
import type { Cell, Row, Table } from "../table.ts";

interface Case {
  readonly id: string;
  readonly title: string;
  readonly command: (runtime: Runtime, path: string) => readonly string[];
  readonly goals: Readonly<Record<RdbDataset, number>>;
  /** What a run says it saw: the same on every runtime. */
  readonly seen: (output: string) => string;
}

const COUNT: Case = {
  id: "count",
  title: "`rxreplica dump FILE --count` against `redis-check-rdb FILE`",
  command: (runtime, path) => run(runtime, "cli/main.ts", "dump", path, "--count"),
  goals: { small: 0.65, collections: 0.65, mixed: 0.65, lzf: 0.9, big: 0.22 },
  seen: (output) => JSON.stringify((JSON.parse(output) as { rdb: unknown }).rdb),
};

const VIEWS: Case = {
  id: "views",
  title: "The same with every key as a string and every element as a view",
  command: (runtime, path) => run(runtime, "bench/children/views.ts", path),
  goals: { small: 1, collections: 1.3, mixed: 1.2, lzf: 1.2, big: 0.45 },
  seen: (output) => output,
};

/** Whole processes over RDB files: counting, and with everything made. */
export async function measureRdb(settings: Settings): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const each of [COUNT, VIEWS]) {
    const rows: Row[] = [];
    for (const dataset of RDB_NAMES) rows.push(await measureDataset(each, dataset, settings));
    tables.push({ id: each.id, title: each.title, unit: "CPU s, user and system; peak memory", rows });
  }
  return tables;
}

async function measureDataset(
  of: Case,
  dataset: RdbDataset,
  { scale, rounds, runtimes }: Settings,
): Promise<Row> {
  const path = await makeDataset(dataset, scale);
  const commands = new Map<string, readonly string[]>([["redis-check-rdb", await tool("check-rdb", path)]]);
  for (const runtime of runtimes) commands.set(runtime, of.command(runtime, path));
  const costs = new Map<string, Cost[]>([...commands.keys()].map((name) => [name, []]));
  const seen = new Map<string, string>();
  // Rounds take turns, so that what else runs on the machine hits all alike. The first fills caches.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, command] of commands) {
      const cost = await measure(command);
      if (round > 0) costs.get(name)!.push(cost);
      if (name !== "redis-check-rdb") seen.set(name, of.seen(cost.output));
    }
  }
  if (new Set(seen.values()).size !== 1)
    throw new Error(`The runtimes saw different things in ${path}: ${[...seen].join("; ")}`);
  const cells = new Map([...costs].map(([name, list]) => [name, cellOf(list)]));
  const peer = cells.get("redis-check-rdb")!;
  const ratioed = (runtime: Runtime): Cell => {
    const cell = cells.get(runtime)!;
    return { ...cell, ratio: cell.value / peer.value };
  };
  return {
    name: dataset,
    peers: { "redis-check-rdb": peer },
    runtimes: Object.fromEntries(runtimes.map((runtime) => [runtime, ratioed(runtime)])),
    goal: { most: of.goals[dataset] },
  };
}

function cellOf(costs: readonly Cost[]): Cell {
  const peaks = costs.map(({ peak }) => peak).filter((peak) => peak !== undefined);
  return {
    value: median(costs.map(({ cpu }) => cpu)),
    peak: peaks.length === 0 ? undefined : Math.max(...peaks),
  };
}
