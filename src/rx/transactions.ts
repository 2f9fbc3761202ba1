import type { OperatorFunction, Subscriber } from "rxjs";
import { ReplicaError } from "../errors.ts";
import type { AofCommand, ArrivalInterval, Position, RedisEvent, Transaction } from "../events.ts";
import { eventBytes } from "./event_bytes.ts";
import { operate } from "./operate.ts";

/** One whole transaction: what ran between MULTI and EXEC. */
export interface TransactionEvent {
  readonly kind: "aof";
  readonly event: "transaction";
  /** The commands between MULTI and EXEC, at least one unless the server sent none. */
  readonly commands: readonly AofCommand[];
  /** The same object that its commands bear. */
  readonly tx: Transaction;
  /** The position after EXEC. */
  readonly position: Position | undefined;
  /** The exact offset after EXEC. */
  readonly offset: number;
  /** When EXEC arrived. */
  readonly receivedAt: ArrivalInterval | undefined;
  readonly shard: string | undefined;
  readonly file: string | undefined;
}

/** How much of a transaction {@link transactions} keeps, and what it does with a larger one. */
export interface TransactionsOptions {
  /** Bytes of one transaction. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** Commands of one transaction. Default 1,000,000. */
  readonly maxCommands?: number | undefined;
  /**
   * What becomes of a larger one. `"error"` (default): the stream ends with code `LIMIT`. `"pass"`: its commands, MULTI and EXEC
   * included, pass one by one as without the operator.
   */
  readonly overflow?: "error" | "pass" | undefined;
}

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_COMMANDS = 1_000_000;

/**
 * Turns each MULTI … EXEC into one event, `kind: "aof", event: "transaction"`, that comes where EXEC came. All other
 * events pass as they are, and ahead of a transaction that has begun.
 *
 * A transaction without its EXEC did not happen: what has come of it is dropped when the stream ends or begins anew. A link that is cut
 * and partially resynchronised goes on inside it. Memory is bounded by `maxBytes` a transaction (and shard). EXEC without its MULTI passes as it is.
 *
 * @example
 * ```ts
 * import { type AofCommand, type RedisEvent, transactions } from "rxreplica";
 * import { from, lastValueFrom } from "rxjs";
 *
 * // As much of four commands as this needs; a source such as replicate() gives whole ones.
 * const tx = { startOffset: 0 };
 * const events = ["MULTI", "DEL", "DEL", "EXEC"].map(
 *   (name): RedisEvent => ({ kind: "aof", event: "command", name, tx, args: [new Uint8Array(3)] }) as unknown as AofCommand,
 * );
 * const unit = await lastValueFrom(from(events).pipe(transactions()));
 * if (unit.event !== "transaction" || unit.commands.length !== 2) throw new Error("unexpected");
 * ```
 */
export function transactions(
  options: TransactionsOptions = {},
): OperatorFunction<RedisEvent, RedisEvent | TransactionEvent> {
  const limits: Limits = {
    maxBytes: options.maxBytes ?? MAX_BYTES,
    maxCommands: options.maxCommands ?? MAX_COMMANDS,
    passes: options.overflow === "pass",
  };
  return (source) => operate(source, (destination) => new TransactionJoiner(limits, destination));
}

interface Limits {
  readonly maxBytes: number;
  readonly maxCommands: number;
  readonly passes: boolean;
}

/** A transaction that has begun. */
interface Pending {
  readonly multi: AofCommand;
  commands: AofCommand[];
  bytes: number;
}

class TransactionJoiner {
  readonly #limits: Limits;
  readonly #destination: Subscriber<RedisEvent | TransactionEvent>;
  /** By shard; a link that is no cluster's has the only entry, `undefined`. */
  readonly #pending = new Map<string | undefined, Pending>();

  constructor(limits: Limits, destination: Subscriber<RedisEvent | TransactionEvent>) {
    this.#limits = limits;
    this.#destination = destination;
  }

  next(event: RedisEvent): void {
    if (event.kind === "aof" && event.event === "command" && event.tx !== undefined) {
      this.#inside(event, event.tx);
      return;
    }
    if (event.kind === "link" && (event.event === "fullresync" || event.event === "reset")) {
      this.#pending.delete(event.shard);
    }
    this.#destination.next(event);
  }

  #inside(command: AofCommand, tx: Transaction): void {
    const { name, shard } = command;
    if (name === "MULTI") {
      this.#pending.set(shard, { multi: command, commands: [], bytes: 0 });
      return;
    }
    const pending = this.#pending.get(shard);
    if (pending === undefined) {
      this.#destination.next(command);
    } else if (name === "DISCARD") {
      this.#pending.delete(shard);
    } else if (name === "EXEC") {
      this.#pending.delete(shard);
      this.#destination.next(unitOf(pending.commands, tx, command));
    } else {
      pending.commands.push(command);
      pending.bytes += eventBytes(command);
      if (pending.bytes > this.#limits.maxBytes || pending.commands.length > this.#limits.maxCommands) {
        this.#overflow(pending, command);
      }
    }
  }

  #overflow(pending: Pending, command: AofCommand): void {
    if (!this.#limits.passes) {
      const { maxBytes, maxCommands } = this.#limits;
      throw new ReplicaError(
        "LIMIT",
        `Cannot join transaction: more than ${maxBytes} bytes or ${maxCommands} commands at offset ${command.offset}`,
        { offset: command.offset, db: command.db, file: command.file },
      );
    }
    // What still comes of it finds nothing pending and passes.
    this.#pending.delete(command.shard);
    const destination = this.#destination;
    destination.next(pending.multi);
    for (const held of pending.commands) destination.next(held);
  }
}

function unitOf(commands: readonly AofCommand[], tx: Transaction, exec: AofCommand): TransactionEvent {
  return {
    kind: "aof",
    event: "transaction",
    commands,
    tx,
    position: exec.position,
    offset: exec.offset,
    receivedAt: exec.receivedAt,
    shard: exec.shard,
    file: exec.file,
  };
}
