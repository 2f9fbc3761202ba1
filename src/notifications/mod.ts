/** Keyspace notifications: flags, channels, and their derivation from the replication stream. */
export {
  type KeyHappening,
  messagesFor,
  type NotificationMessage,
  type ParsedNotification,
  parseNotification,
} from "./channels.ts";
export { EVENT_NAMES, flagOf } from "./event_flags.ts";
export * from "./flags.ts";
export type { PublishedNotification } from "./node_subscription.ts";
export * from "./notification.ts";
export type { NotificationSelection } from "./subscription_plan.ts";
export type { FetchedValue } from "./value_fetcher.ts";
