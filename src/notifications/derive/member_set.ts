import { hash, hash64 } from "./hash64.ts";

/** Up to so many members stand without order and are looked through one by one; a table would waste more than it saves. */
const SMALL = 16;
const FULLEST = 0.85;
const GROWTH = 1.3;
/** What the objects around the table take, bytes, about. */
const OVERHEAD = 180;

/**
 * A set of 64-bit hashes of members, of sets, hashes and sorted sets. Takes 9.4 to 12.2 bytes a member once it is large: a table
 * of two words a slot that is 65 to 85 % full.
 */
export class MemberSet {
  size = 0;
  counted = 0;
  #words: Uint32Array = new Uint32Array(8);
  /** Fields with an expiry time, Unix ms, by hash. Made when there is the first. */
  #ttls: Map<number, number> | undefined = undefined;

  get bytes(): number {
    return OVERHEAD + this.#words.byteLength + (this.#ttls === undefined ? 0 : this.#ttls.size * 40);
  }

  get hasTtls(): boolean {
    return this.#ttls !== undefined && this.#ttls.size > 0;
  }

  has(member: Uint8Array): boolean {
    hash64(member);
    return this.#find(hash.lo, hash.hi) >= 0;
  }

  /** Whether it is new. Its expiry time, if any, stays. */
  add(member: Uint8Array): boolean {
    hash64(member);
    return this.#add(hash.lo, hash.hi);
  }

  delete(member: Uint8Array): boolean {
    hash64(member);
    const { lo, hi } = hash;
    const at = this.#find(lo, hi);
    if (at < 0) return false;
    this.#ttls?.delete(short(lo, hi));
    this.#removeAt(at);
    return true;
  }

  ttlOf(field: Uint8Array): number | undefined {
    if (this.#ttls === undefined) return undefined;
    hash64(field);
    return this.#ttls.get(short(hash.lo, hash.hi));
  }

  /** `undefined`: none. */
  setTtl(field: Uint8Array, at: number | undefined): void {
    hash64(field);
    const name = short(hash.lo, hash.hi);
    if (at === undefined) this.#ttls?.delete(name);
    else (this.#ttls ??= new Map()).set(name, at);
  }

  copy(): MemberSet {
    const other = new MemberSet();
    this.copyTo(other);
    return other;
  }

  /** Makes another set, an empty one, hold the same. */
  copyTo(other: MemberSet): void {
    other.size = this.size;
    other.#words = this.#words.slice();
    if (this.#ttls !== undefined) other.#ttls = new Map(this.#ttls);
  }

  addAll(other: MemberSet): void {
    other.#each((lo, hi) => this.#add(lo, hi));
  }

  /** Keeps the members that `other` has too (`keep`), or those that it has not. */
  retain(other: MemberSet | undefined, keep: boolean): MemberSet {
    const left = new MemberSet();
    this.#each((lo, hi) => {
      if ((other !== undefined && other.#find(lo, hi) >= 0) === keep) left.#add(lo, hi);
    });
    return left;
  }

  save(): unknown {
    const hashes = new Uint32Array(this.size * 2);
    let at = 0;
    this.#each((lo, hi) => {
      hashes[at++] = lo;
      hashes[at++] = hi;
    });
    return { h: new Uint8Array(hashes.buffer), t: this.#ttls === undefined ? undefined : [...this.#ttls] };
  }

  static load(data: unknown): MemberSet {
    const { h, t } = data as { h: Uint8Array; t?: [number, number][] };
    const set = new MemberSet();
    const words = new DataView(h.buffer, h.byteOffset, h.byteLength);
    for (let at = 0; at + 8 <= h.length; at += 8) {
      set.#add(words.getUint32(at, true), words.getUint32(at + 4, true));
    }
    if (t !== undefined) set.#ttls = new Map(t);
    return set;
  }

  #add(lo: number, hi: number): boolean {
    if (this.#find(lo, hi) >= 0) return false;
    const slots = this.#words.length / 2;
    if (this.size >= (slots <= SMALL ? slots : slots * FULLEST)) this.#grow(slots);
    this.#put(this.#words, lo, hi);
    this.size++;
    return true;
  }

  #grow(slots: number): void {
    const wanted = slots < SMALL ? Math.min(SMALL, slots * 2) : Math.ceil(slots * GROWTH) + 4;
    const words = new Uint32Array(wanted * 2);
    const size = this.size;
    if (wanted <= SMALL) words.set(this.#words);
    else this.#each((lo, hi) => this.#put(words, lo, hi));
    this.size = size;
    this.#words = words;
  }

  #put(words: Uint32Array, lo: number, hi: number): void {
    const slots = words.length / 2;
    let at = slots <= SMALL ? this.size : lo % slots;
    // A slot of two zeros is empty; the one hash in 2^64 that is zero is taken for another.
    while (slots > SMALL && (words[at * 2]! | words[at * 2 + 1]!) !== 0) at = at + 1 === slots ? 0 : at + 1;
    words[at * 2] = lo === 0 && hi === 0 ? 1 : lo;
    words[at * 2 + 1] = hi;
  }

  #find(lo: number, hi: number): number {
    const words = this.#words;
    const slots = words.length / 2;
    const wanted = lo === 0 && hi === 0 ? 1 : lo;
    if (slots <= SMALL) {
      for (let at = 0; at < this.size; at++) {
        if (words[at * 2] === wanted && words[at * 2 + 1] === hi) return at;
      }
      return -1;
    }
    let at = lo % slots;
    for (;;) {
      const low = words[at * 2]!;
      const high = words[at * 2 + 1]!;
      if (low === wanted && high === hi) return at;
      if ((low | high) === 0) return -1;
      at = at + 1 === slots ? 0 : at + 1;
    }
  }

