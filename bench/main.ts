/**
 * All measurements of the library against what one would use instead: `npm run bench`, or `npm run bench:quick` for a tenth of
 * the data. `docs/performance.md` tells how to read them.
 *
 *     npm run bench -- [--quick] [--rounds N] [--only startup,rdb,commands,live,memory] [--save]
 *
 * `--save` writes the tables and charts of docs/performance.
 */
import { loadavg } from "node:os";
import { againstNode, compareWithNode } from "./against_node.ts";
import { measureCommands } from "./groups/commands.ts";
import { measureLive } from "./groups/live.ts";
import { measureMemory } from "./groups/memory.ts";
import { measureRdb } from "./groups/rdb.ts";
import { measureStartup } from "./groups/startup.ts";
import { build } from "./programs.ts";
import { describeMachine, save } from "./report.ts";
import { FULL, QUICK, type Settings } from "./settings.ts";
import { markdown, type Table, withoutGoals } from "./table.ts";

const GROUPS: Readonly<Record<string, (settings: Settings) => Promise<readonly Table[]>>> = {
  startup: measureStartup,
  rdb: measureRdb,
  commands: measureCommands,
  live: measureLive,
  memory: measureMemory,
};
/** What takes long, and what `--only` has to name. */
const EXTRA = ["memory"];

const args = process.argv.slice(2);
const only = args.includes("--only") ? args[args.indexOf("--only") + 1]!.split(",") : undefined;
const rounds = args.includes("--rounds") ? Number(args[args.indexOf("--rounds") + 1]) : undefined;
if (rounds !== undefined && !(rounds >= 1)) throw new RangeError("--rounds takes a number from 1 on");
const size = args.includes("--quick") ? QUICK : FULL;
const settings: Settings = rounds === undefined ? size : { ...size, rounds };
const wanted =
  only ?? Object.keys(GROUPS).filter((name) => !(args.includes("--quick") && EXTRA.includes(name)));
for (const name of wanted) if (!(name in GROUPS)) throw new RangeError(`There is no group ${name}`);

build();
console.log(`${await describeMachine()}\n`);
const tables: Table[] = [];
const loads: number[] = [];
for (const name of wanted) {
  const measured = await GROUPS[name]!(settings);
  // On little data the start of a runtime is most of what is measured: the goals are about the full size.
  const found = settings.scale < 1 ? measured.map(withoutGoals) : measured;
  loads.push(loadavg()[0]!);
  for (const table of found) console.log(markdown(table));
  tables.push(...found);
}
const comparisons = compareWithNode(tables);
if (comparisons.length > 0) console.log(againstNode(comparisons));
console.log(`Load of the machine meanwhile: ${loads.map((load) => load.toFixed(1)).join(", ")}`);
if (args.includes("--save")) await save(tables, loads);
