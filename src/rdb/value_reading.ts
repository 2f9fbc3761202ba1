import type { ByteReader } from "./byte_reader.ts";
import type { ModuleParsers } from "./module_parser.ts";
import type { PartBuilder } from "./part_builder.ts";
import type { RawCapture } from "./raw_capture.ts";
import type { TemplateTable } from "./templates.ts";

/** Bounds that a decoder keeps; all in bytes unless said. */
export interface RdbLimits {
  /** Elements in one event. Default 4096. */
  readonly maxPartElements: number;
  /** Decoded bytes in one event, apart from a single larger element. Default 1 MiB. */
  readonly maxPartBytes: number;
  /** One key, or one element of a collection; such a one is held whole. Default 512 MiB. */
  readonly maxElementBytes: number;
  /** Packed structures (listpack, ziplist, …) above this are read in pieces, the others held whole. Default 4 MiB. */
  readonly maxPackedBytes: number;
  /** One module value that a parser wants to see, held whole. Default 64 MiB. */
  readonly maxModuleBytes: number;
}

/** What the readers of values work with. */
export interface ValueContext {
  readonly parts: PartBuilder;
  readonly limits: RdbLimits;
  readonly modules: ModuleParsers;
  readonly templates: TemplateTable;
  /** The value is not wanted as such: it is passed over, and `parts` go nowhere. */
  readonly skipping: boolean;
  /** At level `raw`: what makes the DUMP payload of the bytes that are passed over. */
  readonly capture?: RawCapture | undefined;
  /** Reports a fault that the stream survives. */
  warn(code: "MODULE" | "LIMIT", message: string, cause?: unknown): void;
}

/**
 * Reads one value, a step at a time. A step reads what it can, commits at each safe point, and returns `true` when the value
 * is complete. It throws UNDERFLOW when it needs more and is called again then, from the last safe point.
 */
export interface ValueReading {
  step(r: ByteReader, v: ValueContext): boolean;
}
