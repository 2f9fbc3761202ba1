import type { RedisEvent } from "../src/events.ts";

/** How far reading has come, in bytes; `total` where it can be told. */
export interface Progress {
  readonly bytes: number;
  readonly total: number | undefined;
}

/** Where a run's events come from, opened and ready to be pulled. */
export interface EventSource {
  readonly batches: AsyncIterable<readonly RedisEvent[]>;
  /** How far a file is read; `undefined` for a link, where the events themselves tell. */
  readonly progress?: (() => Progress) | undefined;
  /** How far the snapshot of a link is read; `undefined` while there is none. */
  readonly snapshot?: (() => Progress | undefined) | undefined;
}

/** Whether an event tells that the source has begun to deliver: before it, a failure has nothing to report about but itself. */
export function isBeginning(event: RedisEvent): boolean {
  if (event.kind !== "link") return true;
  return event.event === "fullresync" || event.event === "continue";
}

/**
 * The batches until `stop` is aborted. The iterator is told to end then, but not waited for: it may be waiting for bytes
 * that never come.
 */
export async function* untilStopped<T>(batches: AsyncIterable<T>, stop: AbortSignal): AsyncGenerator<T> {
  const iterator = batches[Symbol.asyncIterator]();
  // Not `Promise.race` with one promise for the signal: that one would keep every batch until the end.
  let wake = (): void => {};
  const onAbort = (): void => wake();
  stop.addEventListener("abort", onAbort);
  let live = true;
  try {
    while (!stop.aborted) {
      const result = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined);
        iterator.next().then(resolve, reject);
      });
      if (result === undefined) return;
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
    stop.removeEventListener("abort", onAbort);
    if (live) iterator.return?.()?.catch(() => {});
  }
}
