import type { Observable } from "rxjs";
import type { RedisEvent } from "../events.ts";
import type { ReplicaOptions } from "../replica/options.ts";
import { replicaBatches } from "../replica/replica_batches.ts";
import type { Gate } from "./create_gate.ts";
import { FilteringSource } from "./filtering_source.ts";
import { fromBatches } from "./from_batches.ts";

/** What {@link replicate} attaches to, what it delivers and what holds it back. */
export interface ReplicateOptions extends ReplicaOptions {
  /** Holds the link back between two events; see {@link createGate}. Default: nothing does. */
  readonly gate?: Gate | undefined;
}

/**
 * Attaches to a server as a replica: an Observable of the snapshot and then of every write, in order, with link events
 * between them. One link per subscription; unsubscribing closes it and leaves no timer.
 *
 * RxJS has no backpressure of its own: a consumer that works asynchronously gives a `gate` and holds it while it works. The
 * socket is then not read, and nothing queues up here. Without a gate the consumer must keep up synchronously.
 *
 * Options are checked by the call: `TypeError`, `RangeError`, `ReplicaError` `NO_RUNTIME`. Errors of the link end the
 * Observable, after everything that came before them; see {@link replicaBatches} for their codes.
 *
 * @example
 * ```ts
 * import { createGate, replicate } from "rxreplica";
 * import { memoryConnect } from "rxreplica/memory";
 * import { catchError, concatMap, lastValueFrom, of, toArray } from "rxjs";
 *
 * // A server of three lines that refuses everybody. A real one: import from "rxreplica/node", no connect, no clock.
 * const connect = memoryConnect(async (server) => {
 *   for await (const _ of server.chunks) await server.write(new TextEncoder().encode("-DENIED go away\r\n"));
 * });
 * const clock = { now: Date.now, setTimer: (ms: number, run: () => void) => {
 *   const timer = setTimeout(run, ms);
 *   return () => clearTimeout(timer);
 * } };
 * const gate = createGate();
 * const said = await lastValueFrom(
 *   replicate("redis://anywhere", { connect, clock, gate }).pipe(
 *     concatMap(async (event) => {
 *       const release = gate.hold();
 *       try {
 *         return event.event; // slow work
 *       } finally {
 *         release();
 *       }
 *     }),
 *     catchError((error) => of(String(error))),
 *     toArray(),
 *   ),
 * );
 * if (said[0] !== "connecting" || !said.at(-1)?.includes("go away")) throw new Error(`unexpected ${said}`);
 * ```
 */
export function replicate(url: string, options: ReplicateOptions = {}): Observable<RedisEvent> {
  const batches = replicaBatches(url, options);
  const source = fromBatches(() => batches, options.gate);
  return new FilteringSource(source, options, (filter) => replicate(url, { ...options, ...filter }));
}
