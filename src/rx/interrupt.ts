/**
 * How a generator is stopped that waits for input: `return()` would queue behind its pending `next()` until something comes,
 * and a source that nobody wants any more may never bring anything.
 */
export class Interrupt {
  #requested = false;
  #end: (() => void) | undefined = undefined;

  /** Whether nothing more is wanted. */
  get requested(): boolean {
    return this.#requested;
  }

  /** Says how to end what is waited for from now on; ends it at once when nothing more is wanted. */
  arm(end: () => void): void {
    this.#end = end;
    if (this.#requested) end();
  }

  request(): void {
    if (this.#requested) return;
    this.#requested = true;
    this.#end?.();
  }
}

/** A generator whose `return()` ends at once what it waits for. */
export function interruptible<T>(
  generate: (interrupt: Interrupt) => AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  const interrupt = new Interrupt();
  const generator = generate(interrupt);
  const leave = generator.return.bind(generator);
  generator.return = (value) => {
    interrupt.request();
    return leave(value);
  };
  return generator;
}
