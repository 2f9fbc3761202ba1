import type { ErrorCode } from "../errors.ts";
import type { ArrivalInterval, LinkEvent, Position, RdbEnd, ResetReason } from "../events.ts";
import type { LagWarning } from "./lag_watch.ts";

/** What every event made here has. */
export interface LinkPlace {
  readonly position: Position | undefined;
  readonly receivedAt: ArrivalInterval | undefined;
  readonly shard: string | undefined;
}

export function connecting(place: LinkPlace, address: string): LinkEvent {
  return { kind: "link", event: "connecting", ...place, address };
}

export function handshake(place: LinkPlace, server: string | undefined): LinkEvent {
  return { kind: "link", event: "handshake", ...place, server };
}

export function fullresync(place: LinkPlace, replid: string, offset: number): LinkEvent {
  return { kind: "link", event: "fullresync", ...place, replid, offset };
}

export function continued(place: LinkPlace, replid: string, offset: number): LinkEvent {
  return { kind: "link", event: "continue", ...place, replid, offset };
}

export function online(place: LinkPlace, offset: number): LinkEvent {
  return { kind: "link", event: "online", ...place, offset };
}

export function progress(place: LinkPlace, lag: number | undefined): LinkEvent {
  return { kind: "link", event: "progress", ...place, lag };
}

export function disconnected(place: LinkPlace, code: ErrorCode, message: string): LinkEvent {
  return { kind: "link", event: "disconnected", ...place, code, message };
}

export function retry(place: LinkPlace, attempt: number, delay: number): LinkEvent {
  return { kind: "link", event: "retry", ...place, attempt, delay };
}

export function lagging(place: LinkPlace, warning: LagWarning): LinkEvent {
  return { kind: "link", event: "lag", ...place, ...warning };
}

/** What a new full resync makes of the history before it. Offsets are `undefined` where they cannot be told. */
export interface Loss {
  readonly reason: ResetReason;
  readonly lostFrom: number | undefined;
  readonly lostTo: number | undefined;
}

export function reset(place: LinkPlace, loss: Loss): LinkEvent {
  return { kind: "link", event: "reset", ...place, ...loss };
}

export function warning(place: LinkPlace, code: ErrorCode, message: string): LinkEvent {
  return { kind: "link", event: "warning", ...place, code, at: undefined, message };
}

/** What an address that the primary lists means for others than us. */
export function announced(place: LinkPlace): LinkEvent {
  const message =
    "An announced replica looks like a server: FAILOVER without TO and Sentinel may choose it as the new primary";
  return warning(place, "CONFIG", message);
}

/** The snapshot's end with the position that it makes resumable, which the decoder cannot know. */
export function placedEnd(place: LinkPlace, end: RdbEnd): RdbEnd {
  return { kind: "rdb", event: "end", ...place, keys: end.keys, checksum: end.checksum };
}
