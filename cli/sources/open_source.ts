import type { Position } from "../../src/events.ts";
import { UsageError } from "../errors.ts";
import type { EventSource } from "../event_source.ts";
import type { SourceOptions } from "../options.ts";

/** What of a source is wanted: the snapshot, then the stream as it grows. */
export interface Modes {
  readonly snapshot: boolean;
  readonly stream: boolean;
  /** Values as serialized payloads instead of their elements. */
  readonly raw?: boolean | undefined;
  /** Pass values over by their length. */
  readonly keysOnly?: boolean | undefined;
  /** Where the stream goes on, on a link. */
  readonly position?: Position | undefined;
}

/** Standard input as a source. */
export const STDIN = "-";

/** Whether SOURCE names a server (or a group of them) rather than a file. */
export function isUrl(source: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source);
}

/** Whether SOURCE is a path: neither a URL nor standard input. */
export function isPath(source: string): boolean {
  return source !== "" && source !== STDIN && !isUrl(source);
}

/** Opens what SOURCE names. The code for it is loaded now. */
export async function openSource(
  source: string,
  options: SourceOptions,
  modes: Modes,
  signal: AbortSignal,
): Promise<EventSource> {
  if (source === "") throw new UsageError("SOURCE is empty");
  if (isUrl(source)) {
    const { openServer } = await import("./server.ts");
    return await openServer(source, options, modes, signal);
  }
  const { openFiles } = await import("./files.ts");
  return await openFiles(source, options, modes);
}
