import { describe, expect, test } from "vitest";
import { ReplicaError } from "../../src/errors.ts";
import { Handshake, type HandshakeOptions, type SyncGrant } from "../../src/replica/handshake.ts";
import { command, OTHER_REPLID, REPLID, text } from "./support/wire.ts";

const ANONYMOUS: HandshakeOptions = { rdbOnly: false, withoutData: false };
const CAPA = command("REPLCONF", "capa", "eof", "capa", "psync2");
const VERSION = command("REPLCONF", "version", "9.0.0");
const HELLO = command("HELLO", 2);
const UNKNOWN_OPTION = "-ERR Unrecognized REPLCONF option: version";

/** Plays lines to a handshake; returns what it sent, step by step, and the grant. */
function play(
  lines: readonly string[],
  options: Partial<HandshakeOptions> = {},
  from?: { replid: string; offset: number },
): { sent: string[]; grant: SyncGrant | undefined; server: string | undefined } {
  const handshake = new Handshake({ ...ANONYMOUS, ...options }, from);
  const sent = [text(handshake.start())];
  let grant: SyncGrant | undefined;
  for (const line of lines) {
    const result = handshake.take(line);
    if (result instanceof Uint8Array) sent.push(text(result));
    else if (result !== undefined) grant = result;
  }
  return { sent, grant, server: handshake.server };
}

const HELLO_REPLY = [
  "*14",
  "$6",
  "server",
  "$5",
  "redis",
  "$7",
  "version",
  "$6",
  "7.0.15",
  "$5",
  "proto",
  ":2",
  "$2",
  "id",
  ":7",
  "$4",
  "mode",
  "$10",
  "standalone",
  "$4",
  "role",
  "$6",
  "master",
  "$7",
  "modules",
  "*0",
];

describe("Handshake says", () => {
  test("PING alone, then all of the setup, then PSYNC once every reply was read", () => {
    const { sent, grant, server } = play([
      "+PONG",
      ...HELLO_REPLY,
      "+OK",
      UNKNOWN_OPTION,
      `+FULLRESYNC ${REPLID} 42`,
    ]);
    expect(sent).toEqual([command("PING"), HELLO + CAPA + VERSION, command("PSYNC", "?", -1)]);
    expect(grant).toEqual({ kind: "full", replid: REPLID, offset: 42 });
    expect(server).toBe("redis 7.0.15");
  });

  test("user, password, name, address and modes, each in a command of its own", () => {
    const options = {
      username: "u",
      password: "p",
      clientName: "me",
      announce: { ip: "10.0.0.1", port: 7000 },
      rdbOnly: true,
      withoutData: true,
    };
    const { sent } = play(["-NOAUTH Authentication required."], options);
    expect(sent[1]).toBe(
      command("AUTH", "u", "p") +
        HELLO +
        command("CLIENT", "SETNAME", "me") +
        command("REPLCONF", "listening-port", 7000) +
        command("REPLCONF", "ip-address", "10.0.0.1") +
        CAPA +
        VERSION +
        command("REPLCONF", "rdb-only", 1) +
        command("REPLCONF", "rdb-filter-only", ""),
    );
  });

  test("a password without a user in the one-argument form", () => {
    expect(play(["+PONG"], { password: "p" }).sent[1]).toMatch(/^\*2\r\n\$4\r\nAUTH\r\n\$1\r\np\r\n/);
  });

  test("the byte after the position", () => {
    const { sent, grant } = play(
      ["+PONG", "-ERR unknown command `HELLO`", "+OK", "+OK", "+CONTINUE"],
      {},
      { replid: REPLID, offset: 99 },
    );
    expect(sent[2]).toBe(command("PSYNC", REPLID, 100));
    expect(grant).toEqual({ kind: "partial", replid: undefined });
  });

  test("nothing before the last reply of the setup", () => {
    const { sent } = play(["+PONG", ...HELLO_REPLY, "+OK"]);
    expect(sent).toHaveLength(2);
  });
});

describe("Handshake accepts", () => {
  const done = ["+PONG", "-ERR", "+OK", "+OK"];
  const grants: readonly [name: string, lines: readonly string[], grant: SyncGrant][] = [
    ["a changed id", [...done, `+CONTINUE ${OTHER_REPLID}`], { kind: "partial", replid: OTHER_REPLID }],
    [
      "signs of life anywhere",
      ["", "+PONG", "", "-ERR", "+OK", "", "+OK", "", "", "+CONTINUE"],
      { kind: "partial", replid: undefined },
    ],
    [
      "PING without permission",
      ["-NOPERM this user has no permissions to run the 'ping' command", ...done.slice(1), "+CONTINUE"],
      { kind: "partial", replid: undefined },
    ],
    [
      "a disk that cannot be written",
      ["-MISCONF Redis is configured to save RDB snapshots", ...done.slice(1), "+CONTINUE"],
      { kind: "partial", replid: undefined },
    ],
    [
      "a server without capabilities",
      ["+PONG", "-ERR", "-ERR Unrecognized REPLCONF option: capa", "+OK", "+CONTINUE"],
      { kind: "partial", replid: undefined },
    ],
    [
      "modules in HELLO, with fields of their own",
      [
        "+PONG",
        "*4",
        "$7",
        "version",
        "$3",
        "8.0",
        "$7",
        "modules",
        "*1",
        "*4",
        "$7",
        "version",
        "$1",
        "9",
        "$4",
        "path",
        "$0",
        "",
        "+OK",
        "+OK",
        "+CONTINUE",
      ],
      { kind: "partial", replid: undefined },
    ],
    [
      "the greatest exact offset",
      [...done, `+FULLRESYNC ${REPLID} ${Number.MAX_SAFE_INTEGER}`],
      { kind: "full", replid: REPLID, offset: Number.MAX_SAFE_INTEGER },
    ],
  ];
  test.each(grants)("%s", (_name, lines, grant) => {
    expect(play(lines, {}, { replid: REPLID, offset: 1 }).grant).toEqual(grant);
  });
});

