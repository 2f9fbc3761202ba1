/**
 * Finding things again in a command that the scanner has checked: no bounds and no digits are checked here.
 *
 * ```text
 * *3 CR LF $3 CR LF SET CR LF $1 CR LF k CR LF $1 CR LF v CR LF
 *          ^header  ^data
 * ```
 */

const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;

/** Index after the line that begins at `at`: of the first header for a command's, of the data for a header. */
export function afterLine(bytes: Uint8Array, at: number): number {
  // The shortest line is `$0` CR LF.
  let index = at + 3;
  while (bytes[index] !== LF) index++;
  return index + 1;
}

/** Length of the argument whose header begins at `at`. */
export function argumentLength(bytes: Uint8Array, at: number): number {
  let length = bytes[at + 1]! - ZERO;
  for (let index = at + 2; bytes[index] !== CR; index++) length = length * 10 + bytes[index]! - ZERO;
  return length;
}

/** Index of the header of argument `index` of the command that begins at `start`. */
export function argumentHeader(bytes: Uint8Array, start: number, index: number): number {
  let at = afterLine(bytes, start);
  for (let i = 0; i < index; i++) at = afterLine(bytes, at) + argumentLength(bytes, at) + 2;
  return at;
}

/** Views of all arguments of the command that begins at `start`. */
export function argumentViews(bytes: Uint8Array, start: number, argc: number): Uint8Array[] {
  const { buffer, byteOffset } = bytes;
  const views: Uint8Array[] = [];
  let at = afterLine(bytes, start);
  for (let i = 0; i < argc; i++) {
    let length = bytes[at + 1]! - ZERO;
    at += 2;
    for (let byte = bytes[at++]!; byte !== CR; byte = bytes[at++]!) length = length * 10 + byte - ZERO;
    views.push(new Uint8Array(buffer, byteOffset + at + 1, length));
    at += length + 3;
  }
  return views;
}
