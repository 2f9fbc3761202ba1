import { describe, expect, test } from "vitest";
import { ArrivalClock } from "../../src/replica/arrival.ts";
import { FakeClock } from "./support/fake_clock.ts";

describe("ArrivalClock", () => {
  test("dates a chunk that was waited for to the moment it came", async () => {
    const clock = new FakeClock(1000);
    const arrival = new ArrivalClock(clock);
    arrival.begin();
    await clock.advance(500);
    expect(arrival.end(undefined)).toEqual({ earliest: 1500, latest: 1500 });
    expect(clock.pending).toBe(0);
  });

  test("widens the interval of chunks that lay ready back to the last read that waited", async () => {
    const clock = new FakeClock(1000);
    const arrival = new ArrivalClock(clock);
    arrival.begin();
    await clock.advance(10);
    arrival.end(undefined);
    await clock.advance(90);
    arrival.begin();
    expect(arrival.end(undefined)).toEqual({ earliest: 1010, latest: 1100 });
    await clock.advance(400);
    arrival.begin();
    await clock.advance(6);
    expect(arrival.end(undefined)).toEqual({ earliest: 1010, latest: 1506 });
    arrival.begin();
    await clock.advance(7);
    expect(arrival.end(undefined)).toEqual({ earliest: 1513, latest: 1513 });
    expect(clock.pending).toBe(0);
  });

  test("narrows the interval of busy links by reads that took all there was", async () => {
    const clock = new FakeClock(1000);
    const arrival = new ArrivalClock(clock);
    for (const [at, earliest] of [
      [1001, 1000],
      [1002, 1001],
      [1003, 1002],
    ] as const) {
      arrival.begin();
      await clock.advance(1);
      expect(arrival.end(true)).toEqual({ earliest, latest: at });
    }
    await clock.advance(5000);
    arrival.begin();
    expect(arrival.end(false)).toEqual({ earliest: 1003, latest: 6003 });
    arrival.begin();
    expect(arrival.end(true)).toEqual({ earliest: 1003, latest: 6003 });
    arrival.begin();
    await clock.advance(2);
    expect(arrival.end(true)).toEqual({ earliest: 6003, latest: 6005 });
  });

  test("knows nothing earlier than its own beginning", async () => {
    const clock = new FakeClock(1000);
    const arrival = new ArrivalClock(clock);
    await clock.advance(20);
    arrival.begin();
    expect(arrival.end(undefined)).toEqual({ earliest: 1000, latest: 1020 });
  });

  test("never turns an interval round when the clock is set back", async () => {
    let now = 1000;
    const arrival = new ArrivalClock({ now: () => now, setTimer: () => () => {} });
    now = 400;
    arrival.begin();
    expect(arrival.end(undefined)).toEqual({ earliest: 400, latest: 400 });
  });
});
