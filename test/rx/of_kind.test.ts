import { from, lastValueFrom, type Observable, of, toArray } from "rxjs";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { AofCommand, AofEvent, RdbEnd, RdbEvent, RdbKey, RedisEvent } from "../../src/events.ts";
import { filterKeys } from "../../src/rx/filter_keys.ts";
import { ofKind } from "../../src/rx/of_kind.ts";
import { aof, key, link, rdb, show } from "./events.ts";

const events: readonly RedisEvent[] = [
  link("online"),
  rdb("begin"),
  key("a", "string", new Uint8Array(1)),
  rdb("end"),
  aof("SET a 1"),
  link("reset"),
];

describe("ofKind", () => {
  it.each([
    [["link"], ["link online", "link reset"]],
    [["rdb"], ["rdb begin", "0: a string 0.", "rdb end"]],
    [["rdb", "key"], ["0: a string 0."]],
    [["aof", "command"], ["0: SET a 1"]],
    [["link", "reset"], ["link reset"]],
    [["rdb", "aux"], []],
  ] as const)("%j", async ([kind, name], expected) => {
    const kept = from(events).pipe(
      name === undefined ? ofKind(kind) : ofKind(kind, name as never),
      toArray(),
    );
    expect((await lastValueFrom(kept)).map(show)).toEqual(expected);
  });

  it("narrows the type", () => {
    const source: Observable<RedisEvent> = of();
    expectTypeOf(source.pipe(ofKind("rdb"))).toEqualTypeOf<Observable<RdbEvent>>();
    expectTypeOf(source.pipe(ofKind("aof"))).toEqualTypeOf<Observable<AofEvent>>();
    expectTypeOf(source.pipe(ofKind("rdb", "key"))).toEqualTypeOf<Observable<RdbKey>>();
    expectTypeOf(source.pipe(ofKind("rdb", "end"))).toEqualTypeOf<Observable<RdbEnd>>();
    expectTypeOf(source.pipe(ofKind("aof", "command"))).toEqualTypeOf<Observable<AofCommand>>();
    // @ts-expect-error there is no such kind
    ofKind("rdbs");
    // @ts-expect-error there is no such event of this kind
    ofKind("rdb", "command");
  });

  it("keeps its type through filters", () => {
    const source: Observable<RedisEvent> = of();
    expectTypeOf(source.pipe(filterKeys("a"))).toEqualTypeOf<Observable<RedisEvent>>();
    expectTypeOf(source.pipe(ofKind("rdb", "key"), filterKeys("a"))).toEqualTypeOf<Observable<RdbKey>>();
  });
});
