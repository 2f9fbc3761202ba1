import type { ValueType } from "../events.ts";
import { keyTextAt } from "./key_event.ts";
import { stringAt } from "./rdb_string.ts";

/**
 * What happens to a value: passed over with its key, passed over while the key is told, kept as the DUMP payload, or
 * decoded.
 */
export type RdbLevel = "skip" | "key" | "raw" | "data";

/** What is known of a key before its value is read. */
export class RdbKeyHeader {
  readonly db: number;
  readonly type: ValueType;
  private readonly buf: Uint8Array;
  private readonly pos: number;

  constructor(db: number, type: ValueType, buf: Uint8Array, pos: number) {
    this.db = db;
    this.type = type;
    this.buf = buf;
    this.pos = pos;
  }

  get key(): Uint8Array {
    return stringAt(this.buf, this.pos);
  }

  get keyText(): string {
    return keyTextAt(this.buf, this.pos);
  }
}
