import type { Observable } from "rxjs";
import type { ByteSource } from "../transport.ts";
import { aofBatches } from "./aof_batches.ts";
import type { AofBatchEvent } from "./aof_reader.ts";
import type { Gate } from "./create_gate.ts";
import { FilteringSource } from "./filtering_source.ts";
import { fromBatches } from "./from_batches.ts";
import type { ReadAofOptions } from "./read_aof_options.ts";

/** How an AOF is read as an Observable. */
export interface ReadAofObservableOptions extends ReadAofOptions {
  /** Holds emission, and with it reading, for work in progress. */
  readonly gate?: Gate | undefined;
}

/**
 * An Observable of what an AOF holds: the RDB that it begins with, then every command with its db and transaction, and its
 * timestamps. A path (in the runtime entries) may be a file, the manifest of a multi-part AOF or its folder; bytes, an async
 * iterable of chunks, a web `ReadableStream` and a `Blob` are one file. Each subscription reads from the start.
 *
 * A file that ends inside a command or transaction, as after a crash, is taken as servers take it: an event `truncated`
 * says up to where it is whole. Errors with `ReplicaError`: `MALFORMED` and others of the decoders, `TRUNCATED` where it is
 * not tolerated, `FILE`, and `CONFIG` when `until` lies before what a rewrite left. Unsubscribing closes the file.
 *
 * @example
 * ```ts
 * import { readAof } from "rxreplica";
 * import { encodeCommand } from "rxreplica/resp";
 * import { lastValueFrom, map, toArray } from "rxjs";
 *
 * const aof = encodeCommand(["SET", "k", "v"]);
 * const events = await lastValueFrom(readAof(aof).pipe(map((event) => event.event), toArray()));
 * if (events.join() !== "command") throw new Error(events.join());
 * ```
 */
export function readAof(
  source: string | ByteSource,
  options: ReadAofObservableOptions = {},
): Observable<AofBatchEvent> {
  const events = fromBatches(() => aofBatches(source, options), options.gate);
  return new FilteringSource(events, options, (filter) => readAof(source, { ...options, ...filter }));
}
