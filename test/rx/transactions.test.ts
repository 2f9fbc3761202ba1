import { from, lastValueFrom, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { ReplicaError } from "../../src/errors.ts";
import type { RedisEvent } from "../../src/events.ts";
import { type TransactionEvent, type TransactionsOptions, transactions } from "../../src/rx/transactions.ts";
import { link, position, show, stream } from "./events.ts";

async function run(events: readonly RedisEvent[], options?: TransactionsOptions): Promise<string[]> {
  const all = await lastValueFrom(from(events).pipe(transactions(options), toArray()));
  return all.map((event) =>
    event.kind === "aof" && event.event === "transaction"
      ? `{${event.commands.map((command) => show(command)).join(", ")}}`
      : show(event),
  );
}

describe("transactions", () => {
  it("turns MULTI … EXEC into one event and leaves the rest", async () => {
    const lines = ["SET a 1", "MULTI", "SET b 1", "DEL c", "EXEC", "SET d 1", "MULTI", "EXEC"];
    expect(await run(stream(lines))).toEqual(["0: SET a 1", "{0: SET b 1, 0: DEL c}", "0: SET d 1", "{}"]);
  });

  it("gives the unit the place of EXEC", async () => {
    const events = stream(["SET x 1", "MULTI", "SELECT 3", "SET b 1", "EXEC"]);
    const all = await lastValueFrom(from(events).pipe(transactions(), toArray()));
    const unit = all[1] as TransactionEvent;
    expect(unit).toMatchObject({ kind: "aof", event: "transaction", offset: 50, position: position(50, 3) });
    expect(unit.commands[0]!.position).toEqual(position(10, 0));
    expect(unit.tx).toBe(unit.commands[0]!.tx);
  });

  it("lets other events pass ahead of one that has begun, through a partial resync too", async () => {
    const [multi, set, exec] = stream(["MULTI", "SET a 1", "EXEC"]);
    const events = [multi!, link("disconnected"), link("continue"), set!, link("progress"), exec!];
    expect(await run(events)).toEqual([
      "link disconnected",
      "link continue",
      "link progress",
      "{0: SET a 1}",
    ]);
  });

  it.each(["reset", "fullresync"] as const)("drops one that %s leaves without its end", async (name) => {
    const [multi, set, exec] = stream(["MULTI", "SET a 1", "EXEC"]);
    expect(await run([multi!, set!, link(name), ...stream(["SET b 1"])])).toEqual([
      `link ${name}`,
      "0: SET b 1",
    ]);
    expect(await run([multi!, set!, link(name), exec!])).toEqual([`link ${name}`, "0: EXEC"]);
  });

  it("drops one that the stream's end leaves without its end", async () => {
    expect(await run(stream(["SET a 1", "MULTI", "SET b 1"]))).toEqual(["0: SET a 1"]);
  });

  it("passes the rest of one whose MULTI was not seen", async () => {
    const [, set, exec] = stream(["MULTI", "SET a 1", "EXEC"]);
    expect(await run([set!, exec!])).toEqual(["0: SET a 1", "0: EXEC"]);
  });

  it("tells the shards of a cluster apart", async () => {
    const a = stream(["MULTI", "SET a 1", "EXEC"], "a");
    const b = stream(["MULTI", "SET b 1", "EXEC"], "b");
    expect(await run([a[0]!, b[0]!, b[1]!, a[1]!, b[2]!, a[2]!])).toEqual([
      "{b/0: SET b 1}",
      "{a/0: SET a 1}",
    ]);
  });

  const large = ["MULTI", "SET a 1", "SET b 1", "SET c 1", "EXEC", "MULTI", "SET d 1", "EXEC"];

  it.each([{ maxCommands: 2 }, { maxBytes: 12 }])("refuses a larger one: %j", async (options) => {
    const error = await run(stream(large), options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ReplicaError);
    expect(error).toMatchObject({ code: "LIMIT", offset: 40 });
  });

  it.each([{ maxCommands: 2 }, { maxBytes: 12 }])("lets a larger one pass when told: %j", async (options) => {
    expect(await run(stream(large), { ...options, overflow: "pass" })).toEqual([
      "0: MULTI",
      "0: SET a 1",
      "0: SET b 1",
      "0: SET c 1",
      "0: EXEC",
      "{0: SET d 1}",
    ]);
  });
});
