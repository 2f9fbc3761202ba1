import { equals } from "../bytes/equals.ts";
import { compileGlob } from "../bytes/glob.ts";

/** Tells whether a key is wanted; `db` is the db that the key lives in. */
export type KeyPredicate = (key: Uint8Array, db: number) => boolean;

/**
 * Which keys are wanted: a string is a glob in the servers' grammar (`user:*`, `h?llo`, `[ab]*`), a `Uint8Array` is one
 * exact key, a list matches when any of its entries does, and a function decides by itself.
 */
export type KeySelection = string | Uint8Array | readonly (string | Uint8Array)[] | KeyPredicate;

/** Turns a selection of keys into one predicate. Throws `TypeError` for anything that is not a selection. */
export function compileKeySelection(selection: KeySelection): KeyPredicate {
  if (typeof selection === "function") return selection;
  const entries = typeof selection === "string" || selection instanceof Uint8Array ? [selection] : selection;
  if (!Array.isArray(entries)) {
    throw new TypeError(
      "Cannot compile keys: expected a glob, the bytes of a key, a list of these or a function",
    );
  }
  const tests = entries.map(compileEntry);
  const only = tests[0];
  if (only !== undefined && tests.length === 1) return only;
  return (key) => {
    for (let i = 0; i < tests.length; i++) {
      if (tests[i]!(key)) return true;
    }
    return false;
  };
}

function compileEntry(entry: unknown): (key: Uint8Array) => boolean {
  if (typeof entry === "string") {
    const matches = compileGlob(entry);
    return (key) => matches(key);
  }
  if (!(entry instanceof Uint8Array)) {
    throw new TypeError("Cannot compile keys: an entry is neither a glob nor the bytes of a key");
  }
  // The caller may go on writing to its array.
  const wanted = entry.slice();
  return (key) => equals(key, wanted);
}
