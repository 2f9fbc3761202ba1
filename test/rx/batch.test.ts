import { concatMap, lastValueFrom, Observable, of, type SchedulerLike, Subject, toArray } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { ReplicaError } from "../../src/errors.ts";
import type { RedisEvent } from "../../src/events.ts";
import { type BatchOptions, batch } from "../../src/rx/batch.ts";
import { createGate } from "../../src/rx/create_gate.ts";
import { fromBatches } from "../../src/rx/from_batches.ts";
import { aof, link, stream } from "./events.ts";

function marbles(test: Parameters<TestScheduler["run"]>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(test);
}

const join = (values: readonly unknown[]) => values.join("");
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("batch: limits", () => {
  const cases: readonly { it: string; options: BatchOptions<string>; source: string; expected: string }[] = [
    { it: "count", options: { count: 2 }, source: "-a-b-c-d-e|", expected: "---w---x--(v|)" },
    { it: "a count of one", options: { count: 1 }, source: "-a-b|", expected: "-1-2|" },
    {
      it: "time from the first value on",
      options: { ms: 5 },
      source: "--a-b-----c------|",
      expected: "-------w-------3-|",
    },
    {
      it: "time between two batches does not count",
      options: { ms: 3 },
      source: "a--------b---c|",
      expected: "---1--------2-(3|)",
    },
    {
      it: "count before time",
      options: { count: 2, ms: 5 },
      source: "a-b-----c------|",
      expected: "--w----------3-|",
    },
    {
      it: "a closed batch starts no clock",
      options: { count: 2, ms: 4 },
      source: "a-b-c----|",
      expected: "--w-----3|",
    },
    {
      it: "time before count",
      options: { count: 3, ms: 3 },
      source: "a-b-c-d-e-|",
      expected: "---w---x--(v|)",
    },
    {
      it: "bytes, the value that reaches them included",
      options: { bytes: 2 },
      source: "abcde|",
      expected: "-w-x-(v|)",
    },
  ];
  // Every batch of one or two letters that the marbles above speak of.
  const names = new Map([
    ["ab", "w"],
    ["cd", "x"],
    ["e", "v"],
    ["a", "1"],
    ["b", "2"],
    ["c", "3"],
  ]);

  it.each(cases)("$it", ({ options, source, expected }) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const input = cold(source);
      const output = new Observable<string>((subscriber) =>
        input.pipe(batch(options)).subscribe({
          next: (values) => subscriber.next(names.get(join(values)) ?? join(values)),
          error: (error) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
      expectObservable(output).toBe(expected);
      expectSubscriptions(input.subscriptions).toBe(`^${"-".repeat(source.length - 2)}!`);
    });
  });

  it("counts bytes as it is told to", async () => {
    const batches = of(5, 1, 3, 3, 9, 1).pipe(batch({ bytes: 6, sizeOf: (value) => value }), toArray());
    expect(await lastValueFrom(batches)).toEqual([[5, 1], [3, 3], [9], [1]]);
  });

  it("counts the arguments of commands by default", async () => {
    const commands = [aof("SET k 1234"), aof("DEL k"), aof("SET k 12345")];
    const batches = await lastValueFrom(of(...commands).pipe(batch({ bytes: 12 }), toArray()));
    expect(batches.map((values) => values.length)).toEqual([2, 1]);
  });

  it("emits what is pending before an error", () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold("-a-b-c-#").pipe(batch({ count: 2 }))).toBe("---x---(y#)", {
        x: ["a", "b"],
        y: ["c"],
      });
    });
  });

  it("leaves no timer behind, however its batches were closed", async () => {
    const scheduler = new TestScheduler(() => true);
    let pending = 0;
    const counting: SchedulerLike = {
      now: () => scheduler.now(),
      schedule: (work, delay) => {
        let waits = true;
        const end = () => {
          if (waits) pending--;
          waits = false;
        };
        pending++;
        const subscription = scheduler.schedule(function () {
          end();
          (work as () => void).call(this);
        }, delay);
        subscription.add(end);
        return subscription;
      },
    };
    const gate = createGate();
    const source = new Subject<number>();
    const seen: number[][] = [];
    const subscription = source
      .pipe(batch({ count: 2, ms: 5, scheduler: counting, gate }))
      .subscribe((values) => seen.push(values));
    source.next(1);
    expect(pending).toBe(1);
    // Its time comes while the gate is held; then its count does, and another batch begins.
    const release = gate.hold();
    scheduler.flush();
    expect(pending).toBe(0);
    source.next(2);
    source.next(3);
    release();
    await settle();
    expect(seen).toEqual([[1, 2]]);
    expect(pending).toBe(1);
    subscription.unsubscribe();
    expect(pending).toBe(0);
  });

  it("copes with a consumer that pushes into the source", () => {
    const source = new Subject<number>();
    const seen: number[][] = [];
    source.pipe(batch({ count: 2 })).subscribe((values) => {
      seen.push(values);
      if (seen.length === 1) for (const value of [3, 4, 5]) source.next(value);
    });
    for (const value of [1, 2, 6]) source.next(value);
    expect(seen).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it.each([
    [{}, TypeError],
    [{ count: 0 }, RangeError],
    [{ count: 1.5 }, RangeError],
    [{ bytes: 0 }, RangeError],
    [{ ms: 0 }, RangeError],
    [{ ms: Number.NaN }, RangeError],
    [{ ms: Number.POSITIVE_INFINITY }, RangeError],
  ])("refuses %j", (options, type) => {
    expect(() => batch(options)).toThrow(type);
  });
});

