import type { Subscriber } from "rxjs";
import { ReplicaError } from "../errors.ts";
import type { Position, RedisEvent } from "../events.ts";
import type { RebuildCommand } from "../stream/rebuild_command.ts";
import type { Retargeter } from "../stream/retarget.ts";
import type { Applied, ApplyOptions } from "./apply_to.ts";
import { BatchFiller, type Job } from "./batch_filler.ts";
import { ExpiryWatch } from "./expiry_watch.ts";
import { refusedError } from "./refused_error.ts";
import { wasDoneBefore } from "./shard_commands.ts";
import type { SnapshotKind } from "./shard_snapshots.ts";
import type { BatchSender, TargetBatch, TargetCommand } from "./target_batch.ts";
import { UncertainCommands } from "./uncertain_commands.ts";

type End = { readonly error: unknown } | "complete";

/**
 * `applyTo` at work on one subscription. One job is in work; what comes meanwhile fills the next batch, and once that is full
 * the gate is held. A batch that is not full goes out when the events of a chunk are through: a microtask tells.
 */
export class Applier {
  readonly #options: ApplyOptions;
  readonly #sender: BatchSender;
  readonly #destination: Subscriber<Applied>;
  readonly #filler: BatchFiller;
  readonly #uncertain: UncertainCommands;
  readonly #watch: ExpiryWatch | undefined;
  readonly #queue: Job[] = [];
  #busy = false;
  #scheduled = false;
  #release: (() => void) | undefined = undefined;
  #end: End | undefined = undefined;
  #applied: Position | undefined = undefined;
  /** What the target holds came by this mirror. */
  #owned: boolean;
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
    this.#sender = sender((commands) => this.#split(commands));
    this.#destination = destination;
    this.#uncertain = new UncertainCommands(options.uncertain ?? 0);
    this.#watch = options.now === undefined ? undefined : new ExpiryWatch();
    this.#owned = options.owned ?? false;
    this.#filler = new BatchFiller(options, retargeter, {
      push: (job) => this.#queue.push(job),
      sees: (command) => {
        if (!this.#uncertain.note(command)) return;
        this.#totals.repeated++;
        options.onRepeated?.(command.name, command.offset);
      },
      startsAnew: () => this.#uncertain.clear(),
      ignores: (count) => {
        this.#totals.ignored += count;
      },
      refuses: (command, error) => this.#refuse(command, error),
    });
    destination.add(() => this.#stop());
  }

  next(event: RedisEvent | RebuildCommand): void {
    if (this.#end !== undefined) return;
    try {
      this.#filler.take(event);
      if (event.kind === "rdb" && event.event === "end") this.#totals.snapshots++;
      this.#start();
      this.#schedule();
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
    if (!this.#busy && this.#queue.length === 0) this.#filler.close();
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
      if (typeof job === "string") await this.#prepare(job);
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
    if (typeof job !== "string") this.#settle(job);
    if (!this.#destination.closed) this.#startAll();
  }

  /** Makes room for a snapshot that takes the place of what there is. */
  async #prepare(kind: SnapshotKind): Promise<void> {
    const { existing = "refuse" } = this.#options;
    const sender = this.#sender;
    if (kind === "snapshot") {
      if (existing === "flush" || (existing === "refuse" && this.#owned)) await sender.empty();
      else if (existing === "refuse" && !(await sender.isEmpty())) {
        throw new ReplicaError(
          "CONFIG",
          "Cannot load a snapshot: the target holds keys; let it be emptied (flush) or keep them (merge)",
        );
      }
    }
    this.#owned = true;
    this.#options.onOwned?.();
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
    if (source.shard !== undefined && wasDoneBefore(name, args, reply)) return;
    const offset = source.kind === "aof" ? source.offset : undefined;
    const repeated = this.#uncertain.has(source);
    this.#totals.refused++;
    this.#options.onRefused?.({ args, db, reply: reply.message, offset, position: this.#applied, repeated });
    if (this.#options.onError === "skip" || repeated) return;
    throw refusedError(command, reply, this.#applied);
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
