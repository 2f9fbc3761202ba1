/** What the demo's server holds and what its client writes. */
import type { Command } from "../../test/support/client.ts";

/** One key of each type with a name that explains itself. */
export const KEYS: readonly Command[] = [
  ["SET", "greeting", "hello"],
  ["SET", "visits", "41"],
  ["RPUSH", "inbox", "buy milk", "call Ada", "water the plants"],
  ["SADD", "colours", "red", "green", "blue"],
  ["ZADD", "highscores", "310", "ada", "250", "grace", "120", "linus"],
  ["HSET", "user:1", "name", "Ada", "born", "1815", "city", "London"],
  ["EXPIRE", "user:1", "86400"],
  ["XADD", "orders", "*", "item", "book", "price", "12.50"],
  ["XADD", "orders", "*", "item", "lamp", "price", "34.00"],
  ["XGROUP", "CREATE", "orders", "packers", "0"],
  ["XREADGROUP", "GROUP", "packers", "zoe", "COUNT", "1", "STREAMS", "orders", ">"],
];

/** Functions are in the snapshot too; servers before 7.0 have none. */
export const FUNCTION: Command = [
  "FUNCTION",
  "LOAD",
  "REPLACE",
  "#!lua name=demo\nredis.register_function('hi', function(keys, args) return 'hi' end)",
];

/** Keys that make the snapshot large enough to watch. */
export const FILLING: Command = ["DEBUG", "POPULATE", "300000", "session", "100"];

export interface Step {
  readonly sends: readonly Command[];
  /** Commands that arrive for it. */
  readonly arrive: number;
  /** What is worth noticing. */
  readonly note?: string;
}

const SCRIPT = "redis.call('INCR', KEYS[1]) redis.call('INCR', KEYS[1])";

/** What the client sends once the stream is live. */
export const STEPS: readonly Step[] = [
  { sends: [["SET", "greeting", "hello again"]], arrive: 1 },
  { sends: [["HSET", "user:1", "city", "Oslo"]], arrive: 1 },
  {
    sends: [["SPOP", "colours"]],
    arrive: 1,
    note: "what happened, not what was asked",
  },
  {
    sends: [["SET", "code", "4711", "PX", "3000"]],
    arrive: 1,
    note: "a time to live becomes a point in time",
  },
  {
    sends: [["MULTI"], ["LPOP", "inbox"], ["ZINCRBY", "highscores", "75", "grace"], ["EXEC"]],
    arrive: 4,
    note: "a transaction stays together",
  },
  { sends: [["EVAL", SCRIPT, "1", "visits"]], arrive: 4, note: "a script arrives as what it did" },
  { sends: [["GET", "greeting"]], arrive: 0, note: "a read changes nothing" },
];

/** How long the key that expires while we watch may take, ms. */
export const EXPIRY_MS = 3500;
