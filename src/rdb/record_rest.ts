import type { ByteReader } from "./byte_reader.ts";

/** What is left of a record once its head was read, when it may be long: read on in whatever pieces it comes. */
export interface RecordRest {
  /** Reads on to the record's end, committing at each safe point; throws UNDERFLOW when it needs more. */
  step(r: ByteReader): void;
}
