import type { Subscriber } from "rxjs";
import { equals } from "../bytes/equals.ts";
import { encodeUtf8, utf8 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { AofCommand, Position, RedisEvent } from "../events.ts";
import { isIdempotent } from "../stream/idempotent.ts";
import { bytesOf } from "../stream/rebuild_arguments.ts";
import type { RebuildCommand } from "../stream/rebuild_command.ts";
import type { Retargeter } from "../stream/retarget.ts";
import type { Applied, ApplyOptions } from "./apply_to.ts";
import { ExpiryWatch } from "./expiry_watch.ts";
import { isSourcesOwn } from "./sources_own.ts";
import type { BatchSender, CommandSource, TargetBatch, TargetCommand } from "./target_batch.ts";

/** What waits for its turn: a batch to send, or a snapshot that is about to come. */
type Job = TargetBatch | "snapshot";
type End = { readonly error: unknown } | "complete";

const MIB = 1024 * 1024;

/**
 * `applyTo` at work on one subscription. One job is in work; what comes meanwhile fills the next batch, and once that is full
 * the gate is held. A batch that is not full goes out when the events of a chunk are through: a microtask tells.
 */
export class Applier {
  readonly #options: ApplyOptions;
  readonly #retargeter: Retargeter;
  readonly #sender: BatchSender;
  readonly #destination: Subscriber<Applied>;
  readonly #maxCommands: number;
  readonly #maxBytes: number;
  readonly #maxTransactionBytes: number;
  readonly #watch: ExpiryWatch | undefined;
  readonly #queue: Job[] = [];
  #filling: TargetBatch = newBatch(undefined);
  /** Whether the position moved since the last batch went out. */
  #moved = false;
  /** The commands of a transaction whose EXEC has not come. */
  #transaction: TargetCommand[] | undefined = undefined;
  #transactionBytes = 0;
  #busy = false;
  #scheduled = false;
  #release: (() => void) | undefined = undefined;
  #end: End | undefined = undefined;
  #applied: Position | undefined = undefined;
  readonly #guard: Uint8Array | undefined;
  /** What the target holds came by this mirror. */
  #owned: boolean;
  /** Commands still to come that may have been applied before, and the offset of the last one. */
  #uncertain: number;
  #uncertainUntil = -1;
  readonly #totals = {
    ...{ commands: 0, bytes: 0, refused: 0, repeated: 0 },
    ...{ late: 0, split: 0, ignored: 0, snapshots: 0 },
  };

  constructor(
    options: ApplyOptions,
    retargeter: Retargeter,
    sender: (onSplit: (commands: readonly TargetCommand[]) => void) => BatchSender,
    destination: Subscriber<Applied>,
  ) {
    this.#options = options;
    this.#retargeter = retargeter;
    this.#sender = sender((commands) => this.#split(commands));
    this.#destination = destination;
    this.#maxCommands = options.maxBatchCommands ?? 1000;
    this.#maxBytes = options.maxBatchBytes ?? MIB;
    this.#maxTransactionBytes = options.maxTransactionBytes ?? 64 * MIB;
    this.#watch = options.now === undefined ? undefined : new ExpiryWatch();
    this.#guard = options.loopGuard === undefined ? undefined : encodeUtf8(options.loopGuard);
    this.#owned = options.owned ?? false;
    this.#uncertain = options.uncertain ?? 0;
    destination.add(() => this.#stop());
  }

  next(event: RedisEvent | RebuildCommand): void {
    if (this.#end !== undefined) return;
    try {
      this.#see(event);
    } catch (error) {
      // What came before is applied first.
      this.error(error);
    }
  }

  error(error: unknown): void {
    this.#end ??= { error };
    this.#startAll();
  }

  complete(): void {
    this.#end ??= "complete";
    this.#startAll();
  }

  #see(event: RedisEvent | RebuildCommand): void {
    if (event.event === "command") this.#take(event);
    else if (event.kind === "rdb" && event.event === "begin") this.#beginSnapshot();
    else if (event.kind === "rdb" && event.event === "end") this.#totals.snapshots++;
    else if (event.kind === "link" && (event.event === "fullresync" || event.event === "reset")) {
      this.#transaction = undefined;
      // A snapshot takes the place of all that.
      this.#uncertain = 0;
      this.#close();
      this.#filling.position = undefined;
    }
    this.#place(event.position);
    if (this.#isFull) this.#close();
    this.#start();
    this.#schedule();
  }

  get #isFull(): boolean {
    const { commands, bytes } = this.#filling;
    return this.#transaction === undefined && (commands >= this.#maxCommands || bytes >= this.#maxBytes);
  }

  #take(source: CommandSource): void {
    const { name } = source;
    if (source.kind === "aof") {
      if (name === "MULTI") {
        this.#transaction = [];
        this.#transactionBytes = 0;
        return;
      }
      if (name === "EXEC" || name === "DISCARD") {
        const commands = this.#transaction ?? [];
        this.#transaction = undefined;
        if (name === "EXEC") this.#addTransaction(commands);
        return;
      }
      if (isSourcesOwn(source)) {
        this.#totals.ignored++;
        return;
      }
      this.#noteUncertain(source);
    }
    let commands: TargetCommand[];
    try {
      const placed = this.#retargeter.command(name, source.db, source.args);
      commands = placed.map(({ db, args }) => ({
        db,
        args,
        source,
        name: placed.length > 1 ? "FLUSHDB" : name,
      }));
    } catch (error) {
      if (!(error instanceof ReplicaError)) throw error;
      this.#refuse({ name, db: source.db, args: source.args, source }, error);
      return;
    }
    if (this.#transaction === undefined) {
      if (commands.some((one) => this.#isGuard(one))) this.#totals.ignored += commands.length;
      else this.#add(commands, false);
    } else this.#addInside(this.#transaction, commands);
  }

  #addTransaction(commands: readonly TargetCommand[]): void {
    if (commands.some((one) => this.#isGuard(one))) this.#totals.ignored += commands.length;
    else if (commands.length > 0) this.#add(commands, commands.length > 1);
  }

  /** Whether it is another mirror's note of its position; asked before keys get their names in the target. */
  #isGuard({ name, source }: TargetCommand): boolean {
    const guard = this.#guard;
    if (guard === undefined || name !== "SET" || source.kind !== "aof") return false;
    const key = source.arg(1);
    return key !== undefined && equals(key, guard);
  }

  #addInside(transaction: TargetCommand[], commands: readonly TargetCommand[]): void {
    for (const one of commands) {
      transaction.push(one);
      this.#transactionBytes += bytesOf(one.args);
    }
    if (this.#transactionBytes > this.#maxTransactionBytes) {
      throw new ReplicaError(
        "LIMIT",
        `Cannot apply a transaction: it is above ${this.#maxTransactionBytes} bytes; raise maxTransactionBytes`,
      );
    }
  }

  #add(commands: readonly TargetCommand[], transaction: boolean): void {
    const batch = this.#filling;
    batch.units.push({ commands, transaction });
    batch.commands += commands.length;
    for (const { args } of commands) batch.bytes += bytesOf(args);
  }

  /** Counts a command of the stream down while it may be one that was applied before. */
  #noteUncertain(command: AofCommand): void {
    if (this.#uncertain === 0) return;
    this.#uncertain--;
    this.#uncertainUntil = command.offset;
    if (isIdempotent(command.name, command.args)) return;
    this.#totals.repeated++;
    this.#options.onRepeated?.(command.name, command.offset);
  }

  #isUncertain(source: CommandSource): boolean {
    return source.kind === "aof" && source.offset <= this.#uncertainUntil;
  }

  #beginSnapshot(): void {
    this.#close();
    this.#queue.push("snapshot");
  }

  /** Notes where the stream is. A transaction that has begun is not applied before its EXEC, nor is the position moved. */
  #place(position: Position | undefined): void {
    if (position === undefined || this.#transaction !== undefined) return;
    this.#filling.position = position;
    this.#moved = true;
  }

  /** Closes the batch that fills: it waits for its turn. */
  #close(): void {
    const batch = this.#filling;
    if (batch.units.length === 0 && !this.#moved) return;
    this.#filling = newBatch(batch.position);
    this.#moved = false;
    this.#queue.push(batch);
  }

  /** Lets what there is go out once the events at hand are through. */
  #schedule(): void {
    if (this.#scheduled || this.#busy) return;
    this.#scheduled = true;
    void Promise.resolve().then(() => {
      this.#scheduled = false;
      this.#startAll();
    });
  }

  /** Starts what waits, and if nothing does what there is; ends the stream after the last of it. */
  #startAll(): void {
    if (!this.#busy && this.#queue.length === 0) this.#close();
    this.#start();
    if (!this.#busy && this.#end !== undefined) this.#finish(this.#end);
  }

  /** Starts the next job if none is in work. */
  #start(): void {
    const job = this.#busy ? undefined : this.#queue.shift();
    if (job !== undefined) void this.#work(job);
    if (this.#queue.length > 0) this.#release ??= this.#options.gate?.hold();
    else this.#open();
  }

  async #work(job: Job): Promise<void> {
    this.#busy = true;
    let failure: { readonly error: unknown } | undefined;
    try {
      if (job === "snapshot") await this.#prepare();
      else await this.#sender.send(job, (command, reply) => this.#refuse(command, reply));
    } catch (error) {
      failure = { error };
    }
    if (this.#destination.closed) return;
    this.#busy = false;
    if (failure !== undefined) {
      this.#queue.length = 0;
      this.#destination.error(failure.error);
      return;
    }
    if (job !== "snapshot") this.#settle(job);
    if (!this.#destination.closed) this.#startAll();
  }

  /** Makes room for a snapshot. */
  async #prepare(): Promise<void> {
    const { existing = "refuse" } = this.#options;
    const sender = this.#sender;
    if (existing === "flush" || (existing === "refuse" && this.#owned)) await sender.empty();
    else if (existing === "refuse" && !(await sender.isEmpty())) {
      throw new ReplicaError(
        "CONFIG",
        "Cannot load a snapshot: the target holds keys; let it be emptied (flush) or keep them (merge)",
      );
    }
    this.#owned = true;
    await sender.beginSnapshot();
  }

  #settle(batch: TargetBatch): void {
    const { position, commands, bytes } = batch;
    const { now } = this.#options;
    this.#applied = position ?? this.#applied;
    this.#totals.commands += commands;
    this.#totals.bytes += bytes;
    if (this.#watch !== undefined && now !== undefined) {
      const time = now();
      for (const unit of batch.units) {
        for (const one of unit.commands) if (this.#watch.note(one, time)) this.#totals.late++;
      }
    }
    this.#destination.next({ kind: "applied", position, commands, bytes, totals: { ...this.#totals } });
  }

  #refuse(command: TargetCommand, reply: Error): void {
    const { name, args, db, source } = command;
    const offset = source.kind === "aof" ? source.offset : undefined;
    const repeated = this.#isUncertain(source);
    this.#totals.refused++;
    this.#options.onRefused?.({ args, db, reply: reply.message, offset, position: this.#applied, repeated });
    if (this.#options.onError === "skip" || repeated) return;
    const place = this.#applied;
    const applied = place === undefined ? "" : `; applied up to ${place.replid}:${place.offset}`;
    const key = source.kind === "rdb" ? source.key : args[1];
    const shown = key === undefined ? "" : ` ${utf8(key, 0, Math.min(key.length, 80))}`;
    const code = reply instanceof ReplicaError ? reply.code : "SERVER";
    throw new ReplicaError(
      code,
      reply instanceof ReplicaError
        ? `${reply.message}${offset === undefined ? "" : ` at offset ${offset}`}${applied}`
        : `Cannot apply ${name}${shown}${offset === undefined ? "" : ` at offset ${offset}`}: the target answered "${reply.message}"${applied}`,
      { offset, db, key, cause: reply },
    );
  }

  #split(commands: readonly TargetCommand[]): void {
    this.#totals.split++;
    this.#options.onSplit?.(commands.length > 1 ? "MULTI" : commands[0]!.name);
  }

  #finish(end: End): void {
    if (end === "complete") this.#destination.complete();
    else this.#destination.error(end.error);
  }

  #open(): void {
    this.#release?.();
    this.#release = undefined;
  }

  #stop(): void {
    this.#queue.length = 0;
    this.#open();
  }
}

function newBatch(position: Position | undefined): TargetBatch {
  return { units: [], position, commands: 0, bytes: 0 };
}
