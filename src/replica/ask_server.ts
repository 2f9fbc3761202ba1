import { Connection, type ConnectionOptions } from "../client/connection.ts";
import { authenticate } from "../client/hello.ts";
import { ReplicaError } from "../errors.ts";
import type { AbortSignalLike, Address, Clock, Connect, TlsOptions } from "../transport.ts";
import { StopSignal } from "./stop_signal.ts";
import { addressText } from "./url.ts";

/** How to reach servers beside the link, and as whom. */
export interface ServerAccess {
  readonly connect: Connect;
  readonly clock: Clock;
  readonly tls: TlsOptions | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** ms for a connection, and again for what is asked over it. */
  readonly timeout: number;
  /** Ends whatever is under way. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Opens a connection and says who we are. */
export async function openServer(
  access: ServerAccess,
  address: Address,
  options: ConnectionOptions = {},
): Promise<Connection> {
  const { connect, tls, username: user, password, timeout } = access;
  const signal = new StopSignal();
  const opening = connect(address, { tls, connectTimeout: timeout, signal }).then(
    (transport) => new Connection(transport, options),
    (error: unknown) => {
      if (error instanceof ReplicaError || error instanceof TypeError) throw error;
      throw new ReplicaError("CONNECT", `Cannot connect to ${addressText(address)}: ${String(error)}`);
    },
  );
  const connection = await within(access, opening, `connect to ${addressText(address)}`, () => {
    signal.abort();
    opening.then((late) => late.close()).catch(ignore);
  });
  if (password === undefined) return connection;
  try {
    const done = authenticate(connection, { user, password });
    await within(access, done, `authenticate at ${addressText(address)}`);
    return connection;
  } catch (error) {
    connection.close().catch(ignore);
    throw error;
  }
}

/** Opens a connection for a few questions, and closes it. */
export async function askServer<T>(
  access: ServerAccess,
  address: Address,
  ask: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await openServer(access, address);
  try {
    return await within(access, ask(connection), `ask ${addressText(address)}`);
  } finally {
    connection.close().catch(ignore);
  }
}

/** Waits for `promise` as long as the access allows: `TIMEOUT` after that, `closed` when it was ended. */
export async function within<T>(
  { clock, timeout, signal }: ServerAccess,
  promise: Promise<T>,
  doing: string,
  onGivenUp: () => void = ignore,
): Promise<T> {
  let cancel = ignore;
  let abort = ignore;
  promise.catch(ignore);
  try {
    return await new Promise<T>((resolve, reject) => {
      const giveUp = (error: ReplicaError): void => {
        onGivenUp();
        reject(error);
      };
      abort = () => giveUp(new ReplicaError("closed", `Cannot ${doing}: it is no longer wanted`));
      cancel = clock.setTimer(timeout, () =>
        giveUp(new ReplicaError("TIMEOUT", `Cannot ${doing}: no answer within ${timeout} ms`)),
      );
      if (signal?.aborted === true) abort();
      signal?.addEventListener("abort", abort);
      promise.then(resolve, reject);
    });
  } finally {
    cancel();
    signal?.removeEventListener("abort", abort);
  }
}

function ignore(): void {}
