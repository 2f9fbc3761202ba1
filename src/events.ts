/**
 * The events that every source hands out, as types only. The classes behind them are made by the layers that decode:
 * `src/rdb/` (rdb events), `src/stream/` (commands) and `src/replica/` (link events).
 *
 * Everything that costs something is a getter: a key, a value or an argument is made when it is read. Events stay valid
 * for as long as they are kept; keeping one keeps the chunk of input behind it, `detach()` copies what the event needs.
 */
import type { AofEvent } from "./events/aof.ts";
import type { LinkEvent } from "./events/link.ts";
import type { RdbEvent } from "./events/rdb.ts";

export type * from "./events/aof.ts";
export type * from "./events/key.ts";
export type * from "./events/link.ts";
export type * from "./events/place.ts";
export type * from "./events/rdb.ts";
export type * from "./events/values.ts";

/** Everything a source emits, in stream order. */
export type RedisEvent = RdbEvent | AofEvent | LinkEvent;
