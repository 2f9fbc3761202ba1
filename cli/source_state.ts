import type { LinkEvent, RedisEvent } from "../src/events.ts";

export type Phase = "opening" | "snapshot" | "live";

interface LinkState {
  phase: Phase;
  note: string;
  keys: number;
  payloadBytes: number;
  offset: number | undefined;
  lag: number | undefined;
}

/** How far the links of a source are, as their events tell: one link, or one for each shard of a cluster. */
export class SourceState {
  commands = 0;
  /** By shard; of a source that is no cluster the only entry, `undefined`. */
  readonly #links = new Map<string | undefined, LinkState>();

  see(event: RedisEvent): void {
    const link = this.#linkOf(event.shard);
    if (event.kind === "rdb") {
      link.phase = event.event === "end" ? "live" : "snapshot";
      if (event.event !== "key") return;
      if (event.part === 0) link.keys++;
      link.payloadBytes = event.offset;
    } else if (event.kind === "aof") {
      link.phase = "live";
      link.offset = event.offset;
      if (event.event === "command") this.commands++;
    } else seeLink(link, event);
  }

  /** A snapshot counts before what is live, and what is live before what is away. */
  get phase(): Phase {
    const phases = [...this.#links.values()].map((link) => link.phase);
    return phases.includes("snapshot") ? "snapshot" : phases.includes("live") ? "live" : "opening";
  }

  /** What an opening link is waiting for. */
  get note(): string {
    return [...this.#links.values()].at(-1)?.note ?? "connecting";
  }

  get keys(): number {
    return this.#sum((link) => link.keys);
  }

  /** Places of the keys seen last in their snapshots. */
  get payloadBytes(): number {
    return this.#sum((link) => link.payloadBytes);
  }

  get lag(): number {
    return this.#sum((link) => link.lag ?? 0);
  }

  /** Where the one link is; shards have no offset in common. */
  get offset(): number | undefined {
    return this.#links.get(undefined)?.offset;
  }

  /** Shards that are there, and of how many. */
  get shards(): { readonly there: number; readonly all: number } {
    const shards = [...this.#links].flatMap(([shard, link]) => (shard === undefined ? [] : [link]));
    return { there: shards.filter(({ phase }) => phase !== "opening").length, all: shards.length };
  }

  #sum(of: (link: LinkState) => number): number {
    let sum = 0;
    for (const link of this.#links.values()) sum += of(link);
    return sum;
  }

  #linkOf(shard: string | undefined): LinkState {
    let link = this.#links.get(shard);
    if (link === undefined) {
      const nothing = { keys: 0, payloadBytes: 0, offset: undefined, lag: undefined };
      this.#links.set(shard, (link = { phase: "opening", note: "connecting", ...nothing }));
    }
    return link;
  }
}

function seeLink(link: LinkState, event: LinkEvent): void {
  switch (event.event) {
    case "fullresync":
      link.phase = "opening";
      link.note = "waiting for the snapshot";
      link.keys = link.payloadBytes = 0;
      break;
    case "continue":
    case "online":
      link.phase = "live";
      link.offset = event.offset;
      break;
    case "progress":
      link.offset = event.position?.offset ?? link.offset;
      link.lag = event.lag;
      break;
    case "disconnected":
    case "retry":
      link.phase = "opening";
      link.note = "reconnecting";
      break;
    case "handshake":
      link.note = "connected";
  }
}
