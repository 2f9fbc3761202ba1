import type { ErrorCode } from "../errors.ts";
import type { Placed } from "./place.ts";

/** What all events of a link share. */
export interface LinkBase<E extends string> extends Placed {
  readonly kind: "link";
  readonly event: E;
}

/** Why a stream had to start anew. */
export type ResetReason =
  /** The primary's backlog no longer held the offset. */
  | "backlog"
  /** The primary has another history (restart without its data, failover past the common offset). */
  | "history"
  /** The snapshot was cut before its end. */
  | "snapshot-cut"
  /** The primary cut a consumer that was too slow. */
  | "overrun"
  /** A position was given without the state that belongs to it. */
  | "state";

/** What happens to the link, or to an AOF that is followed: where a history begins, goes on or breaks. */
export type LinkEvent =
  | (LinkBase<"connecting"> & { readonly address: string })
  | (LinkBase<"handshake"> & { readonly server: string | undefined })
  /** A snapshot begins anew. */
  | (LinkBase<"fullresync"> & { readonly replid: string; readonly offset: number })
  /** A partial resync was granted. */
  | (LinkBase<"continue"> & { readonly replid: string; readonly offset: number })
  /** The command stream has begun. */
  | (LinkBase<"online"> & { readonly offset: number })
  /** The consumer's lag nears a limit of the primary's; the link may be cut. `limit` and `lag` in bytes. */
  | (LinkBase<"lag"> & {
      readonly lag: number;
      readonly limit: number;
      readonly of: "backlog" | "output-buffer";
    })
  /** The position moved while no event passed (PING, SELECT, filtered commands). At most once a second. */
  | (LinkBase<"progress"> & { readonly lag: number | undefined })
  | (LinkBase<"disconnected"> & { readonly code: ErrorCode; readonly message: string })
  | (LinkBase<"retry"> & { readonly attempt: number; readonly delay: number })
  /** The history has a hole: events between `lostFrom` and `lostTo` will not come. A snapshot follows. */
  | (LinkBase<"reset"> & {
      readonly reason: ResetReason;
      readonly lostFrom: number | undefined;
      readonly lostTo: number | undefined;
    })
  | (LinkBase<"warning"> & {
      readonly code: ErrorCode;
      readonly at: number | undefined;
      readonly message: string;
    })
  /** An AOF ended inside a command or transaction: `validTo` after the last whole command, `safeTo` outside MULTI. */
  | (LinkBase<"truncated"> & { readonly file: string; readonly validTo: number; readonly safeTo: number })
  /** What a forced full resync changed for one key. */
  | (LinkBase<"diff"> & {
      readonly op: "vanished" | "appeared" | "changed";
      readonly db: number;
      readonly key: Uint8Array;
      readonly sure: boolean;
    });
