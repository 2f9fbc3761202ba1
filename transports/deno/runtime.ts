import { ReplicaError } from "../../src/errors.ts";

/** The parts of the `Deno` global that are used here. */
export interface DenoRuntime {
  connect(options: { hostname: string; port: number; signal?: unknown }): Promise<DenoTcpConn>;
  connect(options: { transport: "unix"; path: string }): Promise<DenoConn>;
  connectTls(options: { hostname: string; port: number; cert?: string; key?: string }): Promise<DenoTlsConn>;
  startTls(conn: DenoConn, options: { hostname: string }): Promise<DenoTlsConn>;
  open(path: string, options: DenoOpenOptions): Promise<DenoFile>;
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  readDir(path: string): AsyncIterable<{ readonly name: string }>;
  readTextFile(path: string): Promise<string>;
  readonly stdin: { read(into: Uint8Array): Promise<number | null>; close(): void };
  readonly SeekMode: { readonly Start: 0 };
  readonly build: { readonly os: string };
}

export interface DenoOpenOptions {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly create?: boolean;
  readonly truncate?: boolean;
  readonly mode?: number;
}

export interface DenoConn {
  read(into: Uint8Array): Promise<number | null>;
  write(from: Uint8Array): Promise<number>;
  close(): void;
}

export interface DenoTcpConn extends DenoConn {
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean): void;
}

export interface DenoTlsConn extends DenoConn {
  handshake(): Promise<unknown>;
}

export interface DenoFile {
  read(into: Uint8Array): Promise<number | null>;
  write(from: Uint8Array): Promise<number>;
  seek(offset: number, from: 0): Promise<number>;
  stat(): Promise<{ readonly isFile: boolean; readonly isDirectory: boolean; readonly size: number }>;
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): void;
}

/** The runtime, looked up when used: importing this entry elsewhere does no harm. */
export function deno(): DenoRuntime {
  const runtime = (globalThis as { Deno?: DenoRuntime }).Deno;
  if (runtime === undefined) {
    throw new ReplicaError("NO_RUNTIME", "Cannot use rxreplica/deno: this is not Deno");
  }
  return runtime;
}
