/** Keys as real servers find them, against ours, for random arguments of every command that the server knows. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Connection } from "../../src/client/mod.ts";
import { keysOf } from "../../src/commands/mod.ts";
import { COMMANDS } from "../../src/commands/table.generated.ts";
import { type RespValue, respText } from "../../src/resp/mod.ts";
import { connect } from "../../transports/node/connect.ts";
import { describeServers } from "../servers/describe.ts";
import { startServer, type TestServer } from "../servers/mod.ts";
import { Random } from "../support/random.ts";
import { randomArguments } from "./random_arguments.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

/** Why ours may differ from the servers', by command; `undefined` where it may not. */
function excuse(argv: readonly Uint8Array[], theirs: string[] | "error"): string | undefined {
  const [name, ...args] = argv.map(text);
  const row = COMMANDS[name!];
  if ((name === "MOVE" || name === "COPY") && args.includes("-1")) return "they do not look at the db";
  if (name === "PFMERGE" && args.length === 1) return "7.0 wants a source, though the command does not";
  if (name === "SINTERSTORE" && theirs !== "error") return "7.0 says that the destination is read too";
  if (name?.startsWith("GEORADIUS") && theirs.length > 2) return "they name each STORE, the last one counts";
  if (row !== undefined && row.arity > 0 && argv.length > row.arity)
    return "a newer server may take more arguments";
  return undefined;
}

/** Keys as `key:access` in order; `error` if the server finds none to name. */
function answer(reply: RespValue): string[] | "error" {
  if (reply.type !== "array") return "error";
  return reply.items.map((item) => {
    if (item.type !== "array") throw new Error(`unexpected ${item.type}`);
    const [key, flags] = item.items;
    const access = flags?.type === "array" || flags?.type === "set" ? flags.items.map(respText) : [];
    return `${text((key as { bytes: Uint8Array }).bytes)}:${access.find((flag) => /^(RO|RW|OW|RM)$/.test(flag ?? ""))}`;
  });
}

/** Ours in the same form, without what MOVE and COPY do in another db: servers name such a key once. */
function ours(argv: readonly Uint8Array[]): string[] | "error" {
  const keys = keysOf(argv);
  if (keys === undefined || keys.length === 0) return "error";
  const seen = new Set<number>();
  return keys.flatMap(({ index, key, access }) => {
    if (seen.has(index)) return [];
    seen.add(index);
    return `${text(key)}:${access}`;
  });
}

describeServers("keysOf finds the keys that the server finds", (kind) => {
  let server: TestServer;
  let connection: Connection;
  beforeAll(async () => {
    server = await startServer({ kind });
    connection = new Connection(await connect({ host: server.host, port: server.port }, {}));
  });
  afterAll(async () => {
    await connection?.close();
    await server?.stop();
  });

  test("for arguments that fit", async () => {
    const { differ, compared } = await compare(connection, { seed: 5, times: 40, damage: false });
    expect(differ).toEqual([]);
    expect(compared).toBeGreaterThan(4000);
  });

  test("for arguments that do not fit", async () => {
    const { differ, compared } = await compare(connection, { seed: 6, times: 20, damage: true });
    // That the keys cannot be told is never wrong.
    expect(differ.filter((line) => !line.endsWith("ours error"))).toEqual([]);
    expect(compared).toBeGreaterThan(2000);
  });
});

interface CompareOptions {
  readonly seed: number;
  /** Commands of each name. */
  readonly times: number;
  /** Lose, or replace, some of their arguments. */
  readonly damage: boolean;
}

async function compare(connection: Connection, { seed, times, damage }: CompareOptions) {
  const random = new Random(seed);
  const differ: string[] = [];
  let compared = 0;
  for (const [name, row] of Object.entries(COMMANDS)) {
    if (row.syntax === undefined || !(await isKnown(connection, name))) continue;
    const words = name.split(" ").map(encode);
    const argvs = Array.from({ length: times }, () => {
      const argv = [...words, ...randomArguments(row.syntax!, random)];
      return damage ? damaged(argv, words.length, random) : argv;
    });
    const replies = await Promise.all(
      argvs.map((argv) => connection.exchange(["COMMAND", "GETKEYSANDFLAGS", ...argv])),
    );
    replies.forEach((reply, index) => {
      const argv = argvs[index]!;
      const [theirs, mine] = [answer(reply), ours(argv)];
      compared++;
      if (JSON.stringify(theirs) === JSON.stringify(mine) || excuse(argv, theirs) !== undefined) return;
      differ.push(`${argv.map(text).join(" ")}: theirs ${theirs}, ours ${mine}`);
    });
  }
  return { differ, compared };
}

function damaged(argv: Uint8Array[], from: number, random: Random): Uint8Array[] {
  const at = random.int(from, argv.length);
  if (random.oneIn(2)) return argv.slice(0, at);
  return argv.map((arg, index) =>
    index === at - 1 && index >= from ? encode(random.pick(["x", "-1", "99", "STORE", "KEYS", ""])) : arg,
  );
}

/** Whether the server knows a command. */
async function isKnown(connection: Connection, name: string): Promise<boolean> {
  const reply = await connection.request(["COMMAND", "INFO", name.toLowerCase().replace(" ", "|")]);
  if (reply.type !== "array") throw new Error(`unexpected ${reply.type}`);
  return reply.items[0]?.type === "array";
}
