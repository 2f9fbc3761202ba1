import type { DeriveLevel } from "../../src/notifications/notification.ts";
import { UNTRACEABLE } from "./compare.ts";

/** What is published and, at lower levels, cannot be told at all. */
export const MISSING: Readonly<Record<DeriveLevel, ReadonlySet<string>>> = {
  values: UNTRACEABLE,
  members: new Set([...UNTRACEABLE, "del", "new"]),
  keys: new Set([...UNTRACEABLE, "del", "new", "xtrim", "hexpired"]),
  stateless: new Set([...UNTRACEABLE, "del", "new", "xtrim", "hexpired"]),
};
