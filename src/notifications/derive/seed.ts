import { latin1 } from "../../bytes/text.ts";
import type { RdbKey, StreamValue } from "../../events.ts";
import { ArrayState } from "./array_state.ts";
import type { Collection } from "./collections.ts";
import type { Derivation } from "./derivation.ts";
import { ExactSet } from "./exact_set.ts";
import { HashValues, StringValue } from "./kept_values.ts";
import { EMPTY_STRING } from "./key_table.ts";
import { ListCount, ListValues } from "./list_state.ts";
import { MemberSet } from "./member_set.ts";
import { parseId } from "./stream_id.ts";
import { StreamState } from "./stream_state.ts";
import { ZsetValues } from "./zset_values.ts";

/** Takes a key of the snapshot, or a part of one, into the state. */
export function seedKey(d: Derivation, event: RdbKey): void {
  const { db, key } = event;
  if (!d.follows(key, db)) return;
  seedValue(d, db, key, event);
  if (event.part === 0) d.setTtl(key, event.expireAt === undefined ? undefined : Number(event.expireAt), db);
}

/** Takes a value, or a part of one, for what a key holds. */
export function seedValue(d: Derivation, db: number, key: Uint8Array, event: RdbKey): void {
  if (event.part === 0) d.put(key, event.type, d.fresh(event.type), db);
  if (event.type === "string") {
    if (event.part === 0 && event.last && event.value.length === 0) {
      const table = d.table(db);
      table.mark(table.find(key), EMPTY_STRING, true);
    }
    if (!d.keepsAll) return;
    const contents = d.contents(key, db);
    if (event.raw !== undefined || event.count === 0) d.setContents(key, undefined, db);
    else if (contents instanceof StringValue) contents.text += latin1(event.value);
    return;
  }
  const contents = d.contents(key, db);
  if (contents === undefined) return;
  // Without its elements (a snapshot that was asked for raw or without values) a value is not known.
  if (event.raw !== undefined || (event.count > 0 && !fill(contents, event)))
    d.setContents(key, undefined, db);
  else if (event.count === 0 && event.type === "stream") fill(contents, event);
}

function fill(contents: Collection, event: RdbKey): boolean {
  switch (event.type) {
    case "list":
      if (contents instanceof ListCount) contents.size += event.count;
      else if (contents instanceof ListValues) {
        const { value } = event;
        for (const element of value) contents.push(latin1(element), false);
        return value.length === event.count;
      }
      return true;
    case "set": {
      const { value } = event;
      if (contents instanceof MemberSet || contents instanceof ExactSet)
        for (const member of value) contents.add(member);
      return value.length === event.count;
    }
    case "zset": {
      const { value } = event;
      for (const { member, score } of value) {
        if (contents instanceof MemberSet) contents.add(member);
        else if (contents instanceof ZsetValues) contents.set(latin1(member), score);
      }
      return value.length === event.count;
    }
    case "hash": {
      const { value } = event;
      if (!(contents instanceof MemberSet)) return false;
      for (const { field, value: text, expireAt } of value) {
        contents.add(field);
        if (contents instanceof HashValues) contents.setValue(latin1(field), latin1(text));
        if (expireAt !== undefined) contents.setTtl(field, expireAt);
      }
      return value.length === event.count;
    }
    case "stream":
      if (contents instanceof StreamState) fillStream(contents, event.value);
      return true;
    case "array": {
      const { value } = event;
      if (contents instanceof ArrayState) for (const { index } of value) contents.indexes.add(String(index));
      return value.length === event.count;
    }
    default:
      return false;
  }
}

function fillStream(stream: StreamState, value: StreamValue): void {
  for (const { id } of value.entries) stream.add(parseId(id) ?? [0, 0]);
  for (const { name, consumers } of value.groups) {
    const group = latin1(name);
    stream.addGroup(group);
    for (const consumer of consumers) stream.addConsumer(group, latin1(consumer.name));
  }
}
