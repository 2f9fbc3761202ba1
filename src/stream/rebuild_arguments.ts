import { formatDecimal } from "../bytes/integer.ts";
import { encodeUtf8 } from "../bytes/text.ts";

/** A whole command, name first. */
export type Arguments = readonly Uint8Array[];

/** Bounds of one command; a single element above them goes alone. */
export interface ArgumentBounds {
  /** Bytes of all arguments. */
  readonly maxBytes: number;
  /** Arguments, the name included. */
  readonly maxArgs: number;
}

const WORDS = new Map<string, Uint8Array>();

/** The bytes of a word that the program itself writes into commands; made once. */
export function word(text: string): Uint8Array {
  let bytes = WORDS.get(text);
  if (bytes === undefined) WORDS.set(text, (bytes = encodeUtf8(text)));
  return bytes;
}

/** A command of fixed words, numbers and bytes. */
export function command(...args: readonly (string | number | bigint | Uint8Array)[]): Arguments {
  return args.map((arg) => {
    if (typeof arg === "object") return arg;
    return typeof arg === "string" ? word(arg) : formatDecimal(arg);
  });
}

/** Commands that begin with `head` and share the arguments of all items, as many in each as the bounds allow. */
export function* chunked<T>(
  head: Arguments,
  items: Iterable<T>,
  bounds: ArgumentBounds,
  argsOf: (item: T) => Arguments,
): Iterable<Arguments> {
  const headBytes = bytesOf(head);
  let args: Uint8Array[] = [...head];
  let bytes = headBytes;
  for (const item of items) {
    const more = argsOf(item);
    const size = bytesOf(more);
    const isFull = args.length + more.length > bounds.maxArgs || bytes + size > bounds.maxBytes;
    if (isFull && args.length > head.length) {
      yield args;
      args = [...head];
      bytes = headBytes;
    }
    for (const arg of more) args.push(arg);
    bytes += size;
  }
  if (args.length > head.length) yield args;
}

/** Bytes of all arguments together. */
export function bytesOf(args: Arguments): number {
  let sum = 0;
  for (const arg of args) sum += arg.length;
  return sum;
}
