/**
 * A replica that counts: `live.js URL MODE`, MODE one of `count`, `filter` (a key prefix, as an option of the source) and
 * `pipeline` (`filterKeys` and `batch` as operators). Prints `online` when it is attached; told anything, it prints what it
 * has seen and its CPU time so far.
 */
import { batch, filterKeys, replicate } from "../../mod.ts";
import type { RedisEvent } from "../../src/events.ts";

const [url, mode] = [process.argv[2]!, process.argv[3]!];
const runtime = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";
const { connect } = (await import(
  `../../transports/${runtime}/connect.js`
)) as typeof import("../../transports/node/connect.ts");
const { clock } = await import("../../transports/shared/clock.ts");

/** One key in a hundred of `redis-benchmark -r 1000000`, whose keys have twelve digits. */
const KEYS = "key:00000000*";

let commands = 0;
let batches = 0;
const see = (event: RedisEvent): void => {
  if (event.kind === "aof") commands++;
  else if (event.kind === "link" && event.event === "online") console.log("online");
};
const fail = (error: unknown): void => {
  console.error(error);
  process.exit(1);
};

if (mode === "pipeline") {
  const source = replicate(url, { connect, clock });
  source.pipe(filterKeys(KEYS), batch({ count: 1000, ms: 100 })).subscribe({
    next: (events) => {
      batches++;
      for (const event of events) see(event);
    },
    error: fail,
  });
} else {
  replicate(url, { connect, clock, ...(mode === "filter" ? { keys: KEYS } : {}) }).subscribe({
    next: see,
    error: fail,
  });
}

process.stdin.on("data", () => {
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ commands, batches, cpu: (user + system) / 1e6 }));
});
