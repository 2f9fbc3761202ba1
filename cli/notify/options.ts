import type { DeriveLevel } from "../../src/notifications/notification.ts";
import type { ServerAccess } from "../options.ts";

/** Options of `rxreplica notify`, as the argument parser hands them over. */
export interface NotifyOptions extends ServerAccess {
  readonly derive?: boolean;
  readonly level: DeriveLevel;
  readonly flags?: string;
  readonly event?: readonly string[];
  readonly match?: readonly string[];
  readonly db?: readonly number[];
  readonly configure?: boolean;
  readonly format?: "ndjson" | "text";
}
