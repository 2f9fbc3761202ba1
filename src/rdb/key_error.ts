import { ReplicaError } from "../errors.ts";
import { type KeyHead, keyTextAt } from "./key_event.ts";
import { stringAt } from "./rdb_string.ts";

/** Characters of a key that a message shows. */
const SHOWN = 64;

/** Adds db, key and type to an error that was met inside the value of a key. */
export function errorAtKey(error: unknown, head: KeyHead | undefined): unknown {
  if (!(error instanceof ReplicaError) || head === undefined || error.key !== undefined) return error;
  const { keyBuf, keyPos, db, kind } = head;
  const shown = JSON.stringify(keyTextAt(keyBuf, keyPos).slice(0, SHOWN));
  const detail = error.message.charAt(0).toLowerCase() + error.message.slice(1);
  return new ReplicaError(error.code, `Cannot decode value of key ${shown}: ${detail}`, {
    offset: error.offset,
    db,
    key: stringAt(keyBuf, keyPos),
    type: kind.type,
    cause: error,
  });
}
