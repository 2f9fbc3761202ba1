import type { OperatorFunction } from "rxjs";
import { defaultCommandTable } from "../commands/keys.ts";
import type { Position, RedisEvent } from "../events.ts";
import type { RebuildCommand } from "../stream/rebuild_command.ts";
import { Retargeter, type RetargetOptions } from "../stream/retarget.ts";
import { Applier } from "./applier.ts";
import { ClusterTarget } from "./cluster_target.ts";
import type { Gate } from "./create_gate.ts";
import { operate } from "./operate.ts";
import { SingleTarget } from "./single_target.ts";
import type { BatchSender, Refused, TargetCommand } from "./target_batch.ts";
import type { ClusterTargetClient, TargetClient } from "./target_client.ts";
import type { PositionPlace } from "./target_position.ts";

/** How events are applied. */
export interface ApplyOptions extends RetargetOptions {
  /** The gate of the source: held while as much waits as is on its way. Without it, commands queue up. */
  readonly gate?: Gate | undefined;
  /**
   * What a snapshot may do to keys that the target holds already. `"refuse"` (default): it stops with `CONFIG`, unless they came
   * by this very run (or are `owned`). `"flush"`: they are deleted, functions too. `"merge"`: they stay, which needs
   * `toCommands({ replace: true })`.
   */
  readonly existing?: "refuse" | "flush" | "merge" | undefined;
  /** What the target holds came by an earlier run of this mirror: a new snapshot may delete it. Default `false`. */
  readonly owned?: boolean | undefined;
  /** Told when the target is ready for a snapshot: what it holds from then on came by this mirror. */
  readonly onOwned?: (() => void) | undefined;
  /**
   * The source goes on at a position, the target holds what came before. Needed with a cluster as source only, whose new
   * shards otherwise could not be told from the first ones. Default `false`.
   */
  readonly resumed?: boolean | undefined;
  /**
   * What a refused command does. `"stop"` (default) ends the stream with `SERVER`; `"skip"` goes on without it. Either way
   * `onRefused` is told.
   */
  readonly onError?: "stop" | "skip" | undefined;
  /** Told of each command that the target refused. */
  readonly onRefused?: ((refused: Refused) => void) | undefined;
  /**
   * Keep the position in the target too, in the same transaction as the commands before it, so that each of them is applied once
   * whatever happens. One server only. See `loadTargetState`.
   */
  readonly positionIn?: PositionPlace | undefined;
  /**
   * Leave out what another mirror wrote to the source: transactions that set this key, in which that mirror keeps its position
   * (`positionIn`). Two mirrors against each other thereby do not send each write back. Default: none.
   */
  readonly loopGuard?: string | undefined;
  /**
   * How many commands of the stream, from its beginning on, an earlier run may have applied that was cut before it kept its position:
   * four batches at most. Of these, those that may not be applied twice are counted as `repeated`, and a refusal does not end the
   * stream. Default 0.
   */
  readonly uncertain?: number | undefined;
  /** Told of each such command. */
  readonly onRepeated?: ((name: string, offset: number) => void) | undefined;
  /**
   * In a cluster, what becomes of transactions (and of DEL, UNLINK and MSET) with keys of several slots: `"stop"` (default) ends the stream
   * with `UNSUPPORTED`, `"split"` applies their commands one by one. Other commands of several slots always end it.
   */
  readonly crossSlot?: "stop" | "split" | undefined;
  /** Told the name of each command that was split, `MULTI` for a transaction. */
  readonly onSplit?: ((name: string) => void) | undefined;
  /** Unix ms. With it, writes that came after the time to live of their key are counted as `late`: see the docs of expiry. */
  readonly now?: (() => number) | undefined;
  /** Commands of one batch at most, but for a larger transaction. Default 1000. */
  readonly maxBatchCommands?: number | undefined;
  /** Bytes of one batch. Default 1 MiB. */
  readonly maxBatchBytes?: number | undefined;
  /** Bytes of one transaction of the source; `LIMIT` above. Default 64 MiB. */
  readonly maxTransactionBytes?: number | undefined;
}

/** Told after each batch that was applied. */
export interface Applied {
  readonly kind: "applied";
  /** Everything up to here is applied; `undefined` while a snapshot is loaded. */
  readonly position: Position | undefined;
  /** Commands in this batch. */
  readonly commands: number;
  /** Bytes of their arguments. */
  readonly bytes: number;
  /** Counters since the subscription. */
  readonly totals: ApplyTotals;
}

/** What was done since the subscription. */
export interface ApplyTotals {
  /** Commands applied, those of snapshots included. */
  readonly commands: number;
  readonly bytes: number;
  /** Commands that the target refused. */
  readonly refused: number;
  /** Commands that may have been applied twice. */
  readonly repeated: number;
  /** Writes that came after their key's time to live. */
  readonly late: number;
  /** Transactions and commands that were split. */
  readonly split: number;
  /** Commands left out: the source's own affairs (its cluster's topology, its Sentinels' greetings), and what `loopGuard` caught. */
  readonly ignored: number;
  /** Snapshots that were loaded to their end. */
  readonly snapshots: number;
}

/**
 * Applies a source's events to a server or cluster and tells after each batch how far it is. Put `toCommands` before it, and
 * `checkpoint` after it to keep the position.
 *
 * Commands go out in batches, one on its way while the next fills; transactions of the source are transactions of the target. The
 * gate holds the source to the target's pace. Databases and keys may be renamed on the way; a command
 * whose keys are not known ends the stream then, with `UNSUPPORTED`.
 *
 * A refused command ends the stream with `ReplicaError` `SERVER`, in the message the command, the answer and the offset. A lost
 * connection ends it with what the client rejects with. Other commands of the same batch may have been applied by then.
 *
 * @example
 * ```ts
 * import { applyTo, readRdb, type TargetClient, toCommands } from "rxreplica";
 * import { lastValueFrom } from "rxjs";
 *
 * // A target that says OK to everything. A real one is a few lines around any client library.
 * const sent: string[] = [];
 * const client: TargetClient = {
 *   send: async (commands) =>
 *     commands.map((args) => (sent.push(args.map((arg) => new TextDecoder().decode(arg)).join(" ")), "OK")),
 * };
 * const rdb = "REDIS0009\x01\x01l\x02\x01a\x01b\xff\0\0\0\0\0\0\0\0";
 * const source = readRdb(Uint8Array.from(rdb, (byte) => byte.charCodeAt(0)));
 * const { totals } = await lastValueFrom(source.pipe(toCommands(), applyTo(client)));
 * if (totals.commands !== 1 || !sent.includes("RPUSH l a b")) throw new Error(`unexpected ${sent}`);
 * ```
 */
export function applyTo(
  client: TargetClient | ClusterTargetClient,
  options: ApplyOptions = {},
): OperatorFunction<RedisEvent | RebuildCommand, Applied> {
  const retargeter = new Retargeter(options);
  if ("sendTo" in client && options.positionIn !== undefined) {
    throw new TypeError(
      "Cannot keep the position in a cluster: its keys are on several servers; use checkpoint",
    );
  }
  return (source) =>
    operate(source, (destination) => {
      const sender = (onSplit: (commands: readonly TargetCommand[]) => void): BatchSender =>
        "sendTo" in client
          ? new ClusterTarget(client, {
              table: options.table ?? defaultCommandTable(),
              crossSlot: options.crossSlot ?? "stop",
              onSplit,
            })
          : new SingleTarget(client, { dbs: retargeter.targetDbs, positionIn: options.positionIn });
      return new Applier(options, retargeter, sender, destination);
    });
}
