/**
 * rxreplica on Node: everything of the main entry, with sockets, files and the clock bound.
 *
 * @module
 */
import type { Observable } from "rxjs";
import * as core from "../../mod.ts";
import { clock } from "../shared/clock.ts";
import { connect } from "./connect.ts";
import { openFile } from "./files.ts";

export * from "../../mod.ts";
export { clock, connect, openFile };

/** {@link core.replicate} over Node's sockets. */
export function replicate(url: string, options: core.ReplicateOptions = {}): Observable<core.RedisEvent> {
  return core.replicate(url, { connect, clock, ...options });
}

/** {@link core.replicaBatches} over Node's sockets. */
export function replicaBatches(
  url: string,
  options: core.ReplicaOptions = {},
): AsyncIterable<readonly core.RedisEvent[]> {
  return core.replicaBatches(url, { connect, clock, ...options });
}

/** {@link core.readRdb} with paths, `-` for standard input. */
export function readRdb(
  source: string | core.ByteSource,
  options: core.ReadRdbObservableOptions = {},
): Observable<core.RdbFileEvent> {
  return core.readRdb(source, { open: openFile, ...options });
}

/** {@link core.rdbBatches} with paths, `-` for standard input. */
export function rdbBatches(
  source: string | core.ByteSource,
  options: core.ReadRdbOptions = {},
): AsyncIterable<readonly core.RdbFileEvent[]> {
  return core.rdbBatches(source, { open: openFile, ...options });
}
