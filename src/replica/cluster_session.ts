import { ReplicaError } from "../errors.ts";
import type { Position, RedisEvent } from "../events.ts";
import type { ServerAccess } from "./ask_server.ts";
import { warnOfAtomicMoves } from "./atomic_moves.ts";
import { ClusterTopology, type KnownShard } from "./cluster_topology.ts";
import * as link from "./link_events.ts";
import { RetryPolicy } from "./retry.ts";
import { ReplicaSession } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";
import { ShardLocator } from "./shard_locator.ts";
import { BatchPlace, ShardPositions } from "./shard_positions.ts";
import { SlotMoves } from "./slot_moves.ts";
import { SpooledSession, type SpoolSettings } from "./spooled_session.ts";
import type { HostPort } from "./url.ts";
import { STOPPED, Wait } from "./wait.ts";

/** What a cluster's session needs. */
export interface ClusterSessionOptions {
  /** For each shard's link; the address is found for each. */
  readonly link: SessionOptions;
  readonly nodes: readonly HostPort[];
  readonly access: ServerAccess;
  readonly preferReplica: boolean;
  /** Where each shard goes on, by name. */
  readonly positions: Readonly<Record<string, Position>>;
  readonly spool: ((shard: string) => SpoolSettings) | undefined;
}

/** ms between two looks at the cluster. */
const POLL = 3000;

/** One shard's link, its batches taken one at a time. */
interface Lane {
  readonly shard: KnownShard;
  readonly session: Pick<ReplicaSession, "run" | "stop">;
  readonly batches: AsyncIterator<readonly RedisEvent[]>;
  readonly locator: () => ShardLocator | undefined;
  readonly place: () => BatchPlace;
  /** Joined a cluster that was attached to already: what its snapshot holds may have come from another shard. */
  readonly joined: boolean;
}

/** What a lane has come to. */
type Result =
  | { readonly lane: Lane; readonly batch: readonly RedisEvent[] }
  | { readonly lane: Lane; readonly error: unknown };

/**
 * A cluster as one sequence of event batches: a link for each shard, in turn a batch of each that has one. A shard's next
 * batch is asked for only when its last was taken and the consumer wants more, so that a slow consumer holds all.
 */
export class ClusterSession {
  readonly #options: ClusterSessionOptions;
  readonly #topology: ClusterTopology;
  readonly #positions: ShardPositions = new ShardPositions();
  readonly #moves: SlotMoves = new SlotMoves();
  readonly #wait: Wait;
  readonly #lanes: Map<string, Lane> = new Map();
  /** In the order in which they came: a shard is in it once at most. */
  readonly #ready: Result[] = [];
  #notes: RedisEvent[] = [];
  #began = false;
  #stopped = false;
  #cancelPoll: () => void = () => {};

  constructor(options: ClusterSessionOptions) {
    this.#options = options;
    const {
      access,
      nodes,
      positions,
      link: { clock },
    } = options;
    this.#wait = new Wait(clock);
    this.#topology = new ClusterTopology(access, nodes, Object.keys(positions));
    for (const [name, position] of Object.entries(positions)) this.#positions.set(name, position);
  }

