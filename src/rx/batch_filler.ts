import { equals } from "../bytes/equals.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import type { AofCommand, LinkEvent, Position, RedisEvent } from "../events.ts";
import { bytesOf } from "../stream/rebuild_arguments.ts";
import type { RebuildCommand } from "../stream/rebuild_command.ts";
import type { Retargeter } from "../stream/retarget.ts";
import type { ApplyOptions } from "./apply_to.ts";
import { OpenUnits } from "./open_units.ts";
import { asOfShard, isShardsOwn, refuseEmptying } from "./shard_commands.ts";
import { ShardSnapshots, type SnapshotKind } from "./shard_snapshots.ts";
import { isSourcesOwn } from "./sources_own.ts";
import { type CommandSource, newBatch, type TargetBatch, type TargetCommand } from "./target_batch.ts";

/** What waits for its turn: a batch to send, or a snapshot that is about to come. */
export type Job = TargetBatch | SnapshotKind;

/** Where the results of a `BatchFiller` go. */
export interface BatchFillerSink {
  /** Takes the next job. */
  push(job: Job): void;
  /** A command of the stream is about to be placed. */
  sees(command: AofCommand): void;
  /** A snapshot takes the place of all that was. */
  startsAnew(): void;
  /** So many commands are left out. */
  ignores(count: number): void;
  /** A command cannot be said in the target. May throw. */
  refuses(command: TargetCommand, error: ReplicaError): void;
}

const MIB = 1024 * 1024;

/** Makes batches of a source's events: which commands they are in the target, which belong together, and where the stream is after them. */
export class BatchFiller {
  readonly #retargeter: Retargeter;
  readonly #sink: BatchFillerSink;
  readonly #maxCommands: number;
  readonly #maxBytes: number;
  readonly #guard: Uint8Array | undefined;
  readonly #open: OpenUnits;
  readonly #shards: ShardSnapshots;
  #filling: TargetBatch = newBatch(undefined);
  /** Whether the position moved since the last batch was closed. */
  #moved = false;

  constructor(options: ApplyOptions, retargeter: Retargeter, sink: BatchFillerSink) {
    this.#retargeter = retargeter;
    this.#sink = sink;
    this.#maxCommands = options.maxBatchCommands ?? 1000;
    this.#maxBytes = options.maxBatchBytes ?? MIB;
    this.#guard = options.loopGuard === undefined ? undefined : encodeUtf8(options.loopGuard);
    this.#open = new OpenUnits(options.maxTransactionBytes ?? 64 * MIB);
    this.#shards = new ShardSnapshots({
      resumed: options.resumed ?? false,
      merge: options.existing === "merge",
    });
  }

  /** Takes the next event; full batches go to the sink. */
  take(event: RedisEvent | RebuildCommand): void {
    const { position, shard } = event;
    // No position while another shard has none: what follows must not be taken for what the last position stands for.
    if (shard !== undefined && position === undefined) this.#forgetPosition();
    if (event.event === "command") this.#command(event);
    else if (event.kind === "link") this.#link(event);
    else if (event.event === "begin" && shard === undefined) this.#announce("snapshot");
    this.#place(position, shard);
    const { commands, bytes } = this.#filling;
    if (commands >= this.#maxCommands || bytes >= this.#maxBytes) this.close();
  }

  /** Hands on the batch that fills, if there is anything in it. */
  close(): void {
    const batch = this.#filling;
    if (batch.units.length === 0 && !this.#moved) return;
    this.#filling = newBatch(batch.position);
    this.#moved = false;
    this.#sink.push(batch);
  }

  #link(event: LinkEvent): void {
    const { shard } = event;
    const anew = event.event === "fullresync" || event.event === "reset";
    if (anew) this.#open.end(shard);
    if (shard !== undefined) {
      const kind = this.#shards.take(event, shard);
      if (kind !== undefined) this.#announce(kind);
    } else if (anew) {
      this.#sink.startsAnew();
      this.#forgetPosition();
    }
  }

  #announce(kind: SnapshotKind): void {
    this.close();
    this.#sink.push(kind);
  }

  #command(source: CommandSource): void {
    if (source.kind === "aof" && this.#frames(source)) return;
    let commands: readonly TargetCommand[];
    try {
      commands = this.#placed(source);
    } catch (error) {
      if (!(error instanceof ReplicaError)) throw error;
      const { name, db, args } = source;
      this.#sink.refuses({ name, db, args, source }, error);
      return;
    }
    if (source.kind === "aof" && this.#open.has(source.shard)) this.#open.add(source.shard, commands);
    else if (commands.some((one) => this.#isGuard(one))) this.#sink.ignores(commands.length);
    else this.#add(commands, false);
  }

  /** Takes what is not applied itself: the frame of transactions, and the source's own affairs. */
  #frames(source: AofCommand): boolean {
    const { name, shard } = source;
    if (name === "MULTI") {
      this.#open.begin(shard);
      return true;
    }
    if (name === "EXEC" || name === "DISCARD") {
      const commands = this.#open.end(shard);
      if (name === "EXEC") this.#addTransaction(commands);
      return true;
    }
    if (isSourcesOwn(source) || (shard !== undefined && isShardsOwn(source))) {
      this.#sink.ignores(1);
      return true;
    }
    if (shard !== undefined) refuseEmptying(source);
    this.#sink.sees(source);
    return false;
  }

  #placed(source: CommandSource): readonly TargetCommand[] {
    const { name, db, shard } = source;
    const own = shard === undefined || source.kind === "rdb" ? source.args : asOfShard(name, source.args);
    const placed = this.#retargeter.command(name, db, own);
    return placed.map(({ db, args }) => ({ db, args, source, name: placed.length > 1 ? "FLUSHDB" : name }));
  }

  #addTransaction(commands: readonly TargetCommand[]): void {
    if (commands.some((one) => this.#isGuard(one))) this.#sink.ignores(commands.length);
    else if (commands.length > 0) this.#add(commands, commands.length > 1);
  }

  /** Whether it is another mirror's note of its position; asked before keys get their names in the target. */
  #isGuard({ name, source }: TargetCommand): boolean {
    const guard = this.#guard;
    if (guard === undefined || name !== "SET" || source.kind !== "aof") return false;
    const key = source.arg(1);
    return key !== undefined && equals(key, guard);
  }

  #add(commands: readonly TargetCommand[], transaction: boolean): void {
    const batch = this.#filling;
    batch.units.push({ commands, transaction });
    batch.commands += commands.length;
    for (const { args } of commands) batch.bytes += bytesOf(args);
  }

  /** Notes where the stream is. A transaction that has begun is not applied before its EXEC, nor is the position moved. */
  #place(position: Position | undefined, shard: string | undefined): void {
    if (position === undefined || this.#open.has(shard)) return;
    if (shard !== undefined) this.#shards.placed();
    this.#filling.position = position;
    this.#moved = true;
  }

  #forgetPosition(): void {
    if (this.#filling.position === undefined) return;
    this.close();
    this.#filling.position = undefined;
  }
}
