/** Some rounds of what `npm run chaos` does at length, and proof that its check of the stream can fail. */
import { describe, expect, test } from "vitest";
import { encodeCommand } from "../../src/resp/encoder.ts";
import { describeWithServers } from "../servers/describe.ts";
import { Random } from "../support/random.ts";
import { Rig } from "./rig.ts";
import { runRound } from "./run_round.ts";
import { SCENARIO_KINDS, type ScenarioKind } from "./scenarios/mod.ts";
import { StreamCheck } from "./stream_check.ts";
import { TapeHistory } from "./tape.ts";

const ID = "a".repeat(40);
/** Its rounds differ in what they wait for: those of every test run are the short ones. */
const SHORT: readonly ScenarioKind[] = [
  ...(["cut", "half-open", "kill", "promote", "sentinel", "flood", "spool"] as const),
  ...(["client-kill", "resume", "consumer-kill"] as const),
];

const bytes = (...words: string[]): Buffer => Buffer.from(encodeCommand(words));
const SENT = [["SELECT", "0"], ["SET", "a", "1"], ["PING"], ["INCR", "b"], ["INCR", "b"], ["DEL", "a"]];
const TAPE = SENT.map((words) => bytes(...words));
const offsetAfter = (index: number): number =>
  1_000 + TAPE.slice(0, index + 1).reduce((sum, { length }) => sum + length, 0);

interface Judged {
  /** The command that comes with another argument. */
  readonly change?: number;
  /** The consumer dies after the second of these, and goes on behind the first. */
  readonly restartAt?: readonly [saved: number, done: number];
}

/** What the check says of a consumer that received those commands, named by their index. */
function judge(indexes: readonly number[], { change, restartAt }: Judged = {}): number {
  const history = new TapeHistory(1_000);
  for (const frame of TAPE) history.append(frame);
  const check = new StreamCheck();
  check.fullresync(ID, 1_000);
  for (const index of indexes) {
    const words = index === change ? ["SET", "a", "2"] : SENT[index]!;
    check.command(
      offsetAfter(index),
      words.map((word) => Buffer.from(word)),
    );
    if (index === restartAt?.[1]) check.restarted({ replid: ID, offset: offsetAfter(restartAt[0]) });
  }
  return check.verify([{ histories: new Map([[ID, history]]) }], history.end).verified;
}

describe("StreamCheck", () => {
  test("takes a stream that is whole", () => expect(judge([1, 3, 4, 5])).toBe(4));
  test("finds a lost command", () => expect(() => judge([1, 3, 5])).toThrow("lost between"));
  test("finds a lost last command", () => expect(() => judge([1, 3, 4])).toThrow("lost between"));
  test("finds a doubled command", () => expect(() => judge([1, 3, 3, 4, 5])).toThrow("after"));
  test("finds a changed command", () =>
    expect(() => judge([1, 3, 4, 5], { change: 1 })).toThrow("not what the primary sent"));
  test("finds a full resync that nothing announced", () => {
    const check = new StreamCheck();
    check.fullresync(ID, 0);
    expect(() => check.fullresync(ID, 9)).toThrow("without a reset");
  });
  test("finds a checkpoint that is ahead of what was processed", () => {
    expect(judge([1, 3, 4, 5], { restartAt: [1, 1] })).toBe(4);
    expect(judge([1, 3, 4, 5], { restartAt: [2, 1] })).toBe(4);
    expect(() => judge([1, 4, 5], { restartAt: [3, 1] })).toThrow("lost between");
  });
  test("lets greetings be taken back, and nothing else", () => {
    const check = new StreamCheck();
    check.fullresync(ID, 0);
    check.command(50, [Buffer.from("DEL"), Buffer.from("a")]);
    check.command(90, [Buffer.from("PUBLISH"), Buffer.from("__sentinel__:hello"), Buffer.from("x")]);
    check.continued("b".repeat(40), 50);
    expect(() => check.continued(ID, 20)).toThrow("50 was told before");
  });
});

describeWithServers("Chaos", ["redis-7.0", "redis-8.0", "valkey-9.1"], () => {
  test("compares undisturbed by what is still being applied", async () => {
    const random = new Random(1);
    const none = { config: {}, consumer: {}, child: false, alone: true, faults: [], folder: "" };
    const rig = await Rig.start({ ...none, kind: "valkey-9.1", seed: 1, random });
    let compared = false;
    let late: Promise<void> | undefined;
    try {
      await rig.verify();
      // As late deletions of expired keys do: in other databases than the one that is being read, and changing nothing.
      late = rig.ask(async (client) => {
        const flushes = Array.from({ length: 100 }, () => [
          ["SELECT", 9],
          ["FLUSHDB"],
          ["SELECT", 10],
          ["FLUSHDB"],
        ]);
        while (!compared) await client.pipeline(flushes.flat());
      });
      for (let times = 0; times < 2; times++) await rig.compare();
    } finally {
      compared = true;
      await late;
      await rig.stop();
    }
  }, 30_000);

  let comparedOfKept = 0;
  let rounds = 0;
  test.each(SHORT.map((kind) => [kind, 7 + SCENARIO_KINDS.indexOf(kind)] as const))(
    "%s, seed %i",
    async (kind, seed) => {
      const { verified, beyond, kept } = await runRound({ seed, kind });
      comparedOfKept += kept;
      rounds++;
      expect(verified).toBeGreaterThan(0);
      expect(beyond).toBeLessThan(verified / 2 + 50);
    },
    60_000,
  );

  test("what the filtered consumers kept was compared", () => {
    // A round may be too short for a command that their filter passes; all of them are not.
    if (rounds === SHORT.length) expect(comparedOfKept).toBeGreaterThan(100);
  });
});