  /** The batches. To be iterated once. */
  async *run(): AsyncGenerator<readonly RedisEvent[], void, undefined> {
    const { signal } = this.#options.link;
    if (signal?.aborted === true || this.#stopped) return;
    const abort = (): void => this.stop();
    signal?.addEventListener("abort", abort);
    try {
      yield* this.#begin();
      while (!this.#stopped) {
        if (this.#notes.length > 0) yield this.#notes.splice(0);
        const result = this.#ready.shift();
        if (result !== undefined) {
          // Of a shard that has left, nothing comes after its end was told.
          if (this.#lanes.get(result.lane.shard.name) !== result.lane) continue;
          if ("error" in result) throw result.error;
          const events = this.#handOut(result.lane, result.batch);
          if (events.length > 0) yield events;
          this.#pull(result.lane);
        } else if (this.#lanes.size === 0 && !this.#options.link.protocol.stream) return;
        else if (this.#notes.length === 0) await this.#wait.for(new Promise<never>(() => {}));
      }
    } catch (error) {
      if (error !== STOPPED && !this.#stopped) throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.stop();
      await Promise.all([...this.#lanes.values()].map(({ batches }) => batches.return?.()));
    }
  }

  /** Ends all links at once. Idempotent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelPoll();
    this.#topology.stop();
    for (const { session } of this.#lanes.values()) session.stop();
    this.#wait.end(STOPPED);
  }

  /** Finds the shards and begins their links. */
  async *#begin(): AsyncGenerator<readonly RedisEvent[], void, undefined> {
    const retries = new RetryPolicy(this.#options.link.reconnect);
    this.#topology.onChange = ({ added, removed }) => {
      for (const shard of added) this.#add(shard);
      for (const shard of removed) this.#remove(shard);
      for (const { locator } of this.#lanes.values()) locator()?.check();
    };
    for (;;) {
      try {
        await this.#wait.for(this.#topology.refresh());
        break;
      } catch (error) {
        if (!(error instanceof ReplicaError)) throw error;
        const { attempt, delay } = retries.failed(error);
        const place = { position: undefined, receivedAt: undefined, shard: undefined };
        yield [link.disconnected(place, error.code, error.message), link.retry(place, attempt, delay)];
        await this.#wait.sleep(delay);
      }
    }
    this.#began = true;
    this.#schedulePoll();
  }

  #schedulePoll(): void {
    this.#cancelPoll = this.#options.link.clock.setTimer(POLL, () => {
      const again = (): void => {
        if (!this.#stopped) this.#schedulePoll();
      };
      // A cluster that does not answer now is asked again; links that work need no answer.
      this.#topology.refresh().then(again, again);
    });
  }

  #handOut(lane: Lane, batch: readonly RedisEvent[]): readonly RedisEvent[] {
    const { name } = lane.shard;
    const last = batch[batch.length - 1];
    if (last === undefined) return batch;
    const place = lane.place();
    if (lane.joined) {
      for (const event of batch) {
        if (event.kind === "rdb" && event.event === "key") this.#moves.arrive(event.key, name);
      }
    }
    const kept = this.#moves.pass(warnOfAtomicMoves(batch), name, () => place.place);
    if (this.#lanes.get(name) === lane) this.#positions.set(name, last.position);
    return place.settle(kept, this.#positions.placing(name));
  }

  #pull(lane: Lane): void {
    lane.batches.next().then(
      ({ done, value }) => {
        if (done === true) {
          if (this.#lanes.get(lane.shard.name) === lane) this.#lanes.delete(lane.shard.name);
        } else this.#ready.push({ lane, batch: value });
        this.#wait.wake();
      },
      (error: unknown) => {
        this.#ready.push({ lane, error });
        this.#wait.wake();
      },
    );
  }

  #add(shard: KnownShard): void {
    if (this.#stopped) return;
    const { name } = shard;
    const { link: base, spool, preferReplica, positions } = this.#options;
    let locator: ShardLocator | undefined;
    let place = new BatchPlace();
    const position = this.#began ? undefined : positions[name];
    const options: SessionOptions = {
      ...base,
      address: (moved) => {
        locator = new ShardLocator(shard, this.#topology, preferReplica, moved);
        return locator;
      },
      signal: undefined,
      protocol: {
        ...base.protocol,
        shard: name,
        position,
        makePlace: () => {
          place = new BatchPlace();
          return place.place;
        },
      },
    };
    const session =
      spool === undefined ? new ReplicaSession(options) : new SpooledSession(options, spool(name));
    const lane: Lane = {
      shard,
      session,
      batches: session.run(),
      locator: () => locator,
      place: () => place,
      joined: this.#began,
    };
    this.#lanes.set(name, lane);
    this.#positions.set(name, position);
    this.#pull(lane);
  }

  /** A shard is no more: what it has sent and nobody read is given up. */
  #remove({ name }: KnownShard): void {
    const lane = this.#lanes.get(name);
    this.#lanes.delete(name);
    this.#positions.delete(name);
    const place = { position: undefined, receivedAt: undefined, shard: name };
    if (lane !== undefined) {
      lane.session.stop();
      this.#notes.push(link.disconnected(place, "closed", "The shard is no longer in the cluster"));
    } else {
      const lostFrom = this.#options.positions[name]?.offset;
      this.#notes.push(link.reset(place, { reason: "history", lostFrom, lostTo: undefined }));
    }
    this.#wait.wake();
  }
}
