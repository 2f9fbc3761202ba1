import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import type { RedisEvent } from "../../src/events.ts";
import { HistoryReader } from "../../src/replica/history.ts";
import { encodeCommand } from "../../src/resp/encoder.ts";
import { compileFilter, type FilterOptions } from "../../src/stream/filter.ts";
import { REPLID, show, stream } from "../rx/events.ts";
import { filterOptions, oneUnit } from "../stream/arbitraries.ts";

function reader(options: FilterOptions, failover = false): HistoryReader {
  return new HistoryReader(
    {
      snapshot: true,
      stream: true,
      position: { replid: REPLID, offset: 0, db: 0 },
      filter: compileFilter(options),
      rdb: {},
      maxCommandBytes: undefined,
      shard: undefined,
      failover,
    },
    () => {},
  );
}

const bytesOf = (line: string): Uint8Array => encodeCommand(line.split(" "));

/** What a socket does with a chunk that was given back. */
const overwrite = (chunk: Uint8Array): void => {
  chunk.fill(0x23);
};

/** Long enough that a few events among it are worth a copy. */
const FILLER = `SET filler ${"x".repeat(3000)}`;

/** Cuts `bytes` after these shares of what is left. */
function cut(bytes: Uint8Array, shares: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const share of shares) {
    const end = at + Math.floor((bytes.length - at) * share);
    if (end > at) chunks.push(bytes.slice(at, end));
    at = end;
  }
  chunks.push(bytes.slice(at));
  return chunks;
}

describe("HistoryReader.writeStream", () => {
  test("frees no chunk that an event still needs, whatever filters, transactions and cuts there are", () => {
    let freed = 0;
    const units = fc.array(
      fc.oneof({ weight: 5, arbitrary: fc.constant([FILLER]) }, { weight: 2, arbitrary: oneUnit }),
      { maxLength: 20 },
    );
    const options = fc.oneof(
      filterOptions,
      fc.record({ keys: fc.constantFrom("user:*", "a"), unknown: fc.constant<"drop">("drop") }),
    );
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
    fc.assert(
      fc.property(units, options, fc.boolean(), shares, (all, chosen, failover, cuts) => {
        const lines = all.flat();
        const history = reader(chosen, failover);
        const events: RedisEvent[] = [];
        for (const chunk of cut(concat(lines.map(bytesOf)), cuts)) {
          if (history.writeStream(chunk, 0)) {
            freed++;
            overwrite(chunk);
          }
          events.push(...history.takeEvents());
        }
        const stage = compileFilter(chosen).stage();
        const expected: string[] = [];
        for (const event of stream(lines)) stage.push(event, (each) => expected.push(show(each)));
        expect(events.map(show)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
    expect(freed).toBeGreaterThan(30);
  });

  test.each<[string, FilterOptions, readonly string[], boolean]>([
    ["nothing passed", { keys: "user:*" }, [FILLER], true],
    ["one of much passed", { keys: "user:*" }, [FILLER, "SET user:1 v"], true],
    [
      "a whole transaction passed, one of much",
      { keys: "user:*" },
      [FILLER, "MULTI", "SET user:1 v", "EXEC"],
      true,
    ],
    ["much passed", { keys: "user:*" }, ["SET user:1 v", "SET user:2 v"], false],
    ["all passed, one of it large", {}, [FILLER], false],
    ["a MULTI is held back", { keys: "user:*" }, [FILLER, "MULTI", "SET a v"], false],
    ["a function has seen a key", { keys: () => false }, [FILLER], false],
    ["only the link spoke", { keys: "user:*" }, ["PING", "SELECT 3"], true],
  ])("when %s, says whether the chunk is free", (_what, options, lines, free) => {
    expect(reader(options).writeStream(concat(lines.map(bytesOf)), 0)).toBe(free);
  });

  test("keeps chunks where a failover may go back to one of their events", () => {
    expect(reader({ keys: "user:*" }, true).writeStream(bytesOf(FILLER), 0)).toBe(false);
  });
});