describe("Handshake ends with a coded error on", () => {
  const setup = ["+PONG", "-ERR", "+OK", "+OK"];
  const failures: readonly [
    code: string,
    lines: readonly string[],
    message: RegExp,
    options?: Partial<HandshakeOptions>,
  ][] = [
    ["NOAUTH", ["-NOAUTH Authentication required."], /wants a password/],
    [
      "WRONGPASS",
      ["-NOAUTH x", "-WRONGPASS invalid username-password pair or user is disabled."],
      /Cannot authenticate/,
      { password: "sEcRet" },
    ],
    ["WRONGPASS", ["+PONG", "-ERR invalid password"], /Cannot authenticate/, { password: "sEcRet" }],
    [
      "CONFIG",
      [
        "+PONG",
        "-ERR AUTH <password> called without any password configured for the default user. Are you sure",
      ],
      /Cannot authenticate/,
      { password: "sEcRet" },
    ],
    [
      "NOPERM",
      ["+PONG", "-ERR", "-NOPERM User x has no permissions to run the 'replconf' command"],
      /\+psync \+replconf/,
    ],
    [
      "NOPERM",
      [...setup, "-NOPERM User x has no permissions to run the 'psync' command"],
      /\+psync \+replconf/,
    ],
    [
      "UNKNOWN_COMMAND",
      ["+PONG", "-ERR", "-ERR unknown command 'REPLCONF', with args beginning with: 'capa' "],
      /managed service/,
    ],
    ["UNKNOWN_COMMAND", [...setup, "-ERR unknown command 'PSYNC'"], /managed service/],
    ["UNKNOWN_COMMAND", ["+PONG", "*2", "$4", "mode", "$8", "sentinel"], /redis-sentinel:\/\//],
    ["LOADING", ["-LOADING Redis is loading the dataset in memory"], /loading/],
    ["LOADING", [...setup, "-LOADING Redis is loading the dataset in memory"], /loading/],
    ["BUSY", ["-BUSY Redis is busy running a script."], /script/],
    ["BUSY", [...setup, "-ERR BGSAVE failed, replication can't continue"], /BGSAVE/],
    ["BUSY", ["-ERR max number of clients reached"], /clients/],
    [
      "MASTERDOWN",
      ["-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
      /MASTER/,
    ],
    ["NOMASTERLINK", [...setup, "-NOMASTERLINK Can't SYNC while not connected with my master"], /master/],
    ["NOMASTERLINK", [...setup, "-ERR Can't SYNC while not connected with my master"], /master/],
    ["SERVER", ["-DENIED Redis is running in protected mode"], /protected mode/],
    ["SERVER", [...setup, "-ERR SYNC and PSYNC are invalid with pending output"], /pending/],
    ["PROTOCOL", [":1"], /unexpected reply to PING/],
    ["PROTOCOL", ["+PONG", "-ERR", ":3"], /unexpected reply to REPLCONF/],
    ["PROTOCOL", [...setup, "+FULLRESYNC"], /unexpected reply to PSYNC/],
    ["PROTOCOL", [...setup, "+FULLRESYNC abc 1"], /unexpected reply to PSYNC/],
    ["PROTOCOL", [...setup, `+FULLRESYNC ${REPLID} -1`], /unexpected reply to PSYNC/],
    ["PROTOCOL", [...setup, `+FULLRESYNC ${REPLID} 1 2`], /unexpected reply to PSYNC/],
    ["PROTOCOL", [...setup, "+OK"], /unexpected reply to PSYNC/],
    ["PROTOCOL", [...setup, "+CONTINUE"], /unexpected reply to PSYNC/],
    ["PROTOCOL", [...setup, "+RDBCHANNELSYNC 59"], /unexpected reply to PSYNC/],
    ["LIMIT", [...setup, `+FULLRESYNC ${REPLID} 9007199254740992`], /above 2\^53/],
  ];
  test.each(failures)("%s: %j", (code, lines, message, options) => {
    let thrown: unknown;
    try {
      play(lines, options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ReplicaError);
    expect(thrown).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(String(thrown)).not.toContain("sEcRet");
  });
});
