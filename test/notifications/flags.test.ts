import { describe, expect, test } from "vitest";
import { ReplicaError } from "../../src/errors.ts";
import { messagesFor, parseNotification } from "../../src/notifications/channels.ts";
import { EVENT_NAMES, flagOf } from "../../src/notifications/event_flags.ts";
import { channelsOf, combineFlags, formatFlags, parseFlags } from "../../src/notifications/flags.ts";

const latin = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));

describe("parseFlags and formatFlags", () => {
  test.each([
    ["", "", ""],
    ["gK$", "g$K", "g$K"],
    ["KEA", "AKE", "AKE"],
    ["g$lshzxetdaKE", "AKE", "AKE"],
    ["g$lshzxetdKE", "g$lshzxetdKE", "g$lshzxetdKE"],
    ["KEn", "nKE", "nKE"],
    ["KEAn", "AnKE", "AKE"],
    ["AKEmSTIVnoc", "AnocKEmSTIV", "AKEmSTIV"],
    ["VITSEKconag", "ganocKESTIV", "ganocKESTIV"],
    ["xxEE", "xE", "xE"],
  ])("%s is written %s and printed by servers %s", (text, written, printed) => {
    const flags = parseFlags(text);
    expect(formatFlags(flags)).toBe(written);
    expect(formatFlags(flags, { hide: true })).toBe(printed);
    expect(parseFlags(written)).toEqual(flags);
  });

  test("an unknown letter is named, with what would do", () => {
    expect(() => parseFlags("KEr")).toThrow(ReplicaError);
    expect(() => parseFlags("KEr")).toThrow(/"r".*KEA/);
    try {
      parseFlags("y");
    } catch (error) {
      expect((error as ReplicaError).code).toBe("CONFIG");
    }
  });

  test("combineFlags joins", () => {
    expect(formatFlags(combineFlags(parseFlags("Ex"), parseFlags("K$"), parseFlags("")))).toBe("$xKE");
  });

  test("channelsOf needs a class", () => {
    expect(channelsOf(parseFlags("KE"))).toEqual([]);
    expect(channelsOf(parseFlags("KEm"))).toEqual(["keyspace", "keyevent"]);
    expect(channelsOf(parseFlags("SgK"))).toEqual(["keyspace"]);
    expect(channelsOf(parseFlags("hSTIV"))).toHaveLength(4);
  });
});

test("flagOf knows the names of all classes and takes others for a module's", () => {
  // 65 of Redis 8.0, and nine of 8.2 to 8.8.
  expect(EVENT_NAMES).toHaveLength(74);
  expect(flagOf("zincr")).toBe("z");
  expect(flagOf("json.set")).toBe("d");
});

describe("messagesFor", () => {
  const shown = (flags: string, event: string, key: string, fields?: string[]) =>
    messagesFor(parseFlags(flags), { db: 0, event, key: bytes(key), fields: fields?.map(bytes) }).map(
      ({ channel, payload }) => `${latin(channel)} ${latin(payload)}`,
    );

  test("keyspace before keyevent, only what the flags select", () => {
    expect(shown("KEA", "set", "k")).toEqual(["__keyspace@0__:k set", "__keyevent@0__:set k"]);
    expect(shown("E$", "set", "k")).toEqual(["__keyevent@0__:set k"]);
    expect(shown("KEg", "set", "k")).toEqual([]);
    expect(shown("A", "set", "k")).toEqual([]);
  });

  test("sub-keys as Redis 8.8 shows them for HSET h f 1 g 2", () => {
    expect(shown("STIVh", "hset", "h", ["f", "g"])).toEqual([
      "__subkeyspace@0__:h hset|1:f,1:g",
      "__subkeyevent@0__:hset 1:h|1:f,1:g",
      "__subkeyspaceitem@0__:h\nf hset",
      "__subkeyspaceitem@0__:h\ng hset",
      "__subkeyspaceevent@0__:hset|h 1:f,1:g",
    ]);
    expect(shown("S", "hset", "h", ["f"])).toEqual([]);
    expect(shown("Ih", "hset", "a\nb", ["f"])).toEqual([]);
  });

  test.each(["k", "", "a__:b", "\xff\x00\r\n", "__keyevent@0__:x"])(
    "parseNotification finds %j again",
    (key) => {
      for (const { channel, payload } of messagesFor(parseFlags("KEA"), {
        db: 12,
        event: "lpush",
        key: bytes(key),
      })) {
        const parsed = parseNotification(channel, payload);
        expect([parsed.db, parsed.event, latin(parsed.key)]).toEqual([12, "lpush", key]);
      }
    },
  );

  test.each(["", "news", "__keyspace@x__:k", "__keyspace@1_:k"])("a channel %j is malformed", (channel) => {
    expect(() => parseNotification(bytes(channel), bytes("set"))).toThrow(/Cannot read notification/);
  });
});
