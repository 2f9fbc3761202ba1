/** Seeded numbers and text: the same for the same seed, on every runtime. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** An integer below `bound`, which is at most 2^31. */
  below(bound: number): number {
    // The low bits of such a generator repeat soon: the upper ones are used.
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0;
    return Math.floor(((this.#state >>> 0) / 0x1_0000_0000) * bound);
  }

  /** Lower-case letters and digits. */
  text(length: number): string {
    let text = "";
    while (text.length < length) text += this.below(0x7fff_ffff).toString(36).padStart(6, "0").slice(0, 6);
    return text.slice(0, length);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
}
