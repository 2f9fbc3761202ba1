import { ReplicaError } from "../src/errors.ts";
import { showBytes, showText } from "./format/show.ts";

/** Wrong usage that the argument parser cannot see: exit status 2. */
export class UsageError extends Error {}

/** Options that the SDK finds wrong are wrong usage of the program. */
export function asUsage<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** Exit statuses. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

/** One sentence about an error, on one line, safe to print on a terminal. With `debug` the stack and the causes follow. */
export function describeError(error: unknown, debug: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = `${showText(message)}${error instanceof ReplicaError ? ` (${placeOf(error)})` : ""}`;
  if (!debug || !(error instanceof Error)) return sentence;
  const stacks: string[] = [];
  for (let at: unknown = error; at instanceof Error && stacks.length < 8; at = at.cause) {
    stacks.push(at.stack ?? at.message);
  }
  return [sentence, ...stacks].join("\n");
}

/** The code and what is known of the place, without what the message already says. */
function placeOf(error: ReplicaError): string {
  const { code, offset, file, db, key, type, message } = error;
  const parts: string[] = [code];
  const add = (text: string, sign: string): void => {
    if (!message.includes(sign)) parts.push(text);
  };
  if (offset !== undefined) add(`byte ${offset}`, String(offset));
  if (key !== undefined) {
    const shown = showBytes(key, 80);
    add(`key ${shown}`, shown);
  }
  if (db !== undefined && key !== undefined) parts.push(`db ${db}`);
  if (type !== undefined) add(`type ${type}`, type);
  if (file !== undefined) add(`file ${showText(file)}`, file);
  return parts.join(", ");
}

/** Prints what went wrong on standard error and returns the exit status for it. */
export function reportError(error: unknown, debug: boolean): number {
  process.stderr.write(`rxreplica: ${describeError(error, debug)}\n`);
  return error instanceof UsageError ? EXIT.usage : EXIT.failure;
}
