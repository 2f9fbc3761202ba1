/**
 * Finding things again in a command that the scanner has checked: no bounds and no digits are checked here.
 *
 * ```text
 * *3 CR LF $3 CR LF SET CR LF $1 CR LF k CR LF $1 CR LF v CR LF
 *                   ^ data of argument 0
 * ```
 */

const CR = 0x0d;
const LF = 0x0a;
const DOLLAR = 0x24;
const ZERO = 0x30;

/** Index after the line that begins at `at`: of the first header for a command's, of the data for a header. */
export function afterLine(bytes: Uint8Array, at: number): number {
  // The shortest line is `$0` CR LF.
  let index = at + 3;
  while (bytes[index] !== LF) index++;
  return index + 1;
}

/** The number in the line that begins at `at`. */
export function lineNumber(bytes: Uint8Array, at: number): number {
  let number = bytes[at + 1]! - ZERO;
  for (let index = at + 2; bytes[index] !== CR; index++) number = number * 10 + bytes[index]! - ZERO;
  return number;
}

/** Index of the data of argument `index` of the command that begins at `start`. */
export function argumentData(bytes: Uint8Array, start: number, index: number): number {
  let at = afterLine(bytes, start);
  for (let i = 0; i < index; i++) {
    // Length and end of the header in one go: this is where a filter on keys spends its time.
    let length = bytes[at + 1]! - ZERO;
    at += 2;
    for (let byte = bytes[at++]!; byte !== CR; byte = bytes[at++]!) length = length * 10 + byte - ZERO;
    at += length + 3;
  }
  return afterLine(bytes, at);
}

/** Length of the argument whose data begins at `data`: the number in the header before it, read backwards. */
export function lengthBefore(bytes: Uint8Array, data: number): number {
  let length = 0;
  for (let at = data - 3, scale = 1; bytes[at] !== DOLLAR; at--, scale *= 10)
    length += (bytes[at]! - ZERO) * scale;
  return length;
}
