import { EMPTY, from, lastValueFrom, NEVER, type Observable, of, Subject, throwError, toArray } from "rxjs";
import { expect, test } from "vitest";
import { encodeUtf8, latin1, utf8 } from "../../src/bytes/text.ts";
import type { RedisEvent } from "../../src/events.ts";
import { type Applied, type ApplyOptions, applyTo } from "../../src/rx/apply_to.ts";
import { createGate } from "../../src/rx/create_gate.ts";
import { fromBatches } from "../../src/rx/from_batches.ts";
import type { Refused } from "../../src/rx/target_batch.ts";
import type { TargetClient, TargetReply } from "../../src/rx/target_client.ts";
import { toCommands } from "../../src/rx/to_commands.ts";
import { aof, key, link, position, rdb, stream } from "../rx/events.ts";

/** A server that answers OK, knows MULTI, and refuses what it is told to. */
class FakeTarget implements TargetClient {
  /** What was sent in each go. */
  readonly sent: string[][] = [];
  /** Commands that are refused when they run, and when they are queued. */
  readonly refuses: RegExp[] = [];
  readonly refusesToQueue: RegExp[] = [];
  keyspace = "";
  /** While set, answers wait. */
  hold: Promise<void> | undefined = undefined;

  async send(commands: readonly (readonly Uint8Array[])[]): Promise<TargetReply[]> {
    const lines = commands.map((args) => args.map((arg) => latin1(arg)).join(" "));
    this.sent.push(lines);
    await this.hold;
    const replies: TargetReply[] = [];
    let queued: TargetReply[] | undefined;
    let aborted = false;
    for (const line of lines) {
      if (line === "MULTI") {
        queued = [];
        replies.push("OK");
      } else if (line === "EXEC") {
        replies.push(aborted ? new Error("EXECABORT") : queued);
        queued = undefined;
      } else if (this.refusesToQueue.some((one) => one.test(line))) {
        aborted = queued !== undefined;
        replies.push(new Error("ERR unknown command"));
      } else {
        const reply = this.#run(line);
        if (queued === undefined) replies.push(reply);
        else {
          queued.push(reply);
          replies.push("QUEUED");
        }
      }
    }
    return replies;
  }

  #run(line: string): TargetReply {
    if (this.refuses.some((one) => one.test(line))) return new Error("WRONGTYPE no");
    if (line === "INFO keyspace") return this.keyspace;
    return line.startsWith("EXISTS") ? 0 : "OK";
  }

  /** All lines sent, positions shortened. */
  get lines(): string[] {
    return this.sent.flat().map((line) => line.replace(/\{"version".*?"offset":(\d+).*/, "@$1"));
  }
}

async function apply(events: readonly RedisEvent[], options: ApplyOptions = {}, target = new FakeTarget()) {
  const applied: Applied[] = [];
  let failure: unknown;
  await from(events)
    .pipe(toCommands(), applyTo(target, options))
    .forEach((batch) => void applied.push(batch))
    .catch((error: unknown) => {
      failure = error;
    });
  return { target, applied, failure, lines: target.lines, last: applied.at(-1) };
}

const snapshot: RedisEvent[] = [
  link("fullresync", {}),
  rdb("begin", {}),
  key("a", "string", encodeUtf8("1"), { db: 2 }),
  rdb("end", { position: position(100) }),
];

test("never, empty, error and values", async () => {
  const operator = applyTo(new FakeTarget());
  let told = 0;
  const never = (NEVER as Observable<RedisEvent>)
    .pipe(operator)
    .subscribe({ next: () => told++, complete: () => told++ });
  never.unsubscribe();
  expect(told).toBe(0);
  expect(await lastValueFrom((EMPTY as Observable<RedisEvent>).pipe(operator, toArray()))).toEqual([]);
  const boom = new Error("boom");
  await expect(lastValueFrom(throwError(() => boom).pipe(operator))).rejects.toBe(boom);
  // An operator value serves any number of subscriptions.
  for (let i = 0; i < 2; i++) {
    const [applied] = await lastValueFrom(of(aof("SET a 1", { offset: 5 })).pipe(operator, toArray()));
    expect(applied).toMatchObject({ commands: 1, bytes: 5, position: position(5), totals: { commands: 1 } });
  }
});

