import { expect, test } from "vitest";
import { compareNdjson } from "../support/ndjson_compare.ts";

const line = (fields: Record<string, unknown>): string =>
  JSON.stringify({ kind: "rdb", db: 0, key: "k", ...fields });

function compare(ours: readonly string[], truth: readonly string[], rdbVersion = 12): readonly string[] {
  return compareNdjson(ours, truth, { rdbVersion });
}

/** [what, our lines, the truth, version of the file] */
type Row = [string, readonly string[], readonly string[], number?];

const group = (fields: object = {}): object => ({
  name: "g",
  lastId: "1-1",
  pel: [],
  consumers: [],
  ...fields,
});
const stream = (fields: object = {}, rest: object = {}): string => {
  const numbers = { lastId: "1-1", firstId: "1-1", maxDeletedId: "0-0", entriesAdded: 1, length: 1 };
  return line({ type: "stream", value: { ...numbers, entries: [], groups: [], ...fields }, ...rest });
};

test.each<Row>([
  [
    "encoding, idle and freq",
    [line({ type: "string", value: "v", encoding: "raw", idle: 4 })],
    [line({ type: "string", value: "v" })],
  ],
  [
    "order of members",
    [line({ type: "set", value: ["b", "a"] })],
    [line({ type: "set", value: ["a", "b"] })],
  ],
  [
    "order of lines",
    [line({ key: "a", type: "list", value: ["1"] }), line({ type: "list", value: ["2"] })],
    [line({ type: "list", value: ["2"] }), line({ key: "a", type: "list", value: ["1"] })],
  ],
  [
    "lines that are no keys",
    ['{"kind":"rdb","event":"begin","version":12}', '{"kind":"rdb","type":"aux","key":"a","value":"b"}'],
    [],
  ],
  [
    "parts",
    [
      line({ type: "list", value: ["1"], part: 0 }),
      line({ type: "list", value: ["2"], part: 1, last: true }),
    ],
    [line({ type: "list", value: ["1", "2"] })],
  ],
  [
    "a string cut inside a character",
    [
      line({ type: "string", value: { base64: "4oI=" }, part: 0 }),
      line({ type: "string", value: { base64: "rA==" }, part: 1, last: true }),
    ],
    [line({ type: "string", value: "€" })],
  ],
  ["fields that an old stream lacks", [stream({ firstId: "0-0", entriesAdded: 0 })], [stream()], 9],
  [
    "a group in pieces",
    [
      stream({ groups: [group({ pel: [["1-1", 1, 1]] })] }, { part: 0 }),
      stream({ groups: [group({ pel: [["1-2", 1, 1]] })] }, { part: 1, last: true }),
    ],
    [
      stream({
        groups: [
          group({
            pel: [
              ["1-2", 1, 1],
              ["1-1", 1, 1],
            ],
          }),
        ],
      }),
    ],
  ],
])("%s make no difference", (_, ours, truth, version) => {
  expect(compare(ours, truth, version ?? 12)).toEqual([]);
});

test.each<Row>([
  ["a value", [line({ type: "string", value: "v" })], [line({ type: "string", value: "w" })]],
  ["a type", [line({ type: "set", value: ["v"] })], [line({ type: "list", value: ["v"] })]],
  ["a TTL", [line({ type: "string", value: "v", expireAt: 1 })], [line({ type: "string", value: "v" })]],
  [
    "order of a list",
    [line({ type: "list", value: ["1", "2"] })],
    [line({ type: "list", value: ["2", "1"] })],
  ],
  ["a missing key", [], [line({ type: "string", value: "v" })]],
  ["a key too many", [line({ type: "string", value: "v" })], []],
  ["a db", [line({ type: "string", value: "v" })], [line({ db: 1, type: "string", value: "v" })]],
  [
    "a key twice",
    [line({ type: "string", value: "v" }), line({ type: "string", value: "v" })],
    [line({ type: "string", value: "v" })],
  ],
  ["a part that never ends", [line({ type: "list", value: ["1"], part: 0 })], []],
  [
    "parts out of order",
    [line({ type: "list", value: ["1"], part: 1, last: true })],
    [line({ type: "list", value: ["1"] })],
  ],
  ["stream fields that the file holds", [stream({ entriesAdded: 2 })], [stream()]],
  [
    "a function",
    ['{"kind":"rdb","type":"function","value":"a"}'],
    ['{"kind":"rdb","type":"function","value":"b"}'],
  ],
])("%s makes a difference", (_, ours, truth) => {
  expect(compare(ours, truth)).not.toEqual([]);
});
