import type { Observable } from "rxjs";
import type { ByteSource } from "../transport.ts";
import type { Gate } from "./create_gate.ts";
import { FilteringSource } from "./filtering_source.ts";
import { fromBatches } from "./from_batches.ts";
import { type RdbFileEvent, type ReadRdbOptions, rdbBatches } from "./rdb_batches.ts";

/** How an RDB is read as an Observable. */
export interface ReadRdbObservableOptions extends ReadRdbOptions {
  /** Holds emission, and with it reading, for work in progress. */
  readonly gate?: Gate | undefined;
}

/**
 * An Observable of the events in an RDB: a path (in the runtime entries), bytes, an async iterable of chunks, a web
 * `ReadableStream` (an HTTP body, a `DecompressionStream`) or a `Blob`. Each subscription reads from the start, so a source
 * that can be read once serves one.
 *
 * Errors with what {@link RdbDecoder} throws, after everything decoded before. Unsubscribing closes the file.
 *
 * @example
 * ```ts
 * import { readRdb } from "rxreplica";
 * import { lastValueFrom, map, toArray } from "rxjs";
 *
 * const empty = new Uint8Array([...new TextEncoder().encode("REDIS0004"), 0xff]);
 * const events = await lastValueFrom(readRdb(empty).pipe(map((event) => event.event), toArray()));
 * if (events.join() !== "begin,end") throw new Error(events.join());
 * ```
 */
export function readRdb(
  source: string | ByteSource,
  options: ReadRdbObservableOptions = {},
): Observable<RdbFileEvent> {
  const events = fromBatches(() => rdbBatches(source, options), options.gate);
  return new FilteringSource(events, options, (filter) => readRdb(source, { ...options, ...filter }));
}
