import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pace } from "../../transports/shared/pace.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** One read that takes `wait` ms and gives chunks of these sizes. */
function read(pace: Pace, wait: number, ...sizes: number[]): number {
  pace.asked();
  vi.advanceTimersByTime(wait);
  for (const size of sizes) pace.arrived(size);
  return pace.delay;
}

test("Pace puts reads off once small ones keep coming without a wait", () => {
  const pace = new Pace(1000);
  const delays = Array.from({ length: 20 }, () => read(pace, 0.5, 100));
  expect(delays).toEqual([...Array(15).fill(0), ...Array(5).fill(2)]);
});

test.each<[string, (pace: Pace) => number]>([
  ["a read that waited", (pace) => read(pace, 1.5, 100)],
  ["a read that was large", (pace) => read(pace, 0, 1000)],
  ["a read of many small records", (pace) => read(pace, 0, 400, 300, 300)],
  [
    "something was written",
    (pace) => {
      pace.wrote();
      return pace.delay;
    },
  ],
])("Pace reads at once after %s", (_what, event) => {
  const pace = new Pace(1000);
  for (let index = 0; index < 20; index += 1) read(pace, 0, 100);
  expect(pace.delay).toBe(2);
  expect(event(pace)).toBe(0);
});

test("Pace goes on gathering after a single large read, not after a pause", () => {
  const pace = new Pace(1000);
  for (let index = 0; index < 20; index += 1) read(pace, 0, 100);
  read(pace, 0, 5000);
  expect(read(pace, 0, 100)).toBe(2);
  read(pace, 10, 100);
  expect(read(pace, 0, 100)).toBe(0);
});
