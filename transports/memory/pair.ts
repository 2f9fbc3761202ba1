import { ReplicaError } from "../../src/errors.ts";
import type { Address, Connect, Transport } from "../../src/transport.ts";
import { Pipe } from "./pipe.ts";

/** One end of an in-process connection. Beside the transport contract it can fail on purpose, as real peers do. */
export interface MemoryTransport extends Transport {
  /** Bytes written here that the other end has not read yet. */
  readonly unread: number;
  /** Half-closes: the other end's `chunks` end after what was written, and this end can still read. */
  end(): void;
  /** Breaks the line: the other end's `chunks` throw `DISCONNECTED` at once and unread bytes are lost. */
  reset(): void;
}

/** How an in-process connection behaves. */
export interface MemoryPairOptions {
  /** Bytes that may lie unread in one direction before writes wait. One chunk is always let in. Default 65,536. */
  readonly capacity?: number | undefined;
}

/**
 * Makes two transports joined in memory: what one writes, the other reads, one chunk a write. Both directions are bounded
 * and pulled: a write beyond `capacity` unread bytes waits until the other end reads, as a full socket would.
 *
 * @throws RangeError when `capacity` is not a number of bytes.
 * @example
 * ```ts
 * import { memoryPair } from "rxreplica/memory";
 *
 * const [client, server] = memoryPair();
 * await client.write(new TextEncoder().encode("PING\r\n"));
 * await client.close();
 * let text = "";
 * for await (const chunk of server.chunks) text += new TextDecoder().decode(chunk);
 * if (text !== "PING\r\n") throw new Error("unexpected");
 * ```
 */
export function memoryPair(options: MemoryPairOptions = {}): readonly [MemoryTransport, MemoryTransport] {
  const capacity = options.capacity ?? 65_536;
  if (!(capacity >= 0))
    throw new RangeError(`Cannot make a pair: capacity ${capacity} is not a number of bytes`);
  const there = new Pipe(capacity);
  const back = new Pipe(capacity);
  return [new MemoryEnd(there, back), new MemoryEnd(back, there)];
}

/**
 * Makes a `Connect` whose every connection is a memory pair: the caller gets one end, `accept` gets the other. What a
 * server would do goes into `accept`; throwing there refuses the connection with `CONNECT`, rejecting later resets it.
 *
 * @example
 * ```ts
 * import { memoryConnect } from "rxreplica/memory";
 *
 * const connect = memoryConnect(async (server) => {
 *   for await (const chunk of server.chunks) await server.write(chunk);
 * });
 * const client = await connect({ host: "anywhere", port: 6379 }, {});
 * await client.write(Uint8Array.of(1, 2, 3));
 * const { value } = await client.chunks[Symbol.asyncIterator]().next();
 * if (value?.join() !== "1,2,3") throw new Error("unexpected");
 * await client.close();
 * ```
 */
export function memoryConnect(
  accept: (server: MemoryTransport, address: Address) => unknown,
  options: MemoryPairOptions = {},
): Connect {
  return async (address, { signal }) => {
    if (signal?.aborted === true)
      throw new ReplicaError("CONNECT", "Cannot connect: the attempt was aborted");
    const [client, server] = memoryPair(options);
    let served: unknown;
    try {
      served = accept(server, address);
    } catch (cause) {
      throw new ReplicaError("CONNECT", "Cannot connect: the peer refused", { cause });
    }
    // A server that fails later looks like one that died.
    Promise.resolve(served).catch(() => server.reset());
    return client;
  };
}

class MemoryEnd implements MemoryTransport {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly #outgoing: Pipe;
  readonly #incoming: Pipe;
  #closed = false;

  constructor(outgoing: Pipe, incoming: Pipe) {
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    const iterator: AsyncIterator<Uint8Array> = {
      next: () => incoming.read(),
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
    this.chunks = { [Symbol.asyncIterator]: () => iterator };
  }

  get unread(): number {
    return this.#outgoing.queued;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#closed ? Promise.reject(closed()) : this.#outgoing.write(bytes);
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#outgoing.end(closed());
      this.#incoming.cut(new ReplicaError("DISCONNECTED", "Cannot write: the peer closed the connection"));
    }
    return Promise.resolve();
  }

  end(): void {
    this.#outgoing.end(closed());
  }

  reset(): void {
    this.#closed = true;
    const broken = new ReplicaError("DISCONNECTED", "Cannot read: the peer reset the connection");
    this.#outgoing.cut(closed(), broken);
    this.#incoming.cut(new ReplicaError("DISCONNECTED", "Cannot write: the peer reset the connection"));
  }
}

function closed(): ReplicaError {
  return new ReplicaError("closed", "Cannot write: the transport was closed");
}
