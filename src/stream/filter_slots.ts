import { keySlot } from "../bytes/crc16.ts";
import type { SlotRange } from "../commands/types.ts";
import type { AofCommand } from "../events.ts";
import { type FilterTable, judgeByPlace } from "./filter_commands.ts";

/** Which cluster slots are wanted: one, an inclusive range, or a list of these; slots are 0 to 16383. */
export type SlotSelection = number | SlotRange | readonly (number | SlotRange)[];

/** Slots ready for use. */
export interface SlotTest {
  /** Whether the slot of a key is wanted. */
  passesKey(key: Uint8Array): boolean;
  /** Whether any key of the command has a wanted slot; what names no keys passes. */
  passesCommand(command: AofCommand): boolean;
}

/** Cluster slots there are. */
export const SLOT_COUNT = 16384;

/** Makes a selection of slots ready for use. Throws `RangeError` for slots that do not exist. */
export function compileSlots(selection: SlotSelection, passUnknown: boolean, table: FilterTable): SlotTest {
  const wanted = new Uint8Array(SLOT_COUNT);
  for (const entry of Array.isArray(selection) ? selection : [selection]) {
    const { start, end } = typeof entry === "object" && entry !== null ? entry : { start: entry, end: entry };
    if (!isSlot(start) || !isSlot(end) || start > end) {
      throw new RangeError(
        `Cannot compile filter: slots are integers from 0 to ${SLOT_COUNT - 1}, got ${String(start)} to ${String(end)}`,
      );
    }
    wanted.fill(1, start, end + 1);
  }
  const passesKey = (key: Uint8Array): boolean => wanted[keySlot(key)] === 1;
  const passesByKeys = judgeByPlace({
    keys: { byRange: undefined, byKey: passesKey },
    dbs: undefined,
    passUnknown,
    table,
  });
  return {
    passesKey,
    passesCommand(command) {
      // What empties slots names no keys.
      const emptied = table.wholeSlots(command);
      if (emptied === undefined) return passesByKeys(command);
      return emptied.some(({ start, end }) => wanted.subarray(start, end + 1).includes(1));
    },
  };
}

function isSlot(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < SLOT_COUNT;
}