test("a command is applied before an error of the source is told", async () => {
  const source = new Subject<RedisEvent>();
  const target = new FakeTarget();
  const done = lastValueFrom(source.pipe(applyTo(target), toArray()));
  source.next(aof("SET a 1", { offset: 5 }));
  source.error(new Error("boom"));
  await expect(done).rejects.toThrow("boom");
  expect(target.lines).toEqual(["SELECT 0", "SELECT 0", "SET a 1"].slice(1));
});

test("unsubscribing stops it and opens the gate", async () => {
  const gate = createGate();
  const target = new FakeTarget();
  target.hold = new Promise(() => {});
  const source = new Subject<RedisEvent>();
  const applying = source.pipe(applyTo(target, { gate, maxBatchCommands: 1 })).subscribe();
  for (const one of ["a", "b", "c"]) source.next(aof(`DEL ${one}`));
  expect(gate.held).toBe(true);
  applying.unsubscribe();
  expect(gate.held).toBe(false);
});

test("an exception of the consumer is the consumer's", async () => {
  const source = of(aof("SET a 1")).pipe(applyTo(new FakeTarget()));
  await expect(
    source.forEach(() => {
      throw new Error("mine");
    }),
  ).rejects.toThrow("mine");
});

test("the gate holds the source to the target's pace: one batch on its way, one waiting", async () => {
  const gate = createGate();
  const target = new FakeTarget();
  let open = (): void => {};
  target.hold = new Promise((resolve) => {
    open = resolve;
  });
  let pulled = 0;
  async function* batches() {
    for (; pulled < 100; pulled++) yield [aof(`SET k ${pulled}`, { offset: pulled })];
  }
  const done = lastValueFrom(
    fromBatches(batches, gate).pipe(applyTo(target, { gate, maxBatchCommands: 5 }), toArray()),
  );
  for (let i = 0; i < 1_000; i++) await Promise.resolve();
  expect(pulled).toBeLessThan(12);
  open();
  target.hold = undefined;
  const applied = await done;
  expect(applied.at(-1)?.totals.commands).toBe(100);
  expect(target.lines.filter((line) => line.startsWith("SET"))).toEqual(
    Array.from({ length: 100 }, (_, i) => `SET k ${i}`),
  );
});

test("transactions stay transactions, with their databases", async () => {
  const { lines } = await apply(
    stream(["SET a 1", "MULTI", "SET b 1", "SELECT 3", "SET c 1", "EXEC", "SET d 1"]),
  );
  // Each database is looked for first.
  expect(lines.slice(2).join("|")).toBe("SELECT 0|SET a 1|MULTI|SET b 1|SELECT 3|SET c 1|EXEC|SET d 1");
});

test("a transaction without its EXEC did not happen", async () => {
  const { lines, last } = await apply(stream(["SET a 1", "MULTI", "SET b 1"]));
  expect(lines).toEqual(["SELECT 0", "SET a 1"]);
  expect(last?.position).toEqual(position(10));
});

test("the position is the last thing in the transaction of what it stands for", async () => {
  const { lines, applied } = await apply(
    [...snapshot, ...stream(["SET b 1", "MULTI", "SET c 1", "DEL b", "EXEC"], undefined, 100)],
    { positionIn: { key: "pos", db: 9 } },
  );
  expect(lines.join("|")).toMatch(
    /^INFO keyspace\|SELECT 9\|SET pos \{"version":1\}\|.*MULTI\|SELECT 2\|SET a 1\|SELECT 0\|SET b 1\|SET c 1\|DEL b\|SELECT 9\|SET pos @150\|EXEC$/,
  );
  expect(applied.map((one) => one.position?.offset)).toEqual([150]);
});

test("a swap of databases leaves no copy of the position behind, and a flush not none", async () => {
  const swap = await apply(stream(["SWAPDB 9 4", "SWAPDB 0 1", "FLUSHALL"]), {
    positionIn: { key: "pos", db: 9 },
  });
  expect(swap.lines.join("|")).toMatch(
    /MULTI\|(SELECT 0\|)?SWAPDB 9 4\|SELECT 4\|DEL pos\|SELECT 0\|SWAPDB 0 1\|FLUSHALL\|SELECT 9\|SET pos @30\|EXEC$/,
  );
});

