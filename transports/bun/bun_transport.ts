import type { Address, Transport } from "../../src/transport.ts";
import { closedFailure, lineFailure, peerClosed } from "../shared/failure.ts";
import { Inbox } from "../shared/inbox.ts";
import { Outbox } from "../shared/outbox.ts";
import type { BunSocket } from "./runtime.ts";

interface Unsent {
  rest: Uint8Array;
  readonly accepted: () => void;
  readonly refused: (reason: unknown) => void;
}

/** A Bun socket as a transport: paused after each piece it delivers, resumed when the next is asked for. */
export class BunTransport implements Transport {
  readonly #socket: BunSocket;
  readonly #address: Address;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox = new Outbox();
  #unsent: Unsent[] = [];
  #failure: unknown;
  #closed = false;

  constructor(socket: BunSocket, address: Address, { secure }: { readonly secure: boolean }) {
    this.#socket = socket;
    this.#address = address;
    this.#inbox = new Inbox({
      enough: 131_072,
      // Bun reads up to 512 KiB at once; what TLS hands out says nothing about what arrived.
      full: secure ? 0 : 262_144,
      resume: () => socket.resume(),
      close: () => this.close(),
    });
  }

  get chunks(): AsyncIterable<Uint8Array> {
    return this.#inbox.chunks;
  }

  get drained(): boolean {
    return this.#inbox.drained;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(closedFailure(this.#address));
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (bytes.length === 0) return Promise.resolve();
    this.#inbox.wrote();
    return this.#outbox.add((accepted, refused) => {
      this.#unsent.push({ rest: bytes, accepted, refused });
      if (this.#unsent.length === 1) this.flush();
    });
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#inbox.close();
      this.#unsent = [];
      this.#outbox.refuse(closedFailure(this.#address));
      this.#socket.close();
    }
    return Promise.resolve();
  }

  /** The socket delivered bytes, which Bun copied out for us. */
  arrived(bytes: Uint8Array): void {
    this.#socket.pause();
    this.#inbox.push(bytes);
  }

  /** The socket has room: the bytes that waited go first. */
  flush(): void {
    for (let next = this.#unsent[0]; next !== undefined; next = this.#unsent[0]) {
      const taken = this.#socket.write(next.rest);
      if (taken < 0) {
        this.broke(peerClosed(this.#address));
        return;
      }
      next.rest = next.rest.subarray(taken);
      if (next.rest.length > 0) return;
      this.#unsent.shift();
      next.accepted();
    }
  }

  peerEnded(): void {
    this.#inbox.end();
  }

  /** The connection is gone; `cause` says why where Bun knows it. */
  gone(cause: unknown): void {
    this.broke(
      cause === undefined || cause === null ? peerClosed(this.#address) : lineFailure(this.#address, cause),
    );
  }

  broke(failure: unknown): void {
    this.#failure ??= failure;
    this.#unsent = [];
    this.#inbox.fail(failure);
    this.#outbox.refuse(failure);
  }
}
