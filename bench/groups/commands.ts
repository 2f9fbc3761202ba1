import { stat } from "node:fs/promises";
import { makeDataset } from "../data/make.ts";
import { measure, median } from "../measure.ts";
import { type Runtime, run, tool } from "../programs.ts";
import type { Settings } from "../settings.ts";
import type { Cell, Row, Table } from "../table.ts";

/** Of each case the CPU seconds of its rounds, and what it saw. */
export type CommandResults = Readonly<
  Record<
    string,
    { readonly cpu: readonly number[]; readonly seen: { readonly commands: number; readonly check: number } }
  >
>;

const PEER = "redis-parser";
const OWN: Readonly<Record<string, number>> = {
  "offset only": 4,
  "name and key as strings": 1.5,
  "every argument as a view": 1.5,
};

/** Other decoders than the measure, in a process of their own: what they leave on the heap would be collected on our account. */
const OTHERS = ["@redis/client", "ioredis"];

/** The command stream through `readAof` and through clients' decoders; each beside redis-parser in one process. */
export async function measureCommands({ scale, rounds, runtimes }: Settings): Promise<readonly Table[]> {
  const path = await makeDataset("commands", scale);
  const { size } = await stat(path);
  const measureCases = async (runtime: Runtime, cases: readonly string[]): Promise<CommandResults> => {
    const command = run(runtime, "bench/children/commands.ts", path, String(rounds), PEER, ...cases);
    const results = JSON.parse((await measure(command)).output) as CommandResults;
    checkCommands(results, size);
    return results;
  };
  const found = new Map<Runtime, Record<"own" | "others", CommandResults>>();
  for (const runtime of runtimes) {
    const own = await measureCases(runtime, Object.keys(OWN));
    found.set(runtime, { own, others: await measureCases(runtime, OTHERS) });
  }
  const rate = ({ cpu }: CommandResults[string]): number => size / 1e6 / median(cpu);
  const names = [PEER, ...OTHERS, ...Object.keys(OWN)];
  const rows = names.map((name): Row => {
    const runtimeCells = [...found].map(([runtime, { own, others }]): [Runtime, Cell] => {
      const results = OTHERS.includes(name) ? others : own;
      return [runtime, { value: rate(results[name]!), ratio: rate(results[name]!) / rate(results[PEER]!) }];
    });
    const goal = OWN[name];
    return {
      name,
      peers: {},
      runtimes: Object.fromEntries(runtimeCells),
      goal: goal === undefined ? undefined : { least: goal },
    };
  });
  const checkAof = await measure(await tool("check-aof", path));
  rows.push({
    name: "redis-check-aof, a process",
    peers: { C: { value: size / 1e6 / checkAof.cpu } },
    runtimes: {},
  });
  return [
    {
      id: "commands",
      title: `Command stream of ${(size / 1e6).toFixed(0)} MB, ratio to ${PEER}`,
      unit: "MB per CPU s",
      rows,
    },
  ];
}

/** Every decoder must have seen every command, every argument and every byte; redis-parser says how many there are. */
export function checkCommands(results: CommandResults, size: number): void {
  const { commands, check: args } = results[PEER]!.seen;
  for (const [name, { seen }] of Object.entries(results)) {
    if (seen.commands !== commands) throw new Error(`${name} saw ${seen.commands} of ${commands} commands`);
    if (name === "offset only") {
      if (seen.check !== size) throw new Error(`${name} saw ${seen.check} of ${size} bytes`);
    } else if (name === "name and key as strings") {
      if (!(seen.check > commands)) throw new Error(`${name}: nothing of the commands was read`);
    } else if (seen.check !== args) throw new Error(`${name} saw ${seen.check} of ${args} arguments`);
  }
}
