import fc from "fast-check";
import { encodeUtf8 } from "../../src/bytes/text.ts";
import type { ValueType } from "../../src/events.ts";
import type { FilterOptions } from "../../src/stream/filter.ts";
import { key } from "../rx/events.ts";

/** Few keys, so that they meet. */
export const keyName = fc.constantFrom("a", "b", "user:1", "user:2", "ab*", "ü");
const dbIndex = fc.integer({ min: 0, max: 3 });
const oneCommand = fc.oneof(
  { weight: 4, arbitrary: keyName.map((k) => `SET ${k} v`) },
  {
    weight: 2,
    arbitrary: fc.array(keyName, { minLength: 1, maxLength: 4 }).map((ks) => `DEL ${ks.join(" ")}`),
  },
  fc.tuple(keyName, keyName).map(([a, b]) => `RENAME ${a} ${b}`),
  fc.tuple(keyName, dbIndex).map(([k, db]) => `MOVE ${k} ${db}`),
  fc.tuple(keyName, keyName, dbIndex).map(([a, b, db]) => `COPY ${a} ${b} DB ${db}`),
  fc.tuple(keyName, keyName).map(([a, b]) => `ZUNIONSTORE out 2 ${a} ${b}`),
  fc.tuple(keyName, keyName).map(([a, b]) => `mset ${a} 1 ${b} 2`),
  fc.tuple(dbIndex, dbIndex).map(([a, b]) => `SWAPDB ${a} ${b}`),
  keyName.map((k) => `XGROUP CREATE ${k} g 0`),
  keyName.map((k) => `MODULE.CMD ${k}`),
  fc.constantFrom(
    "FLUSHDB",
    "FLUSHALL",
    "PUBLISH c m",
    "FUNCTION FLUSH",
    "EVAL s 0",
    "ZUNIONSTORE out x a",
    "SET",
  ),
);
/** Lines of the stream that stand together. */
export const oneUnit = fc.oneof(
  { weight: 5, arbitrary: oneCommand.map((line) => [line]) },
  { weight: 1, arbitrary: dbIndex.map((db) => [`SELECT ${db}`]) },
  {
    weight: 2,
    arbitrary: fc.array(oneCommand, { maxLength: 4 }).map((lines) => ["MULTI", ...lines, "EXEC"]),
  },
);
export const snapshotKey = fc
  .record({ name: keyName, db: dbIndex, type: fc.constantFrom<ValueType>("string", "hash", "set") })
  .map(({ name, db, type }) => key(name, type, [], { db }));
export const filterOptions: fc.Arbitrary<FilterOptions> = fc.record(
  {
    keys: fc.constantFrom<NonNullable<FilterOptions["keys"]>>(
      "user:*",
      ["a", "b"],
      encodeUtf8("ab*"),
      (k, db) => k.length > 1 && db !== 2,
      [],
    ),
    dbs: fc.uniqueArray(dbIndex, { maxLength: 3 }),
    types: fc.subarray<ValueType>(["string", "hash", "set"]),
    commands: fc.subarray([
      "set",
      "DEL",
      "MOVE",
      "COPY",
      "SWAPDB",
      "XGROUP",
      "MODULE.CMD",
      "MSET",
      "FLUSHALL",
    ]),
    families: fc.subarray(["string", "generic", "stream", "server"]),
    flags: fc.subarray(["write", "denyoom", "fast"]),
    slots: fc.subarray([{ start: 0, end: 8191 }, { start: 12000, end: 16383 }, 15495, 3300]),
    unknown: fc.constantFrom<"pass" | "drop">("pass", "drop"),
  },
  { requiredKeys: [] },
);
