import { Output } from "./output.ts";
import type { Totals } from "./totals.ts";

/** Prints totals as one line of JSON, whatever the format of events. */
export async function printTotals(totals: Totals): Promise<void> {
  const output = new Output();
  output.block.text(`${JSON.stringify(totals)}\n`);
  await output.drain();
}
