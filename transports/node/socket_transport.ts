import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Address, Transport } from "../../src/transport.ts";
import { closedFailure, lineFailure, peerClosed } from "../shared/failure.ts";
import { Inbox } from "../shared/inbox.ts";
import { type Lease, READ_SIZE } from "../shared/lease.ts";
import { Outbox } from "../shared/outbox.ts";

/** A `net.Socket` (or `tls.TLSSocket`) that was made with `onread`, as a transport. */
export class SocketTransport implements Transport {
  readonly inbox: Inbox;
  readonly #socket: Socket;
  readonly #address: Address;
  readonly #lease: Lease;
  readonly #outbox: Outbox = new Outbox();
  #failure: unknown;
  #closing: Promise<void> | undefined;

  constructor(socket: Socket, address: Address, lease: Lease) {
    this.#socket = socket;
    this.#address = address;
    this.#lease = lease;
    const secure = socket instanceof TLSSocket;
    this.inbox = new Inbox({
      // Node reads TLS in pieces of at most 16 KiB, which say nothing about what arrived.
      enough: secure ? 8_192 : 131_072,
      full: secure ? 0 : READ_SIZE,
      resume: () => socket.resume(),
      close: () => this.close(),
    });
    socket.on("error", (cause) => this.#broke(lineFailure(address, cause)));
    socket.on("end", () => this.inbox.end());
    socket.on("close", () => this.#broke(peerClosed(address)));
  }

  get chunks(): AsyncIterable<Uint8Array> {
    return this.inbox.chunks;
  }

  get drained(): boolean {
    return this.inbox.drained;
  }

  release(chunk: Uint8Array): void {
    this.#lease.give(chunk);
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(closedFailure(this.#address));
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (bytes.length === 0) return Promise.resolve();
    this.inbox.wrote();
    return this.#outbox.add((accepted, refused) => {
      this.#socket.write(bytes, (cause) => {
        if (cause === undefined || cause === null) accepted();
        else refused(lineFailure(this.#address, cause));
      });
    });
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.inbox.close();
      this.#outbox.refuse(closedFailure(this.#address));
      if (this.#socket.closed) resolve();
      else this.#socket.once("close", () => resolve());
      this.#socket.destroy();
    });
    return this.#closing;
  }

  #broke(failure: unknown): void {
    this.#failure ??= failure;
    this.inbox.fail(failure);
    this.#outbox.refuse(failure);
  }
}
