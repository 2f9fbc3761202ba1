/** What a consumer makes of its events: each is held to what came before, and applied to a server of its own. */
import { setTimeout as sleep } from "node:timers/promises";
import type { AofCommand, Position, RedisEvent } from "../../src/events.ts";
import { Applier } from "../support/apply.ts";
import type { TestClient } from "../support/client.ts";
import { isGreeting, StreamCheck } from "./stream_check.ts";

/** Commands applied at most before the target has to have answered. */
const APPLY_EVERY = 200;

export class Copy {
  readonly check: StreamCheck = new StreamCheck();
  /** How often each link event came; resets by their reason too, lost links by their code. */
  readonly counts: Map<string, number> = new Map();
  /** Why links were lost. */
  readonly losses: string[] = [];
  /** Replication id of the history that it is in. */
  replid = "";
  /** Offset after the last command that was applied. */
  applied = -1;
  /** The link is in the stream. */
  online = false;
  /** Events taken that the link itself did not make. */
  events = 0;
  /** ms that each batch of commands takes longer than it must. */
  slowness = 0;
  readonly #target: TestClient;
  #applier: Applier;
  #unsent = 0;
  /** Commands of a transaction whose EXEC has not come. */
  #open: AofCommand[] = [];
  #offset = -1;

  /** The client is for this only: what is applied selects databases. */
  constructor(target: TestClient) {
    this.#target = target;
    this.#applier = new Applier(target);
  }

  count(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  /** Whether everything up to an offset of a history was taken. */
  has(replid: string, offset: number): boolean {
    return this.replid === replid && this.#offset >= offset;
  }

  /** Waits until the target has all that was taken. */
  async flush(): Promise<void> {
    await this.#applier.flush();
  }

  /** The consumer died and will go on at that position. What was handed to the target is done, half a transaction is not. */
  async restart(position: Position | undefined): Promise<void> {
    await this.flush();
    this.online = false;
    this.#open = [];
    this.check.restarted(position);
  }

  take(event: RedisEvent): Promise<void> | undefined {
    if (event.kind === "link") {
      this.#takeLink(event);
      return undefined;
    }
    this.events++;
    return event.kind === "aof" && event.event === "command"
      ? this.#takeCommand(event)
      : this.#takeRdb(event);
  }

  summary(): string {
    return `at ${this.#offset} of ${this.replid}: ${JSON.stringify(Object.fromEntries(this.counts))}; ${[...new Set(this.losses)].join("; ")}`;
  }

  #takeLink(event: Extract<RedisEvent, { kind: "link" }>): void {
    this.#note(event.event);
    if (event.event === "online") this.online = true;
    if (event.event === "disconnected") {
      this.online = false;
      this.losses.push(event.message);
      this.#note(`disconnected:${event.code}`);
    }
    if (event.event === "reset") {
      this.#note(`reset:${event.reason}`);
      this.check.reset();
    } else if (event.event === "fullresync") {
      this.check.fullresync(event.replid, event.offset);
      this.replid = event.replid;
      this.applied = this.#offset = -1;
      this.#open = [];
    } else if (event.event === "continue") {
      this.check.continued(event.replid, event.offset);
      this.replid = event.replid;
      // Greetings that a deposed primary sent are taken back.
      this.#offset = event.offset;
    } else if (event.position !== undefined) this.#offset = Math.max(this.#offset, event.position.offset);
  }

  #takeCommand(event: AofCommand): Promise<void> | undefined {
    this.check.command(event.offset, event.args);
    this.#offset = Math.max(this.#offset, event.offset);
    if (isGreeting(event.args)) return undefined;
    // Only a restarted consumer sees a command again; it knows by the offset.
    if (event.offset <= this.applied) return undefined;
    this.#open.push(event);
    if (event.tx !== undefined && event.name !== "EXEC") return undefined;
    const whole = this.#open;
    this.#open = [];
    this.applied = event.offset;
    return this.#applyAll(whole);
  }

  /** Hands everything over before it waits: a restart in between must not find half of a transaction. */
  async #applyAll(events: readonly RedisEvent[]): Promise<void> {
    const applying = events.map((event) => this.#applier.apply(event));
    this.#unsent += events.length;
    if (this.#unsent >= APPLY_EVERY) {
      this.#unsent = 0;
      applying.push(this.#applier.flush());
      if (this.slowness > 0) applying.push(sleep(this.slowness));
    }
    await Promise.all(applying);
  }

  async #takeRdb(event: RedisEvent): Promise<void> {
    if (event.event === "end") this.#offset = event.position?.offset ?? this.#offset;
    if (event.event !== "begin") return await this.#applyAll([event]);
    // A new beginning: an unfinished value of the snapshot before must not be mixed in.
    const before = this.#applier.flush();
    this.#applier = new Applier(this.#target);
    await Promise.all([before, this.#applyAll([event])]);
  }

  #note(name: string): void {
    this.counts.set(name, this.count(name) + 1);
  }
}
