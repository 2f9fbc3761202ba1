import { ReplicaError } from "../errors.ts";

/** What a name takes besides its bytes. */
export const NAME_WEIGHT = 200;

/**
 * Field lists that several hashes share (Redis ≥ 8.10, provisional). They are the only state that lives from key to key, so
 * their total size is bounded.
 */
export class TemplateTable {
  readonly #fields: Map<number, readonly Uint8Array[]> = new Map();
  readonly #maxBytes: number;
  #bytes = 0;

  /** `maxBytes`: names of all templates together. */
  constructor(options: { readonly maxBytes: number } = { maxBytes: 16 << 20 }) {
    this.#maxBytes = options.maxBytes;
  }

  /** Bytes that names may still take, each {@link NAME_WEIGHT} more than it is long. */
  get room(): number {
    return this.#maxBytes - this.#bytes;
  }

  /** Adds a template and keeps the names. `at`: offset to name in an error. */
  add(id: number, fields: readonly Uint8Array[], at: number): void {
    if (this.#fields.has(id))
      throw new ReplicaError("MALFORMED", `Cannot add hash template ${id} at byte ${at}: it exists`, {
        offset: at,
      });
    this.#bytes += NAME_WEIGHT;
    for (const field of fields) this.#bytes += field.length + NAME_WEIGHT;
    if (this.#bytes > this.#maxBytes)
      throw new ReplicaError(
        "LIMIT",
        `Cannot add hash template ${id} at byte ${at}: above ${this.#maxBytes} bytes`,
        {
          offset: at,
        },
      );
    this.#fields.set(id, fields);
  }

  /** The fields of a template. */
  get(id: number, at: number): readonly Uint8Array[] {
    const fields = this.#fields.get(id);
    if (fields === undefined)
      throw new ReplicaError("MALFORMED", `Cannot decode hash at byte ${at}: no template ${id}`, {
        offset: at,
      });
    return fields;
  }

  clear(): void {
    this.#fields.clear();
    this.#bytes = 0;
  }
}
