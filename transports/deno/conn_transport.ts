import type { Address, Transport } from "../../src/transport.ts";
import { closedFailure, lineFailure } from "../shared/failure.ts";
import { Lease, READ_SIZE } from "../shared/lease.ts";
import { Outbox } from "../shared/outbox.ts";
import { Pace } from "../shared/pace.ts";
import type { DenoConn } from "./runtime.ts";

const DONE: IteratorResult<Uint8Array> = { done: true, value: undefined };

/** A `Deno.Conn` as a transport: its reads are pulled already, so there is nothing to pause. */
export class ConnTransport implements Transport {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly #conn: DenoConn;
  readonly #address: Address;
  readonly #lease: Lease = new Lease();
  readonly #pace: Pace;
  readonly #secure: boolean;
  readonly #outbox: Outbox = new Outbox();
  /** The last read or write begun: one follows the other. */
  #reading: Promise<unknown> = Promise.resolve();
  #writing: Promise<unknown> = Promise.resolve();
  #stopWaiting: (() => void) | undefined;
  #drained = false;
  #ended = false;
  #closed = false;
  #failure: unknown;

  constructor(conn: DenoConn, address: Address, { secure }: { readonly secure: boolean }) {
    this.#conn = conn;
    this.#address = address;
    this.#secure = secure;
    // One read of TLS gives one record, 16 KiB at most.
    this.#pace = new Pace(secure ? 8_192 : 131_072);
    const iterator: AsyncIterator<Uint8Array> = {
      next: () => {
        const read = this.#reading.then(() => this.#read());
        this.#reading = read.catch(() => {});
        return read;
      },
      return: async () => {
        await this.close();
        return DONE;
      },
    };
    this.chunks = { [Symbol.asyncIterator]: () => iterator };
  }

  get drained(): boolean {
    return this.#drained;
  }

  release(chunk: Uint8Array): void {
    this.#lease.give(chunk);
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(closedFailure(this.#address));
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (bytes.length === 0) return Promise.resolve();
    this.#pace.wrote();
    this.#stopWaiting?.();
    return this.#outbox.add((accepted, refused) => {
      this.#writing = this.#writing.then(() => this.#send(bytes)).then(accepted, refused);
    });
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#stopWaiting?.();
      this.#outbox.refuse(closedFailure(this.#address));
      closeQuietly(this.#conn);
    }
    return Promise.resolve();
  }

  async #read(): Promise<IteratorResult<Uint8Array>> {
    if (this.#ended || this.#closed) return DONE;
    const delay = this.#pace.delay;
    if (delay > 0) await this.#wait(delay);
    this.#pace.asked();
    try {
      const length = await this.#conn.read(this.#lease.buffer);
      if (length !== null && !this.#closed) {
        this.#pace.arrived(length);
        this.#drained = !this.#secure && length < READ_SIZE;
        return { done: false, value: this.#lease.take(length) };
      }
    } catch (cause) {
      if (!this.#closed) throw this.#broke(cause);
    }
    this.#ended = true;
    return DONE;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#closed) throw closedFailure(this.#address);
      if (this.#failure !== undefined) throw this.#failure;
      try {
        rest = rest.subarray(await this.#conn.write(rest));
      } catch (cause) {
        throw this.#closed ? closedFailure(this.#address) : this.#broke(cause);
      }
    }
  }

  #broke(cause: unknown): unknown {
    this.#ended = true;
    this.#failure ??= lineFailure(this.#address, cause);
    return this.#failure;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Closing a connection that broke, or that was taken over by TLS, throws `BadResource`. */
export function closeQuietly(conn: DenoConn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}
