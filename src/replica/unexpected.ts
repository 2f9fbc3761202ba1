import { latin1 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";

/** Bytes that begin a line of a server's conversation: `+ - $ * :` and bare line ends. */
const LINE_STARTS: ReadonlySet<number> = new Set([0x2b, 0x2d, 0x24, 0x2a, 0x3a, 0x0a, 0x0d]);
/** Content types of TLS records (RFC 8446 §5.1): alert and handshake. */
const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR = 0x03;
/** Bytes of a stranger's greeting that are worth showing. */
const SHOWN = 60;

/** The error for a peer whose line begins as no Redis server's does; `undefined` when it may be one. */
export function notRedis(chunk: Uint8Array, at: number): ReplicaError | undefined {
  const first = chunk[at]!;
  if (LINE_STARTS.has(first)) return undefined;
  if ((first === TLS_ALERT || first === TLS_HANDSHAKE) && (chunk[at + 1] ?? TLS_MAJOR) === TLS_MAJOR) {
    return new ReplicaError(
      "PROTOCOL",
      "Cannot begin replication: the peer speaks TLS; use rediss:// or its plain port",
    );
  }
  const lf = chunk.indexOf(10, at);
  const end = Math.min(lf < 0 ? chunk.length : lf, at + SHOWN);
  const shown = printable(latin1(chunk, at, end));
  return new ReplicaError(
    "PROTOCOL",
    `Cannot begin replication: the peer is no Redis server, it said ${shown}`,
  );
}

/** The error for a line that has no place in the conversation. */
export function badLine(what: string, line = ""): ReplicaError {
  const shown = line === "" ? "" : `: ${printable(line.slice(0, SHOWN))}`;
  return new ReplicaError("PROTOCOL", `Cannot follow the server: it sent ${what}${shown}`);
}

/** Text from the wire in quotes, made safe for a terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return JSON.stringify(text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim());
}
