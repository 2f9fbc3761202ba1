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
export * from "./notification.ts";
