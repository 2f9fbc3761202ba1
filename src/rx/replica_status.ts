import { type Observable, Subject } from "rxjs";
import type { ReplicaStatus } from "../replica/status.ts";

/** A status as an Observable, and the option that feeds it. */
export interface StatusFeed {
  /** For the options of `replicate` or `replicaBatches`. */
  readonly onStatus: (status: ReplicaStatus) => void;
  /** Lag, bytes buffered, events a second, ms of silence and more, once a second while a link runs. Never ends by itself. */
  readonly status: Observable<ReplicaStatus>;
}

/**
 * Makes the state of a link an Observable: give `onStatus` to the link and subscribe to `status`, before or after. Late
 * subscribers wait for the next second. One feed may serve several links.
 *
 * @example
 * ```ts
 * import { createStatus, replicate } from "rxreplica/node";
 * import { firstValueFrom } from "rxjs";
 *
 * const { onStatus, status } = createStatus();
 * const link = replicate("redis://127.0.0.1:6379", { onStatus }).subscribe();
 * const { phase, received } = await firstValueFrom(status);
 * link.unsubscribe();
 * if (phase === undefined || received < 0) throw new Error("unexpected");
 * ```
 */
export function createStatus(): StatusFeed {
  const subject = new Subject<ReplicaStatus>();
  return { onStatus: (status) => subject.next(status), status: subject.asObservable() };
}
