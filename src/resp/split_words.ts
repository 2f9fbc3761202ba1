/** The escapes of double quotes that stand for one control byte. */
const ESCAPES: Readonly<Record<number, number>> = { 110: 10, 114: 13, 116: 9, 98: 8, 97: 7 };

const BACKSLASH = 0x5c;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;

/**
 * Splits a line into words as the servers split inline commands, configuration and AOF manifests: at blanks; `"…"` with
 * `\xHH \n \r \t \b \a` (any other escaped byte is itself), `'…'` with `\'`. A closing quote must be followed by a blank or
 * the end. `undefined` when quotes are not balanced. An empty line has no words.
 *
 * @example
 * ```ts
 * import { splitWords } from "rxreplica/resp";
 *
 * const words = splitWords(new TextEncoder().encode('SET "my key" \'it\\\'s\''));
 * if (words?.length !== 3 || words[1]?.length !== 6) throw new Error("unexpected");
 * ```
 */
export function splitWords(line: Uint8Array): Uint8Array[] | undefined {
  const words: Uint8Array[] = [];
  // No word is longer than the line, and all words together are no longer either.
  const output = new Uint8Array(line.length);
  let written = 0;
  // The servers' lines are C strings.
  const nul = line.indexOf(0);
  const end = nul < 0 ? line.length : nul;
  let at = 0;
  for (;;) {
    while (at < end && isSpace(line[at]!)) at++;
    if (at === end) return words;
    const start = written;
    while (at < end && !isBlank(line[at]!)) {
      const byte = line[at++]!;
      if (byte !== DOUBLE_QUOTE && byte !== SINGLE_QUOTE) {
        output[written++] = byte;
        continue;
      }
      for (;;) {
        if (at === end) return undefined;
        const quoted = line[at++]!;
        if (quoted === byte) break;
        const escaped = quoted === BACKSLASH && at < end ? line[at] : undefined;
        if (byte === SINGLE_QUOTE) {
          output[written++] = escaped === SINGLE_QUOTE ? line[at++]! : quoted;
        } else if (escaped === undefined) {
          output[written++] = quoted;
        } else {
          const code = escaped === 0x78 ? hexByte(line, at + 1) : -1;
          output[written++] = code >= 0 ? code : (ESCAPES[escaped] ?? escaped);
          at += code >= 0 ? 3 : 1;
        }
      }
      if (at < end && !isSpace(line[at]!)) return undefined;
      break;
    }
    words.push(output.subarray(start, written));
  }
}

/** What ends a word. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 9 || byte === 10 || byte === 13;
}

/** What may stand between words: vertical tab and form feed too, which do not end one. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 9 && byte <= 13);
}

function hexByte(line: Uint8Array, at: number): number {
  if (at + 1 >= line.length) return -1;
  const high = hexDigit(line[at]!);
  const low = hexDigit(line[at + 1]!);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
