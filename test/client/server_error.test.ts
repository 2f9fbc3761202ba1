import { describe, expect, test } from "vitest";
import { serverError, serverErrorCode } from "../../src/client/server_error.ts";

const CASES: readonly (readonly [text: string, code: string])[] = [
  ["NOAUTH Authentication required.", "NOAUTH"],
  ["ERR operation not permitted", "NOAUTH"],
  ["WRONGPASS invalid username-password pair or user is disabled.", "WRONGPASS"],
  ["ERR invalid password", "WRONGPASS"],
  [
    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
    "CONFIG",
  ],
  ["ERR Client sent AUTH, but no password is set", "CONFIG"],
  ["NOPERM User repl has no permissions to run the 'psync' command", "NOPERM"],
  ["NOPERM this user has no permissions to run the 'psync' command or its subcommand", "NOPERM"],
  ["LOADING Redis is loading the dataset in memory", "LOADING"],
  ["LOADING Valkey is loading the dataset in memory", "LOADING"],
  ["NOMASTERLINK Can't SYNC while not connected with my master", "NOMASTERLINK"],
  ["ERR Can't SYNC while not connected with my master", "NOMASTERLINK"],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "MASTERDOWN"],
  ["BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", "BUSY"],
  ["BUSYGROUP Consumer Group name already exists", "SERVER"],
  ["BUSYKEY Target key name already exists.", "SERVER"],
  ["ERR unknown command 'PSYNC'", "UNKNOWN_COMMAND"],
  ["ERR unknown command `PSYNC`, with args beginning with: `?`, `-1`, ", "UNKNOWN_COMMAND"],
  ["ERR Unknown subcommand or wrong number of arguments for 'shards'. Try CLUSTER HELP.", "UNKNOWN_COMMAND"],
  ["ERR unknown subcommand 'SHARDS'. Try CLUSTER HELP.", "UNKNOWN_COMMAND"],
  ["ERR wrong number of arguments for 'auth' command", "SERVER"],
  ["NOPROTO unsupported protocol version", "SERVER"],
  ["DENIED Redis is running in protected mode", "SERVER"],
  ["MISCONF Redis is configured to save RDB snapshots", "SERVER"],
  ["", "SERVER"],
  ["LOADING", "LOADING"],
];

describe("serverErrorCode", () => {
  test.each(CASES)("%s -> %s", (text, code) => {
    expect(serverErrorCode(text)).toBe(code);
    expect(serverError(text).code).toBe(code);
  });
});

describe("serverError", () => {
  test("keeps the server's text and says what could not be done", () => {
    const error = serverError("NOAUTH Authentication required.", { doing: "run ROLE" });
    expect(error.message).toBe("Cannot run ROLE: NOAUTH Authentication required.");
  });

  test("says plainly that a server has no password", () => {
    const text =
      "ERR AUTH <password> called without any password configured for the default user. Are you sure?";
    expect(serverError(text, { doing: "authenticate" }).message).toMatch(
      /^Cannot authenticate: a password was given, but the server has none/,
    );
  });

  test("cuts off arguments that a server repeats", () => {
    const text = "ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `hunter2`, ";
    expect(serverError(text).message).toBe("The server refused: ERR unknown command `HELLO`");
    const newer = "ERR unknown command 'AUTH', with args beginning with: 'hunter2' ";
    expect(serverError(newer).message).not.toContain("hunter2");
  });

  test("takes given secrets out of any text", () => {
    const error = serverError("ERR bad token hunter2 (hunter2)", { secrets: ["hunter2", ""] });
    expect(error.message).toBe("The server refused: ERR bad token *** (***)");
  });

  test("stays on one line and bounded", () => {
    const error = serverError(`ERR a\r\nb\u001b[31m${"x".repeat(100_000)}`);
    for (const sign of ["\r", "\n", "\u001b"]) expect(error.message).not.toContain(sign);
    expect(error.message.length).toBeLessThan(600);
  });
});
