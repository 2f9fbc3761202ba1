/** How the demo looks: headings, explanations, columns; in colour on a terminal, plain elsewhere. */
import picocolors from "picocolors";
import { columnsOf, showDuration, showNumber, showSize } from "../../cli/format/show.ts";
import { bar, StatusLine } from "../../cli/status_line.ts";

const { stdout } = process;
const colors = picocolors.createColors(stdout.isTTY === true && !process.env.NO_COLOR);
const INDENT = "     ";
/** Columns of what the client sends, before what arrives. */
export const LEFT = 40;

export const { bold, cyan, dim, green, yellow, magenta } = colors;

export function say(text = ""): void {
  stdout.write(`${text}\n`);
}

export function title(text: string, subtitle: string): void {
  say();
  say(`  ${bold(cyan(text))}  ${dim(subtitle)}`);
}

let headings = 0;

export function heading(text: string): void {
  say();
  say(`  ${cyan(String(++headings))}  ${bold(text)}`);
}

export function line(text: string): void {
  say(`${INDENT}${text}`);
}

/** Begins a line with its left column, which takes `used` columns without its colour codes. */
export function startLine(left: string, used: number): void {
  stdout.write(`${INDENT}${left}${" ".repeat(Math.max(1, LEFT - used))}`);
}

/** Ends it with the right column. */
export function finishLine(right: string): void {
  say(right);
}

/** Cuts text at a number of columns. */
export function cutAt(text: string, limit: number): string {
  if (columnsOf(text) <= limit) return text;
  let cut = "";
  for (const character of text) {
    if (columnsOf(cut) + columnsOf(character) > limit - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

/** Room that is left of a line. */
export function room(used: number): number {
  return Math.max(30, (stdout.columns ?? 100) - INDENT.length - used);
}

export interface Loading {
  keys: number;
  bytes: number;
}

/** A bar until `loading` has reached `total`; the returned function leaves its last state on the screen. */
export function showLoading(loading: Loading, total: Partial<Loading>): () => void {
  const startedAt = performance.now();
  const render = (): string => {
    const done = total.keys === undefined ? loading.bytes / total.bytes! : loading.keys / total.keys;
    const share = Math.min(1, done);
    const seconds = (performance.now() - startedAt) / 1000;
    const numbers = [
      `${Math.floor(share * 100)}%`.padStart(4),
      showNumber(loading.keys, "key"),
      showSize(loading.bytes),
      `${showSize(loading.bytes / seconds)}/s`,
      share < 1
        ? `${showDuration(((seconds * (1 - share)) / share) * 1000)} left`
        : `${seconds.toFixed(1)} s`,
    ];
    const { done: full, left } = bar(share, 30);
    return `${INDENT}${green(full)}${dim(left)}  ${numbers.join("  ")}`;
  };
  const status = stdout.isTTY === true ? new StatusLine(stdout, render) : undefined;
  return () => {
    status?.close();
    say(render());
  };
}