test("a refused command ends it with command, answer and place; what came before counts", async () => {
  const target = new FakeTarget();
  target.refuses.push(/RPUSH/);
  const refused: Refused[] = [];
  const options = { maxBatchCommands: 1, onRefused: (one: Refused) => void refused.push(one) };
  const { failure, last } = await apply(stream(["SET a 1", "RPUSH a 2", "SET c 1"]), options, target);
  expect(failure).toMatchObject({
    code: "SERVER",
    offset: 20,
    message: expect.stringMatching(
      /^Cannot apply RPUSH a at offset 20: the target answered "WRONGTYPE no"; applied up to \w+:10$/,
    ),
  });
  expect(last?.position).toEqual(position(10));
  expect(refused).toMatchObject([
    { db: 0, reply: "WRONGTYPE no", offset: 20, position: position(10), repeated: false },
  ]);
  expect(refused[0]?.args.map((arg) => utf8(arg))).toEqual(["RPUSH", "a", "2"]);
});

test("skipping goes on and counts", async () => {
  const target = new FakeTarget();
  target.refuses.push(/RPUSH/);
  const { failure, last } = await apply(stream(["RPUSH a 2", "SET c 1"]), { onError: "skip" }, target);
  expect(failure).toBeUndefined();
  expect(last).toMatchObject({ totals: { refused: 1, commands: 2 }, position: position(20) });
});

test("a batch with the position, refused when queued, is sent again without what was refused", async () => {
  const target = new FakeTarget();
  target.refusesToQueue.push(/NEWCMD/);
  const positionIn = { key: "pos", db: 0 };
  const events = stream(["SET a 1", "NEWCMD b", "SET c 1"]);
  const skipped = await apply(events, { positionIn, onError: "skip" }, target);
  expect(skipped.lines.join("|")).toMatch(/MULTI\|(SELECT 0\|)?SET a 1\|SET c 1\|SET pos @30\|EXEC$/);
  const stopped = await apply(
    events,
    { positionIn },
    Object.assign(new FakeTarget(), { refusesToQueue: [/NEWCMD/] }),
  );
  expect(stopped.failure).toMatchObject({
    code: "SERVER",
    message: expect.stringMatching(/unknown command/),
  });
});

test("a refusal after the position has moved is kept with it", async () => {
  const target = new FakeTarget();
  target.refuses.push(/RPUSH/);
  const { failure } = await apply(stream(["RPUSH a 2"]), { positionIn: { key: "pos", db: 0 } }, target);
  expect(failure).toMatchObject({ code: "SERVER" });
  expect(target.sent.at(-1)?.at(-1)).toMatch(
    /"offset":10.*"refused":\{"command":"RPUSH","reply":"WRONGTYPE no"\}/,
  );
});

test("an aborted transaction of the source is told command by command", async () => {
  const target = new FakeTarget();
  target.refusesToQueue.push(/NEWCMD/);
  const names: string[] = [];
  const onRefused = ({ args, reply }: Refused) =>
    void names.push(`${latin1(args[0]!)}: ${reply.split(" ")[0]}`);
  await apply(stream(["MULTI", "SET a 1", "NEWCMD b", "EXEC"]), { onError: "skip", onRefused }, target);
  expect(names).toEqual(["NEWCMD: ERR", "SET: EXECABORT"]);
});

test("a snapshot needs an empty target, or leave to empty it", async () => {
  const full = Object.assign(new FakeTarget(), { keyspace: "# Keyspace\r\ndb0:keys=1,expires=0\r\n" });
  expect((await apply(snapshot, {}, full)).failure).toMatchObject({ code: "CONFIG" });
  expect((await apply(snapshot, { existing: "flush" })).lines.slice(0, 2)).toEqual([
    "FLUSHALL",
    "FUNCTION FLUSH",
  ]);
  expect((await apply(snapshot, { owned: true })).lines[0]).toBe("FLUSHALL");
  expect((await apply(snapshot, { existing: "merge" }, full)).failure).toBeUndefined();
  // Only what is mirrored counts.
  expect((await apply(snapshot, { dbs: [2] }, full)).failure).toBeUndefined();
  const elsewhere = await apply(snapshot, { dbs: [2], existing: "flush" });
  expect(elsewhere.lines.slice(0, 2)).toEqual(["SELECT 2", "FLUSHDB"]);
  // What the first snapshot brought may go when a second one comes.
  const again = await apply([...snapshot, ...snapshot]);
  expect(again.lines.filter((line) => line === "FLUSHALL")).toHaveLength(1);
  expect(again.last?.totals.snapshots).toBe(2);
});

