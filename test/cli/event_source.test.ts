import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { untilStopped } from "../../cli/event_source.ts";

async function* endless(onEnd = (): void => {}): AsyncGenerator<readonly number[]> {
  try {
    for (let i = 0; ; i++) yield [i];
  } finally {
    onEnd();
  }
}

const isNode = process.versions.bun === undefined && !("deno" in process.versions);

describe("untilStopped", () => {
  test("passes batches on until it is stopped, and ends the source", async () => {
    const stop = new AbortController();
    let ended = false;
    const seen: number[] = [];
    for await (const [i] of untilStopped(
      endless(() => (ended = true)),
      stop.signal,
    )) {
      seen.push(i!);
      if (i === 3) stop.abort();
    }
    expect({ seen, ended }).toEqual({ seen: [0, 1, 2, 3], ended: true });
  });

  test("does not wait for a source that gives nothing", async () => {
    const stop = new AbortController();
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const all = collect(untilStopped(silent, stop.signal));
    stop.abort();
    expect(await all).toEqual([]);
  });

  test("a stop before the beginning gives nothing", async () => {
    expect(await collect(untilStopped(endless(), AbortSignal.abort()))).toEqual([]);
  });

  test("passes failures on", async () => {
    const failing = (async function* () {
      yield 1;
      throw new Error("broken");
    })();
    await expect(collect(untilStopped(failing, new AbortController().signal))).rejects.toThrow("broken");
  });

  test.runIf(isNode)("keeps no batch that was taken", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const kept: WeakRef<object>[] = [];
    let alive = 100;
    for await (const batch of untilStopped(endless(), new AbortController().signal)) {
      kept.push(new WeakRef(batch));
      if (kept.length < 100) continue;
      // Within the loop: what the running generator holds is what counts.
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
      alive = kept.filter((ref) => ref.deref() !== undefined).length;
      break;
    }
    expect(alive).toBeLessThan(5);
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
