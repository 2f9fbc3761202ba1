import type { EventContext } from "../events.ts";
import type { ByteSource, Clock, ListFolder, OpenFile } from "../transport.ts";
import type { AofSelection } from "./aof_reader.ts";
import { type OpenBytes, openBytes } from "./open_bytes.ts";

/** How an AOF is read. */
export interface ReadAofOptions extends AofSelection {
  /** Opens paths; the runtime entries bind it. */
  readonly open?: OpenFile | undefined;
  /** Lists folders, to find the manifest in one; the runtime entries bind it. Without it give the manifest's path. */
  readonly list?: ListFolder | undefined;
  /** Bytes a read of a file asks for. Default 256 KiB. */
  readonly chunkSize?: number | undefined;
  /** Told after each chunk: bytes read so far of all files, and in all where that is known. */
  readonly onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
  /**
   * Go on with what the server appends, and with the files that it begins; a path only. Looks every `interval` ms (default
   * 100). When a rewrite took away what was not read yet, a `reset` event says so and the new base follows.
   */
  readonly follow?:
    | { readonly clock?: Clock | undefined; readonly interval?: number | undefined }
    | undefined;
}

/** Opens a file of an AOF from byte `start` on. */
export function openPart(
  source: string | ByteSource,
  { open, chunkSize }: ReadAofOptions,
  start = 0,
): Promise<OpenBytes> {
  return openBytes(source, open, { start, ...(chunkSize !== undefined && { chunkSize }) });
}

/** What the events of a file carry. */
export function contextOf(file: OpenBytes): EventContext {
  return { replid: undefined, receivedAt: undefined, shard: undefined, file: file.file };
}
