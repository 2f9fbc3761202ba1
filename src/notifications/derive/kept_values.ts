import { latin1 } from "../../bytes/text.ts";
import { MemberSet } from "./member_set.ts";

/** The bytes of a string, one character a byte; kept only where images are wanted. */
export class StringValue {
  counted = 0;
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  get size(): number {
    return this.text.length;
  }

  get bytes(): number {
    return 48 + this.text.length;
  }

  copy(): StringValue {
    return new StringValue(this.text);
  }

  save(): unknown {
    return { v: this.text };
  }
}

const FIELD_BYTES = 120;

/** The fields of a hash with their values; kept only where images are wanted. */
export class HashValues extends MemberSet {
  /** Values by field, one character a byte; `undefined` for one that is not known. */
  readonly values: Map<string, string | undefined> = new Map();
  #characters = 0;

  override get bytes(): number {
    return super.bytes + this.values.size * FIELD_BYTES + this.#characters;
  }

  override add(field: Uint8Array): boolean {
    const name = latin1(field);
    if (!this.values.has(name)) this.setValue(name, undefined);
    return super.add(field);
  }

  override delete(field: Uint8Array): boolean {
    const name = latin1(field);
    this.#characters -= this.values.has(name) ? name.length + (this.values.get(name)?.length ?? 0) : 0;
    this.values.delete(name);
    return super.delete(field);
  }

  setValue(field: string, value: string | undefined): void {
    const before = this.values.get(field)?.length ?? 0;
    this.#characters += (this.values.has(field) ? 0 : field.length) + (value?.length ?? 0) - before;
    this.values.set(field, value);
  }

  override copy(): HashValues {
    const other = new HashValues();
    this.copyTo(other);
    for (const [field, value] of this.values) other.setValue(field, value);
    return other;
  }

  override save(): unknown {
    return {
      ...(super.save() as object),
      f: [...this.values].map(([field, value]) => [field, value ?? null]),
    };
  }

  static from(data: unknown): HashValues {
    const hash = new HashValues();
    MemberSet.load(data).copyTo(hash);
    const { f } = data as { f: [string, string | null][] };
    for (const [field, value] of f) hash.setValue(field, value ?? undefined);
    return hash;
  }
}
