/**
 * rxreplica: attach to Redis or Valkey as a replica and get the snapshot and then every write as RxJS Observables.
 *
 * This entry knows no runtime: what connects or opens files takes `connect`, `clock` or `open` as options. The entries
 * `rxreplica/node`, `rxreplica/deno` and `rxreplica/bun` offer the same names with those bound.
 *
 * @module
 */
export { type ErrorCode, type ErrorPlace, ReplicaError } from "./src/errors.ts";
export type * from "./src/events.ts";
export type { ModuleItem, ModuleParser, ModuleParsers } from "./src/rdb/modules.ts";
export type { RdbLevel } from "./src/rdb/records.ts";
export type { RdbLimits } from "./src/rdb/value_reading.ts";
export type { ReplicaOptions } from "./src/replica/options.ts";
export { replicaBatches } from "./src/replica/replica_batches.ts";
export * from "./src/rx/mod.ts";
export type * from "./src/transport.ts";
