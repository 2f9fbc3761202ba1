import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VERSION } from "../../cli/version.ts";
import { bytes } from "./made_events.ts";
import { runProgram, startProgram } from "./run_program.ts";

/** A snapshot of two keys, written by hand: type 0 is a string, 1 a list; no checksum (version 4). */
const RDB = bytes([
  ...bytes("REDIS0004"),
  ...[0xfe, 0],
  ...[0, 1, 0x73, 2, 0x68, 0x69],
  ...[0xfe, 3],
  ...[1, 1, 0x6c, 2, 1, 0x61, 1, 0xff],
  0xff,
]);

const COMMANDS = bytes("*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n");

const LINES = [
  '{"kind":"rdb","event":"begin","version":4,"family":"redis"}',
  '{"kind":"rdb","db":0,"key":"s","type":"string","encoding":"raw","value":"hi"}',
  '{"kind":"rdb","db":3,"key":"l","type":"list","encoding":"linkedlist","value":["a",{"base64":"/w=="}]}',
  '{"kind":"rdb","event":"end","keys":2}',
];

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rxreplica-cli-"));
  writeFileSync(file("two.rdb"), RDB);
  for (const name of ["mixed.aof", "mixed-by-another-name"])
    writeFileSync(file(name), Buffer.concat([RDB, COMMANDS]));
  writeFileSync(file("empty.rdb"), "");
  for (const name of ["text.rdb", "text"]) writeFileSync(file(name), "no such thing");
  writeFileSync(file("cut.rdb"), RDB.subarray(0, RDB.length - 3));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the version is that of the manifests", async () => {
  for (const manifest of ["package.json", "deno.json"]) {
    const path = join(import.meta.dirname, "../..", manifest);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ version: VERSION });
  }
  expect(await runProgram(["--version"])).toMatchObject({ status: 0, stdout: `${VERSION}\n`, stderr: "" });
});

describe("help", () => {
  test("names every command", async () => {
    const { status, stdout } = await runProgram(["--help"]);
    expect(status).toBe(0);
    for (const command of ["tail", "dump", "stats", "doctor"]) expect(stdout).toContain(`\n  ${command} `);
  });

  test("of a command names its options", async () => {
    const { status, stdout } = await runProgram(["tail", "--help"]);
    expect(status).toBe(0);
    for (const option of ["--format", "--match", "--no-snapshot", "--ca", "REDISCLI_AUTH"])
      expect(stdout).toContain(option);
  });
});

