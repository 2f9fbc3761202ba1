/** The generator: what it makes of servers' answers, and that it made what is in the project. */
import { describe, expect, test } from "vitest";
import { askServer } from "../../scripts/commands/ask_server.ts";
import { mergeRows } from "../../scripts/commands/merge_rows.ts";
import { type ServerRow, serverRows } from "../../scripts/commands/server_rows.ts";
import { tableModule } from "../../scripts/commands/write_table.ts";
import { commandInfo, createCommandTable, type PlainReply, rowsOfServer } from "../../src/commands/mod.ts";
import { COMMANDS } from "../../src/commands/table.generated.ts";
import { describeServers, describeWithServers } from "../servers/describe.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const argv = (line: string): Uint8Array[] => line.split(" ").map(bytes);

describeWithServers("the generator", ["redis-8.0", "valkey-9.1"], () => {
  test("makes the table that is in the project, and fails on overrides that no longer apply", async () => {
    const redis = serverRows(await askServer("redis-8.0"));
    const valkey = serverRows(await askServer("valkey-9.1"));
    const rows = mergeRows([redis, valkey]);
    expect(rows).toEqual(COMMANDS);
    expect(tableModule(rows, ["a"])).toBe(tableModule(mergeRows([redis, valkey]), ["a"]));

    const changed = (name: string, change: (row: ServerRow) => Partial<ServerRow>) => {
      const row = redis.get(name) ?? {
        row: { arity: -2, group: "module", flags: [] },
        open: [],
        grammar: undefined,
      };
      return [new Map(redis).set(name, { ...row, ...change(row) }), valkey];
    };
    const cases: readonly (readonly [
      name: string,
      change: (row: ServerRow) => Partial<ServerRow>,
      says: string,
    ])[] = [
      ["XACKDEL", () => ({}), "XACKDEL: to be added, but a server knows it"],
      [
        "EVAL",
        ({ row }) => ({ row: { ...row, flags: ["write"] } }),
        "EVAL: to be included, but it is flagged",
      ],
      [
        "VADD",
        ({ row }) => ({ row: { ...row, arity: -5 } }),
        "VADD: the servers say arity as the patch does",
      ],
      [
        "GET",
        ({ row }) => ({ row: { ...row, flags: ["write"] }, open: ["incomplete"] }),
        "GET: its key specifications",
      ],
      [
        "MSETEX",
        () => ({
          ...valkey.get("MSETEX")!,
          row: { ...valkey.get("MSETEX")!.row, since: { redis: "8.4.0" } },
        }),
        "MSETEX: the servers say since",
      ],
      ["DEL", () => ({ grammar: [] }), "DEL: the servers differ on its syntax"],
      [
        "DEL",
        ({ row }) => ({ row: { ...row, arity: -3 } }),
        "DEL: needs 2 arguments by its syntax, -3 by its arity",
      ],
      ["DEL", ({ row }) => ({ row: { ...row, keys: [] } }), "find the keys of DEL in different places"],
    ];
    for (const [name, change, says] of cases) {
      expect(() => mergeRows(changed(name, change)), says).toThrow(says);
    }
    const without = new Map([...redis].filter(([name]) => name !== "SELECT"));
    expect(() => mergeRows([without])).toThrow("SELECT: to be included, but no server knows it");
  });
});

describeServers("rowsOfServer", (kind) => {
  test("adds what a server knows beyond the table", async () => {
    const { commands } = await askServer(kind);
    const table = createCommandTable(rowsOfServer(commands, (name) => commandInfo(name) !== undefined));
    expect(table.keysOf(argv("GET k"))).toMatchObject([{ index: 1, access: "RO" }]);
    expect(table.keysOf(argv("object freq k"))).toMatchObject([{ index: 2, access: "RO" }]);
    expect(table.keysOf(argv("ZDIFF 2 a b"))).toMatchObject([{ index: 2 }, { index: 3 }]);
    expect(table.keysOf(argv("CONFIG SET a b"))).toEqual([]);
    // Servers cannot tell its keys by rule.
    expect(table.keysOf(argv("SORT_RO k"))).toBeUndefined();
    expect(table.commandInfo("SET")).toEqual(commandInfo("SET"));
  });
});

describe("rowsOfServer", () => {
  const none = (): boolean => false;

  test("reads what servers older than Redis 7 say", () => {
    const old: PlainReply = [
      ["mset", -3, ["write", "denyoom"], 1, -1, 2],
      ["rename", 3, ["write"], 1, 2, 1],
      ["eval", -3, ["noscript", "movablekeys"], 0, 0, 0],
      ["time", 1, ["random"], 0, 0, 0],
    ];
    expect(rowsOfServer(old, none)).toEqual({
      MSET: {
        arity: -3,
        group: "module",
        flags: ["write", "denyoom"],
        keys: [{ access: "RW", begin: 1, range: [-1, 2, 0] }],
      },
      RENAME: {
        arity: 3,
        group: "module",
        flags: ["write"],
        keys: [{ access: "RW", begin: 1, range: [1, 1, 0] }],
      },
      TIME: { arity: 1, group: "module", flags: [] },
    });
  });

  test.each([["text"], [["name"]], [[["name", 1, "flags"]]], [null]])("refuses %j", (reply) => {
    expect(() => rowsOfServer(reply as PlainReply, none)).toThrow(TypeError);
  });
});
