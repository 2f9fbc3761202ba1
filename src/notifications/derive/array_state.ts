/** The indexes in use of an array (Redis ≥ 8.8), and where ARINSERT and ARRING go on. */
export class ArrayState {
  counted = 0;
  readonly indexes: Set<string>;
  cursor: bigint;

  constructor(indexes: Iterable<string> = [], cursor = 0n) {
    this.indexes = new Set(indexes);
    this.cursor = cursor;
  }

  get size(): number {
    return this.indexes.size;
  }

  get bytes(): number {
    return 200 + this.indexes.size * 56;
  }

  copy(): ArrayState {
    return new ArrayState(this.indexes, this.cursor);
  }

  save(): unknown {
    return { a: [...this.indexes], u: String(this.cursor) };
  }
}
