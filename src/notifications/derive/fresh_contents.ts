import type { ValueType } from "../../events.ts";
import { ArrayState } from "./array_state.ts";
import type { Collection } from "./collections.ts";
import { ExactSet } from "./exact_set.ts";
import { HashValues, StringValue } from "./kept_values.ts";
import { ListCount, ListValues } from "./list_state.ts";
import { MemberSet } from "./member_set.ts";
import { StreamState } from "./stream_state.ts";
import { ZsetValues } from "./zset_values.ts";

/**
 * What a new key of this type holds, in the form that remembers as much as is wanted: `values` of lists, sets, sorted sets and
 * streams, `all` with those of strings and hashes too. `undefined` for what is not followed.
 */
export function freshContents(
  type: ValueType,
  { values, all }: { readonly values: boolean; readonly all: boolean },
): Collection | undefined {
  switch (type) {
    case "list":
      return values ? new ListValues() : new ListCount(0);
    case "set":
      return values ? new ExactSet() : new MemberSet();
    case "hash":
      return values && all ? new HashValues() : new MemberSet();
    case "string":
      return values && all ? new StringValue("") : undefined;
    case "zset":
      return values ? new ZsetValues() : new MemberSet();
    case "stream":
      return new StreamState(values);
    case "array":
      return new ArrayState();
    default:
      return undefined;
  }
}
