import { encodeLatin1 } from "../latin1.ts";
import { ArrayState } from "./array_state.ts";
import { ExactSet } from "./exact_set.ts";
import { HashValues, StringValue } from "./kept_values.ts";
import { ListCount, ListValues } from "./list_state.ts";
import { MemberSet } from "./member_set.ts";
import { StreamState } from "./stream_state.ts";
import { ZsetValues } from "./zset_values.ts";

/** What is in a key, as much of it as the level keeps. `counted`: the bytes that the state has counted for it. */
export type Collection =
  | ListCount
  | ListValues
  | MemberSet
  | ExactSet
  | ZsetValues
  | StreamState
  | ArrayState
  | StringValue;

/** What is left of contents at level `members`. */
export function toMembers(contents: Collection): Collection | undefined {
  if (contents instanceof StringValue) return undefined;
  if (contents instanceof HashValues) {
    const fields = new MemberSet();
    contents.copyTo(fields);
    return fields;
  }
  if (contents instanceof ListValues) return new ListCount(contents.size);
  if (contents instanceof StreamState) return contents.withIds ? contents.withoutIds() : contents;
  if (contents instanceof ExactSet) return hashed(contents.members);
  if (contents instanceof ZsetValues) return hashed(contents.scores.keys());
  return contents;
}

function hashed(members: Iterable<string>): MemberSet {
  const set = new MemberSet();
  for (const member of members) set.add(encodeLatin1(member));
  return set;
}

/** Makes contents from what their `save` gave. */
export function loadCollection(data: unknown): Collection | undefined {
  if (data === null || typeof data !== "object") return undefined;
  const any = data as Record<string, unknown>;
  if ("c" in any) return new ListCount(any.c as number);
  if ("l" in any) return ListValues.of(any.l as string[]);
  if ("v" in any) return new StringValue(any.v as string);
  if ("f" in any) return HashValues.from(data);
  if ("h" in any) return MemberSet.load(data);
  if ("s" in any) return new ExactSet(any.s as string[]);
  if ("z" in any) {
    return new ZsetValues((any.z as [string, string][]).map(([member, score]) => [member, Number(score)]));
  }
  if ("x" in any) return StreamState.load(data);
  return new ArrayState(any.a as string[], BigInt(any.u as string));
}
