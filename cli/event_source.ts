import type { RedisEvent } from "../src/events.ts";

/** Where a run's events come from, opened and ready to be pulled. */
export interface EventSource {
  readonly batches: AsyncIterable<readonly RedisEvent[]>;
  /** Bytes that will be read in all; `undefined` where nobody can tell. */
  readonly size: number | undefined;
  /** Bytes read so far; `undefined` for a link, where the events themselves tell. */
  readonly bytesRead: (() => number) | undefined;
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
