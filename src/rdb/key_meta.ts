import { ReplicaError } from "../errors.ts";
import type { ByteReader } from "./byte_reader.ts";
import { GatheredBytes } from "./gathered_bytes.ts";
import { ModuleItemsReading } from "./modules.ts";
import { readLength } from "./rdb_string.ts";
import type { RecordRest } from "./record_rest.ts";

/*
 * opcode 243, Redis: len classes (1 to 7), classes × (u32le id, module items, 0)            (rdb.c of the servers)
 */

const MAX_CLASSES = 7;
const MAX_BYTES = 1 << 20;

/** Keeps the metadata that stands before a key, as it is stored: a DUMP payload begins with it. */
export class KeyMeta implements RecordRest {
  readonly #bytes: GatheredBytes = new GatheredBytes(MAX_BYTES);
  #left = 0;
  #items: ModuleItemsReading | undefined = undefined;

  /** Reads how much is to come. */
  begin(r: ByteReader): void {
    const at = r.offset;
    const classes = readLength(r);
    if (classes < 1 || classes > MAX_CLASSES)
      r.malformed(`Cannot decode key metadata: ${classes} classes`, at);
    this.#keep(r.buf, r.safe, r.pos, r.offset);
    this.#left = classes;
  }

  step(r: ByteReader): void {
    while (this.#left > 0) {
      if (this.#items === undefined) {
        r.u32le();
        this.#keep(r.buf, r.safe, r.pos, r.offset);
        r.commit();
        this.#items = new ModuleItemsReading();
      }
      r.tap = { bytes: (buf, start, end) => this.#keep(buf, start, end, r.offset) };
      this.#items.step(r);
      r.tap = undefined;
      this.#items = undefined;
      this.#left--;
    }
  }

  /** What was kept for the key that comes now, `undefined` when there is none; the next key begins anew. */
  take(): Uint8Array | undefined {
    return this.#bytes.size === 0 ? undefined : this.#bytes.take();
  }

  #keep(buf: Uint8Array, start: number, end: number, at: number): void {
    this.#bytes.bytes(buf, start, end);
    if (this.#bytes.size > MAX_BYTES)
      throw new ReplicaError("LIMIT", `Cannot keep key metadata at byte ${at}: above ${MAX_BYTES} bytes`, {
        offset: at,
      });
  }
}
