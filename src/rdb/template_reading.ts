import { ReplicaError } from "../errors.ts";
import type { ByteReader } from "./byte_reader.ts";
import { readLength, readString } from "./rdb_string.ts";
import type { RecordRest } from "./record_rest.ts";
import { NAME_WEIGHT, type TemplateTable } from "./templates.ts";

/** Reads a hash template into the table, name by name: opcode 242 of Redis, len id, len n, n × str (rdb.c of the servers). */
export class TemplateReading implements RecordRest {
  readonly #templates: TemplateTable;
  readonly #id: number;
  readonly #count: number;
  readonly #at: number;
  readonly #fields: Uint8Array[] = [];
  #fieldBytes = 0;

  /** Reads id and count. */
  constructor(r: ByteReader, templates: TemplateTable) {
    this.#templates = templates;
    this.#at = r.offset;
    this.#id = readLength(r);
    this.#count = readLength(r);
    if (this.#count === 0) r.malformed(`Cannot add hash template ${this.#id}: it has no fields`, this.#at);
  }

  step(r: ByteReader): void {
    const templates = this.#templates;
    while (this.#fields.length < this.#count) {
      const left = templates.room - this.#fieldBytes;
      if (left < NAME_WEIGHT)
        throw new ReplicaError(
          "LIMIT",
          `Cannot keep hash template ${this.#id} at byte ${this.#at}: too large`,
          { offset: this.#at },
        );
      const field = readString(r, left - NAME_WEIGHT).slice();
      this.#fieldBytes += field.length + NAME_WEIGHT;
      this.#fields.push(field);
      r.commit();
    }
    templates.add(this.#id, this.#fields, this.#at);
  }
}
