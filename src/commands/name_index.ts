const LOWER_A = 0x61;
const LOWER_Z = 0x7a;

interface Slot<T> {
  readonly name: Uint8Array;
  readonly value: T;
  readonly next: Slot<T> | undefined;
}

/**
 * Values by ASCII name, looked up straight from the bytes on the wire in any letter case and without making a string:
 * this runs once for each command of a stream.
 */
export class NameIndex<T> {
  readonly #slots: (Slot<T> | undefined)[];
  readonly #mask: number;
  /** Longer names are unknown without being read: the first argument of a command may be of any size. */
  readonly #longest: number;

  constructor(entries: ReadonlyMap<string, T>) {
    let size = 8;
    while (size < entries.size * 4) size *= 2;
    this.#slots = new Array<Slot<T> | undefined>(size).fill(undefined);
    this.#mask = size - 1;
    let longest = 0;
    for (const [name, value] of entries) {
      const bytes = new Uint8Array(name.length);
      for (let i = 0; i < name.length; i++) bytes[i] = upper(name.charCodeAt(i));
      if (name.length > longest) longest = name.length;
      const at = hash(bytes, 0, bytes.length) & this.#mask;
      this.#slots[at] = { name: bytes, value, next: this.#slots[at] };
    }
    this.#longest = longest;
  }

  /** The value for the name at `start … end` of `bytes`. */
  get(bytes: Uint8Array, start: number, end: number): T | undefined {
    if (end - start > this.#longest) return undefined;
    let slot = this.#slots[hash(bytes, start, end) & this.#mask];
    while (slot !== undefined) {
      if (sameName(slot.name, bytes, start, end)) return slot.value;
      slot = slot.next;
    }
    return undefined;
  }
}

function upper(byte: number): number {
  return byte >= LOWER_A && byte <= LOWER_Z ? byte - 32 : byte;
}

/** FNV-1a; clearing bit 5 makes letters equal in both cases, and what else it mixes up is told apart afterwards. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ (bytes[i]! & 0xdf), 0x01000193);
  return h ^ (h >>> 15);
}

function sameName(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    if (name[i] !== upper(bytes[start + i]!)) return false;
  }
  return true;
}
