import { describe, expect, test } from "vitest";
import type { Position, RedisEvent } from "../../src/events.ts";
import { type ProtocolOptions, ReplicaProtocol } from "../../src/replica/protocol.ts";
import { compileFilter } from "../../src/stream/filter.ts";
import { plain } from "./support/plain.ts";
import { tinyRdb } from "./support/tiny_rdb.ts";
import { bytes, command, cut, MARK, OTHER_REPLID, REPLID, seeded, singly, text } from "./support/wire.ts";

const OPTIONS: ProtocolOptions = {
  snapshot: true,
  stream: true,
  position: undefined,
  onHole: "reset",
  overrun: "reset",
  filter: compileFilter({}),
  rdb: {},
  maxCommandBytes: undefined,
  shard: undefined,
};
const AT = { earliest: 5, latest: 7 };
const HELLO = "*4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n";
const SETUP = `+PONG\r\n${HELLO}+OK\r\n-ERR Unrecognized REPLCONF option: version\r\n`;
const PING = command("ping");
const GETACK = command("REPLCONF", "GETACK", "*");

const full = (offset: number, replid = REPLID): string => `+FULLRESYNC ${replid} ${offset}\r\n`;
const byLength = (rdb: Uint8Array): string => `$${rdb.length}\r\n${text(rdb)}`;
const byMark = (rdb: Uint8Array): string => `$EOF:${MARK}\r\n${text(rdb)}${MARK}`;
const ack = (offset: number): string => command("REPLCONF", "ACK", offset);

/** A protocol and what it said so far. */
class Link {
  readonly protocol: ReplicaProtocol;
  readonly events: RedisEvent[] = [];
  readonly sent: string[] = [];

  constructor(options: Partial<ProtocolOptions> = {}) {
    this.protocol = new ReplicaProtocol({ ...OPTIONS, ...options });
  }

  open(): this {
    this.protocol.open();
    return this.#take();
  }

  feed(...pieces: readonly (string | Uint8Array)[]): this {
    for (const piece of pieces) {
      try {
        this.protocol.write(typeof piece === "string" ? bytes(piece) : piece, AT);
      } finally {
        this.#take();
      }
    }
    return this;
  }

  tick(now: number): this {
    this.protocol.tick(now);
    return this.#take();
  }

  /** What each event says. */
  get said(): object[] {
    return this.events.map(plain);
  }

  /** The events' names, commands by their own. */
  get names(): string[] {
    return this.events.map((event) =>
      event.kind === "aof" && event.event === "command" ? event.name : event.event,
    );
  }

  /** Everything sent but acknowledgements, and the last of these. */
  get conversation(): { said: string; acknowledged: string | undefined } {
    const acks = this.sent.filter((piece) => piece.includes("ACK"));
    return { said: this.sent.filter((piece) => !piece.includes("ACK")).join(""), acknowledged: acks.at(-1) };
  }

  #take(): this {
    this.events.push(...this.protocol.takeEvents());
    this.sent.push(...this.protocol.takeOutput().map((piece) => text(piece)));
    return this;
  }
}

