import { describe, expect, test } from "vitest";
import { ArrivalClock } from "../../src/replica/arrival.ts";
import { FakeClock } from "./support/fake_clock.ts";

describe("ArrivalClock", () => {
  test("dates a chunk that was waited for to the moment it came", async () => {
    const clock = new FakeClock(1000);
    const arrival = new ArrivalClock(clock);
    arrival.begin();
    await clock.advance(500);
    expect(arrival.end()).toEqual({ earliest: 1500, latest: 1500 });
    expect(clock.pending).toBe(0);
  });

  test("widens the interval of chunks that lay ready back to the last read that waited", async () => {
    const clock = new FakeClock(1000);
    const arrival = new ArrivalClock(clock);
    arrival.begin();
    await clock.advance(10);
    arrival.end();
    await clock.advance(90);
    arrival.begin();
    expect(arrival.end()).toEqual({ earliest: 1010, latest: 1100 });
    await clock.advance(400);
    arrival.begin();
    await clock.advance(2);
    expect(arrival.end()).toEqual({ earliest: 1010, latest: 1502 });
    arrival.begin();
    await clock.advance(3);
    expect(arrival.end()).toEqual({ earliest: 1505, latest: 1505 });
    expect(clock.pending).toBe(0);
  });

  test("knows nothing earlier than its own beginning", async () => {
    const clock = new FakeClock(1000);
    const arrival = new ArrivalClock(clock);
    await clock.advance(20);
    arrival.begin();
    expect(arrival.end()).toEqual({ earliest: 1000, latest: 1020 });
  });

  test("never turns an interval round when the clock is set back", async () => {
    let now = 1000;
    const arrival = new ArrivalClock({ now: () => now, setTimer: () => () => {} });
    now = 400;
    arrival.begin();
    expect(arrival.end()).toEqual({ earliest: 400, latest: 400 });
  });
});
