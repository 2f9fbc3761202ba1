import type { RespLimits } from "./limits.ts";
import type { RespValue } from "./value.ts";

/** Where a `RespDecoder` puts values, and what it accepts. */
export interface RespDecoderOptions extends RespLimits {
  /**
   * Takes each whole top-level value; pushes come the same way. `false` stops `write` after this value, for a connection
   * whose next bytes are not RESP. What it throws leaves `write`, and the value counts as delivered.
   */
  readonly onValue: (value: RespValue) => unknown;
  /** Pass over bare LF between values, a primary's sign of life before it answers PSYNC. Default `false`: malformed. */
  readonly allowKeepAlive?: boolean | undefined;
}
