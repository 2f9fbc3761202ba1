import { describe, expect, test } from "vitest";
import {
  AofDecoder,
  type AofDecoderOptions,
  type AofFileEvent,
  type AofPlace,
} from "../../src/aof/decoder.ts";
import type { ReplicaError } from "../../src/errors.ts";
import { encodeCommand } from "../../src/resp/mod.ts";
import { hex, keyRecord, rdbFile } from "../rdb/support.ts";
import { bytesOf, cuttings } from "../resp/support.ts";

const wire = (text: string) => bytesOf(text.replaceAll("␍␊", "\r\n"));
const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const stream = (...lines: readonly string[]) => join(...lines.map((line) => encodeCommand(line.split(" "))));

const context = { replid: undefined, receivedAt: undefined, shard: undefined, file: "x.aof" };
const place: AofPlace = { context, type: "incr", last: true };

/** An event in one line. */
function brief(event: AofFileEvent): unknown {
  if (event.kind === "link") {
    if (event.event !== "truncated") return event.event;
    return { truncated: event.file, validTo: event.validTo, safeTo: event.safeTo };
  }
  if (event.kind === "rdb") return event.event === "key" ? `key ${event.keyText}` : event.event;
  if (event.event === "timestamp") return { at: event.at, offset: event.offset };
  const words = event.args.map((_, index) => event.text(index)).join(" ");
  return `${event.db}${event.tx === undefined ? "" : " tx"} ${words} @${event.offset}`;
}

function decode(
  chunks: readonly Uint8Array[],
  options: Omit<AofDecoderOptions, "onEvent"> = {},
  where: AofPlace = place,
) {
  const events: unknown[] = [];
  const decoder = new AofDecoder({ ...options, onEvent: (event) => events.push(brief(event)) });
  let error: { code: string; offset: number | undefined; file: string | undefined } | undefined;
  try {
    decoder.start(where);
    for (const chunk of chunks) decoder.write(chunk);
    decoder.end();
  } catch (cause) {
    const { code, offset, file } = cause as ReplicaError;
    if (code === undefined) throw cause;
    error = { code, offset, file };
  }
  return { events, error, stopped: decoder.stopped };
}

/** Decodes at every cut and returns the one answer. */
function decodeAnyhow(
  bytes: Uint8Array,
  options: Omit<AofDecoderOptions, "onEvent"> = {},
  where: AofPlace = place,
) {
  const whole = decode([bytes], options, where);
  for (const chunks of cuttings(bytes)) expect(decode(chunks, options, where)).toEqual(whole);
  return whole;
}

const FIRST = wire(
  "*2␍␊$6␍␊SELECT␍␊$1␍␊0␍␊*3␍␊$3␍␊SET␍␊$1␍␊k␍␊$1␍␊v␍␊*1␍␊$5␍␊MULTI␍␊*2␍␊$4␍␊INCR␍␊$1␍␊c␍␊*3␍␊$5␍␊LPUSH␍␊$1␍␊l␍␊$1␍␊a␍␊*1␍␊$4␍␊EXEC␍␊*5␍␊$3␍␊SET␍␊$1␍␊e␍␊$1␍␊x␍␊$4␍␊PXAT␍␊$13␍␊1795241610461␍␊",
);
/** Offsets after each command of FIRST. */
const ENDS = [23, 50, 65, 86, 115, 129, 186];

