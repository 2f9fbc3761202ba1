/** What a server publishes, collected over a subscription of our own. */
import { Connection } from "../../src/client/connection.ts";
import { parseNotification } from "../../src/notifications/channels.ts";
import type { RespList } from "../../src/resp/value.ts";
import { connect } from "../../transports/node/connect.ts";

export interface Published {
  readonly db: number;
  readonly event: string;
  /** One character a byte. */
  readonly key: string;
}

export class Subscriber {
  readonly events: Published[] = [];
  readonly #connection: Connection;
  #waiting: (() => void)[] = [];
  /** Keyspace messages that no keyevent message has followed yet. */
  #announced: Published | undefined;

  constructor(connection: (onPush: (push: RespList) => void) => Connection) {
    this.#connection = connection((push) => this.#take(push));
  }

  static async open(port: number): Promise<Subscriber> {
    const transport = await connect({ host: "127.0.0.1", port }, {});
    const subscriber = new Subscriber((onPush) => new Connection(transport, { onPush }));
    await subscriber.#connection.subscribe("PSUBSCRIBE", ["__key*@*__:*"]);
    return subscriber;
  }

  /** Waits until an event of this key was published. */
  async until(key: string): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!this.events.some((event) => event.key === key)) {
      if (Date.now() > deadline) throw new Error(`No event of ${key} came`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #take(push: RespList): void {
    const [kind, , channel, payload] = push.items;
    if (kind?.type !== "bulk" || Buffer.from(kind.bytes).toString() !== "pmessage") return;
    if (channel?.type !== "bulk" || payload?.type !== "bulk") throw new Error("odd message");
    const parsed = parseNotification(channel.bytes, payload.bytes);
    const event = {
      db: parsed.db,
      event: parsed.event,
      key: Buffer.from(parsed.key).toString("latin1"),
    };
    // Both channels tell the same, keyspace first: one event.
    if (parsed.source === "keyspace") {
      if (this.#announced !== undefined) throw new Error("two keyspace messages in a row");
      this.#announced = event;
      return;
    }
    const { db, key, event: name } = this.#announced ?? { db: -1, key: "", event: "" };
    if (db !== event.db || key !== event.key || name !== event.event) throw new Error("keyevent differs");
    this.#announced = undefined;
    this.events.push(event);
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
