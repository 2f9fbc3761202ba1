/**
 * What is known about every command that can stand in a replication stream: flags, versions, keys, slots, dbs.
 *
 * @module
 */

export { keySlot } from "../bytes/crc16.ts";
export {
  commandInfo,
  defaultCommandTable,
  keyPositions,
  keysOf,
  keysOfCommand,
  slotsOf,
  wholeDbs,
  wholeSlots,
} from "./keys.ts";
export { type PlainReply, rowsOfServer } from "./server_rows.ts";
export { createCommandTable } from "./table.ts";
export type * from "./typed.generated.ts";
export { encodeTyped, typedCommand, type UntypedCommand } from "./typed.ts";
export type {
  CommandFlag,
  CommandInfo,
  CommandLike,
  CommandRow,
  CommandRows,
  CommandTable,
  KeyAccess,
  KeyPositions,
  KeyRef,
  KeySpec,
  KeyVisitor,
  Since,
  SlotRange,
  WholeScope,
} from "./types.ts";
export type { LexBound, ScoreBound } from "./values.ts";
