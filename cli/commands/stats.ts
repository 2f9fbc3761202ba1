import { EXIT, UsageError } from "../errors.ts";
import { isBeginning, untilStopped } from "../event_source.ts";
import { createMeter } from "../meter.ts";
import type { StatsCommandOptions } from "../options.ts";
import { Output } from "../output.ts";
import { listenForStop } from "../signals.ts";
import { openSource } from "../sources/open_source.ts";
import { writeStatsNdjson } from "../stats/report_ndjson.ts";
import { statsText } from "../stats/report_text.ts";
import { ShardedStats } from "../stats/sharded.ts";
import { StatusLine } from "../status_line.ts";
import { loadColors, readTerminal } from "../terminal.ts";

/** Prefixes told apart before the sketch begins to guess: at most some megabytes of memory. */
const PREFIXES = 10_000;

/** `rxreplica stats SOURCE` */
export async function stats(source: string, options: StatsCommandOptions): Promise<number> {
  const { separator, depth, top, format } = options;
  if (!/^[\x20-\x7e]$/.test(separator)) throw new UsageError("--separator is one ASCII character");
  const { signal } = listenForStop();
  const terminal = readTerminal();
  const opened = await openSource(source, options, { snapshot: true, stream: false }, signal);
  const collector = new ShardedStats({ separator, depth, top, prefixes: PREFIXES, now: Date.now() });
  const meter = terminal.err ? await createMeter(opened) : undefined;
  const status = meter && new StatusLine(process.stderr, (columns) => meter.render(columns));
  const output = new Output();
  let began = false;
  let failed = true;
  try {
    for await (const batch of untilStopped(opened.batches, signal)) {
      for (const event of batch) {
        meter?.see(event);
        collector.see(event);
        began ||= isBeginning(event);
      }
    }
    failed = false;
  } finally {
    status?.close();
    if (began || !failed) await tell();
  }
  return EXIT.ok;

  /** What was counted before a failure or a signal is told all the same. */
  async function tell(): Promise<void> {
    const result = collector.result();
    if ((format ?? (terminal.out ? "text" : "ndjson")) === "text") {
      output.block.text(statsText(result, await loadColors(terminal.out), top));
    } else writeStatsNdjson(output.block, result);
    await output.drain();
  }
}
