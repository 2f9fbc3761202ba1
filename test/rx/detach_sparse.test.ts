import { from, lastValueFrom, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import type { AofCommand } from "../../src/events.ts";
import { encodeCommand } from "../../src/resp/encoder.ts";
import { batch } from "../../src/rx/batch.ts";
import { filterKeys } from "../../src/rx/filter_keys.ts";
import { CommandTracker } from "../../src/stream/command_tracker.ts";
import { link } from "./events.ts";

const CHUNK = 64 * 1024;

/** Chunks of commands; every `nth` is about `wanted:…`. */
function commands(chunks: number, nth: number): AofCommand[] {
  const events: AofCommand[] = [];
  const tracker = new CommandTracker({ onEvent: (event) => events.push(event) });
  tracker.start({ offset: 0, db: 0 });
  let count = 0;
  for (let i = 0; i < chunks; i++) {
    const frames: Uint8Array[] = [];
    for (let length = 0; length < CHUNK; ) {
      const name = ++count % nth === 0 ? `wanted:${count}` : `other:${count}`;
      const frame = encodeCommand(["SET", name, "v".repeat(100)]);
      frames.push(frame);
      length += frame.length;
    }
    tracker.write(concat(frames));
  }
  return events;
}

const behind = (event: AofCommand) => event.arg(0)!.buffer.byteLength;
const keys = (events: readonly AofCommand[]) => events.map((event) => event.text(1));

describe("batch: events that stand far apart", () => {
  it("keeps no chunks for them", async () => {
    const all = commands(40, 300);
    const [values] = await lastValueFrom(
      from(all).pipe(filterKeys("wanted:*"), batch({ count: 1e6 }), toArray()),
    );
    expect(keys(values!)).toEqual(keys(all.filter((event) => event.text(1)!.startsWith("wanted:"))));
    // What came after the last look is a few events at most.
    const whole = values!.filter((event) => behind(event) > 1024);
    expect(whole.length).toBeLessThan(16);
    expect(values!.length).toBeGreaterThan(60);
    expect(values!.map((event) => event.offset)).toEqual(
      [...values!.map((event) => event.offset)].sort((a, b) => a - b),
    );
  });

  it("does not copy events that stand close together", async () => {
    const all = commands(2, 2);
    const [values] = await lastValueFrom(from(all).pipe(batch({ count: 1e6 }), toArray()));
    expect(values!.every((event, i) => event === all[i])).toBe(true);
  });

  it("leaves other values alone", async () => {
    const values = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? i : link("lag", { lag: i })));
    const [whole] = await lastValueFrom(from(values).pipe(batch({ count: 1e6 }), toArray()));
    expect(whole!.every((value, i) => value === values[i])).toBe(true);
  });
});
