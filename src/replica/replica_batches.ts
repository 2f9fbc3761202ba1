import type { RedisEvent } from "../events.ts";
import { prepareCluster } from "./cluster_batches.ts";
import { type ReplicaOptions, resolveSource, resolveSpool } from "./options.ts";
import { ReplicaSession } from "./session.ts";
import { SpooledSession } from "./spooled_session.ts";
import { parseSourceUrl } from "./url.ts";

type Session = Pick<ReplicaSession, "run" | "stop">;

/**
 * Attaches to a server as a replica: an async iterable of event batches, the snapshot first and then every write, each
 * batch what one chunk of the socket brought. Pull-driven: the socket is read only when the next batch is asked for, so a
 * slow consumer slows the server down instead of filling the heap; acknowledgements go out meanwhile.
 *
 * Each iteration is a link of its own. Leaving the loop (`break`, `return()`), an abort and an error all close the socket
 * and leave no timer. A lost link is made again from where it was cut (option `reconnect`); events tell of it.
 *
 * Options are checked by the call; `ReplicaError`s come from the iteration: `CONNECT`, `TIMEOUT`, `DISCONNECTED` once no
 * further attempt is due; `NOAUTH`, `WRONGPASS`, `NOPERM`, `UNKNOWN_COMMAND`, `PROTOCOL` and decoding errors at once, all
 * with the offset where it is known and after everything that came before.
 *
 * @param url as `parseSourceUrl` takes it: `redis[s]://[user:password@]host[:port]` or `unix:///path` for one server,
 * `redis[s]-sentinel://host:port[,host:port…]/NAME` for whatever server Sentinels name as the primary,
 * `redis[s]-cluster://host:port[,host:port…]` for every shard of a cluster
 * @throws TypeError or RangeError for wrong options; ReplicaError `NO_RUNTIME` without `connect` and `clock`, which the
 * runtime entries bind.
 * @example
 * ```ts
 * import { replicaBatches } from "rxreplica";
 * import { memoryConnect } from "rxreplica/memory";
 *
 * // A server of three lines that refuses everybody. A real one: import from "rxreplica/node", no connect, no clock.
 * const connect = memoryConnect(async (server) => {
 *   for await (const _ of server.chunks) await server.write(new TextEncoder().encode("-DENIED go away\r\n"));
 * });
 * const clock = { now: Date.now, setTimer: (ms: number, run: () => void) => {
 *   const timer = setTimeout(run, ms);
 *   return () => clearTimeout(timer);
 * } };
 * let said = "";
 * try {
 *   for await (const batch of replicaBatches("redis://anywhere", { connect, clock })) {
 *     for (const event of batch) said += event.event;
 *   }
 * } catch (error) {
 *   said += String(error);
 * }
 * if (!said.startsWith("connecting") || !said.includes("go away")) throw new Error(`unexpected ${said}`);
 * ```
 */
export function replicaBatches(
  url: string,
  options: ReplicaOptions = {},
): AsyncIterable<readonly RedisEvent[]> {
  const source = parseSourceUrl(url);
  if (source.kind === "cluster") {
    const begin = prepareCluster(source, options);
    return { [Symbol.asyncIterator]: () => iterate(begin()) };
  }
  const resolved = resolveSource(source, options);
  const spool = resolveSpool(options);
  const begin = (): Session =>
    spool === undefined ? new ReplicaSession(resolved) : new SpooledSession(resolved, spool);
  // What the parts of a session think of their options is said now, not by the first batch.
  begin();
  return { [Symbol.asyncIterator]: () => iterate(begin()) };
}

/** A generator would let `return()` wait behind a pending `next()`; this one ends that at once. */
function iterate(session: Session): AsyncIterator<readonly RedisEvent[], undefined> {
  const batches = session.run();
  const end = async (): Promise<IteratorResult<readonly RedisEvent[], undefined>> => {
    session.stop();
    await batches.return();
    return { done: true, value: undefined };
  };
  return {
    next: async () => {
      const { done, value } = await batches.next();
      return done === true ? { done, value: undefined } : { done: false, value };
    },
    return: end,
    throw: async (error) => {
      await end();
      throw error;
    },
  };
}
