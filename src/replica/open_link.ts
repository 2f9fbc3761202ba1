import { ReplicaError } from "../errors.ts";
import type { AbortSignalLike, Address, Transport } from "../transport.ts";
import type { SessionOptions } from "./session_options.ts";
import { StopSignal } from "./stop_signal.ts";
import { addressText } from "./url.ts";
import { STOPPED, type Wait } from "./wait.ts";

/** What it takes to open a connection of a session. */
export type LinkAccess = Pick<SessionOptions, "connect" | "tls" | "timeouts">;

/**
 * Opens the connection of a link, in limited time.
 *
 * @throws ReplicaError `CONNECT` or `TIMEOUT`, a TypeError of the transport, and whatever ends `wait`.
 */
export async function openLink(access: LinkAccess, address: Address, wait: Wait): Promise<Transport> {
  const ms = connectTimeout(access);
  const signal = new StopSignal();
  const opening = openTransport(access, address, signal);
  try {
    const transport = await wait.for(opening, {
      ms,
      error: () =>
        new ReplicaError("TIMEOUT", `Cannot connect to ${addressText(address)}: no answer within ${ms} ms`),
    });
    return transport!;
  } catch (error) {
    signal.abort();
    // A connection that comes after all must not stay open.
    opening.then((transport) => transport.close()).catch(() => {});
    if (error instanceof ReplicaError || error instanceof TypeError || error === STOPPED) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new ReplicaError("CONNECT", `Cannot connect to ${addressText(address)}: ${text}`, { cause: error });
  }
}

/** Opens a connection without a limit of ours: the link's own, or one beside it. */
export function openTransport(
  access: LinkAccess,
  address: Address,
  signal: AbortSignalLike,
): Promise<Transport> {
  const { connect, tls } = access;
  return connect(address, { tls, connectTimeout: connectTimeout(access), signal });
}

function connectTimeout({ timeouts }: LinkAccess): number {
  return timeouts.connect ?? 10_000;
}
