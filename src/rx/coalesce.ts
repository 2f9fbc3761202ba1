import {
  asyncScheduler,
  type MonoTypeOperatorFunction,
  type SchedulerLike,
  type Subscriber,
  Subscription,
} from "rxjs";
import { defaultCommandTable } from "../commands/keys.ts";
import type { AofCommand, RedisEvent } from "../events.ts";
import type { Gate } from "./create_gate.ts";
import { eventBytes } from "./event_bytes.ts";
import { identityOf, type KeyTable, visitKeys } from "./event_keys.ts";
import { operate } from "./operate.ts";

/** How long and how much {@link coalesce} keeps. */
export interface CoalesceOptions {
  /** Length of a window, ms, from its first write on. */
  readonly ms: number;
  /** Keys of one window; it ends early with that many. Default 10,000. */
  readonly maxKeys?: number | undefined;
  /** Bytes that come in one window, replaced writes included; it ends early above. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** The gate of the source: while it is held, no window ends by the clock. */
  readonly gate?: Gate | undefined;
  /** Where keys of commands are looked up. Default: the table of the servers' own commands. */
  readonly table?: KeyTable | undefined;
  /** Measures `ms`. Default: RxJS' `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Of the commands in a window of time passes, for each key, only the last one that names it, at the window's end and in the order
 * of the stream. For those who ask which keys changed, such as caches: most commands (INCR, LPUSH, …) say what changed only
 * together with those before them.
 *
 * A command with several keys passes while it is the last one for any of them. MULTI and EXEC do not pass: the commands between
 * them no longer are one unit. Everything else (keys of a snapshot, FLUSHALL, link events, commands whose keys cannot be told)
 * ends the window and passes at once behind it, so the order is kept; so do the end and an error. What waits is on memory of its own.
 *
 * Throws `RangeError` for bounds that are not positive.
 *
 * @example
 * ```ts
 * import { coalesce, readAof, ofKind } from "rxreplica";
 * import { lastValueFrom, map, toArray } from "rxjs";
 *
 * const aof = new TextEncoder().encode(
 *   "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n3\r\n",
 * );
 * const values = readAof(aof).pipe(
 *   coalesce({ ms: 100 }),
 *   ofKind("aof", "command"),
 *   map((command) => command.text(2)),
 *   toArray(),
 * );
 * if ((await lastValueFrom(values)).join() !== "2,3") throw new Error("unexpected");
 * ```
 */
export function coalesce<T extends RedisEvent>(options: CoalesceOptions): MonoTypeOperatorFunction<T> {
  const { ms, maxKeys = 10_000, maxBytes = MAX_BYTES, gate } = options;
  const { table = defaultCommandTable(), scheduler = asyncScheduler } = options;
  for (const [name, value] of Object.entries({ ms, maxKeys, maxBytes })) {
    if (value > 0 && value < Number.POSITIVE_INFINITY) continue;
    throw new RangeError(`Cannot coalesce: ${name} must be above 0, got ${String(value)}`);
  }
  const settings: Settings = { ms, maxKeys, maxBytes, gate, table, scheduler };
  return (source) => operate<T, T>(source, (destination) => new Coalescer<T>(settings, destination));
}

interface Settings {
  readonly ms: number;
  readonly maxKeys: number;
  readonly maxBytes: number;
  readonly gate: Gate | undefined;
  readonly table: KeyTable;
  readonly scheduler: SchedulerLike;
}

class Coalescer<T extends RedisEvent> {
  readonly #settings: Settings;
  readonly #destination: Subscriber<T>;
  /** The last command of each key, by identity; the order is that of the stream. */
  #last = new Map<string, AofCommand>();
  #bytes = 0;
  /** When the window began, on the scheduler's clock. */
  #since = 0;
  #timer: Subscription | undefined = undefined;

  constructor(settings: Settings, destination: Subscriber<T>) {
    this.#settings = settings;
    this.#destination = destination;
    destination.add(() => {
      this.#timer?.unsubscribe();
      this.#last.clear();
    });
  }

  next(event: T): void {
    if (event.kind === "aof" && event.event === "command") {
      if (event.tx !== undefined && isBracket(event.name)) return;
      const identities: string[] = [];
      const told = visitKeys(event, this.#settings.table, (key, db) => {
        identities.push(identityOf(key, db, event.shard));
      });
      if (told) {
        this.#keep(event, identities);
        return;
      }
    }
    this.#flush();
    this.#destination.next(event);
  }

  error(error: unknown): void {
    this.#flush();
    this.#destination.error(error);
  }

  complete(): void {
    this.#flush();
    this.#destination.complete();
  }

  #keep(event: AofCommand, identities: readonly string[]): void {
    const { ms, maxKeys, maxBytes, scheduler } = this.#settings;
    if (this.#last.size === 0) {
      this.#since = scheduler.now();
      // A timer that runs for an earlier window serves: it looks at the age when it ends.
      this.#timer ??= this.#schedule(ms);
    }
    const own = event.detach();
    for (const identity of identities) {
      this.#last.delete(identity);
      this.#last.set(identity, own);
    }
    this.#bytes += eventBytes(own);
    if (this.#last.size >= maxKeys || this.#bytes >= maxBytes) this.#flush();
  }

  #flush(): void {
    if (this.#last.size === 0) return;
    const events = new Set(this.#last.values());
    this.#last = new Map();
    this.#bytes = 0;
    for (const event of events) {
      if (this.#destination.closed) return;
      this.#destination.next(event as T);
    }
  }

  #schedule(ms: number): Subscription {
    return this.#settings.scheduler.schedule(() => this.#tick(), ms);
  }

  #tick(): void {
    this.#timer = undefined;
    const { ms, gate, scheduler } = this.#settings;
    if (this.#last.size === 0 || this.#destination.closed) return;
    const left = this.#since + ms - scheduler.now();
    if (left > 0) {
      this.#timer = this.#schedule(left);
    } else if (gate?.held === true) {
      this.#timer = new Subscription();
      void gate.opened().then(() => this.#tick());
    } else this.#flush();
  }
}

function isBracket(name: string): boolean {
  return name === "MULTI" || name === "EXEC" || name === "DISCARD";
}
