import {
  concat as concatObservables,
  EMPTY,
  from,
  lastValueFrom,
  Observable,
  of,
  Subject,
  Subscription,
  tap,
  throwError,
  toArray,
} from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import type { Position, RedisEvent } from "../../src/events.ts";
import { batch } from "../../src/rx/batch.ts";
import { checkpoint } from "../../src/rx/checkpoint.ts";
import { createGate } from "../../src/rx/create_gate.ts";
import { createMemoryStore } from "../../src/rx/create_memory_store.ts";
import { fromBatches } from "../../src/rx/from_batches.ts";
import {
  type CheckpointStore,
  restoreStates,
  type Saved,
  type SavedState,
  type Stateful,
} from "../../src/rx/saved.ts";
import { aof, type FakeCommand, key, link, position, rdb, stream } from "./events.ts";

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A store that logs, and saves only when told to. */
class LoggingStore implements CheckpointStore {
  readonly log: unknown[];
  kept: Saved | undefined;
  manual = false;
  saves = 0;
  failing: Error | undefined;
  #finish: () => void = () => {};

  constructor(log: unknown[] = []) {
    this.log = log;
  }

  load(): Promise<Saved | undefined> {
    return Promise.resolve(this.kept);
  }

  async save(saved: Saved): Promise<void> {
    this.saves++;
    if (this.failing !== undefined) throw this.failing;
    if (this.manual) await new Promise<void>((resolve) => (this.#finish = resolve));
    this.kept = saved;
    this.log.push(`saved ${saved.position.offset}`);
  }

  finish(): void {
    this.#finish();
  }
}

/** A process that is done when told. */
function deferred() {
  const waiting: { done: () => void; fail: (error: Error) => void }[] = [];
  return {
    waiting,
    process: () => new Promise<void>((done, fail) => void waiting.push({ done, fail })),
  };
}

const two = () => stream(["SET a 1", "SET b 1"]);

describe("checkpoint: order", () => {
  it("processes, saves, emits, one value after the other", async () => {
    const log: unknown[] = [];
    const store = new LoggingStore(log);
    const process = async (event: RedisEvent) => {
      log.push(`begin ${event.position?.offset}`);
      await Promise.resolve();
      log.push(`done ${event.position?.offset}`);
    };
    await lastValueFrom(
      from(two()).pipe(
        checkpoint(store, process),
        tap((event) => log.push(`emit ${event.position?.offset}`)),
      ),
    );
    expect(log).toEqual([10, 20].flatMap((at) => [`begin ${at}`, `done ${at}`, `saved ${at}`, `emit ${at}`]));
    expect(store.kept).toEqual({ version: 1, position: position(20), states: {} });
  });

  it("saves nothing before the work is done, and nothing of work that failed", async () => {
    const store = new LoggingStore();
    const { waiting, process } = deferred();
    const seen: unknown[] = [];
    from(two())
      .pipe(checkpoint(store, process))
      .subscribe({
        next: (event) => seen.push(event.offset),
        error: (error: Error) => seen.push(error.message),
      });
    await settle();
    expect([store.saves, waiting.length]).toEqual([0, 1]);
    waiting[0]!.done();
    await settle();
    expect(store.kept?.position.offset).toBe(10);
    expect(waiting.length).toBe(2);
    waiting[1]!.fail(new Error("no"));
    await settle();
    expect(seen).toEqual([10, "no"]);
    expect(store.saves).toBe(1);
  });

  it.each([
    ["returns", () => 7],
    ["returns a string", () => "done"],
    ["returns a promise", () => Promise.resolve(7)],
    ["returns an Observable of many", () => of(1, 2, 3)],
    ["returns an Observable of none", () => EMPTY],
    // biome-ignore lint/suspicious/noThenProperty: a promise of some other making
    ["returns a thenable", () => ({ then: (done: () => void) => done() })],
  ])("is done when process %s", async (_, process) => {
    const store = new LoggingStore();
    const all = await lastValueFrom(from(two()).pipe(checkpoint(store, process), toArray()));
    expect(all.map((event) => event.offset)).toEqual([10, 20]);
    expect(store.log).toEqual(["saved 10", "saved 20"]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no"))],
    ["returns an Observable that fails", () => throwError(() => new Error("no"))],
  ])("ends with the error when process %s", async (_, process) => {
    const store = new LoggingStore();
    await expect(lastValueFrom(from(two()).pipe(checkpoint(store, process)))).rejects.toThrow("no");
    expect(store.saves).toBe(0);
  });

  it("ends with the error of the store", async () => {
    const store = new LoggingStore();
    store.failing = new Error("disk full");
    const { waiting, process } = deferred();
    const result = lastValueFrom(from(two()).pipe(checkpoint(store, process))).catch(
      (error: Error) => error.message,
    );
    waiting[0]!.done();
    expect(await result).toBe("disk full");
    expect([store.saves, waiting.length]).toEqual([1, 1]);
  });

  it("works off thousands of synchronous values without growing the stack", async () => {
    const events = Array.from({ length: 20_000 }, (_, i) => aof("SET a 1", { offset: i }));
    for (const process of [() => {}, () => EMPTY]) {
      const options = { every: 1e9 };
      const all = from(events).pipe(checkpoint(createMemoryStore(), process, options), toArray());
      expect((await lastValueFrom(all)).length).toBe(events.length);
    }
  });

  it("does the work before the end of the source, and before its error", async () => {
    for (const end of [EMPTY, throwError(() => new Error("cut"))]) {
      const store = new LoggingStore();
      const { waiting, process } = deferred();
      const seen: unknown[] = [];
      concatObservables(from(two()), end)
        .pipe(checkpoint(store, process))
        .subscribe({
          next: (event) => seen.push(event.offset),
          error: (error: Error) => seen.push(error.message),
          complete: () => seen.push("complete"),
        });
      for (const at of [0, 1]) {
        await settle();
        waiting[at]!.done();
      }
      await settle();
      expect(seen).toEqual([10, 20, end === EMPTY ? "complete" : "cut"]);
      expect(store.log).toEqual(["saved 10", "saved 20"]);
    }
  });

  it("lets the source go when it ends, not when the last work is done", async () => {
    for (const end of ["complete", "error"] as const) {
      const { waiting, process } = deferred();
      let gone = false;
      const source = new Observable<RedisEvent>((subscriber) => {
        subscriber.add(() => {
          gone = true;
        });
        subscriber.next(two()[0]!);
        subscriber[end](new Error("cut"));
      });
      let ended = false;
      const done = () => {
        ended = true;
      };
      source.pipe(checkpoint(createMemoryStore(), process)).subscribe({ complete: done, error: done });
      await settle();
      expect([gone, ended]).toEqual([true, false]);
      waiting[0]!.done();
      await settle();
      expect(ended).toBe(true);
    }
  });

  it("stops at once when it is unsubscribed, and saves nothing more", async () => {
    const store = new LoggingStore();
    const { waiting, process } = deferred();
    const seen: unknown[] = [];
    const gate = createGate();
    const source = new Subject<RedisEvent>();
    const subscription = source
      .pipe(checkpoint(store, process, { gate }))
      .subscribe((event) => seen.push(event));
    for (const event of two()) source.next(event);
    expect(gate.held).toBe(true);
    subscription.unsubscribe();
    expect(gate.held).toBe(false);
    expect(source.observed).toBe(false);
    waiting[0]!.done();
    await settle();
    expect([seen, store.saves, waiting.length]).toEqual([[], 0, 1]);
  });

  it("unsubscribes an Observable at work", () => {
    let gone = false;
    const work = new Observable(() => new Subscription(() => (gone = true)));
    const source = new Subject<RedisEvent>();
    const subscription = source.pipe(checkpoint(createMemoryStore(), () => work)).subscribe();
    source.next(two()[0]!);
    subscription.unsubscribe();
    expect(gone).toBe(true);
  });
});

describe("checkpoint: what is saved", () => {
  const positionsOf = async (events: readonly RedisEvent[]): Promise<unknown[]> => {
    const store = new LoggingStore();
    await lastValueFrom(from(events).pipe(checkpoint(store, () => {})), { defaultValue: undefined });
    return store.log;
  };

  it("nothing inside a snapshot, and its end", async () => {
    const snapshot = [
      link("fullresync"),
      rdb("begin"),
      key("a", "string", new Uint8Array(1)),
      rdb("end", { position: position(5) }),
    ];
    expect(await positionsOf([...snapshot, ...stream(["SET a 1"], undefined, 5)])).toEqual([
      "saved 5",
      "saved 15",
    ]);
  });

  it("nothing inside a transaction, and its end", async () => {
    expect(await positionsOf(stream(["SET a 1", "MULTI", "SET b 1", "SET c 1", "EXEC", "SET d 1"]))).toEqual([
      "saved 10",
      "saved 50",
      "saved 60",
    ]);
  });

  it("the progress of a stream from which everything was filtered", async () => {
    const events = [
      link("progress", { position: position(100) }),
      link("progress", { position: position(200) }),
    ];
    expect(await positionsOf(events)).toEqual(["saved 100", "saved 200"]);
  });

  it("no progress inside a transaction, but one beyond a transaction whose EXEC was dropped", async () => {
    const [multi, set] = stream(["MULTI", "SET b 1"], undefined, 10);
    const inside = link("progress", { position: position(10) });
    const beyond = link("progress", { position: position(90) });
    expect(await positionsOf([multi!, set!, inside, beyond])).toEqual(["saved 90"]);
  });

  it("the same position only once", async () => {
    const again = [link("lag", { position: position(10) }), link("disconnected", { position: position(10) })];
    expect(await positionsOf([...stream(["SET a 1"]), ...again])).toEqual(["saved 10"]);
    expect(
      await positionsOf([link("lag", { position: position(10) }), aof("PING", { offset: 10, db: 1 })]),
    ).toEqual(["saved 10", "saved 10"]);
  });

  it("a batch by its last event, unless it ends inside a transaction", async () => {
    const store = new LoggingStore();
    const events = stream(["SET a 1", "SET b 1", "MULTI", "SET c 1", "EXEC"]);
    const sizes: number[] = [];
    const source = from(events).pipe(
      batch({ count: 2, transactions: "split" }),
      checkpoint(store, (values) => void sizes.push(values.length)),
    );
    await lastValueFrom(source);
    expect(sizes).toEqual([2, 2, 1]);
    expect(store.log).toEqual(["saved 20", "saved 50"]);
  });

  it("in a cluster nothing while any shard is inside a transaction", async () => {
    const a = stream(["MULTI", "SET a 1", "EXEC"], "a");
    const b = stream(["SET b 1"], "b", 70);
    expect(await positionsOf([a[0]!, b[0]!, a[1]!, a[2]!])).toEqual(["saved 30"]);
  });

  it("positions of all shards", async () => {
    const shards = (offset: number) => ({ ...position(7), shards: { a: position(7), b: position(offset) } });
    const events = [1, 2, 2].map((offset) => aof("SET a 1", { shard: "a", position: shards(offset) }));
    expect(await positionsOf(events)).toEqual(["saved 7", "saved 7"]);
  });
});

describe("checkpoint: the gate", () => {
  it("holds it while it works and saves, and only then", async () => {
    const gate = createGate();
    const store = new LoggingStore();
    store.manual = true;
    const { waiting, process } = deferred();
    const source = new Subject<RedisEvent>();
    source.pipe(checkpoint(store, process, { gate })).subscribe();
    expect(gate.held).toBe(false);
    source.next(two()[0]!);
    expect(gate.held).toBe(true);
    waiting[0]!.done();
    await settle();
    expect(store.saves).toBe(1);
    expect(gate.held).toBe(true);
    store.finish();
    await settle();
    expect(gate.held).toBe(false);
  });

  it("does not touch it for work done at once that needs no saving", () => {
    const gate = createGate();
    let holds = 0;
    const counting = {
      ...gate,
      hold: () => {
        holds++;
        return gate.hold();
      },
      opened: () => gate.opened(),
      held: false,
    };
    from([link("connecting"), link("handshake")])
      .pipe(checkpoint(createMemoryStore(), () => {}, { gate: counting }))
      .subscribe();
    expect(holds).toBe(0);
  });

  it("lets nothing queue up from a source with the same gate, and keeps every event", async () => {
    const gate = createGate();
    let emitted = 0;
    let done = 0;
    let most = 0;
    const events = stream(Array.from({ length: 300 }, (_, i) => `SET k${i} v`));
    async function* batches() {
      for (let i = 0; i < events.length; i += 7) yield events.slice(i, i + 7);
    }
    const store = new LoggingStore();
    const all = await lastValueFrom(
      fromBatches(batches, gate).pipe(
        tap(() => (most = Math.max(most, ++emitted - done))),
        checkpoint(
          store,
          async () => {
            await Promise.resolve();
            done++;
          },
          { gate },
        ),
        toArray(),
      ),
    );
    expect(all).toEqual(events);
    expect(most).toBe(1);
    expect(store.kept?.position.offset).toBe(3000);
  });

  it("releases it after a failure", async () => {
    const gate = createGate();
    const source = from(two()).pipe(
      checkpoint(createMemoryStore(), () => Promise.reject(new Error("no")), { gate }),
    );
    await expect(lastValueFrom(source)).rejects.toThrow("no");
    expect(gate.held).toBe(false);
  });
});

describe("checkpoint: every", () => {
  /** Values at frames, `s` in the output for each save. */
  function throttled(
    every: number,
    events: readonly (readonly [at: number, event: RedisEvent])[],
    until: number,
  ) {
    const scheduler = new TestScheduler(() => true);
    const saves: [at: number, offset: number][] = [];
    const store: CheckpointStore = {
      load: () => Promise.resolve(undefined),
      save: async (saved) => {
        saves.push([scheduler.now(), saved.position.offset]);
      },
    };
    return { scheduler, saves, store, until, events, every };
  }

  async function play({ scheduler, saves, store, until, events, every }: ReturnType<typeof throttled>) {
    const source = new Subject<RedisEvent>();
    const emitted: number[] = [];
    source
      .pipe(checkpoint(store, () => {}, { every, scheduler }))
      .subscribe((event) => emitted.push(event.position?.offset ?? -1));
    for (let now = 0; now <= until; now++) {
      scheduler.maxFrames = now;
      scheduler.flush();
      scheduler.frame = now;
      await settle();
      for (const [at, event] of events) if (at === now) source.next(event);
      await settle();
    }
    return { saves, emitted, source };
  }

  const at = (offset: number) => aof("SET a 1", { offset });

  it("saves the first, then at most once in the time, what is left when it has passed", async () => {
    const { saves, emitted } = await play(
      throttled(
        10,
        [
          [0, at(1)],
          [2, at(2)],
          [5, at(3)],
          [11, at(4)],
          [40, at(5)],
        ],
        60,
      ),
    );
    expect(saves).toEqual([
      [0, 1],
      [10, 3],
      [20, 4],
      [40, 5],
    ]);
    expect(emitted).toEqual([1, 2, 3, 4, 5]);
  });

  it("does not save in the midst of a transaction whose time has come, but at its end", async () => {
    const [first, multi, set, exec] = stream(["SET a 1", "MULTI", "SET b 1", "EXEC"]);
    const { saves } = await play(
      throttled(
        10,
        [
          [0, first!],
          [2, multi!],
          [8, set!],
          [15, exec!],
        ],
        30,
      ),
    );
    expect(saves).toEqual([
      [0, 10],
      [15, 40],
    ]);
  });

  it("forgets what was left when a snapshot begins", async () => {
    const { saves } = await play(
      throttled(
        10,
        [
          [0, at(1)],
          [2, at(2)],
          [3, link("fullresync")],
        ],
        30,
      ),
    );
    expect(saves).toEqual([[0, 1]]);
  });

  it("saves what is left when the source ends, and before its error", async () => {
    for (const end of [EMPTY, throwError(() => new Error("cut"))]) {
      const store = new LoggingStore();
      const source = concatObservables(from(two()), end).pipe(checkpoint(store, () => {}, { every: 1e6 }));
      await lastValueFrom(source).catch(() => {});
      expect(store.log).toEqual(["saved 10", "saved 20"]);
    }
  });

  it("saves what was done when a later value fails", async () => {
    const store = new LoggingStore();
    const events = stream(["SET a 1", "SET b 1", "SET c 1"]);
    const process = (event: RedisEvent) =>
      event === events[2] ? Promise.reject(new Error("no")) : undefined;
    await expect(
      lastValueFrom(from(events).pipe(checkpoint(store, process, { every: 1e6 }))),
    ).rejects.toThrow("no");
    expect(store.log).toEqual(["saved 10", "saved 20"]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %s", (every) => {
    expect(() => checkpoint(createMemoryStore(), () => {}, { every })).toThrow(RangeError);
  });
});

describe("checkpoint: states", () => {
  /** Counts the events that pass, as an operator upstream does. */
  class Counter implements Stateful {
    readonly name = "counter";
    position: Position | undefined;
    count = 0;
    saves = 0;

    readonly note = (event: RedisEvent): void => {
      this.count++;
      this.position = event.position;
    };

    save(): SavedState {
      this.saves++;
      return { version: 1, position: this.position!, data: this.count };
    }

    load(state: SavedState): void {
      this.count = state.data as number;
    }
  }

  it("stores each state with the position that it is bound to", async () => {
    const counter = new Counter();
    const store = new LoggingStore();
    const saved: unknown[] = [];
    await lastValueFrom(
      from(stream(["SET a 1", "MULTI", "SET b 1", "EXEC"])).pipe(
        tap(counter.note),
        checkpoint(store, () => {}, { states: [counter] }),
        tap(() => saved.push([store.kept?.position.offset, store.kept?.states.counter?.data])),
      ),
    );
    expect(store.kept?.states).toEqual({ counter: { version: 1, position: position(40), data: 4 } });
    expect(saved.at(-1)).toEqual([40, 4]);
    for (const state of Object.values(store.kept!.states))
      expect(state.position).toEqual(store.kept!.position);
  });

  it("waits while a part is ahead of what is done, without asking it for its state", async () => {
    const counter = new Counter();
    const store = new LoggingStore();
    const { waiting, process } = deferred();
    const source = new Subject<RedisEvent>();
    source.pipe(tap(counter.note), checkpoint(store, process, { states: [counter] })).subscribe();
    // No gate: the second event reaches the counter before the first is done.
    for (const event of two()) source.next(event);
    waiting[0]!.done();
    await settle();
    expect([store.saves, counter.saves]).toEqual([0, 0]);
    waiting[1]!.done();
    await settle();
    expect(store.kept).toEqual({
      version: 1,
      position: position(20),
      states: { counter: { version: 1, position: position(20), data: 2 } },
    });
  });

  it("ends with the error of a part that cannot save", async () => {
    const counter = new Counter();
    counter.save = () => {
      throw new Error("no state");
    };
    const source = from(two()).pipe(
      tap(counter.note),
      checkpoint(createMemoryStore(), () => {}, { states: [counter] }),
    );
    await expect(lastValueFrom(source)).rejects.toThrow("no state");
  });

  it("gives states back to their parts and names those left without", async () => {
    const state = { version: 1, position: position(40), data: 4 };
    const saved: Saved = { version: 1, position: position(40), states: { counter: state } };
    const counter = new Counter();
    expect(restoreStates(saved, [counter])).toEqual([]);
    expect(counter.count).toBe(4);
    const other = { ...counter, name: "other", save: () => state, load: () => {} };
    expect(restoreStates(saved, [counter, other])).toEqual(["other"]);
    expect(restoreStates({ ...saved, position: position(50) }, [counter])).toEqual(["counter"]);
    expect(restoreStates(undefined, [counter])).toEqual(["counter"]);
  });
});

describe("checkpoint: at least once", () => {
  it("a consumer that dies anywhere and resumes sees every event, in order, some again", async () => {
    const events = stream(
      Array.from({ length: 60 }, (_, i) => (i % 10 === 3 ? "MULTI" : i % 10 === 7 ? "EXEC" : `SET k${i} v`)),
    );
    for (let life = 1; life <= 25; life += 3) {
      const store = createMemoryStore();
      const processed: number[] = [];
      for (let lives = 0; lives < 200; lives++) {
        const from_ = (await store.load())?.position.offset ?? 0;
        let left = life + lives;
        const process = async (event: FakeCommand) => {
          if (left-- === 0) throw new Error("dies");
          processed.push(event.offset);
        };
        const rest = events.filter((event) => event.offset > from_);
        const ended = await lastValueFrom(from(rest).pipe(checkpoint(store, process)), {
          defaultValue: undefined,
        }).then(
          () => true,
          () => false,
        );
        if (ended) break;
      }
      expect([...new Set(processed)]).toEqual(events.map((event) => event.offset));
      expect((await store.load())?.position.offset).toBe(events.at(-1)!.position!.offset);
    }
  });
});
