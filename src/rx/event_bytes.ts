import type { RdbKey, StreamValue } from "../events.ts";

/**
 * How many bytes a value stands for: the sum of its keys, values and arguments, without what the runtime adds for objects.
 * Events that know their size tell it; of others the parts are read. Byte arrays and strings count their length, lists the sum
 * of their entries, anything else nothing.
 *
 * @example
 * ```ts
 * import { eventBytes } from "rxreplica";
 *
 * if (eventBytes([new Uint8Array(3), "ab"]) !== 5) throw new Error("unexpected");
 * ```
 */
export function eventBytes(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  const { byteLength } = value as { readonly byteLength?: unknown };
  if (typeof byteLength === "number") return byteLength;
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + eventBytes(entry), 0);
  const { kind, event } = value as { readonly kind?: unknown; readonly event?: unknown };
  if (kind === "aof") {
    if (event === "command") return lengths((value as { readonly args: readonly Uint8Array[] }).args);
    return event === "transaction" ? eventBytes((value as { readonly commands: unknown }).commands) : 0;
  }
  if (kind !== "rdb") return 0;
  if (event === "key") return keyBytes(value as RdbKey);
  if (event === "command") return lengths((value as { readonly args: readonly Uint8Array[] }).args);
  if (event === "function") return (value as { readonly code: Uint8Array }).code.length;
  return event === "aux" ? (value as { readonly value: Uint8Array }).value.length : 0;
}

/** Bytes of a number in a value: a score, an index, a time. */
const NUMBER = 8;

function keyBytes(event: RdbKey): number {
  const key = event.key.length;
  if (event.raw !== undefined) return key + event.raw.length;
  switch (event.type) {
    case "string":
      return key + event.value.length;
    case "list":
    case "set":
      return key + lengths(event.value);
    case "zset":
      return event.value.reduce((sum, entry) => sum + entry.member.length + NUMBER, key);
    case "hash":
      return event.value.reduce((sum, entry) => sum + entry.field.length + entry.value.length, key);
    case "array":
      return event.value.reduce((sum, entry) => sum + entry.value.length + NUMBER, key);
    case "stream":
      return key + streamBytes(event.value);
    case "module":
      return key;
  }
}

function streamBytes({ entries, groups }: StreamValue): number {
  let sum = 0;
  for (const { fields } of entries) {
    sum += 2 * NUMBER;
    for (const [field, value] of fields) sum += field.length + value.length;
  }
  for (const { name, pending, consumers, nacked } of groups) {
    sum += name.length + pending.length * 4 * NUMBER + nacked.length * 2 * NUMBER;
    for (const consumer of consumers) sum += consumer.name.length + consumer.pending.length * 2 * NUMBER;
  }
  return sum;
}

function lengths(values: readonly Uint8Array[]): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!.length;
  return sum;
}
