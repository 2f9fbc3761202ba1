import { describeStranger, printable } from "../client/stranger.ts";
import { ReplicaError } from "../errors.ts";

/** Bytes that begin a line of a server's conversation: `+ - $ * :` and bare line ends. */
const LINE_STARTS: ReadonlySet<number> = new Set([0x2b, 0x2d, 0x24, 0x2a, 0x3a, 0x0a, 0x0d]);
/** Characters of a bad line that are worth showing. */
const SHOWN = 60;

/** The error for a peer whose line begins as no Redis server's does; `undefined` when it may be one. */
export function notRedis(chunk: Uint8Array, at: number): ReplicaError | undefined {
  if (LINE_STARTS.has(chunk[at]!)) return undefined;
  return new ReplicaError("PROTOCOL", `Cannot begin replication: ${describeStranger(chunk, at)}`);
}

/** The error for a line that has no place in the conversation. */
export function badLine(what: string, line = ""): ReplicaError {
  const shown = line === "" ? "" : `: ${printable(line.slice(0, SHOWN))}`;
  return new ReplicaError("PROTOCOL", `Cannot follow the server: it sent ${what}${shown}`);
}
