/** A simple LZF compressor for tests: greedy, hashed triples, `null` when the result would not be shorter than `limit`. */
export function lzfCompress(input: Uint8Array): Uint8Array {
  const out: number[] = [];
  const seen = new Map<number, number>();
  let literals: number[] = [];
  const flush = (): void => {
    for (let i = 0; i < literals.length; i += 32) {
      const run = literals.slice(i, i + 32);
      out.push(run.length - 1, ...run);
    }
    literals = [];
  };
  let at = 0;
  while (at < input.length) {
    const key = (input[at]! << 16) | ((input[at + 1] ?? 0) << 8) | (input[at + 2] ?? 0);
    const from = at + 2 < input.length ? seen.get(key) : undefined;
    seen.set(key, at);
    if (from === undefined || at - from > 8192) {
      literals.push(input[at++]!);
      continue;
    }
    let run = 3;
    while (run < 264 && at + run < input.length && input[from + run] === input[at + run]) run++;
    flush();
    const distance = at - from - 1;
    const length = run - 2;
    if (length < 7) out.push((length << 5) | (distance >> 8), distance & 255);
    else out.push(0xe0 | (distance >> 8), length - 7, distance & 255);
    at += run;
  }
  flush();
  return Uint8Array.from(out);
}

/** The decoding rule, as short as it can be said. `undefined` for anything wrong. */
export function lzfNaive(input: Uint8Array, outLength: number): number[] | undefined {
  const out: number[] = [];
  const bytes = [...input];
  while (bytes.length > 0) {
    const control = bytes.shift()!;
    if (control < 32) {
      if (bytes.length < control + 1) return undefined;
      out.push(...bytes.splice(0, control + 1));
    } else {
      const length = control >> 5 === 7 ? 7 + (bytes.shift() ?? Number.NaN) : control >> 5;
      const distance = (control & 31) * 256 + (bytes.shift() ?? Number.NaN) + 1;
      if (!(distance <= out.length)) return undefined;
      for (let i = 0; i < length + 2; i++) out.push(out[out.length - distance]!);
    }
    if (out.length > outLength) return undefined;
  }
  return out.length === outLength ? out : undefined;
}
