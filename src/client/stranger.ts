import { latin1 } from "../bytes/text.ts";

/** Content types of TLS records (RFC 8446 §5.1): alert and handshake. */
const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR = 0x03;
/** Bytes of a stranger's greeting that are worth showing. */
const SHOWN = 60;

/**
 * What a peer is whose first bytes, from `at` on, are not those of a Redis server, as the end of a sentence. What it said is
 * shown up to its first line end, bounded and safe for a terminal.
 */
export function describeStranger(chunk: Uint8Array, at: number): string {
  const first = chunk[at];
  if ((first === TLS_ALERT || first === TLS_HANDSHAKE) && (chunk[at + 1] ?? TLS_MAJOR) === TLS_MAJOR) {
    return "the peer speaks TLS; use rediss:// or its plain port";
  }
  const lf = chunk.indexOf(10, at);
  const end = Math.min(lf < 0 ? chunk.length : lf, at + SHOWN);
  return `the peer is no Redis server, it said ${printable(latin1(chunk, at, end))}`;
}

/** Text from the wire in quotes, made safe for a terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return JSON.stringify(text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim());
}
