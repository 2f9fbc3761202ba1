/** Orders stream ids `ms-seq` by their two 64-bit numbers, without making numbers of them. */
export function compareIds(left: string, right: string): number {
  const leftDash = left.indexOf("-");
  const rightDash = right.indexOf("-");
  return (
    compareDecimals(left.slice(0, leftDash), right.slice(0, rightDash)) ||
    compareDecimals(left.slice(leftDash + 1), right.slice(rightDash + 1))
  );
}

/** Whole numbers as text without leading zeros. */
function compareDecimals(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Ascending ids in 16 bytes each. */
export class IdLog {
  readonly #limit: number;
  #words: BigUint64Array = new BigUint64Array(128);
  #length = 0;

  /** Keeps up to `limit` ids. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether more ids came than are kept: what `has` says of them is not known then. */
  get overflowed(): boolean {
    return this.#length > this.#limit;
  }

  /** Adds an id above all before. */
  push(id: string): void {
    if (this.#length >= this.#limit) {
      this.#length = this.#limit + 1;
      return;
    }
    const at = this.#length * 2;
    if (at === this.#words.length) {
      const grown = new BigUint64Array(at * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    const dash = id.indexOf("-");
    this.#words[at] = BigInt(id.slice(0, dash));
    this.#words[at + 1] = BigInt(id.slice(dash + 1));
    this.#length++;
  }

  has(id: string): boolean {
    const dash = id.indexOf("-");
    const ms = BigInt(id.slice(0, dash));
    const seq = BigInt(id.slice(dash + 1));
    let low = 0;
    let high = Math.min(this.#length, this.#limit) - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const atMs = this.#words[middle * 2]!;
      const atSeq = this.#words[middle * 2 + 1]!;
      if (atMs === ms && atSeq === seq) return true;
      if (atMs < ms || (atMs === ms && atSeq < seq)) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }
}
