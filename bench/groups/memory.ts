import { rm } from "node:fs/promises";
import { RDB_NAMES } from "../data/datasets.ts";
import { enlarge } from "../data/enlarge.ts";
import { makeDataset } from "../data/make.ts";
import { type Cost, measure } from "../measure.ts";
import { run } from "../programs.ts";
import type { Settings } from "../settings.ts";
import type { Row, Table } from "../table.ts";

const TIMES = 10;
const GOAL_MB = 120;

/** Peak memory on Node while a dataset streams through, and while one of ten times its size does. */
export async function measureMemory({ scale }: Settings): Promise<readonly Table[]> {
  const rows: Row[] = [];
  for (const dataset of RDB_NAMES) {
    const path = await makeDataset(dataset, scale);
    const large = `${path}.x${TIMES}`;
    try {
      await enlarge(path, large, { times: TIMES, values: dataset === "big" });
      for (const [name, command] of Object.entries(COMMANDS)) {
        const one = await measure(command(path));
        const ten = await measure(command(large));
        rows.push(row(`${dataset}, ${name}`, one, ten));
      }
    } finally {
      await rm(large, { force: true });
    }
  }
  return [
    { id: "memory", title: `Peak memory on Node: a dataset, and ${TIMES} times as much`, unit: "MB", rows },
  ];
}

const COMMANDS: Readonly<Record<string, (path: string) => readonly string[]>> = {
  count: (path) => run("node", "cli/main.ts", "dump", path, "--count"),
  views: (path) => run("node", "bench/children/views.ts", path),
};

function row(name: string, one: Cost, ten: Cost): Row {
  return {
    name,
    peers: { "1 ×": { value: one.peak ?? Number.NaN }, "10 ×": { value: ten.peak ?? Number.NaN } },
    runtimes: { node: { value: Math.max(one.peak ?? 0, ten.peak ?? Number.NaN) } },
    goal: { most: GOAL_MB },
  };
}
