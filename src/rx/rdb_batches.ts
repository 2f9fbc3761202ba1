import type { EventContext, LinkEvent, RdbEvent } from "../events.ts";
import { RdbDecoder, type RdbDecoderOptions } from "../rdb/decoder.ts";
import type { RdbLevel } from "../rdb/records.ts";
import { compileFilter, type FilterOptions } from "../stream/filter.ts";
import type { ByteSource, OpenFile } from "../transport.ts";
import { type Interrupt, interruptible } from "./interrupt.ts";
import { openBytes } from "./open_bytes.ts";

/** An event of an RDB, or a fault that its decoder survived. */
export type RdbFileEvent = RdbEvent | Extract<LinkEvent, { readonly event: "warning" }>;

/** How an RDB is read. */
export interface ReadRdbOptions
  extends FilterOptions,
    Pick<RdbDecoderOptions, "checksum" | "modules" | "limits"> {
  /** What is wanted of the values that the filter passes. Default `data`. */
  readonly level?: RdbLevel | undefined;
  /** Opens paths; the runtime entries bind it. */
  readonly open?: OpenFile | undefined;
  /** Bytes a read of a file asks for. Default 256 KiB. */
  readonly chunkSize?: number | undefined;
  /** Told after each chunk: bytes read so far, and in all where that is known. */
  readonly onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
}

/**
 * Bytes of input whose events make a batch at most. Reads are larger: what lives while a batch is consumed makes the collector's
 * work, and twice as much of it moved 25 MB of buffers to where only a full collection frees them.
 */
const BATCH_BYTES = 131_072;

/**
 * Reads an RDB as batches of events, each of at most 128 KiB of input; the next chunk is read when the consumer asks for it.
 * Filters are applied before values are decoded. Bytes after the payload are an error, `MALFORMED`.
 *
 * Throws what {@link RdbDecoder} throws, after the batch with everything decoded before.
 *
 * @example
 * ```ts
 * import { rdbBatches } from "rxreplica";
 *
 * const empty = new Uint8Array([...new TextEncoder().encode("REDIS0004"), 0xff]);
 * const events: string[] = [];
 * for await (const batch of rdbBatches(empty)) for (const event of batch) events.push(event.event);
 * if (events.join() !== "begin,end") throw new Error(events.join());
 * ```
 */
export function rdbBatches(
  source: string | ByteSource,
  options: ReadRdbOptions = {},
): AsyncGenerator<readonly RdbFileEvent[], void> {
  return interruptible((interrupt) => readBatches(source, options, interrupt));
}

async function* readBatches(
  source: string | ByteSource,
  options: ReadRdbOptions,
  interrupt: Interrupt,
): AsyncGenerator<readonly RdbFileEvent[], void> {
  const { level = "data", open, chunkSize, onProgress } = options;
  const filter = compileFilter(options);
  let batch: RdbFileEvent[] = [];
  const input = await openBytes(source, open, chunkSize === undefined ? {} : { chunkSize });
  interrupt.arm(() => void input.close().catch(() => {}));
  const context: EventContext = {
    replid: undefined,
    receivedAt: undefined,
    shard: undefined,
    file: input.file,
  };
  const decoder = new RdbDecoder({
    onEvent: (event) => batch.push(event),
    select:
      filter.passesRdb && level === "data"
        ? undefined
        : (header) => (filter.select(header) === "skip" ? "skip" : level),
    checksum: options.checksum,
    modules: options.modules,
    limits: options.limits,
    context,
  });
  let bytes = 0;
  try {
    for await (const chunk of input.chunks) {
      bytes += chunk.length;
      for (let at = 0; at < chunk.length; at += BATCH_BYTES) {
        const end = Math.min(at + BATCH_BYTES, chunk.length);
        let failure: { readonly error: unknown } | undefined;
        try {
          if (decoder.write(chunk.subarray(at, end)) < end - at) decoder.refuseTrailing();
        } catch (error) {
          failure = { error };
        }
        if (end === chunk.length || failure !== undefined) onProgress?.(bytes, input.size);
        if (batch.length > 0) {
          const full = batch;
          batch = [];
          yield full;
        }
        if (failure !== undefined) throw failure.error;
      }
    }
    if (interrupt.requested) return;
    try {
      decoder.end();
    } catch (error) {
      if (batch.length > 0) yield batch;
      throw error;
    }
  } finally {
    await input.close();
  }
}
