import { Pace } from "./pace.ts";

interface Waiting {
  readonly resolve: (result: IteratorResult<Uint8Array>) => void;
  readonly reject: (reason: unknown) => void;
}

/** What an inbox knows of its socket. */
export interface InboxSocket {
  /** Bytes that make one read worth its cost, well below what one read can give. */
  readonly enough: number;
  /** A chunk shorter than this was all that had arrived; 0 where a chunk's length does not tell. */
  readonly full: number;
  /** Lets the socket deliver its next bytes. */
  resume(): void;
  /** The reader stops for good. */
  close(): Promise<void>;
}

const DONE: IteratorResult<Uint8Array> = { done: true, value: undefined };

/**
 * Turns a socket that pushes into chunks that are pulled. The socket must be paused after every push, so nothing is
 * queued here but what a runtime still delivers after it was paused (the rest of one decrypted TLS buffer).
 */
export class Inbox {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly #socket: InboxSocket;
  readonly #pace: Pace;
  #rest: Uint8Array[] = [];
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;
  #failure: unknown;
  #drained = false;

  constructor(socket: InboxSocket) {
    this.#socket = socket;
    this.#pace = new Pace(socket.enough);
    const iterator: AsyncIterator<Uint8Array> = {
      next: () => this.#next(),
      return: async () => {
        await socket.close();
        return DONE;
      },
    };
    this.chunks = { [Symbol.asyncIterator]: () => iterator };
  }

  /** Whether the chunk handed out last was all that had arrived when it was read. */
  get drained(): boolean {
    return this.#drained;
  }

  /** Hands out a chunk that is this inbox's own from now on. The caller pauses the socket first. */
  push(chunk: Uint8Array): void {
    if (this.#ended) return;
    this.#pace.arrived(chunk.length);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#rest.push(chunk);
      return;
    }
    this.#drained = chunk.length < this.#socket.full;
    waiting.resolve({ done: false, value: chunk });
    if (this.#waiting.length > 0) this.#ask();
    else if (this.#timer !== undefined && this.#pace.delay === 0) this.#resume();
  }

  /** The peer ended: what came before can still be read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#release();
  }

  /** The line broke: what came before can still be read, then the failure is thrown once. */
  fail(failure: unknown): void {
    if (this.#ended) return;
    this.#failure = failure;
    this.end();
  }

  /** This side closed: nothing more is handed out. */
  close(): void {
    this.#rest = [];
    this.#failure = undefined;
    this.#ended = true;
    this.#release();
  }

  /** An answer is awaited: the next read must not be put off. */
  wrote(): void {
    this.#pace.wrote();
    if (this.#timer !== undefined) this.#resume();
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#rest.shift();
    if (chunk !== undefined) {
      this.#drained = false;
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) this.#ask();
    });
  }

  #ask(): void {
    const delay = this.#pace.delay;
    if (delay === 0) this.#resume();
    else this.#timer ??= setTimeout(() => this.#resume(), delay);
  }

  #resume(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pace.asked();
    this.#socket.resume();
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve, reject } of waiting) {
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure === undefined) resolve(DONE);
      else reject(failure);
    }
  }
}
