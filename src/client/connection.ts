import { utf8 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import { RespDecoder } from "../resp/decoder.ts";
import { type CommandArgument, encodeCommand } from "../resp/encoder.ts";
import type { RespLimits } from "../resp/limits.ts";
import { isValueType } from "../resp/scalars.ts";
import type { RespList, RespValue } from "../resp/value.ts";
import type { Transport } from "../transport.ts";
import { isPubSub, kindOf, type Pending } from "./pending.ts";
import { type ServerErrorOptions, serverError } from "./server_error.ts";
import { describeStranger } from "./stranger.ts";

export interface ConnectionOptions extends RespLimits {
  /**
   * Takes what comes without being asked for: pub/sub messages and confirmations, invalidations. While a promise that it
   * returns is pending nothing more is read, so that a slow consumer slows the sender.
   */
  readonly onPush?: ((push: RespList) => void | Promise<void>) | undefined;
}

/**
 * A conversation of requests and replies with a server over a transport; pushes go aside. Requests may be sent without
 * waiting for earlier ones, replies come in order. When the connection ends every request still open is rejected with the
 * reason, a `ReplicaError`, and so is every later one.
 *
 * Begins in RESP2; `hello` can switch to RESP3. Reading begins at once and stops while a push is being worked on.
 */
export class Connection {
  /** Resolves when the connection has ended: with the reason, or `undefined` after `close()`. Never rejects. */
  readonly ended: Promise<ReplicaError | undefined>;
  /** RESP version in use; `hello` sets it. Replies of both are understood at any time. */
  protocol: 2 | 3 = 2;

  readonly #transport: Transport;
  readonly #decoder: RespDecoder;
  readonly #onPush: ((push: RespList) => void | Promise<void>) | undefined;
  readonly #pending: Pending[] = [];
  /** Index of the oldest open request; the list is cut now and then, for `shift` would move every other one. */
  #oldest = 0;
  #subscribed = false;
  /** What pushes of the chunk at hand are waiting for. */
  #work: Promise<void>[] = [];
  #reason: ReplicaError | undefined;

  /** Takes the transport over: it is closed when the connection ends. */
  constructor(transport: Transport, options: ConnectionOptions = {}) {
    this.#transport = transport;
    this.#onPush = options.onPush;
    this.#decoder = new RespDecoder({ ...options, onValue: (value) => this.#take(value) });
    this.ended = this.#read();
  }

  /** Requests that have no reply yet. */
  get open(): number {
    return this.#pending.length - this.#oldest;
  }

  /**
   * Sends a command and gives its reply. Rejects with the coded error for an error reply (`serverError`), and with the
   * reason if the connection ends before.
   */
  async request(args: readonly CommandArgument[], options: ServerErrorOptions = {}): Promise<RespValue> {
    const reply = await this.exchange(args);
    if (reply.type === "error")
      throw serverError(utf8(reply.bytes), { doing: `run ${nameOf(args)}`, ...options });
    return reply;
  }

  /** Like `request`, but an error reply is a reply like any other. */
  exchange(args: readonly CommandArgument[]): Promise<RespValue> {
    return new Promise((resolve, reject) => this.#send(args, { resolve, reject }));
  }

  /**
   * Runs SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE or one of their opposites; resolves when the server has confirmed each channel.
   * Confirmations go to `onPush` too.
   */
  async subscribe(command: string, channels: readonly CommandArgument[]): Promise<void> {
    if (channels.length === 0) throw new RangeError(`Cannot run ${command} without a channel`);
    this.#subscribed = true;
    const kind = command.toLowerCase();
    const reply = await new Promise<RespValue>((resolve, reject) =>
      this.#send([command, ...channels], { resolve, reject, kind, left: channels.length }),
    );
    if (reply.type === "error") throw serverError(utf8(reply.bytes), { doing: `run ${command}` });
  }

  /** Ends the connection: open requests are rejected with code `closed`. Idempotent. */
  async close(): Promise<void> {
    this.#end(new ReplicaError("closed", "Cannot get a reply: the connection was closed"));
    await this.#transport.close();
  }

  #send(args: readonly CommandArgument[], pending: Pending): void {
    if (this.#reason !== undefined) {
      pending.reject(this.#reason);
      return;
    }
    const bytes = encodeCommand(args);
    this.#pending.push(pending);
    this.#transport.write(bytes).catch((cause: unknown) => {
      this.#end(asReplicaError(cause, "Cannot send a request"));
      this.#transport.close().catch(() => {});
    });
  }

  async #read(): Promise<ReplicaError | undefined> {
    try {
      let heard = false;
      for await (const chunk of this.#transport.chunks) {
        if (!heard) checkGreeting(chunk);
        heard = true;
        this.#decoder.write(chunk);
        if (this.#work.length > 0) await Promise.all(this.#work.splice(0));
        if (this.#reason !== undefined) break;
      }
      this.#end(new ReplicaError("DISCONNECTED", "Cannot get a reply: the server closed the connection"));
    } catch (cause) {
      this.#end(asReplicaError(cause, "Cannot read a reply"));
    }
    await this.#transport.close().catch(() => {});
    return this.#reason?.code === "closed" ? undefined : this.#reason;
  }

  /** Takes one value off the wire; `false` stops the decoder because the connection is over. */
  #take(value: RespValue): boolean {
    if (this.#reason !== undefined) return false;
    if (value.type === "push" || (this.#subscribed && value.type === "array" && isPubSub(value))) {
      this.#push(value);
      return true;
    }
    const pending = this.#pending[this.#oldest];
    if (pending !== undefined) {
      this.#settled();
      pending.resolve(value);
      return true;
    }
    // A server that will not serve says so before it is asked anything, and hangs up.
    if (value.type === "error") this.#end(serverError(utf8(value.bytes), { doing: "use the connection" }));
    else this.#end(new ReplicaError("PROTOCOL", `Cannot place a reply: nothing was asked (${value.type})`));
    return false;
  }

  #push(push: RespList): void {
    const pending = this.#pending[this.#oldest];
    if (pending?.kind !== undefined && pending.kind === kindOf(push)) {
      pending.left = pending.left! - 1;
      if (pending.left === 0) {
        this.#settled();
        pending.resolve(push);
      }
    }
    const work = this.#onPush?.(push);
    if (work === undefined) return;
    // Awaited after the chunk, unless the rest of the chunk ends the connection before.
    work.catch(() => {});
    this.#work.push(work);
  }

  #settled(): void {
    this.#oldest++;
    if (this.#oldest >= 64 && this.#oldest * 2 >= this.#pending.length) {
      this.#pending.splice(0, this.#oldest);
      this.#oldest = 0;
    }
  }

  #end(reason: ReplicaError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const open = this.#pending.splice(0).slice(this.#oldest);
    this.#oldest = 0;
    for (const pending of open) pending.reject(reason);
  }
}

/** Throws `PROTOCOL` for a peer whose first byte already is not that of a Redis server. */
function checkGreeting(chunk: Uint8Array): void {
  if (chunk.length === 0 || isValueType(chunk[0]!)) return;
  throw new ReplicaError("PROTOCOL", `Cannot talk to the server: ${describeStranger(chunk, 0)}`, {
    offset: 0,
  });
}

/** Malformed input is the peer's breach of protocol here; other coded errors stay what they are. */
function asReplicaError(cause: unknown, doing: string): ReplicaError {
  if (cause instanceof ReplicaError) {
    if (cause.code !== "MALFORMED" && cause.code !== "LIMIT") return cause;
    return new ReplicaError("PROTOCOL", cause.message, { offset: cause.offset, cause });
  }
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new ReplicaError("DISCONNECTED", `${doing}: ${detail}`, { cause });
}

function nameOf(args: readonly CommandArgument[]): string {
  const [name] = args;
  return name instanceof Uint8Array ? utf8(name) : String(name);
}
