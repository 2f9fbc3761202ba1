import { expect, test } from "vitest";
import { againstNode, compareWithNode, withinGoal } from "../../bench/against_node.ts";
import type { Table } from "../../bench/table.ts";

const tables: readonly Table[] = [
  {
    id: "time",
    title: "Time",
    unit: "s",
    rows: [
      {
        name: "a",
        peers: {},
        runtimes: { node: { value: 2 }, bun: { value: 3 }, deno: { value: 2.5 } },
        goal: { most: 9 },
      },
      // Another goal about the same figure.
      {
        name: "share",
        peers: {},
        runtimes: { node: { value: 2, ratio: 1 }, bun: { value: 3 } },
        goal: { most: 1 },
      },
      { name: "no goal", peers: {}, runtimes: { node: { value: 1 }, bun: { value: 9 } } },
      { name: "Node alone", peers: {}, runtimes: { node: { value: 5 } }, goal: { most: 9 } },
    ],
  },
  {
    id: "rate",
    title: "Rate",
    unit: "MB/s",
    rows: [
      {
        name: "b",
        peers: {},
        runtimes: { node: { value: 600 }, bun: { value: 300 }, deno: { value: 900 } },
        goal: { least: 1 },
      },
    ],
  },
];

test("Bun and Deno are compared with Node by what they cost, whether more or less is better", () => {
  const comparisons = compareWithNode(tables);
  expect(comparisons).toEqual([
    { table: "time", name: "a", costs: { bun: 1.5, deno: 1.25 } },
    { table: "rate", name: "b", costs: { bun: 2, deno: 600 / 900 } },
  ]);
  expect(withinGoal(comparisons)).toEqual({ met: 2, of: 4 });
  expect(againstNode(comparisons).split("\n").slice(2)).toEqual([
    "|         |   bun |        |  deno |     |",
    "|---------|------:|-------:|------:|----:|",
    "| time: a | ×1.50 | missed | ×1.25 | met |",
    "| rate: b | ×2.00 | missed | ×0.67 | met |",
    "",
  ]);
});

test("nothing is compared where nothing is judged", () => {
  expect(compareWithNode([{ ...tables[0]!, rows: [tables[0]!.rows[2]!] }])).toEqual([]);
});
