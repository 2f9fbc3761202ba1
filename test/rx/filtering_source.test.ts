import { lastValueFrom, map, type Observable, type OperatorFunction, toArray } from "rxjs";
import { describe, expect, test } from "vitest";
import type { RedisEvent } from "../../src/events.ts";
import { filterDbs } from "../../src/rx/filter_dbs.ts";
import { filterKeys } from "../../src/rx/filter_keys.ts";
import type { RdbFileEvent } from "../../src/rx/rdb_batches.ts";
import { readAof } from "../../src/rx/read_aof.ts";
import { readRdb } from "../../src/rx/read_rdb.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** The string `a` in db 0 and 1, and in db 0 a set `b` whose intset is none: whoever decodes it fails. */
const RDB = bytes(
  "REDIS0009\xfe\0\0\x01a\x01x\x0b\x01b\x08\x03\0\0\0\x01\0\0\0\xfe\x01\0\x01a\x01y\xff\0\0\0\0\0\0\0\0",
);

const keysOf = async (events: Observable<RedisEvent>): Promise<string[]> =>
  (await lastValueFrom(events.pipe(toArray()))).flatMap((event) =>
    event.kind === "rdb" && event.event === "key" ? [`${event.db} ${event.keyText}`] : [],
  );

describe("FilteringSource", () => {
  test("takes over the operator that comes first: what it drops is not decoded", async () => {
    expect(await keysOf(readRdb(RDB).pipe(filterKeys("a")))).toEqual(["0 a", "1 a"]);
    expect(await keysOf(readRdb(RDB).pipe(filterKeys("a"), filterDbs(1)))).toEqual(["1 a"]);
  });

  const judging: [string, OperatorFunction<RdbFileEvent, RdbFileEvent>[]][] = [
    ["a predicate", [filterKeys((key) => key[0] === 0x61)]],
    ["what comes second", [map((event) => event), filterKeys("a")]],
  ];
  test.each(judging)("leaves %s to the operator", async (_, [first, second]) => {
    const source = readRdb(RDB).pipe(first!);
    await expect(keysOf(second === undefined ? source : source.pipe(second))).rejects.toMatchObject({
      code: "MALFORMED",
    });
  });

  test("keeps a filter that it was given, and leaves the next to the operator", async () => {
    expect(await keysOf(readRdb(RDB, { dbs: 1 }).pipe(filterKeys("a")))).toEqual(["1 a"]);
    expect(await keysOf(readRdb(RDB, { keys: "a" }).pipe(filterDbs(0)))).toEqual(["0 a"]);
    expect(await keysOf(readRdb(RDB, { types: "string" }).pipe(filterKeys("b")))).toEqual([]);
  });

  test("can be piped in several ways, each with its own filter", async () => {
    const source = readRdb(RDB);
    const [a, one] = [source.pipe(filterKeys("a")), source.pipe(filterDbs(1))];
    expect(await keysOf(one)).toEqual(["1 a"]);
    expect(await keysOf(a)).toEqual(["0 a", "1 a"]);
    await expect(keysOf(source)).rejects.toMatchObject({ code: "MALFORMED" });
  });

  test("reads commands of files so too", async () => {
    const aof = bytes("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nx\r\n*2\r\n$3\r\nDEL\r\n$1\r\nb\r\n");
    const names = await lastValueFrom(
      readAof(aof).pipe(
        filterKeys("b"),
        map((event) => (event.kind === "aof" && event.event === "command" ? event.name : event.event)),
        toArray(),
      ),
    );
    expect(names).toContain("DEL");
    expect(names).not.toContain("SET");
  });
});
