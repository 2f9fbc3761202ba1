import { Type } from "./scalars.ts";

/** What a {@link RespDecoder} accepts at most; input above it is refused with `LIMIT`. */
export interface RespLimits {
  /** Bytes of one string. Default 512 MiB, the servers' own `proto-max-bulk-len`. */
  readonly maxBulkLength?: number | undefined;
  /** Bytes of one line of text (status, error). Default 64 KiB. */
  readonly maxLineLength?: number | undefined;
  /** Digits of a big number; reading one takes more than linear time. Default 4096. */
  readonly maxBigNumberDigits?: number | undefined;
  /** Aggregates and attributes within each other. Default 32. */
  readonly maxDepth?: number | undefined;
  /** Values in one top-level value, attributes included. Default 1 048 576. */
  readonly maxElements?: number | undefined;
  /** Bytes on the wire of one top-level value. Default 1 GiB. */
  readonly maxValueBytes?: number | undefined;
}

/** All limits, none left open. */
export type ResolvedLimits = Required<{ readonly [K in keyof RespLimits]: number }>;

/** No number that a server prints comes near this many characters. */
const MAX_NUMBER_LINE = 512;

/** `limits` with the default for each one that was not given. Throws `RangeError` unless all are positive. */
export function resolveLimits(limits: RespLimits): ResolvedLimits {
  return {
    maxBulkLength: positive(limits.maxBulkLength ?? 512 * 1024 * 1024),
    maxLineLength: positive(limits.maxLineLength ?? 64 * 1024),
    maxBigNumberDigits: positive(limits.maxBigNumberDigits ?? 4096),
    maxDepth: positive(limits.maxDepth ?? 32),
    maxElements: positive(limits.maxElements ?? 1024 * 1024),
    maxValueBytes: positive(limits.maxValueBytes ?? 1024 * 1024 * 1024),
  };
}

/** Bytes that the line after this type byte may have. */
export function lineLimit(type: number, limits: ResolvedLimits): number {
  if (type === Type.SIMPLE || type === Type.ERROR) return limits.maxLineLength;
  return type === Type.BIG_NUMBER ? limits.maxBigNumberDigits + 1 : MAX_NUMBER_LINE;
}

/** `limit` itself. Throws `RangeError` unless it is a positive number. */
export function positive(limit: number): number {
  if (!(limit > 0)) throw new RangeError(`Cannot limit to ${limit}: expected a positive number`);
  return limit;
}
