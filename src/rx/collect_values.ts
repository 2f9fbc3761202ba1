import type { MonoTypeOperatorFunction, Subscriber } from "rxjs";
import type { RdbKey, RedisEvent } from "../events.ts";
import { eventBytes } from "./event_bytes.ts";
import { mergeParts } from "./merge_parts.ts";
import { operate } from "./operate.ts";

/** How much {@link collectValues} keeps. */
export interface CollectValuesOptions {
  /** Bytes of one value (and shard). A larger value stays in parts. Default 16 MiB. */
  readonly maxBytes?: number | undefined;
  /** What `maxBytes` counts for a part. Default {@link eventBytes}. */
  readonly sizeOf?: ((part: RdbKey) => number) | undefined;
}

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Joins the parts of each key of the snapshot to one event with the whole value: `part` 0, `last` true. The groups and
 * consumers of a stream that came in pieces are merged by name. At level `raw` the fragments of the payload are joined.
 *
 * A value above `maxBytes` stays as it came: its parts pass, each with its `part`, as soon as the bound is passed. So do
 * the parts of a value that never ended because the snapshot was cut. All other events pass, link events
 * ahead of a value that is not complete.
 *
 * @example
 * ```ts
 * import { collectValues, ofKind, readRdb } from "rxreplica";
 * import { lastValueFrom } from "rxjs";
 *
 * // Type 1 is a list: two elements.
 * const rdb = "REDIS0009\x01\x01l\x02\x01a\x01b\xff\0\0\0\0\0\0\0\0";
 * const list = await lastValueFrom(
 *   readRdb(Uint8Array.from(rdb, (byte) => byte.charCodeAt(0))).pipe(collectValues(), ofKind("rdb", "key")),
 * );
 * if (list.type !== "list" || list.value.length !== 2 || !list.last) throw new Error("unexpected");
 * ```
 */
export function collectValues<T extends RedisEvent>(
  options: CollectValuesOptions = {},
): MonoTypeOperatorFunction<T> {
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  if (!(maxBytes >= 0)) {
    throw new RangeError(`Cannot collect values: maxBytes must be 0 or more, got ${String(maxBytes)}`);
  }
  const sizeOf = options.sizeOf ?? eventBytes;
  return (source) => operate<T, T>(source, (destination) => new Collector(maxBytes, sizeOf, destination));
}

class Collector<T extends RedisEvent> {
  readonly #maxBytes: number;
  readonly #sizeOf: (part: RdbKey) => number;
  readonly #destination: Subscriber<T>;
  /** Values that have begun, by shard; a source that is no cluster has the only entry, `undefined`. */
  readonly #begun = new Map<string | undefined, { parts: RdbKey[]; bytes: number }>();

  constructor(maxBytes: number, sizeOf: (part: RdbKey) => number, destination: Subscriber<T>) {
    this.#maxBytes = maxBytes;
    this.#sizeOf = sizeOf;
    this.#destination = destination;
  }

  next(event: T): void {
    if (event.kind === "rdb" && event.event === "key") {
      this.#part(event);
      return;
    }
    if (this.#begun.size > 0 && (event.kind === "rdb" || startsAnew(event))) this.#release(event.shard);
    this.#destination.next(event);
  }

  error(error: unknown): void {
    this.#releaseAll();
    this.#destination.error(error);
  }

  complete(): void {
    this.#releaseAll();
    this.#destination.complete();
  }

  #part(event: RdbKey): void {
    const { shard, part, last } = event;
    if (part === 0) {
      this.#release(shard);
      if (!last) this.#begun.set(shard, { parts: [], bytes: 0 });
    }
    const value = this.#begun.get(shard);
    if (value === undefined) {
      this.#emit(event);
      return;
    }
    value.parts.push(event);
    value.bytes += this.#sizeOf(event);
    if (value.bytes > this.#maxBytes) {
      // Its further parts find no value that has begun and pass.
      this.#release(shard);
    } else if (last) {
      this.#begun.delete(shard);
      this.#emit(mergeParts(value.parts));
    }
  }

  /** Lets the parts of a value that will not be joined pass as they are. */
  #release(shard: string | undefined): void {
    const value = this.#begun.get(shard);
    if (value === undefined) return;
    this.#begun.delete(shard);
    for (const part of value.parts) this.#emit(part);
  }

  #releaseAll(): void {
    for (const shard of [...this.#begun.keys()]) this.#release(shard);
  }

  #emit(event: RdbKey): void {
    this.#destination.next(event as RedisEvent as T);
  }
}

function startsAnew(event: RedisEvent): boolean {
  return event.kind === "link" && (event.event === "fullresync" || event.event === "reset");
}
