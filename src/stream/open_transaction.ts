import type { Transaction } from "../events.ts";

/** One MULTI … EXEC, shared by its commands. */
export class OpenTransaction implements Transaction {
  readonly startOffset: number;
  readonly #startDb: number;
  readonly #multiOffset: number;
  #endOffset: number | undefined = undefined;

  constructor(multiOffset: number, startOffset: number, startDb: number) {
    this.startOffset = startOffset;
    this.#startDb = startDb;
    this.#multiOffset = multiOffset;
  }

  /** Database selected at `startOffset`. */
  get startDb(): number {
    return this.#startDb;
  }

  /** Offset before MULTI itself. */
  get multiOffset(): number {
    return this.#multiOffset;
  }

  /** Offset after EXEC; `undefined` until that has come. */
  get endOffset(): number | undefined {
    return this.#endOffset;
  }

  /** Tells that EXEC ended at `offset`. */
  close(offset: number): void {
    this.#endOffset = offset;
  }
}
