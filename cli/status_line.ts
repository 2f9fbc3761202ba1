import { columnsOf } from "./format/show.ts";

const ESC = "\u001b";
const CLEAR = `\r${ESC}[K`;
const HIDE_CURSOR = `${ESC}[?25l`;
const SHOW_CURSOR = `${ESC}[?25h`;
/** How often the line is drawn anew, ms. */
const PERIOD_MS = 100;

/** The part of a terminal stream that is used. */
export interface StatusStream {
  write(text: string): unknown;
  readonly columns?: number | undefined;
}

/** One line at the bottom of a terminal that is drawn anew ten times a second until it is closed. */
export class StatusLine {
  readonly #stream: StatusStream;
  readonly #render: (columns: number) => string;
  #timer: NodeJS.Timeout | undefined;
  #shown = false;

  /** `render` gives the line, no wider than the columns it is told. */
  constructor(stream: StatusStream, render: (columns: number) => string) {
    this.#stream = stream;
    this.#render = render;
    stream.write(HIDE_CURSOR);
    this.#timer = setInterval(() => this.draw(), PERIOD_MS);
    this.#timer.unref();
  }

  draw(): void {
    if (this.#timer === undefined) return;
    // The last column stays free: some terminals wrap when it is filled.
    this.#stream.write(`${CLEAR}${this.#render((this.#stream.columns ?? 80) - 1)}`);
    this.#shown = true;
  }

  /** Takes the line away for other output; `draw` puts it back. */
  clear(): void {
    if (!this.#shown) return;
    this.#stream.write(CLEAR);
    this.#shown = false;
  }

  close(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.clear();
    this.#stream.write(SHOW_CURSOR);
  }
}

/** `━━━━━──────`: a bar of `columns` columns, `share` of it done. */
export function bar(share: number, columns: number): { readonly done: string; readonly left: string } {
  const done = Math.round(Math.min(1, Math.max(0, share)) * columns);
  return { done: "━".repeat(done), left: "─".repeat(columns - done) };
}

/** Joins parts with two spaces, leaving away from the end on what does not fit. */
export function joinWithin(parts: readonly string[], columns: number): string {
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : `${line}  ${part}`;
    if (columnsOf(longer) > columns) break;
    line = longer;
  }
  return line;
}
