import type { ReplicaError } from "../errors.ts";
import type { RespList, RespValue } from "../resp/value.ts";
import { textOf } from "./reply.ts";

/** A request on its way: what the next reply is for. */
export interface Pending {
  readonly resolve: (reply: RespValue) => void;
  readonly reject: (error: ReplicaError) => void;
  /** Of a (un)subscription, which is answered by one push a channel: the kind of these, and how many are to come. */
  readonly kind?: string;
  left?: number;
}

/** First words of what a subscribed RESP2 connection gets as plain arrays. */
const PUSH_KINDS: ReadonlySet<string> = new Set([
  "message",
  "pmessage",
  "smessage",
  "subscribe",
  "psubscribe",
  "ssubscribe",
  "unsubscribe",
  "punsubscribe",
  "sunsubscribe",
]);

/** Whether a list is, by its first word, a message or a confirmation of pub/sub. */
export function isPubSub(list: RespList): boolean {
  const first = list.items[0];
  return first?.type === "bulk" && PUSH_KINDS.has(kindOf(list));
}

/** What kind of push a list is: its first word. */
export function kindOf(list: RespList): string {
  return list.items.length === 0 ? "" : textOf(list.items[0], "push").toLowerCase();
}
