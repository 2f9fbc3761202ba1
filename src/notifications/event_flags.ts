import type { NotificationFlag } from "./flags.ts";

/** Event names by class, from the calls in the servers' sources (Redis 2.8 to 8.8, Valkey 8 and 9). */
const NAMES: Readonly<Partial<Record<NotificationFlag, string>>> = {
  g: "del expire persist rename_from rename_to move_from move_to copy_to restore",
  $: "set append setrange incrby incrbyfloat setbit pfadd",
  l: "lpush rpush lpop rpop linsert lset lrem ltrim sortstore",
  s: "sadd srem spop sinterstore sunionstore sdiffstore",
  h: "hset hincrby hincrbyfloat hdel hexpire hpersist hexpired",
  z: "zadd zincr zrem zremrangebyscore zremrangebyrank zremrangebylex zpopmin zpopmax zunionstore zinterstore zdiffstore zrangestore georadiusstore geosearchstore",
  t: "xadd xtrim xdel xsetid xgroup-create xgroup-setid xgroup-destroy xgroup-delconsumer xgroup-createconsumer",
  a: "arset armset arinsert arring arseek ardel ardelrange",
  x: "expired",
  e: "evicted",
  m: "keymiss",
  n: "new",
  o: "overwritten",
  c: "type_changed",
};

const FLAG_OF: ReadonlyMap<string, NotificationFlag> = new Map(
  Object.entries(NAMES).flatMap(([flag, names]) =>
    names.split(" ").map((name) => [name, flag as NotificationFlag] as const),
  ),
);

/**
 * The class that an event belongs to; `d`, the modules' class, for a name that no server has of its own.
 *
 * `hexpired` is `h`; Valkey 9 alone publishes it as `x` when its background task removed the fields.
 *
 * @example
 * ```ts
 * import { flagOf } from "rxreplica";
 *
 * if (flagOf("xgroup-create") !== "t" || flagOf("expired") !== "x") throw new Error("unexpected");
 * ```
 */
export function flagOf(event: string): NotificationFlag {
  return FLAG_OF.get(event) ?? "d";
}

/** Every event name that servers publish by themselves, modules' aside. */
export const EVENT_NAMES: readonly string[] = [...FLAG_OF.keys()];
