import { ReplicaError } from "../errors.ts";

/*
 * LZF, loop until the input is used up:
 *
 *   000LLLLL                       L+1 literal bytes follow (1–32)
 *   LLLddddd [111: +length] ddddddddd   L+2 bytes (3–264) from distance d+1 (1–8192); with L = 7 a byte is added to L first
 */

/** Output bytes that one input byte can stand for at most: three bytes make at most 264. */
export const LZF_MAX_RATIO = 88;
/** How far back a reference can reach: the window that a streaming decompressor keeps. */
export const LZF_WINDOW = 8192;

/** The plain form of `lzfDecompress`, and the oracle of the kernel: same arguments, same errors. */
export function lzfDecompressPlain(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  outStart: number,
  outLength: number,
): void {
  const outEnd = outStart + outLength;
  if (outStart < 0 || outLength < 0 || outEnd > output.length) {
    throw new RangeError(`Cannot decompress into bytes ${outStart} to ${outEnd} of ${output.length}`);
  }
  lzfRequireRatio(end - start, outLength);
  let at = start;
  let out = outStart;
  while (at < end) {
    const element = at;
    const control = input[at++]!;
    if (control < 0x20) {
      const run = control + 1;
      if (run > end - at) throw lzfMalformed("literal runs beyond the input", element - start);
      if (run > outEnd - out) throw lzfMalformed("output longer than announced", element - start);
      for (let i = 0; i < run; i++) output[out + i] = input[at + i]!;
      at += run;
      out += run;
      continue;
    }
    let run = (control >> 5) + 2;
    if (run === 9) {
      if (at >= end) throw lzfMalformed("reference cut short", element - start);
      run += input[at++]!;
    }
    if (at >= end) throw lzfMalformed("reference cut short", element - start);
    const distance = (((control & 0x1f) << 8) | input[at++]!) + 1;
    if (distance > out - outStart) throw lzfMalformed("reference before the output's start", element - start);
    if (run > outEnd - out) throw lzfMalformed("output longer than announced", element - start);
    // Source and target may overlap, which repeats what lies between: only a forward copy byte by byte does that.
    for (const stop = out + run; out < stop; out++) output[out] = output[out - distance]!;
  }
  if (out !== outEnd) throw lzfMalformed("output shorter than announced", end - start);
}

/** Checks `input[start, end)` as `lzfDecompress` would, with the same errors, without producing the output. */
export function lzfCheck(input: Uint8Array, start: number, end: number, outLength: number): void {
  lzfRequireRatio(end - start, outLength);
  let at = start;
  let produced = 0;
  while (at < end) {
    const element = at;
    const control = input[at++]!;
    let run = control + 1;
    if (control < 0x20) {
      if (run > end - at) throw lzfMalformed("literal runs beyond the input", element - start);
      at += run;
    } else {
      run = (control >> 5) + 2;
      if (run === 9) {
        if (at >= end) throw lzfMalformed("reference cut short", element - start);
        run += input[at++]!;
      }
      if (at >= end) throw lzfMalformed("reference cut short", element - start);
      const distance = (((control & 0x1f) << 8) | input[at++]!) + 1;
      if (distance > produced) throw lzfMalformed("reference before the output's start", element - start);
    }
    if (run > outLength - produced) throw lzfMalformed("output longer than announced", element - start);
    produced += run;
  }
  if (produced !== outLength) throw lzfMalformed("output shorter than announced", end - start);
}

/** Refuses an announced length that the compressed bytes cannot make, before anybody reserves memory for it. */
export function lzfRequireRatio(inLength: number, outLength: number): void {
  if (outLength > inLength * LZF_MAX_RATIO) {
    throw lzfMalformed(`${inLength} bytes cannot make ${outLength}`, 0);
  }
}

/** The error for a fault at byte `offset` of the compressed input. */
export function lzfMalformed(detail: string, offset: number): ReplicaError {
  return new ReplicaError("MALFORMED", `Cannot decompress LZF: ${detail} at byte ${offset}`, { offset });
}
