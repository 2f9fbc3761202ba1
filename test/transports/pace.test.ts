import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pace } from "../../transports/shared/pace.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const ENOUGH = 131_072;

/** One read that takes `wait` ms and gives chunks of these sizes. */
function read(pace: Pace, wait: number, ...sizes: number[]): number {
  pace.asked();
  vi.advanceTimersByTime(wait);
  for (const size of sizes) pace.arrived(size);
  return pace.delay;
}

/** Reads `count` times what a sender of `rate` bytes a ms gives in one. */
function steadily(pace: Pace, rate: number, count = 100): number {
  for (let index = 0; index < count; index += 1) read(pace, 1, rate);
  return pace.delay;
}

test.each([
  [1_000, 0],
  [4_000, 4],
  [20_000, 4],
  [70_000, 2],
  [120_000, 1],
])("Pace at %i bytes a ms puts reads off by %i ms, for a read worth its cost", (rate, delay) => {
  expect(steadily(new Pace(ENOUGH), rate)).toBe(delay);
});

test("Pace does not gather what a quiet link sends now and then", () => {
  const pace = new Pace(ENOUGH);
  const delays = Array.from({ length: 20 }, () => read(pace, 10, 10_000));
  expect(delays).toEqual(Array(20).fill(0));
});

test.each<[string, (pace: Pace) => number]>([
  ["a pause", (pace) => read(pace, 20, 100)],
  ["a read that was large", (pace) => read(pace, 1, ENOUGH)],
  ["a read of many small records", (pace) => read(pace, 1, 60_000, 60_000, 20_000)],
  [
    "something was written",
    (pace) => {
      pace.wrote();
      return pace.delay;
    },
  ],
])("Pace reads at once after %s", (_what, event) => {
  const pace = new Pace(ENOUGH);
  expect(steadily(pace, 20_000)).toBe(4);
  expect(event(pace)).toBe(0);
});

test("Pace goes on gathering after a single large read, a wait for the scheduler, and an answer", () => {
  const pace = new Pace(ENOUGH);
  steadily(pace, 20_000);
  read(pace, 1, ENOUGH);
  expect(read(pace, 1, 20_000)).toBeGreaterThan(0);
  expect(read(pace, 3, 60_000)).toBeGreaterThan(0);
  pace.wrote();
  expect(read(pace, 1, 20_000)).toBeGreaterThan(0);
});
