/** What every operator must do, whatever its job: the cases never, empty, values, error, unsubscribe early, throwing callback. */
import { EMPTY, from, NEVER, Observable, type OperatorFunction, range, Subject, take, toArray } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../src/bytes/text.ts";
import type { RedisEvent } from "../../src/events.ts";
import { batch } from "../../src/rx/batch.ts";
import { checkpoint } from "../../src/rx/checkpoint.ts";
import { collectValues } from "../../src/rx/collect_values.ts";
import { createMemoryStore } from "../../src/rx/create_memory_store.ts";
import { filterCommands } from "../../src/rx/filter_commands.ts";
import { filterDbs } from "../../src/rx/filter_dbs.ts";
import { filterEvents } from "../../src/rx/filter_events.ts";
import { filterKeys } from "../../src/rx/filter_keys.ts";
import { filterTypes } from "../../src/rx/filter_types.ts";
import { ofKind } from "../../src/rx/of_kind.ts";
import { transactions } from "../../src/rx/transactions.ts";
import { aof, key, link } from "./events.ts";

type Operator = OperatorFunction<RedisEvent, unknown>;

interface Row {
  readonly name: string;
  readonly operator: () => Operator;
  /** Letters of the values below. */
  readonly source: string;
  readonly expected: string;
  /** What the letters of `expected` stand for when they are not the same values. */
  readonly values?: Record<string, unknown>;
  /** One whose callback throws, and at which frame. */
  readonly throwing?: () => Operator;
}

const boom = new Error("boom");
const raise = () => {
  throw boom;
};

const a = aof("SET a 1", { position: undefined });
const b = aof("DEL b", { db: 1, position: undefined });
const c = link("lag", {});
const k = key("a", "string", encodeUtf8("v"));
const values = { a, b, c, k };

const rows: readonly Row[] = [
  {
    name: "filterEvents",
    operator: () => filterEvents({ keys: "a", commands: "SET" }),
    source: "  -a-b-c-k-|",
    expected: "-a---c-k-|",
    throwing: () => filterEvents({ keys: raise }),
  },
  {
    name: "filterKeys",
    operator: () => filterKeys("b"),
    source: "  -a-b-c-k-|",
    expected: "---b-c---|",
    throwing: () => filterKeys(raise),
  },
  { name: "filterDbs", operator: () => filterDbs(1), source: "-a-b-c-k-|", expected: "---b-c---|" },
  { name: "filterTypes", operator: () => filterTypes("set"), source: "-a-b-c-k-|", expected: "-a-b-c---|" },
  {
    name: "filterCommands",
    operator: () => filterCommands("del"),
    source: "-a-b-c-k-|",
    expected: "---b-c-k-|",
  },
  { name: "ofKind", operator: () => ofKind("aof"), source: "-a-b-c-k-|", expected: "-a-b-----|" },
  {
    name: "ofKind with a name",
    operator: () => ofKind("rdb", "key"),
    source: "-a-b-c-k-|",
    expected: "-------k-|",
  },
  {
    name: "batch",
    operator: () => batch({ count: 3 }),
    source: "  -a-b-c-k-|",
    expected: "-----x---(y|)",
    values: { x: [a, b, c], y: [k] },
    throwing: () => batch({ bytes: 10, sizeOf: raise }),
  },
  {
    name: "collectValues",
    operator: () => collectValues(),
    source: "  -a-b-c-k-|",
    expected: "-a-b-c-k-|",
  },
  { name: "transactions", operator: () => transactions(), source: "-a-b-c-k-|", expected: "-a-b-c-k-|" },
  {
    name: "checkpoint",
    operator: () => checkpoint(createMemoryStore(), () => {}),
    source: "  -a-b-c-k-|",
    expected: "-a-b-c-k-|",
    throwing: () => checkpoint(createMemoryStore(), raise),
  },
];

function marbles(test: Parameters<TestScheduler["run"]>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(test);
}

