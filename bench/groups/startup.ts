import { measure, median } from "../measure.ts";
import { run } from "../programs.ts";
import type { Settings } from "../settings.ts";
import type { Table } from "../table.ts";

const ROUNDS = 15;
const GOAL_MS = 80;

/** What `rxreplica --version` takes beyond the start of the runtime itself, in ms of wall time and of CPU. */
export async function measureStartup({ runtimes }: Settings): Promise<readonly Table[]> {
  const rows = [];
  for (const runtime of runtimes) {
    const walls: number[] = [];
    const cpus: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const bare = await measure(run(runtime, "bench/children/nothing.ts"));
      const version = await measure(run(runtime, "cli/main.ts", "--version"));
      walls.push((version.wall - bare.wall) * 1000);
      cpus.push((version.cpu - bare.cpu) * 1000);
    }
    const wall = median(walls);
    rows.push({
      name: runtime,
      peers: { CPU: { value: median(cpus) }, wall: { value: wall } },
      runtimes: runtime === "node" ? { node: { value: wall } } : {},
      goal: runtime === "node" ? { most: GOAL_MS } : undefined,
    });
  }
  return [{ id: "startup", title: "`rxreplica --version` beyond an empty script", unit: "ms", rows }];
}
