import { describe, expect, test } from "vitest";
import type { ReplicaError } from "../../src/errors.ts";
import { LagAlarm, LagWatch, type PrimaryState, replicaLimit } from "../../src/replica/lag_watch.ts";
import { FakeClock, settle } from "./support/fake_clock.ts";
import { FakePrimary } from "./support/fake_primary.ts";

const MIB = 1 << 20;

describe("replicaLimit reads the replicas' part of the setting", () => {
  const settings: readonly [setting: string, limit: number | undefined][] = [
    ["normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", 64 * MIB],
    ["normal 0 0 0 replica 100 200 60 pubsub 1 1 1", 100],
    ["normal 1 1 1 slave 0 200 60 pubsub 1 1 1", 200],
    ["normal 1 1 1 slave 0 0 0 pubsub 1 1 1", undefined],
    ["", undefined],
    ["slave x", undefined],
  ];
  test.each(settings)("%s", (setting, limit) => expect(replicaLimit(setting).outputBuffer).toBe(limit));
});

describe("LagAlarm", () => {
  const state: PrimaryState = { offset: 0, backlog: 1000, outputBuffer: 400, outputBufferText: undefined };
  const steps = (alarm: LagAlarm, ...lags: number[]): string[] =>
    lags.flatMap((lag) => alarm.judge(lag, state).map((warning) => `${warning.of}@${lag}/${warning.limit}`));

  test("warns once at half, three quarters and nine tenths of each limit", () => {
    expect(steps(new LagAlarm(), 0, 199, 200, 210, 299, 300, 360, 400, 499, 500, 5000)).toEqual([
      "output-buffer@200/400",
      "output-buffer@300/400",
      "output-buffer@360/400",
      "backlog@500/1000",
      "backlog@5000/1000",
    ]);
  });

  test("warns anew only after the reader has recovered", () => {
    expect(steps(new LagAlarm(), 200, 150, 200, 99, 200)).toEqual([
      "output-buffer@200/400",
      "output-buffer@200/400",
    ]);
  });

  test("is silent without limits", () => {
    expect(new LagAlarm().judge(1e9, { ...state, backlog: 0, outputBuffer: undefined })).toEqual([]);
  });
});

describe("LagWatch", () => {
  const INFO =
    "# Replication\r\nrole:master\r\nmaster_repl_offset:900\r\nrepl_backlog_size:1000\r\nrepl_backlog_histlen:5\r\n";
  const CONFIG =
    "*2\r\n$26\r\nclient-output-buffer-limit\r\n$39\r\nnormal 0 0 0 slave 800 400 60 pubsub 0 0 0\r\n".replace(
      "$39",
      "$42",
    );
  const rig = (password?: string) => {
    const clock = new FakeClock();
    const primary = new FakePrimary();
    const seen: unknown[] = [];
    const refused: ReplicaError[] = [];
    const watch = new LagWatch({
      clock,
      password,
      open: () => primary.connect({ host: "h", port: 1 }, {}),
      offset: () => 100,
      onLag: (lag, warnings, state) =>
        seen.push([lag, warnings.map((warning) => warning.of), state.outputBufferText]),
      onRefused: (error) => refused.push(error),
    });
    return { clock, primary, watch, seen, refused };
  };

  test("asks over a connection of its own, and closes it", async () => {
    const { clock, primary, watch, seen } = rig("pw");
    watch.poll(clock.now());
    const side = await primary.accept();
    expect(await side.command("AUTH")).toBe("AUTH pw");
    side.send("+OK\r\n");
    await side.command("CONFIG");
    side.send(`$${INFO.length}\r\n${INFO}\r\n${CONFIG}`);
    await settle();
    expect(seen).toEqual([[800, ["output-buffer", "backlog"], "800 400 60"]]);
    expect(side.closed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("asks again soon while the lag is great, and does without the limit it may not see", async () => {
    const { clock, primary, watch, seen } = rig();
    for (let round = 0; round < 2; round++) {
      watch.poll(clock.now());
      watch.poll(clock.now());
      const side = await primary.accept();
      await side.command("CONFIG");
      side.send(`$${INFO.length}\r\n${INFO}\r\n-NOPERM no\r\n`);
      await settle();
      watch.poll(clock.now());
      await clock.advance(2000);
    }
    expect(seen).toEqual([
      [800, ["backlog"], undefined],
      [800, [], undefined],
    ]);
  });

  test("says once that it may not ask, and asks no more", async () => {
    const { clock, primary, watch, refused } = rig();
    watch.poll(clock.now());
    const side = await primary.accept();
    await side.command("CONFIG");
    side.send("-NOPERM no\r\n-NOPERM no\r\n");
    await settle();
    await clock.advance(60_000);
    watch.poll(clock.now());
    await settle();
    expect(refused.map((error) => error.code)).toEqual(["NOPERM"]);
    expect(clock.pending).toBe(0);
  });

  test("gives up on an answer that does not come, and asks again later", async () => {
    const { clock, primary, watch, refused } = rig();
    watch.poll(clock.now());
    const side = await primary.accept();
    await side.command("CONFIG");
    await clock.advance(5000);
    expect(side.closed).toBe(true);
    watch.poll(clock.now());
    await (await primary.accept()).command("CONFIG");
    expect(refused).toEqual([]);
    watch.stop();
    await settle();
    expect(clock.pending).toBe(0);
  });

  test("passes over a primary that cannot be reached", async () => {
    const { clock, primary, watch, refused } = rig();
    primary.refuse = true;
    watch.poll(clock.now());
    await settle();
    expect(refused).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
