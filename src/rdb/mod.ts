/**
 * The RDB decoder on its own, without RxJS: push chunks in, get lazy events out.
 *
 * @module
 */
export { ReplicaError } from "../errors.ts";
export type {
  ArrayElement,
  HashField,
  ModuleValue,
  RdbAux,
  RdbBegin,
  RdbEnd,
  RdbEvent,
  RdbFamily,
  RdbFunction,
  RdbKey,
  RdbModuleAux,
  RdbSlotInfo,
  StreamConsumer,
  StreamEntry,
  StreamGroup,
  StreamIdmp,
  StreamInfo,
  StreamPending,
  StreamValue,
  ValueType,
  ZsetMember,
} from "../events.ts";
export { type DecodeDumpOptions, type DecodedDump, decodeDump } from "./decode_dump.ts";
export { RDB_LIMITS, RdbDecoder, type RdbDecoderOptions, type RdbWarning } from "./decoder.ts";
export { KNOWN_MODULES, type ModuleItem, type ModuleParser, type ModuleParsers } from "./modules.ts";
export type { RdbTotals } from "./part_builder.ts";
export type { RdbKeyHeader, RdbLevel } from "./records.ts";
export type { RdbLimits } from "./value_reading.ts";
