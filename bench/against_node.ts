import { RUNTIMES } from "./programs.ts";
import { alignedTable, type Row, type Table } from "./table.ts";

/** What Bun and Deno may cost of what Node costs. */
const GOAL = 1.3;
const OTHERS = RUNTIMES.filter((runtime) => runtime !== "node");

/** A figure of one runtime as cost: 2 is twice what Node takes, whether less or more of the figure is better. */
export interface Comparison {
  readonly table: string;
  readonly name: string;
  readonly costs: Readonly<Partial<Record<(typeof OTHERS)[number], number>>>;
}

/** Every figure with a goal that stands there for Node and for another runtime; once, where two goals are about one figure. */
export function compareWithNode(tables: readonly Table[]): readonly Comparison[] {
  return tables.flatMap(({ id, rows }) =>
    rows
      .filter(
        (row, i) =>
          !rows.slice(0, i).some((earlier) => earlier.runtimes.node?.value === row.runtimes.node?.value),
      )
      .map((row) => ({ table: id, name: row.name, costs: costsOf(row) }))
      .filter(({ costs }) => Object.keys(costs).length > 0),
  );
}

function costsOf({ goal, runtimes }: Row): Comparison["costs"] {
  const node = runtimes.node?.value;
  if (goal === undefined || node === undefined) return {};
  const costs = OTHERS.flatMap((runtime) => {
    const value = runtimes[runtime]?.value;
    return value === undefined ? [] : [[runtime, "most" in goal ? value / node : node / value] as const];
  });
  return Object.fromEntries(costs);
}

/** Of all the comparisons how many keep to the goal. */
export function withinGoal(comparisons: readonly Comparison[]): {
  readonly met: number;
  readonly of: number;
} {
  const costs = comparisons.flatMap(({ costs }) => Object.values(costs));
  return { met: costs.filter(within).length, of: costs.length };
}

function within(cost: number): boolean {
  return cost <= GOAL;
}

/** The comparisons as a table of Markdown. */
export function againstNode(comparisons: readonly Comparison[]): string {
  const lines = comparisons.map(({ table, name, costs }) => [
    `${table}: ${name}`,
    ...OTHERS.flatMap((runtime) => {
      const cost = costs[runtime];
      return cost === undefined ? ["–", ""] : [`×${cost.toFixed(2)}`, within(cost) ? "met" : "missed"];
    }),
  ]);
  return alignedTable("Bun and Deno against Node", `cost, at most ×${GOAL}`, [
    ["", ...OTHERS.flatMap((runtime) => [runtime, ""])],
    ...lines,
  ]);
}
