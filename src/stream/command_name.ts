import { latin1 } from "../bytes/text.ts";
import { NameSlots } from "./name_slots.ts";

/** The same few names are one string each instead of one per command. */
const names: NameSlots<string> = new NameSlots();

/** The name of a command in upper case (ASCII letters only); one string for all commands with the same spelling. */
export function commandName(bytes: Uint8Array, start: number, end: number): string {
  return names.find(bytes, start, end) ?? names.put(bytes, start, end, upperCase(bytes, start, end));
}

/** Names are bytes; one character a byte keeps names apart that differ in bytes. */
function upperCase(bytes: Uint8Array, start: number, end: number): string {
  return latin1(bytes, start, end).replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
