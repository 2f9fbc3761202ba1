import type { ByteSource } from "../transport.ts";
import { type AofBatchEvent, AofReader } from "./aof_reader.ts";
import { type AofPartPath, findManifest, readParts } from "./find_aof_parts.ts";
import { followAof } from "./follow_aof.ts";
import { type Interrupt, interruptible } from "./interrupt.ts";
import { contextOf, openPart, type ReadAofOptions } from "./read_aof_options.ts";

/**
 * Reads an AOF as batches of events, one batch a chunk of input; the next chunk is read when the consumer asks for it. A path
 * may be a single file (with an RDB preamble or without), the manifest of a multi-part AOF, or the folder that holds one.
 *
 * Filters are applied before values are decoded. An end inside a command or transaction is told by a `truncated` event, by
 * option refused; anything malformed is an error, after the batch with everything decoded before.
 *
 * @example
 * ```ts
 * import { aofBatches } from "rxreplica";
 * import { encodeCommand } from "rxreplica/resp";
 *
 * const names: string[] = [];
 * for await (const batch of aofBatches(encodeCommand(["SET", "k", "v"]))) {
 *   for (const event of batch) if (event.kind === "aof" && event.event === "command") names.push(event.name);
 * }
 * if (names.join() !== "SET") throw new Error(names.join());
 * ```
 */
export function aofBatches(
  source: string | ByteSource,
  options: ReadAofOptions = {},
): AsyncGenerator<readonly AofBatchEvent[], void> {
  return interruptible((interrupt) =>
    options.follow === undefined
      ? readBatches(source, options, interrupt)
      : followAof(source, options, interrupt),
  );
}

async function* readBatches(
  source: string | ByteSource,
  options: ReadAofOptions,
  interrupt: Interrupt,
): AsyncGenerator<readonly AofBatchEvent[], void> {
  const { onProgress } = options;
  const reader = new AofReader(options);
  const manifest = typeof source === "string" ? await findManifest(source, options.list) : undefined;
  const parts: readonly Part[] =
    manifest === undefined
      ? [{ path: source, type: "incr", last: true }]
      : await readParts(manifest, options.open);
  const total =
    onProgress === undefined || manifest === undefined ? undefined : await totalSize(parts, options);
  let bytes = 0;
  for (const part of parts) {
    const file = await openPart(part.path, options);
    interrupt.arm(() => void file.close().catch(() => {}));
    try {
      reader.start({ ...part, context: contextOf(file) });
      for await (const chunk of file.chunks) {
        reader.write(chunk);
        bytes += chunk.length;
        onProgress?.(bytes, parts.length === 1 ? file.size : total);
        const batch = reader.take();
        if (batch !== undefined) yield batch;
        reader.check();
        if (reader.stopped) return;
      }
    } finally {
      await file.close();
    }
    if (interrupt.requested) return;
    reader.end();
    if (part.last) reader.finish();
    const batch = reader.take();
    if (batch !== undefined) yield batch;
    reader.check();
  }
}

interface Part extends Pick<AofPartPath, "type" | "last"> {
  readonly path: string | ByteSource;
}

/** Bytes of all files, `undefined` where one cannot tell. */
async function totalSize(parts: readonly Part[], options: ReadAofOptions): Promise<number | undefined> {
  let total = 0;
  for (const { path } of parts) {
    const file = await openPart(path, options);
    await file.close();
    if (file.size === undefined) return undefined;
    total += file.size;
  }
  return total;
}
