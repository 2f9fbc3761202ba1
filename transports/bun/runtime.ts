import { ReplicaError } from "../../src/errors.ts";

/** The parts of the `Bun` global that are used here. */
export interface BunRuntime {
  connect(options: BunConnectOptions): Promise<BunSocket>;
}

export type BunConnectOptions = ({ hostname: string; port: number } | { unix: string }) & {
  readonly allowHalfOpen: boolean;
  readonly tls?: BunTls;
  readonly socket: BunHandlers;
};

export interface BunTls {
  readonly ca?: string | string[];
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly serverName?: string;
  readonly rejectUnauthorized: boolean;
}

export interface BunSocket {
  /** Bytes taken; fewer than given: wait for `drain`. Negative once closed. */
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, delay: number): void;
}

export interface BunHandlers {
  readonly binaryType: "uint8array";
  open(socket: BunSocket): void;
  handshake(socket: BunSocket, success: boolean, error: Error | null): void;
  data(socket: BunSocket, bytes: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  close(socket: BunSocket, error?: Error): void;
  error(socket: BunSocket, error: Error): void;
  connectError(socket: BunSocket, error: Error): void;
}

/** The runtime, looked up when used: importing this entry elsewhere does no harm. */
export function bun(): BunRuntime {
  const runtime = (globalThis as { Bun?: BunRuntime }).Bun;
  if (runtime === undefined) {
    throw new ReplicaError("NO_RUNTIME", "Cannot use rxreplica/bun: this is not Bun");
  }
  return runtime;
}
