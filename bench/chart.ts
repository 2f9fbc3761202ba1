import type { Cell, Row, Table } from "./table.ts";

const WIDTH = 760;
const LABEL = 250;
const BAR = 14;
const GAP = 10;
const TOP = 40;

/** Colours that are told apart in print and by most eyes. */
const COLORS: Readonly<Record<string, string>> = { node: "#2a7f3e", bun: "#d9822b", deno: "#3b5b92" };
const PEER_COLOR = "#8a8f98";

/** A table as an SVG of bars, one group a row, scaled to the longest bar of the row. A line marks the goal on ratios. */
export function chart({ title, rows, unit }: Table): string {
  const parts: string[] = [];
  let y = TOP;
  for (const row of rows) {
    const bars = barsOf(row);
    const longest = Math.max(...bars.map(({ cell }) => cell.value));
    parts.push(text(LABEL - 10, y + (bars.length * BAR) / 2 + 4, row.name, "end"));
    for (const { name, cell, color } of bars) {
      const length = ((WIDTH - LABEL - 190) * cell.value) / longest;
      parts.push(
        `<rect x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="${BAR - 2}" fill="${color}"/>`,
        text(LABEL + length + 6, y + BAR - 4, `${name} ${figure(cell)}`, "start"),
      );
      y += BAR;
    }
    y += GAP;
  }
  const head = text(10, 22, `${plain(title)} (${unit})`, "start", "bold");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#ffffff"/>
${head}
${parts.join("\n")}
</svg>
`;
}

function barsOf({ peers, runtimes }: Row): { name: string; cell: Cell; color: string }[] {
  return [
    ...Object.entries(peers).map(([name, cell]) => ({ name, cell, color: PEER_COLOR })),
    ...Object.entries(runtimes).map(([name, cell]) => ({ name, cell, color: COLORS[name]! })),
  ].filter(({ cell }) => Number.isFinite(cell.value));
}

function figure({ value, ratio }: Cell): string {
  const shown = value >= 100 ? value.toFixed(0) : value.toFixed(2);
  return ratio === undefined ? shown : `${shown} (×${ratio.toFixed(2)})`;
}

function text(x: number, y: number, content: string, anchor: "start" | "end", weight = "normal"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-weight="${weight}" fill="#1c1f24">${escaped(content)}</text>`;
}

const plain = (title: string): string => title.replaceAll("`", "");
const escaped = (content: string): string => content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
