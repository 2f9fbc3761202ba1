/** Writes that the runtime has not accepted yet, so that all of them can be refused at once. */
export class Outbox {
  readonly #pending: Set<(reason: unknown) => void> = new Set();

  /** Runs one write; `start` gets the two ways it can end. */
  add(start: (accepted: () => void, refused: (reason: unknown) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = (reason: unknown): void => {
        this.#pending.delete(refuse);
        reject(reason);
      };
      this.#pending.add(refuse);
      start(() => {
        this.#pending.delete(refuse);
        resolve();
      }, refuse);
    });
  }

  /** Refuses every write that still waits. */
  refuse(reason: unknown): void {
    for (const refuse of [...this.#pending]) refuse(reason);
  }
}
