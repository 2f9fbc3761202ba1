import { concatMap, lastValueFrom, type Observer, take, tap, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { createGate } from "../../src/rx/create_gate.ts";
import { fromBatches } from "../../src/rx/from_batches.ts";

/** A source of batches whose every call is recorded. */
class Batches implements AsyncIterable<number[]>, AsyncIterator<number[]> {
  reads = 0;
  returns = 0;
  readonly #batches: (number[] | Error)[];
  readonly #waits: boolean;

  constructor(batches: (number[] | Error)[], { thenWaits = false } = {}) {
    this.#batches = [...batches];
    this.#waits = thenWaits;
  }

  [Symbol.asyncIterator](): AsyncIterator<number[]> {
    return this;
  }

  next(): Promise<IteratorResult<number[]>> {
    this.reads++;
    const batch = this.#batches.shift();
    if (batch instanceof Error) return Promise.reject(batch);
    if (batch === undefined && this.#waits) return new Promise(() => {});
    return Promise.resolve(
      batch === undefined ? { done: true, value: undefined } : { done: false, value: batch },
    );
  }

  return(): Promise<IteratorResult<number[]>> {
    this.returns++;
    return Promise.resolve({ done: true, value: undefined });
  }
}

/** Lets everything run that waits for nothing but promises. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function record(log: unknown[]): Observer<number> {
  return {
    next: (value) => log.push(value),
    error: (error: Error) => log.push(error.message),
    complete: () => log.push("complete"),
  };
}

describe("fromBatches", () => {
  it("emits the batches in order and completes; an iterator that ended is not told to return", async () => {
    const batches = new Batches([[1, 2], [], [3]]);
    expect(await lastValueFrom(fromBatches(() => batches).pipe(toArray()))).toEqual([1, 2, 3]);
    expect(batches).toMatchObject({ reads: 4, returns: 0 });
  });

  it("completes without a batch", async () => {
    const log: unknown[] = [];
    fromBatches(() => new Batches([])).subscribe(record(log));
    await settle();
    expect(log).toEqual(["complete"]);
  });

  it("emits nothing while it subscribes", async () => {
    const log: unknown[] = [];
    fromBatches(() => new Batches([[1]])).subscribe(record(log));
    expect(log).toEqual([]);
    await settle();
    expect(log).toEqual([1, "complete"]);
  });

  it("iterates anew for each subscription", async () => {
    let calls = 0;
    const source = fromBatches(() => new Batches([[++calls]]));
    expect(calls).toBe(0);
    expect(await lastValueFrom(source)).toBe(1);
    expect(await lastValueFrom(source)).toBe(2);
  });

  it("tells an error after what came before it, and does not return an iterator that failed", async () => {
    const batches = new Batches([[1, 2], new Error("cut")]);
    const log: unknown[] = [];
    fromBatches(() => batches).subscribe(record(log));
    await settle();
    expect(log).toEqual([1, 2, "cut"]);
    expect(batches.returns).toBe(0);
  });

  it.each([
    [
      "the factory",
      () => {
        throw new Error("no");
      },
    ],
    [
      "the iterable",
      () => ({
        [Symbol.asyncIterator]: () => {
          throw new Error("no");
        },
      }),
    ],
    [
      "next()",
      () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => {
            throw new Error("no");
          },
        }),
      }),
    ],
  ])("tells an exception of %s as an error", async (_, batches) => {
    const log: unknown[] = [];
    fromBatches<number>(batches).subscribe(record(log));
    await settle();
    expect(log).toEqual(["no"]);
  });

  it("stops at once when the consumer unsubscribes inside next", async () => {
    const batches = new Batches([[1, 2, 3], [4]]);
    expect(await lastValueFrom(fromBatches(() => batches).pipe(take(2), toArray()))).toEqual([1, 2]);
    await settle();
    expect(batches).toMatchObject({ reads: 1, returns: 1 });
  });

  it("does not touch the rest of a batch that nobody wants", async () => {
    const batch = [1, 2, 3];
    let touched = false;
    Object.defineProperty(batch, 2, { get: () => (touched = true) });
    expect(await lastValueFrom(fromBatches(() => new Batches([batch])).pipe(take(2), toArray()))).toEqual([
      1, 2,
    ]);
    await settle();
    expect(touched).toBe(false);
  });

  it("returns the iterator when it is unsubscribed while a read is pending", async () => {
    const batches = new Batches([[1]], { thenWaits: true });
    const log: unknown[] = [];
    const subscription = fromBatches(() => batches).subscribe(record(log));
    await settle();
    expect(batches).toMatchObject({ reads: 2, returns: 0 });
    subscription.unsubscribe();
    expect(batches.returns).toBe(1);
    expect(log).toEqual([1]);
  });

  it("is silent about an iterator that fails to return", async () => {
    const iterators = [
      { next: () => new Promise<never>(() => {}), return: () => Promise.reject(new Error("late")) },
      {
        next: () => new Promise<never>(() => {}),
        return: () => {
          throw new Error("late");
        },
      },
      { next: () => new Promise<never>(() => {}) },
    ];
    for (const iterator of iterators) {
      fromBatches(() => ({ [Symbol.asyncIterator]: () => iterator }))
        .subscribe()
        .unsubscribe();
    }
    await settle();
  });

  it("is silent about an error that comes after unsubscribing", async () => {
    let fail: (error: Error) => void = () => {};
    const iterator = {
      next: () =>
        new Promise<never>((_, reject) => {
          fail = reject;
        }),
    };
    const log: unknown[] = [];
    const subscription = fromBatches<number>(() => ({ [Symbol.asyncIterator]: () => iterator })).subscribe(
      record(log),
    );
    subscription.unsubscribe();
    fail(new Error("late"));
    await settle();
    expect(log).toEqual([]);
  });
});

describe("fromBatches and its gate", () => {
  it("does not read before the gate is open", async () => {
    const gate = createGate();
    const release = gate.hold();
    const batches = new Batches([[1]]);
    const log: unknown[] = [];
    fromBatches(() => batches, gate).subscribe(record(log));
    await settle();
    expect(batches.reads).toBe(0);
    release();
    await settle();
    expect(log).toEqual([1, "complete"]);
  });

  it("stops between events, reads no further batch, and goes on in the same place", async () => {
    const gate = createGate();
    const batches = new Batches([
      [1, 2, 3],
      [4, 5],
    ]);
    const log: unknown[] = [];
    let release = () => {};
    fromBatches(() => batches, gate).subscribe({
      ...record(log),
      next: (value) => {
        log.push(value);
        release = gate.hold();
      },
    });
    for (const expected of [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5]]) {
      await settle();
      expect(log).toEqual(expected);
      expect(batches.reads).toBe(expected.length > 3 ? 2 : 1);
      release();
    }
    await settle();
    expect(log).toEqual([1, 2, 3, 4, 5, "complete"]);
  });

  it("waits as long as it is held again before it could go on", async () => {
    const gate = createGate();
    const release = gate.hold();
    const log: unknown[] = [];
    fromBatches(() => new Batches([[1]]), gate).subscribe(record(log));
    release();
    const again = gate.hold();
    await settle();
    expect(log).toEqual([]);
    again();
    await settle();
    expect(log).toEqual([1, "complete"]);
  });

  it.each([
    ["completion", [[1]], "complete"],
    ["an error", [[1], new Error("cut")], "cut"],
  ])("holds %s back, so that work on the last event is not cut off", async (_, batches, end) => {
    const gate = createGate();
    const log: unknown[] = [];
    let release = () => {};
    const source = new Batches(batches as (number[] | Error)[]);
    const inner = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          const result = await source.next().finally(() => {
            // Somebody else holds the gate while the end is being read.
            if (source.reads === 2) release = gate.hold();
          });
          return result;
        },
      }),
    };
    fromBatches(() => inner, gate).subscribe(record(log));
    await settle();
    expect(log).toEqual([1]);
    release();
    await settle();
    expect(log).toEqual([1, end]);
  });

  it("ignores the gate when it is unsubscribed", async () => {
    const gate = createGate();
    const batches = new Batches([[1, 2]]);
    const log: unknown[] = [];
    const subscription = fromBatches(() => batches, gate).subscribe({
      ...record(log),
      next: (value) => {
        log.push(value);
        gate.hold();
      },
    });
    await settle();
    subscription.unsubscribe();
    expect(batches.returns).toBe(1);
    expect(log).toEqual([1]);
  });

  it("lets the slowest of several subscriptions rule", async () => {
    const gate = createGate();
    const fast: number[] = [];
    const slow: number[] = [];
    const releases: (() => void)[] = [];
    fromBatches(() => new Batches([[1, 2]]), gate).subscribe((value) => fast.push(value));
    fromBatches(() => new Batches([[1, 2]]), gate).subscribe((value) => {
      slow.push(value);
      releases.push(gate.hold());
    });
    await settle();
    // The first one was subscribed first: its batch was out before the gate was held.
    expect([fast, slow]).toEqual([[1, 2], [1]]);
    releases[0]!();
    await settle();
    expect(slow).toEqual([1, 2]);
  });

  it("queues at most one event before a slow asynchronous operator", async () => {
    const gate = createGate();
    const size = 2000;
    const batches = new Batches(
      Array.from({ length: 20 }, (_, i) => Array.from({ length: 100 }, (_, j) => i * 100 + j)),
    );
    let emitted = 0;
    let done = 0;
    let mostWaiting = 0;
    const source = fromBatches(() => batches, gate).pipe(
      tap(() => {
        mostWaiting = Math.max(mostWaiting, ++emitted - done);
      }),
      concatMap(async (value) => {
        const release = gate.hold();
        await Promise.resolve();
        await Promise.resolve();
        done++;
        release();
        return value;
      }),
      toArray(),
    );
    expect(await lastValueFrom(source)).toEqual(Array.from({ length: size }, (_, i) => i));
    expect(mostWaiting).toBe(1);
  });
});
