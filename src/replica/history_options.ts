import type { EventContext, Position } from "../events.ts";
import type { RdbDecoderOptions } from "../rdb/decoder.ts";
import type { RdbLevel } from "../rdb/records.ts";
import type { EventFilter } from "../stream/filter.ts";

/** How a snapshot is decoded. */
export interface SnapshotOptions extends Pick<RdbDecoderOptions, "checksum" | "modules" | "limits"> {
  /** What is wanted of the values that the filter passes. Default `data`. */
  readonly level?: RdbLevel | undefined;
}

/** What to make of the bytes of a history. */
export interface HistoryOptions {
  /** Deliver the snapshot. */
  readonly snapshot: boolean;
  /** Stay for the command stream. */
  readonly stream: boolean;
  /** Where the history goes on; `undefined`: it begins with a snapshot. */
  readonly position: Position | undefined;
  /** What to let through. */
  readonly filter: EventFilter;
  /** How to decode the snapshot. */
  readonly rdb: SnapshotOptions;
  /** Bytes of one command at most; `undefined`: 1 GiB. */
  readonly maxCommandBytes: number | undefined;
  readonly shard: string | undefined;
  /** The server may be replaced by one of its replicas: before each new link the history goes back to its last data. */
  readonly failover?: boolean | undefined;
  /** Asked at each chunk for what makes its events' positions those of a cluster. */
  readonly makePlace?: (() => EventContext["place"]) | undefined;
}
