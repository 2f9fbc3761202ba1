import { InvalidArgumentError } from "commander";
import type { CommandFlag, SlotRange } from "../src/commands/types.ts";
import type { ValueType } from "../src/events.ts";
import { UsageError } from "./errors.ts";

export const FORMATS = ["ndjson", "text", "resp"] as const;
export type Format = (typeof FORMATS)[number];

export const TYPES: readonly ValueType[] = [
  "string",
  "list",
  "set",
  "zset",
  "hash",
  "stream",
  "module",
  "array",
];

/** Options of every command that reads a source, as the argument parser hands them over. */
export interface SourceOptions {
  readonly match?: readonly string[];
  readonly db?: readonly number[];
  readonly type?: readonly ValueType[];
  readonly command?: readonly string[];
  readonly family?: readonly string[];
  readonly flag?: readonly CommandFlag[];
  readonly slot?: readonly SlotRange[];
  readonly user?: string;
  readonly sentinelUser?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: boolean;
  readonly debug?: boolean;
}

/** How to reach a server. */
export type ServerAccess = Pick<
  SourceOptions,
  "user" | "sentinelUser" | "ca" | "cert" | "key" | "insecure" | "debug"
>;

export interface DoctorOptions extends ServerAccess {
  readonly format?: "ndjson" | "text";
}

/** Options of the commands that print events. */
export interface PrintOptions extends SourceOptions {
  readonly format?: Format;
  readonly count?: boolean;
  readonly keysOnly?: boolean | undefined;
  readonly raw?: boolean | undefined;
  readonly progressEvents?: boolean;
}

/** What of the values is wanted; refuses what leaves nothing to print. */
export function valuesOf({ raw, keysOnly, format }: PrintOptions): Pick<PrintOptions, "raw" | "keysOnly"> {
  if (keysOnly === true && raw === true)
    throw new UsageError("Cannot use --keys-only with --raw: no value is read");
  if (keysOnly === true && format === "resp")
    throw new UsageError(
      "Cannot use --keys-only with --format resp: no command makes a key without its value",
    );
  return { raw, keysOnly };
}

export interface TailOptions extends PrintOptions {
  readonly snapshot: boolean;
  readonly stream: boolean;
  readonly resume?: string;
}

export interface StatsCommandOptions extends SourceOptions {
  readonly format?: "ndjson" | "text";
  readonly separator: string;
  readonly depth: number;
  readonly top: number;
}

/** An option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

export function collectDb(value: string, before: readonly number[] = []): readonly number[] {
  const db = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(db))
    throw new InvalidArgumentError("A database is a number from 0 on.");
  return [...before, db];
}

export function collectType(value: string, before: readonly ValueType[] = []): readonly ValueType[] {
  const type = TYPES.find((known) => known === value.toLowerCase());
  if (type === undefined) throw new InvalidArgumentError(`Types are ${TYPES.join(", ")}.`);
  return [...before, type];
}

/** A slot of a cluster, or a range of them: `42`, `0-5460`. Whether there are such slots the filter says. */
export function collectSlots(value: string, before: readonly SlotRange[] = []): readonly SlotRange[] {
  const [, start, end = start] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) ?? [];
  if (start === undefined || end === undefined) {
    throw new InvalidArgumentError("A slot, or a range of slots such as 0-5460.");
  }
  return [...before, { start: Number(start), end: Number(end) }];
}

/** A whole number from 1 on. */
export function positive(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError("A number from 1 on.");
  }
  return number;
}
