/**
 * How far a connection is: `handshake` up to PSYNC, `sync` until its answer, `preparing` while the server makes the
 * snapshot, `payload` while it comes, `stream`, and `finished` when nothing more is wanted.
 */
export type ProtocolPhase = "closed" | "handshake" | "sync" | "preparing" | "payload" | "stream" | "finished";
