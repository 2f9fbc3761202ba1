import { columnsOf, showBytes, showCount, showDuration, showSize } from "../format/show.ts";
import type { Colors } from "../format/text.ts";
import type { KeyCounts, Stats } from "./collector.ts";
import { fromLatin1 } from "./names.ts";
import { byBytes } from "./report_ndjson.ts";

type Cell = string;
/** Which columns hold numbers and stand to the right. */
type Align = "left" | "right";
type AddSection = (
  title: string,
  note: string,
  head: readonly Cell[],
  rows: readonly (readonly Cell[])[],
) => void;

const KEY_COLUMNS = 48;
const SHARE_COLUMNS = 12;

/** Statistics as tables for people. `prefixes` is how many prefixes are shown. */
export function statsText(stats: Stats, colors: Colors, prefixes: number): string {
  const { total } = stats;
  const sections: string[] = [];
  const add = (
    title: string,
    note: string,
    head: readonly Cell[],
    rows: readonly (readonly Cell[])[],
  ): void => {
    if (rows.length > 0) sections.push(section(colors, title, note, head, rows));
  };
  const counts = (name: string, { keys, elements, bytes, expires }: KeyCounts): readonly Cell[] => [
    name,
    ...[showCount(keys), showCount(elements), showSize(bytes), showCount(expires), share(bytes, total.bytes)],
  ];
  const head = (name: string): readonly Cell[] => [
    name,
    "keys",
    "elements",
    "bytes",
    "expire",
    "share of bytes",
  ];

  add("By type", "", head("type"), [
    ...byBytes(stats.types).map(([type, row]) => counts(type, row)),
    ...(total.keys > 0 ? [counts("all", total)] : []),
  ]);
  if (stats.dbs.size > 1) {
    const dbs = [...stats.dbs].sort(([a], [b]) => a - b);
    add(
      "By database",
      "",
      head("db"),
      dbs.map(([db, row]) => counts(String(db), row)),
    );
  }
  addPrefixes(stats, prefixes, add);
  const ttls = stats.ttls.filter(({ keys }) => keys > 0);
  add(
    "Time to live",
    "",
    ["time left", "keys"],
    ttls.map(({ keys }, i) => [ttlName(stats, ttls, i), showCount(keys)]),
  );
  add(
    "Biggest keys",
    "",
    ["key", "db", "type", "bytes", "elements"],
    stats.biggest.map((key) => [
      showBytes(key.key, KEY_COLUMNS),
      ...[String(key.db), key.type, showSize(key.bytes), showCount(key.elements)],
    ]),
  );
  const commands = [...stats.commands].sort(([, a], [, b]) => b.commands - a.commands);
  add(
    "Commands",
    "",
    ["name", "commands", "bytes"],
    commands.map(([name, row]) => [
      showBytes(new TextEncoder().encode(name), KEY_COLUMNS),
      ...[showCount(row.commands), showSize(row.bytes)],
    ]),
  );
  return sections.length === 0 ? "nothing\n" : sections.join("\n");
}

function addPrefixes(stats: Stats, shown: number, add: AddSection): void {
  const exact = stats.prefixes.every(({ error }) => error === 0);
  const rows = stats.prefixes
    .slice(0, shown)
    .map(({ name, weight, count, error }) => [
      name === "" ? "(none)" : showBytes(fromLatin1(name), KEY_COLUMNS),
      ...[showCount(count), showSize(weight)],
      ...(exact ? [] : [showSize(error)]),
      share(weight, stats.total.bytes),
    ]);
  const more = stats.prefixes.length > rows.length;
  const notes = [
    ...(more ? [`the heaviest of ${exact ? showCount(stats.prefixes.length) : "very many"}`] : []),
    ...(exact ? [] : ["bytes may be too high by the error, keys too low"]),
  ];
  const head = ["prefix", "keys", "bytes", ...(exact ? [] : ["error"]), "share of bytes"];
  add("By prefix", notes.join("; "), head, rows);
}

function ttlName(stats: Stats, shown: Stats["ttls"], index: number): string {
  const { upTo } = shown[index]!;
  if (upTo === 0) return "expired";
  if (upTo !== undefined) return `up to ${showDuration(upTo).replace(/ 0 [smh]$/, "")}`;
  const longest = stats.ttls[stats.ttls.length - 2]!.upTo!;
  return `more than ${showDuration(longest).replace(/ 0 [smh]$/, "")}`;
}

function share(part: number, whole: number): Cell {
  const ratio = whole === 0 ? 0 : part / whole;
  return `${"█".repeat(Math.round(ratio * SHARE_COLUMNS)).padEnd(SHARE_COLUMNS, "·")} ${(ratio * 100).toFixed(1).padStart(5)}%`;
}

function section(
  colors: Colors,
  title: string,
  note: string,
  head: readonly Cell[],
  rows: readonly (readonly Cell[])[],
): string {
  const widths = head.map((cell, i) => Math.max(columnsOf(cell), ...rows.map((row) => columnsOf(row[i]!))));
  const align: readonly Align[] = head.map((name) => (NUMBERS.has(name) ? "right" : "left"));
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, i) => {
        const space = " ".repeat(widths[i]! - columnsOf(cell));
        return align[i] === "right" ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd();
  const heading = colors.bold(title) + (note === "" ? "" : colors.dim(`  ${note}`));
  return [heading, colors.dim(line(head)), ...rows.map(line), ""].join("\n");
}

const NUMBERS: ReadonlySet<string> = new Set([
  "keys",
  "elements",
  "bytes",
  "expire",
  "error",
  "commands",
  "db",
]);
