import { latin1 } from "../../bytes/text.ts";
import type { AofCommand } from "../../events.ts";

const EMPTY = new Uint8Array(0);
const LOWER_A = 97;

/** One command and its arguments as rules read them. */
export class CommandWords {
  command!: AofCommand;
  args: readonly Uint8Array[] = [];
  db = 0;

  arg(index: number): Uint8Array {
    return this.args[index] ?? EMPTY;
  }

  /** An argument as text, one character a byte. */
  text(index: number): string {
    return latin1(this.arg(index));
  }

  /** An argument as an upper-case word. */
  word(index: number): string {
    return this.text(index).toUpperCase();
  }

  number(index: number): number {
    return scoreOf(this.text(index));
  }

  /** Whether the name is in upper case, as servers write what they made themselves. */
  get serverMade(): boolean {
    return this.arg(0).every((byte) => byte < LOWER_A);
  }

  /** Whether the word comes among the arguments from `from` on. */
  hasWord(word: string, from: number): boolean {
    return this.indexOfWord(word, from) >= 0;
  }

  indexOfWord(word: string, from: number): number {
    for (let at = from; at < this.args.length; at++) {
      if (this.args[at]!.length === word.length && this.word(at) === word) return at;
    }
    return -1;
  }
}

/** Reads a score or a number as servers do; NaN for what is none. */
export function scoreOf(text: string): number {
  const word = text.toLowerCase();
  if (/^[+]?inf(inity)?$/.test(word)) return Number.POSITIVE_INFINITY;
  if (/^-inf(inity)?$/.test(word)) return Number.NEGATIVE_INFINITY;
  return text === "" ? Number.NaN : Number(text);
}
