import { latin1 } from "../bytes/text.ts";

/** Longer names are rare and not worth remembering. */
const LONGEST = 32;
/** A power of two, several times the number of write commands. */
const SLOTS = 1024;

interface Known {
  readonly spelling: Uint8Array;
  readonly name: string;
}

/**
 * Names met so far, each spelling in the one slot that its hash names; a newcomer takes the slot over. So input cannot make
 * this grow, and the same few names are one string each instead of one per command.
 */
const known: (Known | undefined)[] = new Array<Known | undefined>(SLOTS).fill(undefined);

/** The name of a command in upper case (ASCII letters only); one string for all commands with the same spelling. */
export function commandName(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length === 0 || length > LONGEST) return upperCase(bytes, start, end);
  const slot =
    (length * 0x2f + bytes[start]! * 0x1f + bytes[start + (length >> 1)]! * 0x83 + bytes[end - 1]! * 0x11) &
    (SLOTS - 1);
  const entry = known[slot];
  if (entry !== undefined && isSpelled(entry.spelling, bytes, start, end)) return entry.name;
  const name = upperCase(bytes, start, end);
  known[slot] = { spelling: new Uint8Array(bytes.subarray(start, end)), name };
  return name;
}

function isSpelled(spelling: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (spelling.length !== end - start) return false;
  for (let i = start, j = 0; i < end; i++, j++) if (bytes[i] !== spelling[j]) return false;
  return true;
}

/** Names are bytes; one character a byte keeps names apart that differ in bytes. */
function upperCase(bytes: Uint8Array, start: number, end: number): string {
  return latin1(bytes, start, end).replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
