import type { OperatorFunction, Subscriber } from "rxjs";
import { keySlot } from "../bytes/crc16.ts";
import { defaultCommandTable } from "../commands/keys.ts";
import type { RedisEvent } from "../events.ts";
import { compileFilter, type EventFilter } from "../stream/filter.ts";
import type { FilterTable } from "../stream/filter_commands.ts";
import { SLOT_COUNT } from "../stream/filter_slots.ts";
import type { FilterStage } from "../stream/filter_stage.ts";
import { visitKeys } from "./event_keys.ts";
import { operate } from "./operate.ts";

/** Each part keeps a table of its slots, 16 KiB. */
const MAX_PARTS = 1024;

/** An event and the partition, 0 to n − 1, that it belongs to. */
export type Partitioned<T> = readonly [index: number, event: T];

/** How {@link partition} finds keys. */
export interface PartitionOptions {
  /** Where keys of commands are looked up. Default: the table of the servers' own commands. */
  readonly table?: FilterTable | undefined;
}

/**
 * Parts a stream by cluster slot into `n` parts of equal ranges of slots, as pairs `[index, event]`: what concerns one key is always in one
 * part, in order, so that parts can be worked on side by side.
 *
 * Each part is what `filterSlots` keeps for its range: a command with keys in several parts comes once for each, and what concerns no
 * single key (link events, FLUSHALL, functions, commands whose keys cannot be told) once for every part. MULTI and EXEC come around the commands
 * of a part. Slots `ceil(i · 16384 / n)` to `ceil((i + 1) · 16384 / n) − 1` are part `i`. No events are kept, but a MULTI a part.
 *
 * Throws `RangeError` for `n` that is not an integer from 1 to 1024.
 *
 * @example
 * ```ts
 * import { partition, readRdb } from "rxreplica";
 * import { lastValueFrom, toArray } from "rxjs";
 *
 * const rdb = "REDIS0009\0\x03foo\x01x\0\x03bar\x01y\xff\0\0\0\0\0\0\0\0";
 * const pairs = await lastValueFrom(
 *   readRdb(Uint8Array.from(rdb, (byte) => byte.charCodeAt(0))).pipe(partition(2), toArray()),
 * );
 * const keys = pairs.flatMap(([index, event]) => (event.event === "key" ? [`${index}:${event.keyText}`] : []));
 * if (keys.join() !== "1:foo,0:bar") throw new Error(`unexpected ${keys}`);
 * ```
 */
export function partition<T extends RedisEvent>(
  n: number,
  options: PartitionOptions = {},
): OperatorFunction<T, Partitioned<T>> {
  if (!(Number.isInteger(n) && n >= 1 && n <= MAX_PARTS)) {
    throw new RangeError(`Cannot partition: expected an integer from 1 to ${MAX_PARTS}, got ${String(n)}`);
  }
  const table = options.table ?? defaultCommandTable();
  const filters = Array.from({ length: n }, (_, index) =>
    compileFilter({
      slots: {
        start: Math.ceil((index * SLOT_COUNT) / n),
        end: Math.ceil(((index + 1) * SLOT_COUNT) / n) - 1,
      },
      table,
    }),
  );
  return (source) =>
    operate<T, Partitioned<T>>(source, (destination) => new Partitioner<T>(filters, table, destination));
}

class Partitioner<T extends RedisEvent> {
  readonly #table: FilterTable;
  readonly #stages: readonly FilterStage[];
  readonly #emitters: readonly ((event: RedisEvent) => void)[];

  constructor(filters: readonly EventFilter[], table: FilterTable, destination: Subscriber<Partitioned<T>>) {
    this.#table = table;
    this.#stages = filters.map((filter) => filter.stage());
    // A stage emits nothing but events that it was given.
    this.#emitters = filters.map((_, index) => (event) => destination.next([index, event as T]));
  }

  next(event: T): void {
    const only = this.#onlyPart(event);
    if (only !== undefined) {
      this.#stages[only]!.push(event, this.#emitters[only]!);
      return;
    }
    for (let index = 0; index < this.#stages.length; index++) {
      this.#stages[index]!.push(event, this.#emitters[index]!);
    }
  }

  /** The part of an event whose keys are all in one; `undefined` for all others, which each part judges. */
  #onlyPart(event: RedisEvent): number | undefined {
    const { length } = this.#stages;
    let part = -1;
    let several = false;
    const told = visitKeys(event, this.#table, (key) => {
      const found = Math.floor((keySlot(key) * length) / SLOT_COUNT);
      if (part !== -1 && part !== found) several = true;
      part = found;
    });
    return told && !several ? part : undefined;
  }
}
