/** Longer names are rare and not worth remembering. */
const LONGEST = 32;
/** A power of two, several times the number of write commands. */
const SLOTS = 1024;

interface Known<T> {
  readonly spelling: Uint8Array;
  readonly value: T;
}

/**
 * What is known of the names met so far, each spelling in the one slot that its hash names; a newcomer takes the slot over.
 * So input cannot make this grow, and the few names of a stream are found without making strings of them.
 */
export class NameSlots<T> {
  readonly #slots: (Known<T> | undefined)[] = new Array<Known<T> | undefined>(SLOTS).fill(undefined);

  /** What was put for the name at `start … end`, spelt exactly so. */
  find(bytes: Uint8Array, start: number, end: number): T | undefined {
    const known = this.#slots[slotOf(bytes, start, end)];
    return known !== undefined && isSpelled(known.spelling, bytes, start, end) ? known.value : undefined;
  }

  /** Remembers `value` for the name at `start … end`, unless that is too long for a name. Returns it. */
  put(bytes: Uint8Array, start: number, end: number, value: T): T {
    if (end - start <= LONGEST) {
      const spelling = new Uint8Array(bytes.subarray(start, end));
      this.#slots[slotOf(bytes, start, end)] = { spelling, value };
    }
    return value;
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return 0;
  return (
    (length * 0x2f + bytes[start]! * 0x1f + bytes[start + (length >> 1)]! * 0x83 + bytes[end - 1]! * 0x11) &
    (SLOTS - 1)
  );
}

function isSpelled(spelling: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (spelling.length !== end - start) return false;
  for (let i = start, j = 0; i < end; i++, j++) if (bytes[i] !== spelling[j]) return false;
  return true;
}
