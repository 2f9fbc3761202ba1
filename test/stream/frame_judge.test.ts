import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../src/bytes/text.ts";
import type { RedisEvent } from "../../src/events.ts";
import { encodeCommand } from "../../src/resp/encoder.ts";
import { CommandTracker } from "../../src/stream/command_tracker.ts";
import { compileFilter, type FilterOptions } from "../../src/stream/filter.ts";
import { show, stream } from "../rx/events.ts";
import { filterOptions, oneUnit } from "./arbitraries.ts";

/** The filter as sources use it: by bytes first, then on events. Also how many events were made for that. */
function sifted(lines: readonly string[], options: FilterOptions) {
  const filter = compileFilter(options);
  const stage = filter.stage();
  const passed: string[] = [];
  let made = 0;
  const push = (event: RedisEvent): void => {
    passed.push(show(event));
  };
  const tracker = new CommandTracker({
    onEvent: (event) => {
      made++;
      stage.push(event, push);
    },
    sift: filter.frames && {
      judge: filter.frames,
      onPass: (event) => {
        made++;
        push(event);
      },
    },
  });
  tracker.start({ offset: 0, db: 0 });
  for (const line of lines) tracker.write(encodeCommand(line.split(" ")));
  return { passed, made };
}

/** The filter on events that cannot be judged by their bytes. */
function judged(lines: readonly string[], options: FilterOptions): string[] {
  const stage = compileFilter(options).stage();
  const passed: string[] = [];
  for (const event of stream(lines)) stage.push(event, (each) => passed.push(show(each)));
  return passed;
}

describe("a filter that judges by bytes", () => {
  it("lets the same pass as one that judges events", () => {
    fc.assert(
      fc.property(fc.array(oneUnit, { maxLength: 12 }), filterOptions, (units, options) => {
        const lines = units.flat();
        expect(sifted(lines, options).passed).toEqual(judged(lines, options));
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, FilterOptions, readonly string[], number]>([
    ["a key that is not wanted", { keys: "user:*" }, ["SET order:1 v", "DEL a b c", "mset a 1 b 2"], 0],
    ["a db that is not wanted", { dbs: 1 }, ["SET a v", "SELECT 1", "SET b v"], 1],
    ["a name that is not wanted", { commands: "DEL" }, ["SET a v", "del b", "FLUSHALL"], 1],
    ["a name that nobody knows", { keys: "a", unknown: "drop" }, ["MODULE.CMD a"], 0],
    ["arguments too few to hold a key", { keys: "a", unknown: "drop" }, ["SET"], 0],
  ])("makes no event for %s", (_what, options, lines, made) => {
    const result = sifted(lines, options);
    expect(result.made).toBe(made);
    expect(result.passed).toEqual(judged(lines, options));
  });

  it("tells spellings of one slot apart, however many there are", () => {
    // Names of a length whose first, middle and last letters agree fall into one slot.
    const names = Array.from({ length: 40 }, (_, i) => `A${String.fromCharCode(65 + (i % 26))}Bx${i % 9}C`);
    const lines = [...names, ...names].flatMap((name) => [`${name} k`, "SET k v", "SET user:1 v"]);
    for (const unknown of ["pass", "drop"] as const) {
      const options = { keys: "user:*", unknown };
      expect(sifted(lines, options).passed).toEqual(judged(lines, options));
    }
  });

  it("judges no bytes where a function wants the key, or more than name and place is asked", () => {
    expect(compileFilter({ keys: () => true }).frames).toBeUndefined();
    expect(compileFilter({ families: "string" }).frames).toBeUndefined();
    expect(compileFilter({ slots: 1 }).frames).toBeUndefined();
    expect(compileFilter({ types: "set" }).frames).toBeUndefined();
    expect(compileFilter({ keys: encodeUtf8("k") }).frames).toBeDefined();
  });
});
