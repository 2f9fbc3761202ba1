import { Observable, Subscriber } from "rxjs";

/** What an operator does with its source. What is left out goes on to the destination as it is. */
export interface OperatorHandlers<T> {
  /** An exception in it ends the destination with that error. */
  next(value: T): void;
  error?(error: unknown): void;
  complete?(): void;
}

/**
 * The frame of every operator with state: `connect` runs once for each subscription and returns its handlers.
 *
 * The subscription to the source is chained to the destination before the source starts. A consumer that unsubscribes inside
 * `next` thereby stops even a source that emits everything synchronously.
 */
export function operate<T, R>(
  source: Observable<T>,
  connect: (destination: Subscriber<R>) => OperatorHandlers<T>,
): Observable<R> {
  return new Observable<R>((destination) => {
    source.subscribe(new HandlerSubscriber(destination, connect(destination)));
  });
}

class HandlerSubscriber<T, R> extends Subscriber<T> {
  readonly #target: Subscriber<R>;
  readonly #handlers: OperatorHandlers<T>;

  constructor(target: Subscriber<R>, handlers: OperatorHandlers<T>) {
    super(target);
    this.#target = target;
    this.#handlers = handlers;
  }

  protected override _next(value: T): void {
    try {
      this.#handlers.next(value);
    } catch (error) {
      this.#target.error(error);
    }
  }

  protected override _error(error: unknown): void {
    try {
      if (this.#handlers.error === undefined) this.#target.error(error);
      else this.#handlers.error(error);
    } catch (failure) {
      this.#target.error(failure);
    } finally {
      this.unsubscribe();
    }
  }

  protected override _complete(): void {
    try {
      if (this.#handlers.complete === undefined) this.#target.complete();
      else this.#handlers.complete();
    } catch (failure) {
      this.#target.error(failure);
    } finally {
      this.unsubscribe();
    }
  }
}
