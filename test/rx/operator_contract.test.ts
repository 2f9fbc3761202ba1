/** What every operator must do, whatever its job: the cases never, empty, values, error, unsubscribe early, throwing callback. */
import {
  EMPTY,
  from,
  map,
  mergeMap,
  NEVER,
  Observable,
  type OperatorFunction,
  range,
  Subject,
  take,
  toArray,
} from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../src/bytes/text.ts";
import { defaultCommandTable } from "../../src/commands/mod.ts";
import type { RedisEvent } from "../../src/events.ts";
import { batch } from "../../src/rx/batch.ts";
import { checkpoint } from "../../src/rx/checkpoint.ts";
import { coalesce } from "../../src/rx/coalesce.ts";
import { collectValues } from "../../src/rx/collect_values.ts";
import { createGate } from "../../src/rx/create_gate.ts";
import { createMemoryStore } from "../../src/rx/create_memory_store.ts";
import { filterCommands } from "../../src/rx/filter_commands.ts";
import { filterDbs } from "../../src/rx/filter_dbs.ts";
import { filterEvents } from "../../src/rx/filter_events.ts";
import { filterFamilies } from "../../src/rx/filter_families.ts";
import { filterFlags } from "../../src/rx/filter_flags.ts";
import { filterKeys } from "../../src/rx/filter_keys.ts";
import { filterSlots } from "../../src/rx/filter_slots.ts";
import { filterTypes } from "../../src/rx/filter_types.ts";
import { groupByKey } from "../../src/rx/group_by_key.ts";
import { mapKeys } from "../../src/rx/map_keys.ts";
import { ofKind } from "../../src/rx/of_kind.ts";
import { partition } from "../../src/rx/partition.ts";
import { rateLimit } from "../../src/rx/rate_limit.ts";
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
  // Slots: a 15495, b 3300.
  { name: "filterSlots", operator: () => filterSlots(3300), source: "-a-b-c-k-|", expected: "---b-c---|" },
  {
    name: "filterFamilies",
    operator: () => filterFamilies("generic"),
    source: "  -a-b-c-k-|",
    expected: "---b-c-k-|",
  },
  {
    name: "filterFlags",
    operator: () => filterFlags("denyoom"),
    source: "  -a-b-c-k-|",
    expected: "-a---c-k-|",
  },
  {
    name: "groupByKey",
    operator: () => (source) =>
      source.pipe(
        groupByKey({ idle: 100 }),
        mergeMap((group) => group.pipe(map((event) => [group.key?.[0], event.event]))),
      ),
    source: "  -a-b-c-k-|",
    expected: "-a-b-c-k-|",
    values: { a: [97, "command"], b: [98, "command"], c: [undefined, "lag"], k: [97, "key"] },
    throwing: () => groupByKey({ table: { keysOfCommand: raise } }),
  },
  {
    name: "coalesce",
    operator: () => coalesce({ ms: 1 }),
    source: "  -a-b-c-k-|",
    expected: "--a-bc-k-|",
    throwing: () => coalesce({ ms: 10, table: { keysOfCommand: raise } }),
  },
  {
    name: "rateLimit",
    operator: () => rateLimit({ perSecond: 1000, burst: 10, gate: createGate() }),
    source: "  -a-b-c-k-|",
    expected: "-a-b-c-k-|",
    throwing: () => {
      let asked = 0;
      const scheduler = { now: () => (asked++ === 0 ? 0 : raise()), schedule: raise };
      return rateLimit({ perSecond: 1000, gate: createGate(), scheduler });
    },
  },
  {
    name: "mapKeys",
    operator: () => (source) =>
      source.pipe(
        mapKeys((bytes) => Uint8Array.of(...bytes, 33)),
        map((event) =>
          event.kind === "aof" && event.event === "command"
            ? event.text(1)
            : event.kind === "rdb" && event.event === "key"
              ? event.keyText
              : event,
        ),
      ),
    source: "  -a-b-c-k-|",
    expected: "-a-b-c-k-|",
    values: { a: "a!", b: "b!", c, k: "a!" },
  },
  {
    name: "partition",
    operator: () => (source) =>
      source.pipe(
        partition(2),
        map(([index, event]) => [index, event]),
      ),
    source: "  -a-b---k-|",
    expected: "-a-b---k-|",
    values: { a: [1, a], b: [0, b], k: [1, k] },
    throwing: () => partition(2, { table: { ...defaultCommandTable(), keysOfCommand: raise } }),
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
