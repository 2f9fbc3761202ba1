import type { RedisEvent } from "../src/events.ts";

/** How far reading has come, in bytes; `total` where it can be told. */
export interface Progress {
  readonly bytes: number;
  readonly total: number | undefined;
}

/** Where a run's events come from, opened and ready to be pulled. */
export interface EventSource {
  readonly batches: AsyncIterable<readonly RedisEvent[]>;
  /** `undefined` for a link, where the events themselves tell. */
  readonly progress: (() => Progress) | undefined;
}

/**
 * The batches until `stop` is aborted. The iterator is told to end then, but not waited for: it may be waiting for bytes
 * that never come.
 */
export async function* untilStopped<T>(batches: AsyncIterable<T>, stop: AbortSignal): AsyncGenerator<T> {
  const iterator = batches[Symbol.asyncIterator]();
  const stopped = new Promise<undefined>((resolve) => {
    if (stop.aborted) resolve(undefined);
    stop.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  let live = true;
  try {
    for (;;) {
      const next = iterator.next();
      const result = await Promise.race([next, stopped]);
      if (result === undefined) {
        // What the iterator says from now on, nobody hears.
        next.catch(() => {});
        return;
      }
      if (result.done === true) {
        live = false;
        return;
      }
      yield result.value;
    }
  } catch (error) {
    live = false;
    throw error;
  } finally {
    if (live) iterator.return?.()?.catch(() => {});
  }
}