test.each([
  [[], "Usage:"],
  [["dmup", "x"], "Did you mean dump"],
  [["dump"], "missing required argument"],
  [["dump", "x", "--db", "-1"], "number from 0"],
  [["dump", "x", "--type", "blob"], "Types are string"],
  [["dump", "x", "--format", "xml"], "Allowed choices"],
  [["dump", "x", "--slot", "a-b"], "range of slots"],
  [["dump", "x", "--slot", "16383-16384"], "slots are integers from 0 to 16383"],
  [["dump", "x", "--family", "lists"], "unknown family lists, known are"],
  [["tail", "redis://h", "--flag", "slow"], "unknown flag slow, known are"],
  [["tail", "redis://h", "--no-snapshot", "--no-stream"], "nothing to print"],
  [["tail", "redis://h:x"], "port"],
  [["tail", "redis://127.0.0.1:1", "--ca", "x"], "rediss://"],
  [["tail", "http://h"], "redis://"],
  [["tail", "x.aof", "--resume", "position"], "must be a server"],
  [["tail", "redis://h", "--resume", "position", "--count"], "does not go together"],
])("wrong usage %j ends with status 2 and a sentence", async (args, sentence) => {
  const { status, stdout, stderr } = await runProgram(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(sentence);
  expect(stderr).not.toMatch(/^\s+at /m);
});

describe("dump", () => {
  test("prints NDJSON when standard output is no terminal", async () => {
    const { status, stdout, stderr } = await runProgram(["dump", file("two.rdb")]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([...LINES, ""]);
  });

  test("reads standard input", async () => {
    const { status, stdout } = await runProgram(["dump", "-"], { input: RDB });
    expect(status).toBe(0);
    expect(stdout.split("\n")).toEqual([...LINES, ""]);
  });

  test.each([
    [["--db", "3"], ["l"]],
    [
      ["--db", "3", "--db", "0"],
      ["s", "l"],
    ],
    [["--type", "string"], ["s"]],
    [["--match", "[a-m]"], ["l"]],
    // Slots 3828 and 11562.
    [["--slot", "0-3827", "--slot", "11562"], ["l"]],
  ])("filters: %j", async (options, keys) => {
    const { stdout } = await runProgram(["dump", file("two.rdb"), ...options]);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { key?: string });
    expect(lines.flatMap(({ key }) => (key === undefined ? [] : [key]))).toEqual(keys);
  });

  test.each(["mixed.aof", "mixed-by-another-name"])("an AOF that begins with an RDB: %s", async (name) => {
    const { status, stdout, stderr } = await runProgram(["dump", file(name)]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const command = {
      kind: "aof",
      db: 3,
      offset: RDB.length + 23 + 27,
      command: ["SET", "k", "v"],
      file: file(name),
    };
    expect(stdout.split("\n")).toEqual([...LINES, JSON.stringify(command), ""]);
    const count = await runProgram(["dump", file(name), "--count"]);
    expect(JSON.parse(count.stdout)).toMatchObject({ rdb: { keys: 2 }, aof: { commands: 1, bytes: 27 } });
  });

  test("filters of commands: by group, by flag, by slot", async () => {
    const command = (...words: string[]): string =>
      `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
    const input = bytes(
      command("SET", "k", "v") +
        command("ZADD", "z", "1", "m") +
        command("DEL", "k") +
        command("ZREM", "z", "m"),
    );
    const names = async (...options: string[]): Promise<string[]> => {
      const { stdout } = await runProgram(["dump", "-", ...options], { input });
      return [...stdout.matchAll(/"command":\["(\w+)"/g)].map(([, name]) => name!);
    };
    expect(await names("--family", "sorted-set", "--family", "string")).toEqual(["SET", "ZADD", "ZREM"]);
    expect(await names("--flag", "denyoom")).toEqual(["SET", "ZADD"]);
    expect(await names("--slot", "7629", "--command", "set")).toEqual(["SET"]);
  });

  test("an AOF on standard input", async () => {
    const { status, stdout } = await runProgram(["dump", "-"], { input: COMMANDS });
    expect(status).toBe(0);
    expect(stdout).toBe('{"kind":"aof","db":3,"offset":50,"command":["SET","k","v"],"file":"-"}\n');
  });

  test("what can be read only once is read only once", async () => {
    const fifo = file("pipe");
    execFileSync("mkfifo", [fifo]);
    const run = runProgram(["dump", fifo, "--count"]);
    await writeFile(fifo, Buffer.concat([RDB, COMMANDS]));
    expect(JSON.parse((await run).stdout)).toMatchObject({ rdb: { keys: 2 }, aof: { commands: 1 } });
  });

  test("tail follows an AOF as it grows", async () => {
    const child = startProgram(["tail", file("mixed.aof"), "--no-snapshot"]);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value as string);
    const commandOf = async (): Promise<unknown> => {
      for (;;) {
        const line = (await next()) as { readonly command?: unknown };
        if (line.command !== undefined) return line.command;
      }
    };
    expect(await commandOf()).toEqual(["SET", "k", "v"]);
    appendFileSync(file("mixed.aof"), "*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n");
    expect(await commandOf()).toEqual(["DEL", "k"]);
    process.kill(child.pid!, "SIGINT");
    expect((await once(child, "close"))[0]).toBe(0);
  });

  test("tail does not wait for an RDB to grow", async () => {
    const { status, stderr } = await runProgram(["tail", file("two.rdb")]);
    expect(status).toBe(2);
    expect(stderr).toContain("use dump");
  });

  test("--keys-only leaves values out", async () => {
    const { stdout } = await runProgram(["dump", file("two.rdb"), "--keys-only"]);
    expect(stdout).toContain('"key":"s","type":"string","encoding":"raw"}');
    const text = await runProgram(["dump", file("two.rdb"), "--keys-only", "--format", "text"]);
    expect(text.stdout).toContain("string  0  s\n");
    for (const other of [["--raw"], ["--format", "resp"]]) {
      const { status, stderr } = await runProgram(["dump", file("two.rdb"), "--keys-only", ...other]);
      expect(status).toBe(2);
      expect(stderr).toContain("--keys-only");
    }
  });

  test("--raw prints payloads", async () => {
    const { stdout } = await runProgram(["dump", file("two.rdb"), "--raw", "--db", "0"]);
    const line = JSON.parse(stdout.split("\n")[1]!) as { value?: unknown; raw: { base64: string } };
    expect(line.value).toBeUndefined();
    expect(Buffer.from(line.raw.base64, "base64").subarray(0, 4).toString("latin1")).toBe("\0\x02hi");
  });

  test("--format text is for eyes, --format resp for servers", async () => {
    const text = await runProgram(["dump", file("two.rdb"), "--format", "text"]);
    expect(text.stdout).toContain("string  0  s  hi\n");
    const resp = await runProgram(["dump", file("two.rdb"), "--format", "resp", "--type", "string"]);
    expect(resp.stdout).toBe("*3\r\n$3\r\nSET\r\n$1\r\ns\r\n$2\r\nhi\r\n");
  });

  test("--count prints totals", async () => {
    const { status, stdout } = await runProgram(["dump", file("two.rdb"), "--count"]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      rdb: { keys: 2, elements: 3, bytes: 6, types: { string: 1, list: 1 } },
      aof: { commands: 0, bytes: 0 },
      ms: expect.any(Number),
    });
  });

  test("what came before a failure is printed, and the failure is one sentence with its code", async () => {
    const { status, stdout, stderr } = await runProgram(["dump", file("cut.rdb")]);
    expect(status).toBe(1);
    expect(stdout.split("\n").slice(0, 2)).toEqual(LINES.slice(0, 2));
    expect(stderr).toMatch(/^rxreplica: .*\(TRUNCATED[^\n]*\)\n$/);
  });

  test("--debug adds the stack", async () => {
    const { status, stderr } = await runProgram(["dump", file("cut.rdb"), "--debug"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/\n\s+at /);
  });

  test.each([
    ["nothing.rdb", "FILE"],
    ["empty.rdb", "TRUNCATED"],
    ["text.rdb", "NOT_RDB"],
    ["text", "MALFORMED"],
    ["", "FILE"],
  ])("a file %j that cannot be read: %s", async (name, code) => {
    const { status, stderr } = await runProgram(["dump", file(name)]);
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`^rxreplica: .*\\(${code}`));
  });
});
