/** Taking replies apart, alike in RESP2 and RESP3. */
import { ReplicaError } from "../errors.ts";
import { type RespValue, respText } from "../resp/value.ts";

/** The values of a list; throws `PROTOCOL` for anything else. `what` names the reply in the message. */
export function listOf(value: RespValue | undefined, what: string): readonly RespValue[] {
  if (value?.type === "array" || value?.type === "set" || value?.type === "push") return value.items;
  throw unexpected(value, what);
}

/** Text of a string, number or status; throws `PROTOCOL` for anything else. */
export function textOf(value: RespValue | undefined, what: string): string {
  const text = value === undefined || value.type === "error" ? undefined : respText(value);
  if (text === undefined) throw unexpected(value, what);
  return text;
}

/** A whole number, also one that stands as text; throws `PROTOCOL` for anything else. */
export function numberOf(value: RespValue | undefined, what: string): number {
  const number = Number(textOf(value, what));
  if (!Number.isSafeInteger(number)) throw unexpected(value, what);
  return number;
}

/** A map by its keys' text: RESP3's own, or the flat list that stands for it in RESP2. Throws `PROTOCOL`. */
export function fieldsOf(value: RespValue | undefined, what: string): Map<string, RespValue> {
  const fields = new Map<string, RespValue>();
  if (value?.type === "map") {
    for (const [name, field] of value.entries) fields.set(textOf(name, what), field);
    return fields;
  }
  const items = listOf(value, what);
  if (items.length % 2 !== 0) throw unexpected(value, what);
  for (let i = 0; i < items.length; i += 2) fields.set(textOf(items[i], what), items[i + 1]!);
  return fields;
}

/** The error for a reply of another shape than the command has. */
export function unexpected(value: RespValue | undefined, what: string): ReplicaError {
  return new ReplicaError("PROTOCOL", `Cannot read ${what}: unexpected ${value?.type ?? "end"}`);
}
