import { compileGlob } from "../bytes/glob.ts";

/** Tells whether a key is wanted; `db` is the db that the key lives in. */
export type KeyPredicate = (key: Uint8Array, db: number) => boolean;

/**
 * Which keys are wanted: a string is a glob in the servers' grammar (`user:*`, `h?llo`, `[ab]*`), a `Uint8Array` is one
 * exact key, a list matches when any of its entries does, and a function decides by itself.
 */
export type KeySelection = string | Uint8Array | readonly (string | Uint8Array)[] | KeyPredicate;

/** Tells whether the key at `start … end` of `bytes` is wanted, so that no view of it need be made. */
export type KeyRangeTest = (bytes: Uint8Array, start: number, end: number) => boolean;

/** A selection ready for use: by the key's place in its bytes, or by the key itself where a function asks for it. */
export type KeyTest =
  | { readonly byRange: KeyRangeTest; readonly byKey: undefined }
  | { readonly byRange: undefined; readonly byKey: KeyPredicate };

/** Makes a selection of keys ready for use. Throws `TypeError` for anything that is not a selection. */
export function compileKeySelection(selection: KeySelection): KeyTest {
  if (typeof selection === "function") return { byRange: undefined, byKey: selection };
  const entries = typeof selection === "string" || selection instanceof Uint8Array ? [selection] : selection;
  if (!Array.isArray(entries)) {
    throw new TypeError(
      "Cannot compile keys: expected a glob, the bytes of a key, a list of these or a function",
    );
  }
  const tests = entries.map(compileEntry);
  const only = tests[0];
  return { byRange: only !== undefined && tests.length === 1 ? only : anyOf(tests), byKey: undefined };
}

function anyOf(tests: readonly KeyRangeTest[]): KeyRangeTest {
  return (bytes, start, end) => {
    for (let i = 0; i < tests.length; i++) {
      if (tests[i]!(bytes, start, end)) return true;
    }
    return false;
  };
}

function compileEntry(entry: unknown): KeyRangeTest {
  if (typeof entry === "string") return compileGlob(entry);
  if (!(entry instanceof Uint8Array)) {
    throw new TypeError("Cannot compile keys: an entry is neither a glob nor the bytes of a key");
  }
  // The caller may go on writing to its array.
  const wanted = entry.slice();
  return (bytes, start, end) => {
    if (end - start !== wanted.length) return false;
    for (let i = 0; i < wanted.length; i++) {
      if (bytes[start + i] !== wanted[i]) return false;
    }
    return true;
  };
}
