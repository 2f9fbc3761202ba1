import type { AbortSignalLike, Address, Clock, Connect, TlsOptions } from "../transport.ts";
import type { History } from "./history.ts";
import type { MakeLocator } from "./locator.ts";
import type { ProtocolOptions } from "./protocol.ts";
import type { ReconnectOptions } from "./retry.ts";
import type { ReplicaStatus } from "./status.ts";

/** How long to wait for what, in ms. */
export interface Timeouts {
  /** For a connection, its TLS handshake included. Default 10,000. */
  readonly connect?: number | undefined;
  /** For each sign of life until the snapshot or stream begins; servers send one a second while they prepare it. Default 30,000. */
  readonly handshake?: number | undefined;
  /**
   * For each byte after that, counted only while a read is pending. Primaries send a PING every `repl-ping-replica-period`
   * seconds (10 unless set otherwise). Default 60,000.
   */
  readonly idle?: number | undefined;
}

/** What a session needs; `replicaBatches` makes it of its options. */
export interface SessionOptions {
  /** Where to attach, or what finds it before each connection. */
  readonly address: Address | MakeLocator;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly tls: TlsOptions | undefined;
  readonly timeouts: Timeouts;
  readonly reconnect: ReconnectOptions | false;
  readonly signal: AbortSignalLike | undefined;
  readonly watchLag: boolean;
  readonly onStatus: ((status: ReplicaStatus) => void) | undefined;
  readonly protocol: ProtocolOptions;
}

/** For a link whose bytes somebody else reads later. */
export interface RelayTarget {
  readonly makeHistory: (onGetAck: () => void) => History;
  /** Asked before each read: a promise while nothing more can be taken in. */
  readonly room: () => Promise<void> | undefined;
}
