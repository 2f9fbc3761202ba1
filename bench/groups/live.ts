import { setTimeout as sleep } from "node:timers/promises";
import { startServer, type TestServer } from "../../test/servers/mod.ts";
import { connectClient } from "../../test/support/client.ts";
import { type BunChild, cpuOf, highWaterMark, measure, median, start } from "../measure.ts";
import { type Runtime, run, SERVER, tool } from "../programs.ts";
import type { Settings } from "../settings.ts";
import type { Cell, Row, Table } from "../table.ts";

/** What follows the primary in a run. */
interface Follower {
  readonly pid: number;
  stop(): Promise<void>;
  /** Commands and batches seen; `undefined` for a real replica, which does not say. */
  seen(): Promise<{ readonly commands: number; readonly batches: number } | undefined>;
}

interface Run {
  /** CPU seconds of the follower per million commands. */
  readonly cpu: number;
  /** Seconds from the end of the load until everything was acknowledged. */
  readonly lag: number;
  /** Thousands of commands a second that the primary took. */
  readonly rate: number;
  readonly peak: number | undefined;
  /** Share of the commands that passed the filter. */
  readonly passed: number | undefined;
}

const MODES = ["count", "filter", "pipeline"] as const;
type Mode = (typeof MODES)[number];

const ACKNOWLEDGED_WITHIN = 30_000;

/** A primary under `redis-benchmark`, followed by nobody, by a real replica and by this library. */
export async function measureLive({ rounds, runtimes, liveCommands }: Settings): Promise<readonly Table[]> {
  const followers = new Map<string, (primary: TestServer) => Promise<Follower>>([
    ["none", async () => NOBODY],
    ["redis-server", followByServer],
  ]);
  for (const runtime of runtimes)
    for (const mode of runtime === "node" ? MODES : (["filter"] as const))
      followers.set(`${runtime} ${mode}`, (primary) => followByLibrary(runtime, mode, primary));
  const runs = new Map<string, Run[]>([...followers.keys()].map((name) => [name, []]));
  for (let round = 0; round < Math.min(rounds, 3); round++)
    for (const [name, follow] of followers) runs.get(name)!.push(await runOnce(follow, liveCommands));
  const of = (name: string, pick: (run: Run) => number | undefined): Cell => {
    const values = runs
      .get(name)!
      .map(pick)
      .filter((value) => value !== undefined);
    return { value: median(values) };
  };
  const row = (
    name: string,
    pick: (run: Run) => number | undefined,
    own: string,
    goal?: Row["goal"],
    ratioOf?: (cell: Cell) => number,
  ): Row => ({
    name,
    peers: {
      "redis-server": of("redis-server", pick),
      ...(pick === rate ? { "no replica": of("none", pick) } : {}),
    },
    runtimes: Object.fromEntries(
      runtimes
        .filter((runtime) => runs.has(`${runtime} ${own}`))
        .map((runtime) => {
          const cell = of(`${runtime} ${own}`, pick);
          return [runtime, ratioOf === undefined ? cell : { ...cell, ratio: ratioOf(cell) }];
        }),
    ),
    goal,
  });
  const real = of("redis-server", cpu).value;
  const bare = of("node count", cpu).value;
  const rows: Row[] = [
    row("CPU s per million commands, filtered by key prefix", cpu, "filter", { most: 0.2 }),
    row("the same, share of a real replica's", cpu, "filter", { most: 0.2 }, ({ value }) => value / real),
    row("bare count", cpu, "count"),
    row(
      "filterKeys and batch as operators, to the bare count",
      cpu,
      "pipeline",
      { most: 1.5 },
      ({ value }) => value / bare,
    ),
    row("s until all is acknowledged", lag, "filter", { most: 1 }),
    row(
      "thousand commands a second at the primary, to those with a real replica",
      rate,
      "filter",
      { least: 1 },
      ({ value }) => value / of("redis-server", rate).value,
    ),
    row("peak memory, MB", peak, "filter", { most: 120 }),
  ];
  return [
    {
      id: "live",
      title: `Live: redis-benchmark -t set -n ${liveCommands} -P 64 -d 64 -r 1000000`,
      unit: "as each row says",
      rows,
    },
  ];
}

