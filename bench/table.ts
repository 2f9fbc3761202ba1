import type { Runtime } from "./programs.ts";

/** One measured thing. `ratio` is to the row's peer, measured in the same rounds. */
export interface Cell {
  readonly value: number;
  readonly ratio?: number | undefined;
  readonly peak?: number | undefined;
}

/** A line of a table: one input, everybody who took it. */
export interface Row {
  readonly name: string;
  readonly peers: Readonly<Record<string, Cell>>;
  readonly runtimes: Readonly<Partial<Record<Runtime, Cell>>>;
  /** What the ratio, or the value where there is none, should be on Node: at most this, or at least. */
  readonly goal?: { readonly most: number } | { readonly least: number } | undefined;
}

/** What one group of measurements found. */
export interface Table {
  readonly id: string;
  readonly title: string;
  /** Of `value`. */
  readonly unit: string;
  readonly rows: readonly Row[];
}

/** Whether a row's goal is met on Node; `undefined` when it has none. */
export function meets({ goal, runtimes }: Row): boolean | undefined {
  const cell = runtimes.node;
  if (goal === undefined || cell === undefined) return undefined;
  const found = cell.ratio ?? cell.value;
  return "most" in goal ? found <= goal.most : found >= goal.least;
}

export function withoutGoals(table: Table): Table {
  return { ...table, rows: table.rows.map((row) => ({ ...row, goal: undefined })) };
}

/** A table as Markdown. */
export function markdown({ title, unit, rows }: Table): string {
  const peers = [...new Set(rows.flatMap((row) => Object.keys(row.peers)))];
  const runtimes = [...new Set(rows.flatMap((row) => Object.keys(row.runtimes)))] as Runtime[];
  const judged = rows.some(({ goal }) => goal !== undefined);
  const head = ["", ...peers, ...runtimes, ...(judged ? ["goal (Node)", ""] : [])];
  const lines = rows.map((row) => [
    row.name,
    ...peers.map((peer) => cell(row.peers[peer])),
    ...runtimes.map((runtime) => cell(row.runtimes[runtime])),
    ...(judged ? [goalText(row), verdict(meets(row))] : []),
  ]);
  return alignedTable(title, unit, [head, ...lines]);
}

/** Lines of cells as Markdown under a title, the first line as their head. */
export function alignedTable(
  title: string,
  unit: string,
  [head, ...lines]: readonly (readonly string[])[],
): string {
  const widths = head!.map((name, i) => Math.max(name.length, ...lines.map((line) => line[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join(" | ")} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? `${"-".repeat(width + 2)}` : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [`### ${title} (${unit})`, "", line(head!), rule, ...lines.map(line), ""].join("\n");
}

function goalText({ goal }: Row): string {
  if (goal === undefined) return "";
  return "most" in goal ? `≤ ${goal.most}` : `≥ ${goal.least}`;
}

function verdict(met: boolean | undefined): string {
  return met === undefined ? "" : met ? "met" : "missed";
}

function cell(found: Cell | undefined): string {
  if (found === undefined) return "–";
  const ratio = found.ratio === undefined ? "" : ` ×${found.ratio.toFixed(2)}`;
  const peak = found.peak === undefined ? "" : `, ${found.peak.toFixed(0)} MB`;
  return `${figure(found.value)}${ratio}${peak}`;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
