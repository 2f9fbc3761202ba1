import type { Connection } from "../client/connection.ts";
import { textOf } from "../client/reply.ts";
import type { CommandArgument } from "../resp/encoder.ts";
import type { RespValue } from "../resp/value.ts";

/** What a key holds some time after its event. */
export interface FetchedValue {
  /** The server's word for the type; `none` when the key is gone. */
  readonly type: string;
  /** The reply of the command that reads such a value whole; `undefined` for types that have none, and when only types are asked for. */
  readonly value: RespValue | undefined;
}

const GONE: FetchedValue = { type: "none", value: undefined };

/** How a value of each type is read whole. */
const READS: Readonly<Record<string, (key: Uint8Array) => readonly CommandArgument[]>> = {
  string: (key) => ["GET", key],
  list: (key) => ["LRANGE", key, 0, -1],
  set: (key) => ["SMEMBERS", key],
  zset: (key) => ["ZRANGE", key, 0, -1, "WITHSCORES"],
  hash: (key) => ["HGETALL", key],
  stream: (key) => ["XRANGE", key, "-", "+"],
};

/** Reads keys in two round trips, however many there are: their types, then their values. */
export async function fetchValues(
  connection: Connection,
  keys: readonly { readonly db: number; readonly key: Uint8Array }[],
  typesOnly: boolean,
): Promise<FetchedValue[]> {
  let db = -1;
  const select = (wanted: number): Promise<unknown>[] => {
    if (wanted === db) return [];
    db = wanted;
    // Also of a cluster's node, where it is allowed for 0 alone.
    return [connection.request(["SELECT", wanted])];
  };
  const selected: Promise<unknown>[] = [];
  const asked = keys.map((one) => {
    selected.push(...select(one.db));
    return connection.request(["TYPE", one.key]);
  });
  await Promise.all(selected);
  const types = (await Promise.all(asked)).map((reply) => textOf(reply, "TYPE"));
  if (typesOnly) return types.map((type) => (type === "none" ? GONE : { type, value: undefined }));
  const values = keys.map((one, index) => {
    const read = READS[types[index]!];
    if (read === undefined) return undefined;
    selected.push(...select(one.db));
    return connection.exchange(read(one.key));
  });
  await Promise.all(selected);
  const replies = await Promise.all(values);
  return types.map((type, index) => {
    const value = replies[index];
    // The key may have changed its type or gone between the two.
    return type === "none" || value?.type === "null" || value?.type === "error" ? GONE : { type, value };
  });
}
