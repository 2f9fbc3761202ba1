import { ReplicaError } from "../../src/errors.ts";

interface Waiting {
  readonly bytes: Uint8Array;
  readonly accept: () => void;
  readonly refuse: (reason: unknown) => void;
}

interface Reader {
  readonly resolve: (result: IteratorResult<Uint8Array>) => void;
  readonly reject: (reason: unknown) => void;
}

const DONE: IteratorResult<Uint8Array> = { done: true, value: undefined };

/** One direction of an in-process connection: chunks in order, at most `capacity` bytes of them unread. */
export class Pipe {
  readonly #capacity: number;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #waiting: Waiting[] = [];
  #readers: Reader[] = [];
  #ended = false;
  #failure: unknown;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Bytes accepted and not read yet. */
  get queued(): number {
    return this.#queued;
  }

  /** Resolves when the pipe has taken the bytes: at once while it has room, else when the reader has made some. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#ended) {
      return Promise.reject(new ReplicaError("DISCONNECTED", "Cannot write: the peer closed the connection"));
    }
    if (bytes.length === 0) return Promise.resolve();
    // The writer may use its buffer again, the reader may keep the chunk: one of them needs a copy.
    const chunk = bytes.slice();
    if (this.#waiting.length === 0 && this.#fits(chunk)) {
      this.#take(chunk);
      return Promise.resolve();
    }
    return new Promise((accept, refuse) => this.#waiting.push({ bytes: chunk, accept, refuse }));
  }

  read(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#queue.shift();
    if (chunk !== undefined) {
      this.#queued -= chunk.length;
      this.#admit();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#admit();
    });
  }

  /** The writer's side is over: what was accepted can still be read. Writes that wait are refused with `reason`. */
  end(reason: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#refuse(reason);
    this.#release();
  }

  /** The reader is gone or the line broke: unread chunks are dropped, reads fail with `failure` (or end without one). */
  cut(reason: unknown, failure?: unknown): void {
    this.#ended = true;
    this.#failure ??= failure;
    this.#queue = [];
    this.#queued = 0;
    this.#refuse(reason);
    this.#release();
  }

  #fits(chunk: Uint8Array): boolean {
    return this.#readers.length > 0 || this.#queued === 0 || this.#queued + chunk.length <= this.#capacity;
  }

  #take(chunk: Uint8Array): void {
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: chunk });
      return;
    }
    this.#queue.push(chunk);
    this.#queued += chunk.length;
  }

  #admit(): void {
    let next = this.#waiting[0];
    while (next !== undefined && this.#fits(next.bytes)) {
      this.#waiting.shift();
      this.#take(next.bytes);
      next.accept();
      next = this.#waiting[0];
    }
  }

  #refuse(reason: unknown): void {
    const refused = this.#waiting;
    this.#waiting = [];
    for (const { refuse } of refused) refuse(reason);
  }

  #release(): void {
    const readers = this.#readers;
    this.#readers = [];
    for (const { resolve, reject } of readers) {
      if (this.#failure === undefined) resolve(DONE);
      else reject(this.#failure);
    }
  }
}