describe("AofDecoder", () => {
  test("decodes what Redis 8.0.6 wrote", () => {
    expect(decodeAnyhow(FIRST)).toEqual({
      events: [
        "0 SET k v @50",
        "0 tx MULTI @65",
        "0 tx INCR c @86",
        "0 tx LPUSH l a @115",
        "0 tx EXEC @129",
        "0 SET e x PXAT 1795241610461 @186",
      ],
      error: undefined,
      stopped: false,
    });
  });

  test("gives timestamps as events and follows SELECT (Redis 7.0.15)", () => {
    const bytes = wire("#TS:1795241462␍␊*2␍␊$6␍␊SELECT␍␊$1␍␊2␍␊*3␍␊$3␍␊SET␍␊$5␍␊after␍␊$1␍␊1␍␊");
    expect(decodeAnyhow(bytes).events).toEqual([{ at: 1795241462000, offset: 16 }, "2 SET after 1 @70"]);
  });

  test("decodes rewritten hashes of Redis 7.4.1 and Valkey 9.1.2", () => {
    const redis = wire(
      "*4␍␊$5␍␊HMSET␍␊$1␍␊h␍␊$1␍␊b␍␊$1␍␊2␍␊*6␍␊$10␍␊HPEXPIREAT␍␊$1␍␊h␍␊$13␍␊4102444800000␍␊$6␍␊FIELDS␍␊$1␍␊1␍␊$1␍␊b␍␊*4␍␊$5␍␊HMSET␍␊$1␍␊h␍␊$1␍␊a␍␊$1␍␊1␍␊",
    );
    const valkey = wire(
      "*8␍␊$6␍␊HSETEX␍␊$1␍␊h␍␊$4␍␊PXAT␍␊$13␍␊4102444800000␍␊$6␍␊FIELDS␍␊$1␍␊1␍␊$1␍␊b␍␊$1␍␊2␍␊*4␍␊$5␍␊HMSET␍␊$1␍␊h␍␊$1␍␊a␍␊$1␍␊1␍␊",
    );
    expect(decodeAnyhow(redis).events.map((line) => String(line).replace(/ @\d+$/, ""))).toEqual([
      "0 HMSET h b 2",
      "0 HPEXPIREAT h 4102444800000 FIELDS 1 b",
      "0 HMSET h a 1",
    ]);
    expect(decodeAnyhow(valkey).events.map((line) => String(line).replace(/ @\d+$/, ""))).toEqual([
      "0 HSETEX h PXAT 4102444800000 FIELDS 1 b 2",
      "0 HMSET h a 1",
    ]);
  });

  test("passes over annotations that say something else, and ones that a crash cut", () => {
    const bytes = join(bytesOf("#anything\r\n#TS:12a\n#\n"), stream("SET a 1"), bytesOf("#TS:17"));
    expect(decodeAnyhow(bytes)).toEqual({ events: ["0 SET a 1 @48"], error: undefined, stopped: false });
  });

  test("decodes an RDB and the commands after it, with offsets of the file", () => {
    for (const version of [4, 10]) {
      const rdb = rdbFile(version, keyRecord("before", hex("00 01 61")));
      const { events, error } = decodeAnyhow(join(rdb, stream("SELECT 3", "SET a 1")));
      expect(error).toBeUndefined();
      expect(events).toEqual([
        "begin",
        "key before",
        "end",
        `3 SET a 1 @${rdb.length + stream("SELECT 3", "SET a 1").length}`,
      ]);
      expect(decodeAnyhow(rdb).events).toEqual(["begin", "key before", "end"]);
    }
    const valkey = rdbFile(80, keyRecord("v", hex("00 01 61")));
    expect(decodeAnyhow(join(valkey, stream("DEL v"))).events.slice(0, 3)).toEqual(["begin", "key v", "end"]);
  });

  test("takes an empty file as one without data", () => {
    expect(decode([])).toEqual({ events: [], error: undefined, stopped: false });
    expect(decode([new Uint8Array()])).toEqual({ events: [], error: undefined, stopped: false });
  });

  describe("at an end inside something", () => {
    for (let cut = 0; cut <= FIRST.length; cut++) {
      const validTo = ENDS.filter((end) => end <= cut).at(-1) ?? 0;
      const safeTo = validTo >= 65 && validTo < 129 ? 50 : validTo;
      const clean = validTo === cut && safeTo === cut;
      test(`byte ${cut}: ${clean ? "clean" : `valid to ${validTo}, safe to ${safeTo}`}`, () => {
        const tolerated = decode([FIRST.slice(0, cut)]);
        expect(tolerated.error).toBeUndefined();
        expect(tolerated.events.at(-1)).toEqual(
          clean ? (cut <= 23 ? undefined : expect.any(String)) : { truncated: "x.aof", validTo, safeTo },
        );
        const refusing = [
          decode([FIRST.slice(0, cut)], { truncated: "error" }),
          decode([FIRST.slice(0, cut)], {}, { ...place, last: false }),
        ];
        for (const { events, error } of refusing) {
          expect(error).toEqual(clean ? undefined : { code: "TRUNCATED", offset: cut, file: "x.aof" });
          expect(events).toEqual(tolerated.events.filter((event) => typeof event === "string"));
        }
      });
    }

    test("an RDB is always an error", () => {
      const rdb = rdbFile(10, keyRecord("before", hex("00 01 61")));
      for (let cut = 1; cut < rdb.length; cut++) {
        expect(decode([rdb.slice(0, cut)]).error?.code).toBe("TRUNCATED");
      }
    });
  });

  const malformed: readonly (readonly [why: string, wire: string, offset: number])[] = [
    ["a negative bulk length, which crashes servers", "*2␍␊$3␍␊DEL␍␊$-1␍␊", 14],
    [
      "other bytes than CR LF after data, which servers take",
      "*3␍␊$3␍␊SET␍␊$1␍␊a␍␊$1␍␊bXX*1␍␊$4␍␊PING␍␊",
      25,
    ],
    ["a blank line", "␍␊", 0],
    ["bare LF", "\n*1␍␊$4␍␊PING␍␊", 0],
    ["inline text", "SET a 1␍␊", 0],
    ["zeros after a command", "*1␍␊$5␍␊FLUSH␍␊\0\0\0\0", 15],
    ["a count of 0", "*0␍␊", 2],
    ["a typed value", "*1␍␊:1␍␊", 4],
    ["an annotation inside a command", "*2␍␊$3␍␊DEL␍␊#TS:1␍␊$1␍␊a␍␊", 13],
    ["a SELECT that cannot be followed", "*2␍␊$6␍␊SELECT␍␊$1␍␊x␍␊", 0],
  ];
  for (const [why, text, offset] of malformed) {
    test(`refuses ${why}, even in a last file`, () => {
      const bytes = wire(text);
      const { error } = decodeAnyhow(bytes);
      expect(error).toEqual({ code: "MALFORMED", offset, file: "x.aof" });
      const head = stream("SET a 1");
      expect(decodeAnyhow(join(head, bytes))).toMatchObject({
        events: ["0 SET a 1 @27", ...(why.startsWith("zeros") ? ["0 FLUSH @42"] : [])],
        error: { code: "MALFORMED", offset: head.length + offset },
      });
    });
  }

  test("refuses what only begins like an RDB, with the file's name", () => {
    expect(decode([bytesOf("REDIX0011")]).error).toEqual({ code: "NOT_RDB", offset: 0, file: "x.aof" });
    expect(decode([bytesOf("VKCS\0\0\0\0\0\0")]).error?.code).toBe("UNSUPPORTED");
  });

  test("says the same error until it starts anew, and each file begins in db 0", () => {
    const events: unknown[] = [];
    const decoder = new AofDecoder({ onEvent: (event) => events.push(brief(event)) });
    decoder.start({ ...place, last: false });
    decoder.write(stream("SELECT 5", "SET a 1"));
    decoder.end();
    decoder.start(place);
    decoder.write(stream("SET b 1"));
    expect(() => decoder.write(bytesOf("x"))).toThrow(expect.objectContaining({ code: "MALFORMED" }));
    expect(() => decoder.write(stream("SET c 1"))).toThrow(expect.objectContaining({ code: "MALFORMED" }));
    expect(() => decoder.end()).toThrow(expect.objectContaining({ code: "MALFORMED" }));
    decoder.start(place);
    decoder.write(stream("SET d 1"));
    decoder.end();
    expect(events).toEqual(["5 SET a 1 @50", "0 SET b 1 @27", "0 SET d 1 @27"]);
  });

  describe("until", () => {
    const timed = join(
      bytesOf("#TS:100\r\n"),
      stream("SET a 1"),
      bytesOf("#TS:101\r\n"),
      stream("MULTI", "SET b 1"),
      bytesOf("#TS:102\r\n"),
      stream("SET c 1", "EXEC", "SET d 1"),
      bytesOf("#TS:103\r\n"),
      stream("SET e 1"),
      bytesOf("garbage"),
    );
    const words = (events: readonly unknown[]) =>
      events.map((event) =>
        typeof event === "string" ? event.replace(/^0 (tx )?| @\d+$/g, "") : (event as { at: number }).at,
      );

    test("stops before the first later timestamp and looks at nothing behind it", () => {
      const { events, error, stopped } = decodeAnyhow(timed, { until: 102_999 });
      expect(words(events)).toEqual([
        100000,
        "SET a 1",
        101000,
        "MULTI",
        "SET b 1",
        102000,
        "SET c 1",
        "EXEC",
        "SET d 1",
      ]);
      expect(error).toBeUndefined();
      expect(stopped).toBe(true);
    });

    test("does not stop inside a transaction", () => {
      const { events, error, stopped } = decodeAnyhow(timed, { until: 101_000 });
      expect(words(events)).toEqual([100000, "SET a 1", 101000, "MULTI", "SET b 1", "SET c 1", "EXEC"]);
      expect(error).toBeUndefined();
      expect(stopped).toBe(true);
    });

    test("stops before anything when all is later", () => {
      expect(decodeAnyhow(timed, { until: 5 })).toEqual({ events: [], error: undefined, stopped: true });
    });

    test("refuses a base that was written later: what it replaced is gone", () => {
      const aux = join(hex("fa 05"), bytesOf("ctime"), hex("c2"), hex("80 96 98 00"));
      const rdb = rdbFile(10, aux, keyRecord("k", hex("00 01 61")));
      const base: AofPlace = { ...place, type: "base", last: false };
      expect(decodeAnyhow(rdb, { until: 10_000_000_000 }, base).events).toEqual([
        "begin",
        "aux",
        "key k",
        "end",
      ]);
      const { events, error } = decodeAnyhow(rdb, { until: 9_999_999_999 }, base);
      expect(error?.code).toBe("CONFIG");
      expect(events).toEqual(["begin"]);
      expect(decodeAnyhow(timed, { until: 5 }, base).error?.code).toBe("CONFIG");
    });
  });
});
