import { parseInteger } from "../bytes/integer.ts";
import { latin1 } from "../bytes/text.ts";
import { defaultCommandTable } from "../commands/keys.ts";
import type { TargetCommand } from "./target_batch.ts";

/** Keys with a time to live that are remembered, the last ones set. */
const MAX_KEYS = 65_536;

/** Commands after which it does not matter whether the key had expired. */
const REPLACING: ReadonlySet<string> = new Set(["DEL", "UNLINK", "SETEX", "PSETEX", "RESTORE", "GETSET"]);

/**
 * Finds writes to keys that the target may have expired by its own clock before the write came, though the source still had
 * the key. An estimate: of the keys whose expiry came by this very link, the last 65,536.
 */
export class ExpiryWatch {
  /** Unix ms by database and key. */
  readonly #times = new Map<string, number>();

  /** Notes what a command, acknowledged at `now`, does to times to live; `true` when it came too late for its key. */
  note({ name, db, args, source }: TargetCommand, now: number): boolean {
    if (name === "FLUSHALL" || name === "FLUSHDB" || name === "SWAPDB") {
      this.#times.clear();
      return false;
    }
    if (source.kind === "rdb") {
      const { key, expireAt } = source;
      if (key !== undefined && typeof expireAt === "number") this.#set(nameOf(db, args[1] ?? key), expireAt);
      return false;
    }
    if (this.#times.size === 0 && name !== "SET" && name !== "PEXPIREAT") return false;
    const keys = defaultCommandTable().keysOf(args);
    if (keys === undefined) return false;
    let late = false;
    for (const ref of keys) {
      const key = nameOf(ref.db ?? db, ref.key);
      const expireAt = this.#times.get(key);
      if (expireAt === undefined) continue;
      const replaced = REPLACING.has(name) || (name === "SET" && !hasWord(args, "KEEPTTL"));
      if (replaced || name === "PERSIST") this.#times.delete(key);
      if (!replaced && expireAt <= now) late = true;
    }
    const [first] = keys;
    const set = first && timeSetBy(name, args);
    if (first !== undefined && set !== undefined) this.#set(nameOf(db, first.key), set);
    return late;
  }

  #set(key: string, expireAt: number): void {
    this.#times.delete(key);
    if (this.#times.size >= MAX_KEYS) {
      for (const oldest of this.#times.keys()) {
        this.#times.delete(oldest);
        break;
      }
    }
    this.#times.set(key, expireAt);
  }
}

function nameOf(db: number | undefined, key: Uint8Array): string {
  return `${db} ${latin1(key)}`;
}

/** The absolute time to live that a command of a stream sets, as servers from 7.0 on write it. */
function timeSetBy(name: string, args: readonly Uint8Array[]): number | undefined {
  if (name === "PEXPIREAT") return numberIn(args[2]);
  if (name !== "SET") return undefined;
  const at = args.findIndex((arg, index) => index > 2 && isWord(arg, "PXAT"));
  return at < 0 ? undefined : numberIn(args[at + 1]);
}

function numberIn(arg: Uint8Array | undefined): number | undefined {
  const value = arg && parseInteger(arg, 0, arg.length);
  return typeof value === "number" ? value : undefined;
}

function hasWord(args: readonly Uint8Array[], word: string): boolean {
  return args.some((arg, index) => index > 2 && isWord(arg, word));
}

function isWord(arg: Uint8Array, word: string): boolean {
  return arg.length === word.length && latin1(arg).toUpperCase() === word;
}
