import type { Colors } from "./format/text.ts";
import { PLAIN } from "./format/text.ts";

/** What the streams of this run can show. */
export interface Terminal {
  /** Standard output is a terminal: text by default, cut at its width. */
  readonly out: boolean;
  /** Standard error is a terminal: progress bars and status lines. */
  readonly err: boolean;
  readonly width: number | undefined;
}

export function readTerminal(): Terminal {
  const out = process.stdout.isTTY === true;
  const err = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  return { out, err, width: out ? (process.stdout.columns ?? 80) : undefined };
}

/** Colours where the stream is a terminal that wants them; `NO_COLOR` and `TERM=dumb` turn them off. */
export async function loadColors(isTerminal: boolean): Promise<Colors> {
  if (!isTerminal || process.env.NO_COLOR || process.env.TERM === "dumb") return PLAIN;
  const { default: picocolors } = await import("picocolors");
  return picocolors.createColors(true);
}
