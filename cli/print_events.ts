import type { RedisEvent } from "../src/events.ts";
import { type EventSource, untilStopped } from "./event_source.ts";
import { createMeter } from "./meter.ts";
import type { PrintOptions } from "./options.ts";
import { Output } from "./output.ts";
import type { PositionKeeper } from "./position_keeper.ts";
import { StatusLine } from "./status_line.ts";
import { readTerminal } from "./terminal.ts";
import { loadWriter } from "./writers.ts";

export interface PrintRun {
  /** Ends the run in order. */
  readonly stop: AbortSignal;
  /** Keeps the position of what was printed. */
  readonly keeper?: PositionKeeper | undefined;
}

/**
 * Prints a source's events until it ends, the run is stopped or nobody reads any more. The source is read at the pace of the
 * output. Everything that came before a failure is printed before it is thrown.
 */
export async function printEvents(source: EventSource, options: PrintOptions, run: PrintRun): Promise<void> {
  const { stop, keeper } = run;
  const terminal = readTerminal();
  const write = await loadWriter(options, terminal);
  const output = new Output();
  const meter = terminal.err ? await createMeter(source) : undefined;
  const status = meter && new StatusLine(process.stderr, (columns) => meter.render(columns));
  const print = (event: RedisEvent): void => {
    meter?.see(event);
    if (isPrinted(event, options)) write(output.block, event);
  };
  const settle = (): Promise<void> => (terminal.out ? showAll(output, status) : output.flush());
  const savePosition = async (): Promise<void> => {
    await output.drain();
    if (!output.closed) await keeper?.save();
  };
  try {
    for await (const batch of untilStopped(source.batches, stop)) {
      for (const event of batch) {
        print(event);
        if (output.full) await settle();
      }
      await settle();
      if (output.closed) break;
      const last = batch[batch.length - 1];
      if (last !== undefined) keeper?.see(last);
      if (keeper?.due === true) await savePosition();
    }
  } finally {
    status?.close();
    await savePosition();
  }
}

function isPrinted(event: RedisEvent, options: PrintOptions): boolean {
  return event.kind !== "link" || event.event !== "progress" || options.progressEvents === true;
}

/** On a terminal the lines and the status line share the screen: it makes way for them. */
async function showAll(output: Output, status: StatusLine | undefined): Promise<void> {
  if (output.block.length === 0) return;
  status?.clear();
  await output.drain();
  status?.draw();
}