test("a database that the target lacks is an error before anything runs in another one", async () => {
  const target = new FakeTarget();
  target.refuses.push(/SELECT 20/);
  const { failure, lines } = await apply([aof("SET a 1", { db: 20 })], {}, target);
  expect(failure).toMatchObject({ code: "CONFIG", db: 20 });
  expect(lines).toEqual(["SELECT 20"]);
});

test("keys and databases change their names wherever commands name them", async () => {
  const renameKey = (name: Uint8Array) => encodeUtf8(`p:${utf8(name)}`);
  const options = { dbMap: { 0: 7, 1: 8 }, renameKey };
  const words = [
    "COPY a b DB 1 REPLACE",
    "MOVE a 1",
    "SWAPDB 0 1",
    "ZUNIONSTORE d 2 x y WEIGHTS 1 2",
    "SPUBLISH a m",
  ];
  const { lines } = await apply(stream(words), options);
  expect(lines.slice(1)).toEqual([
    "COPY p:a p:b DB 8 REPLACE",
    "MOVE p:a 8",
    "SWAPDB 7 8",
    "ZUNIONSTORE p:d 2 p:x p:y WEIGHTS 1 2",
    "SPUBLISH a m",
  ]);
  expect((await apply(stream(["JSON.WHATEVER a"]), options)).failure).toMatchObject({ code: "UNSUPPORTED" });
});

test("what reaches beyond the mirrored databases is an error", async () => {
  for (const words of ["MOVE a 1", "COPY a b DB 1", "SWAPDB 0 1"]) {
    expect((await apply(stream([words]), { dbs: [0] })).failure).toMatchObject({ code: "UNSUPPORTED" });
  }
});

test("the source's own affairs stay there", async () => {
  const { lines, last } = await apply(
    stream(["PUBLISH __sentinel__:hello x", "CLUSTER SETSLOT 1 STABLE", "PUBLISH news x"]),
  );
  expect(lines).toEqual(["SELECT 0", "PUBLISH news x"]);
  expect(last?.totals.ignored).toBe(2);
});

test("after a cut, what may not be applied twice is told, and its refusals do not stop", async () => {
  const target = new FakeTarget();
  target.refuses.push(/XADD x 1-1/);
  const repeated: string[] = [];
  const onRepeated = (name: string, offset: number) => void repeated.push(`${name} ${offset}`);
  const events = stream(["SET a 1", "XADD x 1-1 f v", "INCR n", "INCR n"]);
  const { failure, last } = await apply(events, { uncertain: 3, onRepeated }, target);
  expect(failure).toBeUndefined();
  expect(repeated).toEqual(["XADD 20", "INCR 30"]);
  expect(last?.totals).toMatchObject({ repeated: 2, refused: 1 });
});

test("writes after the time to live of their key are counted", async () => {
  let now = 1_000;
  const source = new Subject<RedisEvent>();
  const applied: Applied[] = [];
  source.pipe(applyTo(new FakeTarget(), { now: () => now })).subscribe((one) => applied.push(one));
  const send = async (words: string) => {
    source.next(aof(words));
    for (let i = 0; i < 10; i++) await Promise.resolve();
    return applied.at(-1)?.totals.late;
  };
  expect(await send("SET k v PXAT 2000")).toBe(0);
  expect(await send("APPEND k w")).toBe(0);
  now = 2_000;
  expect(await send("APPEND k x")).toBe(1);
  expect(await send("DEL k")).toBe(1);
  expect(await send("APPEND k x")).toBe(1);
  expect(await send("PEXPIREAT k 1500")).toBe(1);
  expect(await send("SET k v KEEPTTL")).toBe(2);
  expect(await send("SET k v")).toBe(2);
  expect(await send("APPEND k x")).toBe(2);
});

test("a transaction above the bound is a coded error after what came before", async () => {
  const { failure, lines } = await apply(stream(["SET a 1", "MULTI", `SET b ${"x".repeat(100)}`, "EXEC"]), {
    maxTransactionBytes: 50,
  });
  expect(failure).toMatchObject({ code: "LIMIT" });
  expect(lines).toContain("SET a 1");
});

test("a position in a cluster is refused", () => {
  const client = { sendTo: async () => [], sendToAll: async () => [] };
  expect(() => applyTo(client, { positionIn: { key: "k", db: 0 } })).toThrow(TypeError);
});
