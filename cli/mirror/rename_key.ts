import { concat } from "../../src/bytes/concat.ts";
import { startsWith } from "../../src/bytes/starts_with.ts";
import { encodeUtf8 } from "../../src/bytes/text.ts";
import type { Renaming } from "./options.ts";

/** The function that gives keys their new beginnings; the first renaming that fits is the one. */
export function keyRenamer(renamings: readonly Renaming[]): (key: Uint8Array) => Uint8Array {
  const rules = renamings.map(({ from, to }) => ({ from: encodeUtf8(from), to: encodeUtf8(to) }));
  return (key) => {
    for (const { from, to } of rules) {
      if (startsWith(key, from)) return concat([to, key.subarray(from.length)]);
    }
    return key;
  };
}
