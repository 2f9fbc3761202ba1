import type { RespEntry, RespList, RespMap, RespValue } from "./value.ts";

/** What holds other values on the wire; `attribute` describes the value after it and is none itself. */
export type Aggregate = RespList["type"] | RespMap["type"] | "attribute";

interface Level {
  readonly type: Aggregate;
  /** Values still to come; `Infinity` when a `.` tells the end. */
  left: number;
  /** Keys and values alternate for maps and attributes. Never sized by the count of the wire. */
  readonly items: RespValue[];
  /** Attributes read before this aggregate. */
  readonly attributes: RespEntry[] | undefined;
}

/** The aggregates that are open around the value being read. Knows how values nest, nothing of bytes. */
export class ValueStack {
  readonly #levels: Level[] = [];
  #attributes: RespEntry[] | undefined;

  /** Aggregates open. */
  get depth(): number {
    return this.#levels.length;
  }

  /** `true` when attributes were read and the value that they describe was not. */
  get described(): boolean {
    return this.#attributes !== undefined;
  }

  /** The attributes for the value that begins now. */
  takeAttributes(): RespEntry[] | undefined {
    const attributes = this.#attributes;
    this.#attributes = undefined;
    return attributes;
  }

  /** Begins an aggregate of `count` values (`Infinity`: until `close`). Returns a top-level value that this completes. */
  open(type: Aggregate, count: number): RespValue | undefined {
    this.#levels.push({ type, left: count, items: [], attributes: this.takeAttributes() });
    return count === 0 ? this.#finish() : undefined;
  }

  /** Whether the innermost aggregate is one that a `.` may end here. */
  get closable(): boolean {
    const level = this.#levels.at(-1);
    if (level === undefined || level.left !== Infinity || this.described) return false;
    return level.type !== "map" || level.items.length % 2 === 0;
  }

  /** Ends the innermost aggregate. Returns a top-level value that this completes. */
  close(): RespValue | undefined {
    return this.#finish();
  }

  /** Adds a whole value. Returns a top-level value that this completes. */
  add(value: RespValue): RespValue | undefined {
    const level = this.#levels.at(-1);
    if (level === undefined) return value;
    level.items.push(value);
    return --level.left === 0 ? this.#finish() : undefined;
  }

  clear(): void {
    this.#levels.length = 0;
    this.#attributes = undefined;
  }

  /** Takes the innermost aggregate off, and each outer one that it completes. */
  #finish(): RespValue | undefined {
    for (;;) {
      const { type, items, attributes } = this.#levels.pop()!;
      if (type === "attribute") {
        this.#describe(attributes, items);
        return undefined;
      }
      const value: RespValue =
        type === "map" ? { type, entries: pairs(items), attributes } : { type, items, attributes };
      const outer = this.#levels.at(-1);
      if (outer === undefined) return value;
      outer.items.push(value);
      if (--outer.left > 0) return undefined;
    }
  }

  /** Attributes may be stacked: those read before and the new ones describe the same value. */
  #describe(before: RespEntry[] | undefined, items: readonly RespValue[]): void {
    const attributes = before ?? [];
    for (const entry of pairs(items)) attributes.push(entry);
    this.#attributes = attributes.length === 0 ? undefined : attributes;
  }
}

function pairs(items: readonly RespValue[]): RespEntry[] {
  const entries: RespEntry[] = [];
  for (let i = 0; i < items.length; i += 2) entries.push([items[i]!, items[i + 1]!]);
  return entries;
}
