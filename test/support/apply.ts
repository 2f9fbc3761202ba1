/** Applies the events of a source to a server: what it then holds must be what the source's server holds. */
import type { RedisEvent } from "../../src/events.ts";
import type { Command, Reply, TestClient } from "./client.ts";
import { Rebuilder } from "./rebuild_commands.ts";

/** Commands kept back until they are sent in one go. */
const BATCH = 1_000;

/**
 * Writes events to a target, in order. A snapshot empties the target first; commands run as they stand, each in its db,
 * with their MULTI and EXEC. Every error reply is an error here.
 *
 * The target is a primary of its own and so expires keys by its own clock: a test whose keys expire while commands still
 * touch them compares two clocks, not two servers.
 */
export class Applier {
  readonly #client: TestClient;
  readonly #rebuilder = new Rebuilder();
  #pending: Command[] = [];
  #db = -1;

  /** The client must be for this only: its selected db is kept track of. */
  constructor(client: TestClient) {
    this.#client = client;
  }

  async apply(event: RedisEvent): Promise<void> {
    if (event.kind === "rdb") {
      const { db, commands } = this.#rebuilder.commands(event);
      this.#push(db, commands);
    } else if (event.kind === "aof" && event.event === "command") {
      this.#push(event.db, [event.args]);
    }
    if (this.#pending.length >= BATCH) await this.flush();
  }

  /** Sends what is kept back and waits for the replies. To be called before looking at the target. */
  async flush(): Promise<void> {
    const commands = this.#pending;
    this.#pending = [];
    for (const reply of await this.#client.pipeline(commands)) throwErrorInside(reply);
  }

  #push(db: number, commands: readonly Command[]): void {
    if (commands.length === 0) return;
    if (db >= 0 && db !== this.#db) {
      this.#pending.push(["SELECT", db]);
      this.#db = db;
    }
    this.#pending.push(...commands);
  }
}

/** Applies all events and flushes. */
export async function applyAll(
  client: TestClient,
  events: Iterable<RedisEvent> | AsyncIterable<RedisEvent>,
): Promise<void> {
  const applier = new Applier(client);
  for await (const event of events) await applier.apply(event);
  await applier.flush();
}

/** EXEC answers with the replies of its commands: an error among them is no error of EXEC. */
function throwErrorInside(reply: Reply | Error): void {
  if (reply instanceof Error) throw reply;
  if (Array.isArray(reply)) for (const one of reply) throwErrorInside(one);
}