  #removeAt(place: number): void {
    const words = this.#words;
    const slots = words.length / 2;
    this.size--;
    if (slots <= SMALL) {
      words[place * 2] = words[this.size * 2]!;
      words[place * 2 + 1] = words[this.size * 2 + 1]!;
      words[this.size * 2] = words[this.size * 2 + 1] = 0;
      return;
    }
    closeGap(slots, place, {
      home: (at) => ((words[at * 2]! | words[at * 2 + 1]!) === 0 ? -1 : words[at * 2]! % slots),
      move: (from, to) => {
        words[to * 2] = words[from * 2]!;
        words[to * 2 + 1] = words[from * 2 + 1]!;
      },
      clear: (at) => {
        words[at * 2] = words[at * 2 + 1] = 0;
      },
    });
  }

  #each(visit: (lo: number, hi: number) => void): void {
    const words = this.#words;
    for (let at = 0; at < words.length; at += 2) {
      if ((words[at]! | words[at + 1]!) !== 0) visit(words[at]!, words[at + 1]!);
    }
  }
}

/** 53 bits of a hash, as a number. */
function short(lo: number, hi: number): number {
  return (hi & 0x1f_ffff) * 0x1_0000_0000 + lo;
}

/** How a table with linear probing moves its slots. `home`: where the entry would like to be, −1 for none. */
export interface Slots {
  home(at: number): number;
  move(from: number, to: number): void;
  clear(at: number): void;
}

/** Takes an entry out of a table with linear probing, and moves those behind it up, so that no tombstones are needed. */
export function closeGap(slots: number, place: number, table: Slots): void {
  let gap = place;
  let at = place;
  for (;;) {
    at = at + 1 === slots ? 0 : at + 1;
    const home = table.home(at);
    if (home < 0) break;
    // An entry may not move before its home.
    const reach = (at - home + slots) % slots;
    if (reach < (at - gap + slots) % slots) continue;
    table.move(at, gap);
    gap = at;
  }
  table.clear(gap);
}
