import { parseInteger } from "../bytes/integer.ts";

/**
 * A count, db or slot as servers write it: decimal digits without sign or leading zeros. `undefined` for anything else,
 * also for an argument that is not there.
 */
export function indexArgument(bytes: Uint8Array | undefined): number | undefined {
  if (bytes === undefined) return undefined;
  const value = parseInteger(bytes);
  return typeof value === "number" && value >= 0 ? value : undefined;
}

/** Whether an argument is the option word `word` (given in upper case), in any letter case. */
export function isWord(bytes: Uint8Array | undefined, word: string): boolean {
  if (bytes === undefined || bytes.length !== word.length) return false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const upper = byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte;
    if (upper !== word.charCodeAt(i)) return false;
  }
  return true;
}
