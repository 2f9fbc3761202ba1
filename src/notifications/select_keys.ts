import { compileKeySelection, type KeyPredicate, type KeySelection } from "../stream/filter_keys.ts";

/** Makes a selection of keys a function; `undefined` selects all. Throws `TypeError` for anything that is not a selection. */
export function selectKeys(selection: KeySelection | undefined): KeyPredicate {
  if (selection === undefined) return () => true;
  const { byKey, byRange } = compileKeySelection(selection);
  return byKey ?? ((key) => byRange!(key, 0, key.length));
}
