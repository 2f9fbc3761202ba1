import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { againstNode, compareWithNode, withinGoal } from "./against_node.ts";
import { chart } from "./chart.ts";
import { measure } from "./measure.ts";
import { RUNTIMES, run } from "./programs.ts";
import { markdown, meets, type Table } from "./table.ts";

const folder = new URL("../docs/performance/", import.meta.url);

/** A line about the machine and the versions that run on it. */
export async function describeMachine(): Promise<string> {
  const versions: string[] = [];
  for (const runtime of RUNTIMES) {
    const { output } = await measure(run(runtime, "bench/children/versions.ts"));
    versions.push(output.trim());
  }
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 1e9)} GB; ${versions.join(", ")}; load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(" ")}`;
}

/** Writes what was found as tables and as charts, for docs/performance.md. */
export async function save(tables: readonly Table[], loads: readonly number[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const table of tables) {
    await writeFile(new URL(`${table.id}.svg`, folder), chart(table));
    await writeFile(new URL(`${table.id}.json`, folder), `${JSON.stringify(table, null, 1)}\n`);
  }
  const met = tables.flatMap((table) => table.rows.map(meets)).filter((each) => each !== undefined);
  const comparisons = compareWithNode(tables);
  const { met: near, of } = withinGoal(comparisons);
  const head = [
    "<!-- Written by `npm run bench -- --save`. -->",
    "# What was measured last",
    "",
    `${await describeMachine()}. Load while it was measured: ${loads.map((load) => load.toFixed(1)).join(", ")}.`,
    `${met.filter(Boolean).length} of ${met.length} goals met on Node.`,
    ...(of === 0 ? [] : [`${near} of ${of} figures of Bun and Deno are within 1.3 × of Node's or better.`]),
    "",
  ];
  await writeFile(
    new URL("results.md", folder),
    [...head, ...tables.map(markdown), ...(of === 0 ? [] : [againstNode(comparisons)])].join("\n"),
  );
}
