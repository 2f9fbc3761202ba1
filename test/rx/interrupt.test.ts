/** Leaving a source that waits for input which may never come: files that are followed, streams that stall. */
import { Subscription } from "rxjs";
import { describe, expect, test } from "vitest";
import { aofBatches, rdbBatches, readAof, readRdb } from "../../src/rx/mod.ts";
import type { ByteFile, Clock } from "../../src/transport.ts";

const RDB = Uint8Array.of(82, 69, 68, 73, 83, 48, 48, 48, 52, 0, 1, 107, 1, 118, 255);
const AOF = new TextEncoder().encode("*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n");

/** A file of these bytes that is never longer. */
function fileOf(
  bytes: Uint8Array,
): (path: string, options?: { start?: number | undefined }) => Promise<ByteFile> {
  return async (_path, { start = 0 } = {}) => ({
    size: bytes.length,
    chunks: (async function* () {
      if (start < bytes.length) yield bytes.subarray(start);
    })(),
    close: async () => {},
  });
}

/** A clock whose timers never run by themselves. */
class StillClock implements Clock {
  readonly timers = new Set<() => void>();
  #armed: (() => void) | undefined;

  now(): number {
    return 0;
  }

  setTimer(_ms: number, callback: () => void): () => void {
    this.timers.add(callback);
    this.#armed?.();
    return () => this.timers.delete(callback);
  }

  async armed(): Promise<void> {
    if (this.timers.size === 0) await new Promise<void>((resolve) => (this.#armed = resolve));
  }
}

/** A web stream that gives one chunk and then nothing; resolves `canceled` when it is canceled. */
function stalling(chunk: Uint8Array): {
  stream: ReadableStream<Uint8Array>;
  canceled: Promise<void>;
  asked: Promise<void>;
} {
  let tell = (): void => {};
  let ask = (): void => {};
  const canceled = new Promise<void>((resolve) => (tell = resolve));
  const asked = new Promise<void>((resolve) => (ask = resolve));
  let pulls = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (pulls++ === 0) controller.enqueue(chunk);
        else {
          ask();
          return new Promise(() => {});
        }
        return undefined;
      },
      cancel: () => tell(),
    },
    { highWaterMark: 0 },
  );
  return { stream, canceled, asked };
}

describe("a file that is followed", () => {
  test("is left at once when nobody wants more, and no timer stays", async () => {
    const clock = new StillClock();
    const options = { open: fileOf(AOF), list: async () => undefined, follow: { clock } };
    const batches = aofBatches("appendonly.aof", options);
    const first = await batches.next();
    expect(first.value?.map(({ event }) => event)).toEqual(["command"]);
    const pending = batches.next();
    await clock.armed();
    await batches.return();
    expect(clock.timers.size).toBe(0);
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await batches.next()).toEqual({ done: true, value: undefined });
  });

  test("is left by unsubscribing", async () => {
    const clock = new StillClock();
    const options = { open: fileOf(AOF), list: async () => undefined, follow: { clock } };
    const subscription = new Subscription();
    subscription.add(readAof("appendonly.aof", options).subscribe());
    await clock.armed();
    subscription.unsubscribe();
    expect(clock.timers.size).toBe(0);
  });
});

describe("a web stream that stalls", () => {
  test.each([
    ["rdbBatches", (stream: ReadableStream<Uint8Array>) => rdbBatches(stream), RDB.subarray(0, 14)],
    ["aofBatches", (stream: ReadableStream<Uint8Array>) => aofBatches(stream), AOF],
  ])("is canceled when %s is left", async (_name, read, chunk) => {
    const { stream, canceled, asked } = stalling(chunk);
    const batches = read(stream);
    expect((await batches.next()).done).toBe(false);
    const pending = batches.next();
    await asked;
    await batches.return();
    await canceled;
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  test("is canceled by unsubscribing", async () => {
    const { stream, canceled, asked } = stalling(RDB.subarray(0, 14));
    const subscription = readRdb(stream).subscribe();
    await asked;
    subscription.unsubscribe();
    await canceled;
  });

  test("is canceled when it is left before anything was decoded", async () => {
    const { stream, canceled, asked } = stalling(RDB.subarray(0, 4));
    const batches = rdbBatches(stream);
    const pending = batches.next();
    await asked;
    await batches.return();
    await canceled;
    expect((await pending).done).toBe(true);
  });
});
