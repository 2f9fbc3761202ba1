/**
 * rxreplica: attach to Redis or Valkey as a replica and get the snapshot and then every write as RxJS Observables.
 *
 * This entry knows no runtime: what connects or opens files takes `connect`, `clock` or `open` as options. The entries
 * `rxreplica/node`, `rxreplica/deno` and `rxreplica/bun` offer the same names with those bound.
 *
 * @module
 */
export type { AofFileEvent, AofTruncated } from "./src/aof/decoder.ts";
export { type ErrorCode, type ErrorPlace, ReplicaError } from "./src/errors.ts";
export type * from "./src/events.ts";
export type { ModuleItem, ModuleParser, ModuleParsers } from "./src/rdb/modules.ts";
export type { RdbLevel } from "./src/rdb/records.ts";
export type { RdbLimits } from "./src/rdb/value_reading.ts";
export type { Announcement } from "./src/replica/handshake.ts";
export type { SnapshotOptions } from "./src/replica/history_options.ts";
export type { ReplicaOptions, SentinelAccess, SpoolOverrun } from "./src/replica/options.ts";
export { replicaBatches } from "./src/replica/replica_batches.ts";
export type { ReconnectOptions } from "./src/replica/retry.ts";
export type { Timeouts } from "./src/replica/session_options.ts";
export type { ReplicaStatus } from "./src/replica/status.ts";
export {
  type ClusterSource,
  type HostPort,
  parseSourceUrl,
  type SentinelSource,
  type ServerSource,
  type Source,
  type SourceAccess,
} from "./src/replica/url.ts";
export * from "./src/rx/mod.ts";
export type * from "./src/transport.ts";