describe.each(rows)("$name", ({ operator, source, expected, values: results = values, throwing }) => {
  it("never: stays silent and subscribed", () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const never = cold<RedisEvent>("-");
      expectObservable(never.pipe(operator()), "----------!").toBe("-");
      expectSubscriptions(never.subscriptions).toBe("^---------!");
    });
  });

  it("empty: completes at once", () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const empty = cold<RedisEvent>("|");
      expectObservable(empty.pipe(operator())).toBe("|");
      expectSubscriptions(empty.subscriptions).toBe("(^!)");
    });
  });

  it("values: as documented, then the end; the source is let go with it", () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const input = cold<RedisEvent>(source, values);
      expectObservable(input.pipe(operator())).toBe(expected, results);
      expectSubscriptions(input.subscriptions).toBe(`^${"-".repeat(source.trim().length - 2)}!`);
    });
  });

  it("error: passes it on, after what it kept", () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const input = cold<RedisEvent>(source.replace("|", "#"), values, boom);
      expectObservable(input.pipe(operator())).toBe(expected.replace("|", "#"), results, boom);
      expectSubscriptions(input.subscriptions).toBe(`^${"-".repeat(source.trim().length - 2)}!`);
    });
  });

  it("unsubscribe early: emits no more and lets the source go", () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const input = hot<RedisEvent>(source, values);
      const until = "----!";
      expectObservable(input.pipe(operator()), until).toBe(
        `${expected.slice(0, 4)}-`.replace(/\(.*/, "-"),
        results,
      );
      expectSubscriptions(input.subscriptions).toBe("^---!");
    });
  });

  it("unsubscribe inside next: stops a source that emits everything synchronously", () => {
    let emitted = 0;
    const firehose = new Observable<RedisEvent>((subscriber) => {
      while (!subscriber.closed) {
        if (++emitted > 1000) throw new Error("nobody stopped it");
        subscriber.next([a, b, k][emitted % 3]!);
      }
    });
    let received = 0;
    firehose.pipe(operator(), take(2)).subscribe(() => received++);
    expect(received).toBe(2);
    expect(emitted).toBeLessThan(20);
  });

  it("is a value that serves many subscriptions, each with its own state", () => {
    const one = operator();
    const outputs: unknown[] = [];
    const first = new Subject<RedisEvent>();
    const second = new Subject<RedisEvent>();
    first.pipe(one, toArray()).subscribe((all) => outputs.push(all));
    second.pipe(one, toArray()).subscribe((all) => outputs.push(all));
    for (const event of [a, b, c, k]) {
      first.next(event);
      second.next(event);
    }
    first.complete();
    second.complete();
    expect(outputs[0]).toEqual(outputs[1]);
  });

  if (throwing !== undefined) {
    it("a callback that throws: ends with that error and lets the source go", () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold<RedisEvent>("--a--b--|", values);
        expectObservable(input.pipe(throwing())).toBe("--#", {}, boom);
        expectSubscriptions(input.subscriptions).toBe("^-!");
      });
    });
  } else {
    it("an event that throws when it is read: ends with that error", () => {
      const event = new Proxy(a, { get: raise });
      const errors: unknown[] = [];
      from([event as RedisEvent])
        .pipe(operator())
        .subscribe({ error: (error) => errors.push(error) });
      expect(errors).toEqual([boom]);
    });
  }
});

describe("the frame of operators", () => {
  it("serves sources without values", () => {
    const log: unknown[] = [];
    const observer = { next: (value: unknown) => log.push(value), complete: () => log.push("complete") };
    EMPTY.pipe(batch({ count: 1 })).subscribe(observer);
    NEVER.pipe(batch({ count: 1 })).subscribe(observer);
    range(1, 3)
      .pipe(batch({ count: 2 }))
      .subscribe(observer);
    expect(log).toEqual(["complete", [1, 2], [3], "complete"]);
  });
});
