import type { ByteReader } from "../byte_reader.ts";
import { scanned, scanString } from "../rdb_string.ts";
import type { ValueReading } from "../value_reading.ts";

/** Passes over one stored string without looking into it, in whatever pieces it comes. */
export class SkipReading implements ValueReading {
  #remaining = -1;

  step(r: ByteReader): boolean {
    if (this.#remaining < 0) {
      scanString(r);
      this.#remaining = scanned.stored;
      r.commit();
    }
    while (this.#remaining > 0) {
      r.require(1);
      const take = Math.min(this.#remaining, r.end - r.pos);
      r.pos += take;
      this.#remaining -= take;
      r.commit();
    }
    return true;
  }
}
