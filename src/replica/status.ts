import type { Position } from "../events.ts";
import type { ProtocolPhase } from "./phase.ts";
import type { ReplicaProtocol } from "./protocol.ts";

/** How a replica link is doing, at one moment. */
export interface ReplicaStatus {
  /** The shard that the link is for, when the source is a cluster. */
  readonly shard?: string | undefined;
  /**
   * `connecting`; `handshake` up to the answer of PSYNC; `snapshot` while one is prepared or read; `online`; `waiting` for
   * the next attempt.
   */
  readonly phase: "connecting" | "handshake" | "snapshot" | "online" | "waiting";
  /** Replication offset of everything handed out. */
  readonly offset: number | undefined;
  /** The last resumable position. */
  readonly position: Position | undefined;
  /** The snapshot under way: bytes read, and in all where the server told. */
  readonly snapshot: { readonly read: number; readonly total: number | undefined } | undefined;
  /**
   * Bytes of the stream that the primary has and the consumer has not: 0 when the reader waits for the primary, else as
   * of the last time the primary was asked; `undefined`: not known.
   */
  readonly lag: number | undefined;
  /** Bytes held here: of a command not yet whole, and in the spool. */
  readonly buffered: number;
  /** Bytes received, over all connections. */
  readonly received: number;
  /** Events handed out, and how many a second since the last status. */
  readonly events: number;
  readonly eventsPerSecond: number;
  /** ms since the last byte came; `undefined` before the first. While nobody asks for events nothing is read, either. */
  readonly silence: number | undefined;
  /** Connections lost so far. */
  readonly cuts: number;
}

const PHASES: Readonly<Record<ProtocolPhase, ReplicaStatus["phase"]>> = {
  closed: "connecting",
  handshake: "handshake",
  sync: "handshake",
  preparing: "snapshot",
  payload: "snapshot",
  stream: "online",
  finished: "online",
};

/** Where a link's protocol stands, as its status says it. */
export function describeProtocol(
  protocol: ReplicaProtocol,
): Pick<ReplicaStatus, "phase" | "offset" | "position" | "snapshot" | "buffered"> {
  return {
    phase: PHASES[protocol.phase],
    offset: protocol.hasHistory ? protocol.offset : undefined,
    position: protocol.position,
    snapshot: protocol.phase === "payload" ? protocol.snapshot : undefined,
    buffered: protocol.pending,
  };
}

/** Counts what passes, for a status. */
export class Meter {
  received = 0;
  events = 0;
  cuts = 0;
  #lastByteAt: number | undefined = undefined;
  #countedEvents = 0;
  #countedAt: number;

  constructor(now: number) {
    this.#countedAt = now;
  }

  chunk(bytes: number, now: number): void {
    this.received += bytes;
    this.#lastByteAt = now;
  }

  silence(now: number): number | undefined {
    return this.#lastByteAt === undefined ? undefined : now - this.#lastByteAt;
  }

  /** Events a second since the last call. */
  rate(now: number): number {
    const seconds = (now - this.#countedAt) / 1000;
    const rate = seconds > 0 ? (this.events - this.#countedEvents) / seconds : 0;
    this.#countedAt = now;
    this.#countedEvents = this.events;
    return rate;
  }

  /** What was counted, as a status says it. */
  counts(now: number): Pick<ReplicaStatus, "received" | "events" | "eventsPerSecond" | "silence" | "cuts"> {
    const { received, events, cuts } = this;
    return { received, events, eventsPerSecond: this.rate(now), silence: this.silence(now), cuts };
  }
}