describe("ReplicaProtocol", () => {
  const rdb = tinyRdb({ streamDb: 3, keys: { k: "v" } });
  const stream = [
    command("SET", "a", 1),
    PING,
    command("select", 5),
    command("MULTI"),
    command("INCR", "b"),
    command("SELECT", 6),
    command("INCR", "c"),
    command("EXEC"),
    GETACK,
    command("DEL", "a"),
  ];

  test("tells a full resync: snapshot, then commands with db, offset, transaction and position", () => {
    const link = new Link().open().feed(`${SETUP}\n\n${full(100)}\n`, byLength(rdb), stream.join(""));
    const offsets: number[] = [];
    let offset = 100;
    for (const piece of stream) offsets.push((offset += piece.length));
    const at = (n: number, db: number): Position => ({
      replid: REPLID,
      offset: n < 0 ? 100 : offsets[n]!,
      db,
    });
    const shard = undefined;
    expect(link.said).toEqual([
      { kind: "link", event: "handshake", server: "redis 7.0.15", position: undefined, shard },
      { kind: "link", event: "fullresync", replid: REPLID, offset: 100, position: undefined, shard },
      { kind: "rdb", event: "begin", version: 10, family: "redis", position: undefined, shard },
      expect.objectContaining({ event: "aux" }),
      expect.objectContaining({ event: "aux" }),
      { rdb: "k", type: "string", value: JSON.stringify(bytes("v")), position: undefined },
      { kind: "rdb", event: "end", keys: 1, checksum: "off", position: at(-1, 3), shard },
      { kind: "link", event: "online", offset: 100, position: at(-1, 3), shard },
      { aof: ["SET", "a", "1"], db: 3, offset: offsets[0], position: at(0, 3), tx: undefined },
      { aof: ["MULTI"], db: 5, offset: offsets[3], position: at(1, 3), tx: offsets[1] },
      { aof: ["INCR", "b"], db: 5, offset: offsets[4], position: at(1, 3), tx: offsets[1] },
      { aof: ["INCR", "c"], db: 6, offset: offsets[6], position: at(1, 3), tx: offsets[1] },
      { aof: ["EXEC"], db: 6, offset: offsets[7], position: at(7, 6), tx: offsets[1] },
      { aof: ["DEL", "a"], db: 6, offset: offsets[9], position: at(9, 6), tx: undefined },
    ]);
    expect(link.protocol.position).toEqual(at(9, 6));
    expect(link.sent.at(-1)).toBe(ack(offsets[9]!));
  });

  const scripts: readonly [name: string, server: string, options: Partial<ProtocolOptions>][] = [
    ["a snapshot by length", `${SETUP}${full(100)}${byLength(rdb)}${stream.join("")}`, {}],
    ["a snapshot by mark", `${SETUP}\n${full(0)}\n\n${byMark(rdb)}${stream.join("")}`, {}],
    [
      "a partial resync",
      `${SETUP}\n+CONTINUE ${OTHER_REPLID}\r\n${stream.join("")}`,
      { position: { replid: REPLID, offset: 9, db: 2 } },
    ],
    [
      "a lost history",
      `${SETUP}${full(50)}${byMark(rdb)}${PING}${stream.join("")}`,
      { position: { replid: REPLID, offset: 9, db: 2 } },
    ],
    ["no snapshot", `${SETUP}+OK\r\n${full(0)}${byMark(rdb)}${stream.join("")}`, { snapshot: false }],
    ["no stream", `${SETUP}+OK\r\n${full(0)}${byMark(rdb)}`, { stream: false }],
    [
      "a filter",
      `${SETUP}${full(0)}${byMark(rdb)}${stream.join("")}`,
      { filter: compileFilter({ keys: "b" }) },
    ],
  ];
  test.each(scripts)("gives the same however the bytes are cut: %s", (_name, server, options) => {
    const wire = bytes(server);
    const whole = new Link(options).open().feed(wire).tick(0);
    expect(whole.events.length).toBeGreaterThan(3);
    const same = (pieces: readonly Uint8Array[]): void => {
      const link = new Link(options)
        .open()
        .feed(...pieces)
        .tick(0);
      // Where a chunk ends decides when a position is worth telling.
      const settled = (said: object[]): object[] =>
        said.filter((event) => !("event" in event && event.event === "progress"));
      expect(settled(link.said)).toEqual(settled(whole.said));
      expect(link.conversation).toEqual(whole.conversation);
      expect(link.protocol.position).toEqual(whole.protocol.position);
    };
    same(singly(wire));
    const random = seeded(7);
    for (let round = 0; round < 60; round++) {
      const cuts = Array.from({ length: 1 + Math.floor(random() * 12) }, () =>
        Math.floor(random() * wire.length),
      );
      same(cut(wire, cuts));
    }
  });

  test("asks for the byte after the position and keeps its db", () => {
    const link = new Link({ position: { replid: REPLID, offset: 41, db: 9 } }).open();
    link.feed(`${SETUP}+CONTINUE\r\n`, command("SET", "a", 1));
    expect(link.sent[2]).toBe(command("PSYNC", REPLID, 42));
    expect(link.said.slice(1)).toMatchObject([
      { event: "continue", replid: REPLID, offset: 41, position: { replid: REPLID, offset: 41, db: 9 } },
      { event: "online", offset: 41 },
      { aof: ["SET", "a", "1"], db: 9 },
    ]);
    expect(link.sent.at(-1)).toBe(ack(41));
  });

  test("follows a changed replication id", () => {
    const link = new Link({ position: { replid: REPLID, offset: 41, db: 9 } }).open();
    link.feed(`${SETUP}+CONTINUE ${OTHER_REPLID}\r\n${command("SET", "a", 1)}`);
    expect(link.protocol.position?.replid).toBe(OTHER_REPLID);
    expect(link.events.at(-1)?.position?.replid).toBe(OTHER_REPLID);
    expect(link.said[1]).toMatchObject({ event: "continue", replid: OTHER_REPLID });
  });

  describe("reconnecting", () => {
    const online = (): Link => new Link().open().feed(`${SETUP}${full(100)}${byMark(rdb)}`);

    test("goes on at the offset after the last whole command", () => {
      const set = command("SET", "a", 1);
      const link = online().feed(set, set.slice(0, 9));
      expect(link.protocol.closed()).toMatchObject({ code: "DISCONNECTED", offset: 100 + set.length });
      link.open().feed(`${SETUP}+CONTINUE ${REPLID}\r\n`, set);
      expect(link.sent).toContain(command("PSYNC", REPLID, 101 + set.length));
      expect(link.events.at(-1)).toMatchObject({ offset: 100 + 2 * set.length, db: 3 });
    });

    test("goes on inside a transaction without telling any of it twice", () => {
      const multi = command("MULTI");
      const link = online().feed(`${multi}${command("INCR", "b")}`);
      link.protocol.closed();
      link.open().feed(`${SETUP}+CONTINUE ${REPLID}\r\n`, command("INCR", "c"), command("EXEC"));
      const commands = link.said.filter((event) => "aof" in event);
      expect(commands).toMatchObject([
        { tx: 100 },
        { tx: 100 },
        { tx: 100, position: { offset: 100 } },
        { tx: 100 },
      ]);
      expect(link.protocol.position?.offset).toBe(link.protocol.offset);
    });

    const losses: readonly [name: string, grant: string, loss: object][] = [
      ["the backlog", full(500), { reason: "backlog", lostFrom: 100, lostTo: 500 }],
      ["the history", full(500, OTHER_REPLID), { reason: "history", lostFrom: 100, lostTo: undefined }],
      ["its own end", full(99), { reason: "history", lostFrom: 100, lostTo: undefined }],
    ];
    test.each(losses)("tells first what is lost when the primary lost %s", (_name, grant, loss) => {
      const link = online();
      link.protocol.closed();
      const before = link.events.length;
      link.open().feed(`${SETUP}${grant}${byMark(rdb)}`);
      expect(link.said.slice(before)).toMatchObject([
        { event: "handshake" },
        { event: "reset", position: undefined, ...loss },
        { event: "fullresync", position: undefined },
        { event: "begin" },
        { event: "aux" },
        { event: "aux" },
        { rdb: "k" },
        { event: "end" },
        { event: "online" },
      ]);
    });

    test("blames the reader when told so", () => {
      const link = online();
      link.protocol.closed();
      link.protocol.blameReader();
      link.open().feed(`${SETUP}${full(500)}`);
      expect(link.said.at(-2)).toMatchObject({ event: "reset", reason: "overrun" });
    });

    test("begins a cut snapshot anew", () => {
      const link = new Link().open().feed(`${SETUP}${full(100)}${byMark(rdb).slice(0, -1)}`);
      expect(link.names).not.toContain("end");
      expect(link.protocol.position).toBeUndefined();
      expect(link.protocol.closed()).toMatchObject({ code: "DISCONNECTED", offset: rdb.length });
      link.open().feed(`${SETUP}${full(120)}${byMark(rdb)}`);
      expect(link.conversation.said.split("PSYNC")).toHaveLength(3);
      expect(link.said.filter((event) => "reason" in event)).toMatchObject([
        { event: "reset", reason: "snapshot-cut", lostFrom: 100, lostTo: 120 },
      ]);
      expect(link.names.at(-1)).toBe("online");
    });

    test("does not begin anew where that was forbidden", () => {
      const link = new Link({ onHole: "fail", position: { replid: REPLID, offset: 41, db: 9 } }).open();
      expect(() => link.feed(`${SETUP}${full(100)}`)).toThrow(
        expect.objectContaining({ code: "HISTORY", offset: 41 }),
      );
      expect(link.names).toEqual(["handshake"]);
    });
  });

  describe("acknowledges", () => {
    test("as soon as the snapshot is whole, not before", () => {
      const payload = byMark(rdb);
      const link = new Link().open().feed(`${SETUP}${full(100)}`, payload.slice(0, -1));
      expect(link.sent.join("")).not.toContain("ACK");
      link.feed(payload.slice(-1));
      expect(link.sent.at(-1)).toBe(ack(100));
    });

    test("every second, and on GETACK with the request counted", () => {
      const link = new Link().open().feed(`${SETUP}${full(100)}${byMark(rdb)}`);
      link.tick(1000).tick(2000);
      expect(link.sent.slice(-2)).toEqual([ack(100), ack(100)]);
      link.feed(GETACK);
      expect(link.sent.at(-1)).toBe(ack(100 + GETACK.length));
      const count = link.sent.length;
      link.feed(PING);
      expect(link.sent).toHaveLength(count);
    });

    test("only whole commands", () => {
      const set = command("SET", "a", 1);
      const link = new Link()
        .open()
        .feed(`${SETUP}${full(0)}${byMark(rdb)}`, `${set}${set.slice(0, -1)}`)
        .tick(1000);
      expect(link.sent.at(-1)).toBe(ack(set.length));
    });

    test("with signs of life while the snapshot is made and read, and with nothing before", () => {
      const link = new Link().open();
      link.tick(0).feed(SETUP).tick(0);
      expect(link.sent.join("")).toMatch(/PSYNC\r\n\$1\r\n\?\r\n\$2\r\n-1\r\n$/);
      link.feed(full(0)).tick(0).feed("$100\r\nREDIS").tick(0);
      expect(link.sent.slice(-2)).toEqual(["\n", "\n"]);
    });
  });

  describe("progress", () => {
    const link = (): Link =>
      new Link({ filter: compileFilter({ keys: "wanted" }) }).open().feed(`${SETUP}${full(0)}${byMark(rdb)}`);

    test("tells the position when it moved without an event", () => {
      const l = link();
      const before = l.events.length;
      l.protocol.write(bytes(PING), { earliest: 10_000, latest: 10_000 });
      expect(l.protocol.takeEvents().map(plain)).toMatchObject([
        { event: "progress", position: { offset: PING.length, db: 3 }, lag: undefined },
      ]);
      expect(before).toBe(l.events.length);
    });

    test("comes at most once a second, and then late rather than never", () => {
      const l = link();
      const feed = (wire: string, now: number): string[] => {
        l.protocol.write(bytes(wire), { earliest: now, latest: now });
        return l.protocol.takeEvents().map((event) => event.event);
      };
      expect(feed(command("SET", "other", 1), 10_000)).toEqual(["progress"]);
      expect(feed(command("SET", "other", 1), 10_100)).toEqual([]);
      expect(feed(PING, 10_999)).toEqual([]);
      l.protocol.tick(11_000);
      expect(l.protocol.takeEvents().map(plain)).toMatchObject([
        { event: "progress", position: { offset: l.protocol.offset } },
      ]);
      l.protocol.tick(12_000);
      expect(l.protocol.hasEvents).toBe(false);
      expect(feed(command("SET", "wanted", 1), 12_500)).toEqual(["command"]);
    });

    test("says nothing inside a transaction, whose position stands still", () => {
      const l = link();
      l.protocol.write(bytes(`${command("MULTI")}${command("SET", "other", 1)}`), {
        earliest: 10_000,
        latest: 10_000,
      });
      expect(l.protocol.hasEvents).toBe(false);
    });
  });

  test("without a snapshot asks for none and tells none, and takes its db from it all the same", () => {
    const link = new Link({ snapshot: false }).open();
    link.feed(`${SETUP}+OK\r\n${full(7)}${byMark(rdb)}${command("SET", "a", 1)}`);
    expect(link.sent[1]).toContain(command("REPLCONF", "rdb-filter-only", ""));
    expect(link.names).toEqual(["handshake", "fullresync", "online", "SET"]);
    expect(link.events.at(-1)).toMatchObject({ db: 3 });
  });

  test("without a stream says so, ends with the snapshot and takes nothing behind it", () => {
    const link = new Link({ stream: false }).open();
    link.feed(`${SETUP}+OK\r\n${full(7)}${byLength(rdb)}${command("SET", "a", 1)}`);
    expect(link.sent[1]).toContain(command("REPLCONF", "rdb-only", 1));
    expect(link.names.at(-1)).toBe("end");
    expect(link.events.at(-1)?.position).toEqual({ replid: REPLID, offset: 7, db: 3 });
    expect(link.protocol.phase).toBe("finished");
    expect(link.sent.join("")).not.toContain("ACK");
  });

  test.each([
    [undefined, 0],
    [-1, 0],
    [12, 12],
  ])("takes the db of the stream from the snapshot: %s", (streamDb, db) => {
    const snapshot = tinyRdb(streamDb === undefined ? {} : { streamDb });
    const link = new Link().open().feed(`${SETUP}${full(0)}${byMark(snapshot)}`);
    expect(link.protocol.position).toEqual({ replid: REPLID, offset: 0, db });
  });

  test("stamps events with their arrival and shard", () => {
    const link = new Link({ shard: "s1" })
      .open()
      .feed(`${SETUP}${full(0)}${byMark(rdb)}${command("SET", "a", 1)}`);
    for (const event of link.events) expect(event).toMatchObject({ receivedAt: AT, shard: "s1" });
  });

  describe("ends with a coded error, after everything before it, on", () => {
    const failures: readonly [name: string, server: string, error: object, names: readonly string[]][] = [
      [
        "HTTP",
        "HTTP/1.1 400 Bad Request\r\n",
        { code: "PROTOCOL", message: expect.stringContaining('"HTTP/1.1 400 Bad Request"') },
        [],
      ],
      [
        "SSH",
        "SSH-2.0-OpenSSH_9.2p1\r\n",
        { code: "PROTOCOL", message: expect.stringContaining("no Redis server") },
        [],
      ],
      [
        "a TLS alert",
        "\x15\x03\x03\0\x02\x02\x46",
        { code: "PROTOCOL", message: expect.stringContaining("TLS") },
        [],
      ],
      [
        "a binary greeting",
        "\x4a\0\0\0\x0a8.0.1\0\x1b[31m",
        { code: "PROTOCOL", message: expect.not.stringContaining("\x1b") },
        [],
      ],
      ["a line without an end", `+${"x".repeat(20_000)}`, { code: "PROTOCOL" }, []],
      [
        "an error in place of the snapshot",
        `${SETUP}${full(0)}\n-ERR BGSAVE failed, replication can't continue\r\n`,
        { code: "BUSY" },
        ["handshake", "fullresync"],
      ],
      [
        "something else in place of the snapshot",
        `${SETUP}${full(0)}+OK\r\n`,
        { code: "PROTOCOL" },
        ["handshake", "fullresync"],
      ],
      [
        "no RDB",
        `${SETUP}${full(0)}$20\r\nNOTANRDBNOTANRDBNOTA`,
        { code: "NOT_RDB" },
        ["handshake", "fullresync"],
      ],
      [
        "a wrong mark",
        `${SETUP}${full(0)}${byMark(rdb).slice(0, -1)}x`,
        { code: "PROTOCOL", offset: rdb.length },
        ["handshake", "fullresync", "begin", "aux", "aux", "key"],
      ],
      [
        "a length too short",
        `${SETUP}${full(0)}$${rdb.length - 3}\r\n${text(rdb)}`,
        { code: "PROTOCOL", offset: rdb.length - 3 },
        ["handshake", "fullresync", "begin", "aux", "aux", "key"],
      ],
      [
        "a length too long",
        `${SETUP}${full(0)}$${rdb.length + 3}\r\n${text(rdb)}   `,
        { code: "PROTOCOL", offset: rdb.length },
        ["handshake", "fullresync", "begin", "aux", "aux", "key"],
      ],
      [
        "an error in the stream",
        `${SETUP}${full(0)}${byMark(rdb)}${command("SET", "a", 1)}-ERR x\r\n`,
        { code: "MALFORMED", offset: 27 },
        ["handshake", "fullresync", "begin", "aux", "aux", "key", "end", "online", "SET"],
      ],
    ];
    test.each(failures)("%s", (_name, server, error, names) => {
      const whole = new Link().open();
      expect(() => whole.feed(server)).toThrow(expect.objectContaining(error));
      expect(whole.names).toEqual(names);
      const slow = new Link().open();
      expect(() => slow.feed(...singly(bytes(server)))).toThrow(
        expect.objectContaining({ code: (error as { code: string }).code }),
      );
      expect(slow.names).toEqual(names);
    });
  });

  describe("tells what a cut or silent connection means:", () => {
    const phases: readonly [server: string, offset: number | undefined, closed: RegExp, silent: RegExp][] = [
      ["", undefined, /without a word.*TLS/, /did not answer PING within 50 ms/],
      ["+PONG\r\n", undefined, /in the handshake/, /fell silent/],
      [SETUP, undefined, /before PSYNC was answered/, /fell silent/],
      [`${SETUP}${full(9)}`, 0, /before it began/, /fell silent/],
      [`${SETUP}${full(9)}$50\r\nREDIS0010`, 9, /cut at byte 9 of 50$/, /sent nothing for 50 ms/],
      [`${SETUP}${full(9)}$EOF:${MARK}\r\nREDIS0010`, 9, /cut at byte 9$/, /sent nothing/],
      [`${SETUP}${full(9)}${byMark(rdb)}`, 9, /at offset 9/, /sent nothing/],
    ];
    test.each(phases)("%j", (server, offset, closed, silent) => {
      const link = new Link().open().feed(server);
      expect(link.protocol.silence(50)).toMatchObject({
        code: "TIMEOUT",
        message: expect.stringMatching(silent),
      });
      const cause = new Error("reset");
      expect(link.protocol.closed(cause)).toMatchObject({
        code: "DISCONNECTED",
        offset,
        cause,
        message: expect.stringMatching(closed),
      });
    });
  });

  test("never throws anything but coded errors on random and mutated conversations", () => {
    const random = seeded(11);
    const wire = bytes(`${SETUP}${full(100)}${byMark(rdb)}${stream.join("")}`);
    for (let round = 0; round < 3000; round++) {
      const mutated = wire.slice();
      for (let n = 0; n < 1 + random() * 3; n++)
        mutated[Math.floor(random() * mutated.length)] = Math.floor(random() * 256);
      const link = new Link().open();
      try {
        link.feed(...cut(mutated, [Math.floor(random() * wire.length)]));
      } catch (error) {
        expect(error).toHaveProperty("code");
      }
    }
  });
});
