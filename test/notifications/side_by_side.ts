/** A server with notifications on, a subscriber to them, and a replica link whose events are derived from: side by side. */
import type { RedisEvent } from "../../src/events.ts";
import { NotificationDeriver } from "../../src/notifications/derive/deriver.ts";
import type { DerivedNotification, DeriveLevel } from "../../src/notifications/notification.ts";
import { Attached } from "../e2e/attach.ts";
import type { ServerKind } from "../servers/kinds.ts";
import { startServer, type TestServer } from "../servers/start.ts";
import { connectClient, type TestClient } from "../support/client.ts";
import { type Comparison, compare } from "./compare.ts";
import { Subscriber } from "./published.ts";

export interface SideBySideOptions {
  readonly level?: DeriveLevel;
  readonly config?: Readonly<Record<string, string>>;
}

export function newDeriver(
  level: DeriveLevel = "values",
  maxBytes = Number.POSITIVE_INFINITY,
): NotificationDeriver {
  return new NotificationDeriver({
    level,
    maxBytes,
    selects: () => true,
    tolerance: 20,
    clockOffset: 0,
    server: undefined,
  });
}

export class SideBySide {
  readonly server: TestServer;
  readonly client: TestClient;
  derived: DerivedNotification[] = [];
  deriver: NotificationDeriver;
  #subscriber: Subscriber | undefined;
  #link: Attached | undefined;
  #markers = 0;
  /** Told of each derived event besides. */
  onDerived: ((one: DerivedNotification) => void) | undefined = undefined;

  private constructor(server: TestServer, client: TestClient, deriver: NotificationDeriver) {
    this.server = server;
    this.client = client;
    this.deriver = deriver;
  }

  static async start(kind: ServerKind, options: SideBySideOptions = {}): Promise<SideBySide> {
    const server = await startServer({
      kind,
      config: { "notify-keyspace-events": "KEAn", databases: "16", ...options.config },
    });
    const client = await connectClient(server);
    return new SideBySide(server, client, newDeriver(options.level));
  }

  /** Attaches and subscribes; what is in the server by now comes with the snapshot. */
  async attach(): Promise<void> {
    this.#link = new Attached(this.server.url, (event) => this.take(event));
    await this.#link.until(() => this.#link!.count("link:online") > 0, "the link");
    await this.#link.caughtUp(this.client);
    this.#subscriber = await Subscriber.open(this.server.port);
    await this.settle();
    this.clear();
  }

  take(event: RedisEvent): void {
    for (const one of this.deriver.write(event)) {
      if (one.event === "gap") continue;
      this.derived.push(one as DerivedNotification);
      this.onDerived?.(one as DerivedNotification);
    }
  }

  get link(): Attached {
    return this.#link!;
  }

  /** Waits until both have told everything that has happened so far. */
  async settle(): Promise<void> {
    const marker = `marker:${++this.#markers}`;
    await this.client.pipeline([
      ["SELECT", 15],
      ["SET", marker, "1"],
      ["SELECT", 0],
    ]);
    await this.#subscriber!.until(marker);
    await this.#link!.caughtUp(this.client);
  }

  clear(): void {
    this.derived = [];
    this.#subscriber!.events.length = 0;
  }

  published(): readonly { readonly db: number; readonly event: string; readonly key: string }[] {
    return this.#subscriber!.events.filter(({ key }) => !key.startsWith("marker:"));
  }

  comparison(untraceable?: ReadonlySet<string>): Comparison {
    const own = this.derived.filter(({ keyText }) => !keyText.startsWith("marker:"));
    return compare(this.published(), own, untraceable);
  }

  async stop(): Promise<void> {
    await this.#link?.stop().catch(() => {});
    await this.#subscriber?.close();
    this.client.close();
    await this.server.stop();
  }
}
