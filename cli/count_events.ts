import type { RedisEvent } from "../src/events.ts";
import { type EventSource, isBeginning, untilStopped } from "./event_source.ts";
import { showText } from "./format/show.ts";
import { createMeter } from "./meter.ts";
import { printTotals } from "./print_totals.ts";
import { StatusLine } from "./status_line.ts";
import { readTerminal } from "./terminal.ts";
import { EventCounter } from "./totals.ts";

/** Totals alone would hide that a file was cut or a value could not be decoded: that goes to standard error. */
function noteFault(event: RedisEvent): void {
  if (event.kind !== "link") return;
  if (event.event === "warning")
    process.stderr.write(`rxreplica: warning: ${showText(event.message)} (${event.code})\n`);
  if (event.event === "truncated")
    process.stderr.write(
      `rxreplica: warning: ${showText(event.file)} is cut short: whole commands up to byte ${event.validTo} (TRUNCATED)\n`,
    );
}

/**
 * Visits all events of a source and prints their totals: at its end, when it is stopped, and before a failure is thrown, unless
 * that came before there was anything to count.
 */
export async function countEvents(source: EventSource, stop: AbortSignal): Promise<void> {
  const counter = new EventCounter();
  const meter = readTerminal().err ? await createMeter(source) : undefined;
  const status = meter && new StatusLine(process.stderr, (columns) => meter.render(columns));
  let began = false;
  let failed = true;
  try {
    for await (const batch of untilStopped(source.batches, stop)) {
      for (const event of batch) {
        meter?.see(event);
        counter.see(event);
        began ||= isBeginning(event);
        noteFault(event);
      }
    }
    failed = false;
  } finally {
    status?.close();
    if (began || !failed) await printTotals(counter.totals(performance.now()));
  }
}