describe("batch: transactions", () => {
  const lines = ["SET a 1", "MULTI", "SET b 1", "SET c 1", "EXEC", "SET d 1"];
  const sizes = async (events: readonly RedisEvent[], options: BatchOptions<RedisEvent>) =>
    (await lastValueFrom(of(...events).pipe(batch(options), toArray()))).map((values) => values.length);

  it("does not split one", async () => {
    expect(await sizes(stream(lines), { count: 2 })).toEqual([5, 1]);
    expect(await sizes(stream(lines), { bytes: 5 })).toEqual([1, 4, 1]);
  });

  it("splits one when told", async () => {
    expect(await sizes(stream(lines), { count: 2, transactions: "split" })).toEqual([2, 2, 2]);
  });

  it("closes by time after EXEC", () => {
    const [multi, set, exec, after] = stream(["MULTI", "SET a 1", "EXEC", "SET b 1"]);
    marbles(({ cold, expectObservable }) => {
      const events = { m: multi!, s: set!, e: exec!, a: after! };
      const expected = { x: [multi, set, exec], y: [after] };
      expectObservable(cold("m-s---e-a-|", events).pipe(batch({ ms: 3 }))).toBe("------x---(y|)", expected);
    });
  });

  it("is not misled by link events, and ends with the history", async () => {
    const [multi, set, exec] = stream(["MULTI", "SET a 1", "EXEC"]);
    const [lag, reset] = [link("lag", {}), link("reset", {})];
    expect(await sizes([multi!, lag, set!, lag, exec!, lag], { count: 2 })).toEqual([5, 1]);
    expect(await sizes([multi!, lag, reset, set!], { count: 1 })).toEqual([3, 1]);
  });

  it("waits for all shards that are inside one", async () => {
    const x = stream(["MULTI", "SET a 1", "EXEC"], "x");
    const y = stream(["MULTI", "SET a 1", "EXEC"], "y");
    expect(await sizes([x[0]!, y[0]!, y[2]!, x[1]!, x[2]!, aof("SET b 1")], { count: 1 })).toEqual([5, 1]);
  });

  it("refuses to grow beyond maxExcess", async () => {
    const long = stream(["MULTI", ...Array.from({ length: 100 }, () => "SET key value"), "EXEC"]);
    const error = await lastValueFrom(of(...long).pipe(batch({ count: 1, maxExcess: 50 }))).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(ReplicaError);
    expect(error).toMatchObject({ code: "LIMIT" });
    expect(await sizes(long, { count: 1, maxExcess: 2000 })).toEqual([102]);
  });
});

describe("batch and the gate", () => {
  it("never holds it: batches that no limit closes do not stop the source", async () => {
    const gate = createGate();
    async function* batches() {
      for (let i = 0; i < 10; i++) yield [i, i + 0.5];
    }
    const source = fromBatches(batches, gate).pipe(batch({ count: 1000, ms: 1000, gate }), toArray());
    const all = await lastValueFrom(source);
    expect(all.map((values) => values.length)).toEqual([20]);
    expect(gate.held).toBe(false);
  });

  it("with a slow consumer: one batch in work, at most one event beyond it, and every event once", async () => {
    const gate = createGate();
    let emitted = 0;
    let done = 0;
    async function* batches() {
      for (let i = 0; i < 50; i++) yield Array.from({ length: 7 }, (_, j) => i * 7 + j);
    }
    const source = fromBatches(batches, gate).pipe(
      concatMap((value) => {
        emitted++;
        return [value];
      }),
      batch({ count: 10, ms: 1000, gate }),
      concatMap(async (values) => {
        const release = gate.hold();
        await Promise.resolve();
        await Promise.resolve();
        expect(emitted - done).toBe(values.length);
        done += values.length;
        release();
        return values;
      }),
      toArray(),
    );
    expect((await lastValueFrom(source)).flat()).toEqual(Array.from({ length: 350 }, (_, i) => i));
  });

  it("does not close a batch by its age while the gate is held", async () => {
    const gate = createGate();
    const scheduler = new TestScheduler(() => true);
    const source = new Subject<number>();
    const seen: number[][] = [];
    source.pipe(batch({ ms: 5, gate, scheduler })).subscribe((values) => seen.push(values));
    source.next(1);
    const release = gate.hold();
    scheduler.flush();
    await settle();
    expect(seen).toEqual([]);
    release();
    await settle();
    expect(seen).toEqual([[1]]);
    source.next(2);
    scheduler.flush();
    expect(seen).toEqual([[1], [2]]);
  });

  it("waits on when the gate is held again before it could close", async () => {
    const gate = createGate();
    const scheduler = new TestScheduler(() => true);
    const source = new Subject<number>();
    const seen: number[][] = [];
    const subscription = source
      .pipe(batch({ ms: 5, gate, scheduler }))
      .subscribe((values) => seen.push(values));
    source.next(1);
    const release = gate.hold();
    scheduler.flush();
    release();
    const again = gate.hold();
    await settle();
    expect(seen).toEqual([]);
    subscription.unsubscribe();
    again();
    await settle();
    expect(seen).toEqual([]);
  });
});
