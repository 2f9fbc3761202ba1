/** Observables of events and the operators over them. */

export * from "../notifications/mod.ts";
export type { FilterOptions } from "../stream/filter.ts";
export type { FilterTable } from "../stream/filter_commands.ts";
export type { CommandFamily } from "../stream/filter_families.ts";
export type { KeyPredicate, KeySelection } from "../stream/filter_keys.ts";
export type { SlotSelection } from "../stream/filter_slots.ts";
export type { RebuildOptions } from "../stream/key_rebuilder.ts";
export type { RebuildCommand } from "../stream/rebuild_command.ts";
export type { RetargetOptions } from "../stream/retarget.ts";
export { aofBatches } from "./aof_batches.ts";
export type { AofBatchEvent, AofReset, AofSelection } from "./aof_reader.ts";
export { type Applied, type ApplyOptions, type ApplyTotals, applyTo } from "./apply_to.ts";
export { type BatchOptions, batch } from "./batch.ts";
export { type Checkpointable, type CheckpointOptions, checkpoint } from "./checkpoint.ts";
export { type CoalesceOptions, coalesce } from "./coalesce.ts";
export { type CollectValuesOptions, collectValues } from "./collect_values.ts";
export { createGate, type Gate } from "./create_gate.ts";
export { createKeyStore, type KeyStoreOptions } from "./create_key_store.ts";
export { createMemoryStore } from "./create_memory_store.ts";
export {
  type DeriveNotificationsOptions,
  deriveNotifications,
  type NotificationDerivation,
} from "./derive_notifications.ts";
export { DiffOnReset, type DiffOnResetOptions } from "./diff_on_reset.ts";
export { eventBytes } from "./event_bytes.ts";
export type { KeyTable } from "./event_keys.ts";
export { filterCommands } from "./filter_commands.ts";
export { filterDbs } from "./filter_dbs.ts";
export { filterEvents } from "./filter_events.ts";
export { filterFamilies } from "./filter_families.ts";
export { filterFlags } from "./filter_flags.ts";
export { filterKeys } from "./filter_keys.ts";
export { filterSlots } from "./filter_slots.ts";
export { filterTypes } from "./filter_types.ts";
export { fromBatches } from "./from_batches.ts";
export { type GroupByKeyOptions, groupByKey, type KeyGroup } from "./group_by_key.ts";
export { enterImportMode, type ImportMode } from "./import_mode.ts";
export { type MapKeysOptions, mapKeys } from "./map_keys.ts";
export type { LabelledNotification } from "./match_labels.ts";
export { type MergeNotificationsOptions, mergeNotifications } from "./merge_notifications.ts";
export { type NotificationsOptions, notifications } from "./notifications.ts";
export { type EventKind, type EventName, type EventOf, ofKind } from "./of_kind.ts";
export { type Partitioned, type PartitionOptions, partition } from "./partition.ts";
export { type RateLimitOptions, rateLimit } from "./rate_limit.ts";
export { type RdbFileEvent, type ReadRdbOptions, rdbBatches } from "./rdb_batches.ts";
export { type ReadAofObservableOptions, readAof } from "./read_aof.ts";
export type { ReadAofOptions } from "./read_aof_options.ts";
export { type ReadRdbObservableOptions, readRdb } from "./read_rdb.ts";
export { createStatus, type StatusFeed } from "./replica_status.ts";
export { type ReplicateOptions, replicate } from "./replicate.ts";
export { type CheckpointStore, restoreStates, type Saved, type SavedState, type Stateful } from "./saved.ts";
export { decodeSaved, encodeSaved } from "./saved_text.ts";
export type { Refused } from "./target_batch.ts";
export type { ClusterTargetClient, TargetArguments, TargetClient, TargetReply } from "./target_client.ts";
export { loadTargetState, type PositionPlace, type TargetState } from "./target_position.ts";
export { toCommands } from "./to_commands.ts";
export { type TransactionEvent, type TransactionsOptions, transactions } from "./transactions.ts";
export { type Image, type KeyChange, type WithImagesOptions, withImages } from "./with_images.ts";
