import { bytes } from "./wire.ts";

/** What to put into a small RDB; strings below 64 bytes only. */
export interface TinyRdb {
  readonly streamDb?: number | undefined;
  /** Keys of db 0. */
  readonly keys?: Readonly<Record<string, string>> | undefined;
}

/** An RDB of version 10 as a server writes it, without a checksum (rdbchecksum no). */
export function tinyRdb({ streamDb, keys = {} }: TinyRdb = {}): Uint8Array {
  const string = (value: string): string => String.fromCharCode(value.length) + value;
  let rdb = `REDIS0010\xfa${string("redis-ver")}${string("7.0.15")}`;
  if (streamDb !== undefined) rdb += `\xfa${string("repl-stream-db")}${string(String(streamDb))}`;
  const entries = Object.entries(keys);
  if (entries.length > 0) {
    rdb += "\xfe\0";
    for (const [key, value] of entries) rdb += `\0${string(key)}${string(value)}`;
  }
  return bytes(`${rdb}\xff\0\0\0\0\0\0\0\0`);
}