const cpu = (run: Run): number => run.cpu;
const lag = (run: Run): number => run.lag;
const rate = (run: Run): number => run.rate;
const peak = (run: Run): number | undefined => run.peak;

const NOBODY: Follower = { pid: 0, stop: async () => {}, seen: async () => undefined };

async function runOnce(follow: (primary: TestServer) => Promise<Follower>, count: number): Promise<Run> {
  const primary = await startServer({
    kind: SERVER,
    config: { save: '""', "repl-diskless-sync": "yes", "repl-diskless-sync-delay": "0" },
  });
  try {
    const follower = await follow(primary);
    try {
      const seenBefore = await follower.seen();
      const cpuBefore = follower.pid === 0 ? 0 : cpuOf(follower.pid);
      const load = await measure(
        await tool(
          "benchmark",
          "-p",
          String(primary.port),
          "-t",
          "set",
          "-n",
          String(count),
          "-P",
          "64",
          "-d",
          "64",
          "-r",
          "1000000",
          "--csv",
        ),
      );
      const end = performance.now();
      if (follower.pid !== 0) await acknowledged(primary);
      const lag = (performance.now() - end) / 1000;
      const used = follower.pid === 0 ? 0 : cpuOf(follower.pid) - cpuBefore;
      const seen = await follower.seen();
      const passed = seen && seenBefore && (seen.commands - seenBefore.commands) / count;
      if (passed !== undefined && !(passed > 0)) throw new Error("The library saw no command");
      return {
        cpu: (used / count) * 1e6,
        lag,
        rate: requestsPerSecond(load.output) / 1000,
        peak: follower.pid === 0 ? undefined : highWaterMark(follower.pid),
        passed,
      };
    } finally {
      await follower.stop();
    }
  } finally {
    await primary.stop();
  }
}

/** The number in `"SET","612345.00",…` below the header line. */
function requestsPerSecond(csv: string): number {
  const line = csv.split("\n").find((each) => each.startsWith('"SET"'));
  if (line === undefined) throw new Error(`redis-benchmark said: ${csv}`);
  return Number(line.split(",")[1]!.replaceAll('"', ""));
}

/** Waits until the one replica has acknowledged everything the primary has written. */
async function acknowledged(primary: TestServer): Promise<void> {
  const client = await connectClient(primary);
  try {
    const limit = performance.now() + ACKNOWLEDGED_WITHIN;
    while (performance.now() < limit) {
      const info = await client.text("INFO", "replication");
      const written = /^master_repl_offset:(\d+)/m.exec(info)?.[1];
      const has = /^slave0:.*offset=(\d+)/m.exec(info)?.[1];
      // The primary's own pings go on: whoever has come this far has everything of the load.
      if (has !== undefined && Number(has) >= Number(written)) return;
      await sleep(10);
    }
    throw new Error("The replica did not acknowledge everything in time");
  } finally {
    client.close();
  }
}

async function followByServer(primary: TestServer): Promise<Follower> {
  const replica = await startServer({
    kind: SERVER,
    config: { save: '""', replicaof: `${primary.host} ${primary.port}` },
  });
  const client = await connectClient(replica);
  try {
    await waitUntil(async () => (await client.text("INFO", "replication")).includes("master_link_status:up"));
  } finally {
    client.close();
  }
  return { pid: replica.pid, stop: () => replica.stop(), seen: async () => undefined };
}

async function followByLibrary(runtime: Runtime, mode: Mode, primary: TestServer): Promise<Follower> {
  const child = start(run(runtime, "bench/children/live.ts", primary.url, mode));
  const lines = linesOf(child);
  const first = await lines.next();
  if (first.value !== "online")
    throw new Error(`The ${runtime} child failed: ${await new Response(child.stderr).text()}`);
  return {
    pid: child.pid,
    seen: async () => {
      child.stdin.write("?\n");
      child.stdin.flush();
      const { value } = await lines.next();
      return JSON.parse(value!) as { commands: number; batches: number };
    },
    stop: async () => {
      child.kill();
      await child.exited;
    },
  };
}

async function* linesOf(child: BunChild): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of child.stdout as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  return undefined;
}

async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + ACKNOWLEDGED_WITHIN;
  while (!(await holds())) {
    if (performance.now() > limit) throw new Error("The replica did not come up in time");
    await sleep(20);
  }
}
