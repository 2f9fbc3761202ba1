import { concat } from "../bytes/concat.ts";
import { latin1 } from "../bytes/text.ts";
import type { RdbKey, StreamConsumer, StreamGroup, StreamValue, ValueType } from "../events.ts";

/** Joins the parts of one key, in order and at least one, to a single event with part 0 and the whole value. */
export function mergeParts(parts: readonly RdbKey[]): RdbKey {
  // The class serves every type, as its `value` does: which one is decided by `type`.
  return new WholeKey(parts) as unknown as RdbKey;
}

/** Values are made from the parts' at each reading, as theirs are. */
class WholeKey {
  readonly kind = "rdb" as const;
  readonly event = "key" as const;
  readonly part = 0;
  readonly last = true;
  readonly #parts: readonly RdbKey[];

  constructor(parts: readonly RdbKey[]) {
    this.#parts = parts;
  }

  get #first(): RdbKey {
    return this.#parts[0]!;
  }

  get #final(): RdbKey {
    return this.#parts[this.#parts.length - 1]!;
  }

  get type(): ValueType {
    return this.#first.type;
  }

  get db(): number {
    return this.#first.db;
  }

  get key(): Uint8Array {
    return this.#first.key;
  }

  get keyText(): string {
    return this.#first.keyText;
  }

  get expireAt(): RdbKey["expireAt"] {
    return this.#first.expireAt;
  }

  get idle(): number | undefined {
    return this.#first.idle;
  }

  get freq(): number | undefined {
    return this.#first.freq;
  }

  get encoding(): string {
    return this.#first.encoding;
  }

  get offset(): number {
    return this.#first.offset;
  }

  get shard(): string | undefined {
    return this.#first.shard;
  }

  get total(): RdbKey["total"] {
    return this.#first.total;
  }

  get position(): RdbKey["position"] {
    return this.#final.position;
  }

  get receivedAt(): RdbKey["receivedAt"] {
    return this.#final.receivedAt;
  }

  get count(): number {
    if (this.type === "string" || this.type === "module") return 1;
    return this.#parts.reduce((sum, part) => sum + part.count, 0);
  }

  get raw(): Uint8Array | undefined {
    const fragments: Uint8Array[] = [];
    for (const { raw } of this.#parts) if (raw !== undefined) fragments.push(raw);
    return fragments.length === 0 ? undefined : concat(fragments);
  }

  get value(): unknown {
    const values: readonly unknown[] = this.#parts.map((part) => part.value);
    switch (this.type) {
      case "string":
        return concat(values as Uint8Array[]);
      case "stream":
        return mergeStream(values as StreamValue[]);
      case "module":
        return values[values.length - 1];
      default:
        return (values as (readonly unknown[])[]).flat();
    }
  }

  detach(): RdbKey {
    return mergeParts(this.#parts.map((part) => part.detach()));
  }
}

function mergeStream(parts: readonly StreamValue[]): StreamValue {
  return {
    entries: parts.flatMap((part) => part.entries),
    info: parts.find((part) => part.info !== undefined)?.info,
    groups: mergeByName(
      parts.flatMap((part) => part.groups),
      mergeGroup,
    ),
  };
}

/** What is known of a group from its first piece holds; its lists go on in the others. */
function mergeGroup(pieces: readonly StreamGroup[]): StreamGroup {
  return {
    ...pieces[0]!,
    pending: pieces.flatMap((piece) => piece.pending),
    consumers: mergeByName(
      pieces.flatMap((piece) => piece.consumers),
      mergeConsumer,
    ),
    nacked: pieces.flatMap((piece) => piece.nacked),
  };
}

function mergeConsumer(pieces: readonly StreamConsumer[]): StreamConsumer {
  return { ...pieces[0]!, pending: pieces.flatMap((piece) => piece.pending) };
}

/** Merges pieces that bear the same name, at the place of the first. */
function mergeByName<P extends { readonly name: Uint8Array }>(
  pieces: readonly P[],
  merge: (pieces: readonly P[]) => P,
): P[] {
  const byName = new Map<string, P[]>();
  for (const piece of pieces) {
    const name = latin1(piece.name);
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [piece]);
    else same.push(piece);
  }
  return [...byName.values()].map((same) => (same.length === 1 ? same[0]! : merge(same)));
}
