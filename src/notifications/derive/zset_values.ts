const MEMBER_BYTES = 90;

/** A member of a sorted set with its score. */
export type Scored = readonly [member: string, score: number];

/** Order of a sorted set: by score, then by the bytes of the member (one character a byte). */
function compare(a: Scored, b: Scored): number {
  if (a[1] !== b[1]) return a[1] < b[1] ? -1 : 1;
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

/** The members and scores of a sorted set; the order is made when it is first asked for, and kept from then on. */
export class ZsetValues {
  counted = 0;
  readonly scores: Map<string, number>;
  #order: Scored[] | undefined = undefined;
  #characters = 0;

  constructor(members: Iterable<Scored> = []) {
    this.scores = new Map();
    for (const [member, score] of members) this.set(member, score);
  }

  get size(): number {
    return this.scores.size;
  }

  get bytes(): number {
    return 250 + this.scores.size * MEMBER_BYTES + this.#characters;
  }

  set(member: string, score: number): void {
    const before = this.scores.get(member);
    if (before === score) return;
    if (before === undefined) this.#characters += member.length;
    else this.#dropOrder(member, before);
    this.scores.set(member, score);
    if (this.#order !== undefined) this.#order.splice(this.#place([member, score]), 0, [member, score]);
  }

  delete(member: string): boolean {
    const score = this.scores.get(member);
    if (score === undefined) return false;
    this.#dropOrder(member, score);
    this.scores.delete(member);
    this.#characters -= member.length;
    return true;
  }

  /** All members in order. Not to be changed. */
  ordered(): readonly Scored[] {
    this.#order ??= [...this.scores].sort(compare);
    return this.#order;
  }

  deleteAll(members: readonly Scored[]): void {
    // Many at once: a new order is cheaper than as many holes.
    if (members.length > 64) this.#order = undefined;
    for (const [member] of members) this.delete(member);
  }

  copy(): ZsetValues {
    return new ZsetValues(this.scores);
  }

  save(): unknown {
    return { z: [...this.scores].map(([member, score]) => [member, String(score)]) };
  }

  #dropOrder(member: string, score: number): void {
    if (this.#order === undefined) return;
    const at = this.#place([member, score]);
    if (this.#order[at]?.[0] === member) this.#order.splice(at, 1);
    else this.#order = undefined;
  }

  #place(item: Scored): number {
    const order = this.#order!;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(order[middle]!, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
