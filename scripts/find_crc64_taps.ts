/**
 * Looks for the sparse multiples of the CRC-64 polynomial that `src/bytes/kernels/crc64.wat` folds by: nine powers of x^8 (whole
 * bytes) whose sum is a multiple, the highest far above the others. Prints the distances from the highest, ascending.
 *
 *     npx tsx scripts/find_crc64_taps.ts [span] [lead] [seconds]      defaults 1100 500 300
 *
 * A generalised birthday search: pairs of powers below `span` are sorted by their low bits, pairs that agree up to a
 * constant make quads, and two quads that differ by a power above `span + lead` are a find. Finds are few; the
 * defaults come to the kernel's within five minutes.
 */
const [span = 1100, lead = 500, seconds = 300] = process.argv.slice(2).map(Number);
const LOW_BITS = 18;
const LOW = (1 << LOW_BITS) - 1;
const HASH = (1 << 19) - 1;
const TOPS = 64;

/** x^(8i) modulo the polynomial, reflected, as 32-bit halves. */
const low = new Int32Array(span + lead + TOPS);
const high = new Int32Array(span + lead + TOPS);
let power = 1n << 63n;
for (let i = 0; i < low.length; i++) {
  low[i] = Number(power & 0xffffffffn);
  high[i] = Number(power >> 32n);
  for (let bit = 0; bit < 8; bit++) power = power & 1n ? (power >> 1n) ^ 0x95ac9329ac4bc9b5n : power >> 1n;
}

/** Pairs, grouped by the low bits of their sum. */
const pairs = (span * (span - 1)) / 2;
const first = new Int32Array(LOW + 2);
for (let a = 0; a < span; a++) {
  for (let b = a + 1; b < span; b++) first[((low[a]! ^ low[b]!) & LOW) + 1]!++;
}
for (let i = 0; i <= LOW; i++) first[i + 1]! += first[i]!;
const next = first.slice();
const members = new Int32Array(pairs);
const pairLow = new Int32Array(pairs);
const pairHigh = new Int32Array(pairs);
for (let a = 0; a < span; a++) {
  for (let b = a + 1; b < span; b++) {
    const at = next[(low[a]! ^ low[b]!) & LOW]!++;
    members[at] = a * span + b;
    pairLow[at] = low[a]! ^ low[b]!;
    pairHigh[at] = high[a]! ^ high[b]!;
  }
}

/** Visits the pairs of pairs whose low bits differ by `constant`. */
function quads(constant: number, visit: (p: number, q: number) => void): void {
  for (let bits = 0; bits <= LOW; bits++) {
    const other = bits ^ constant;
    if (other < bits) continue;
    for (let p = first[bits]!; p < first[bits + 1]!; p++) {
      for (let q = first[other]!; q < first[other + 1]!; q++) visit(p, q);
    }
  }
}

const heads = new Int32Array(HASH + 1);
const links: number[] = [];
const found = new Set<string>();
const deadline = performance.now() + seconds * 1000;
for (let constant = 1; constant <= LOW && performance.now() < deadline; constant++) {
  heads.fill(-1);
  links.length = 0;
  quads(constant, (p, q) => {
    const slot = (pairHigh[p]! ^ pairHigh[q]!) & HASH;
    links.push(p, q, heads[slot]!);
    heads[slot] = links.length - 3;
  });
  for (let top = span + lead; top < low.length; top++) {
    quads((constant ^ low[top]!) & LOW, (p, q) => {
      const h = pairHigh[p]! ^ pairHigh[q]! ^ high[top]!;
      for (let at = heads[h & HASH]!; at >= 0; at = links[at + 2]!) {
        const [r, s] = [links[at]!, links[at + 1]!];
        if ((pairHigh[r]! ^ pairHigh[s]!) !== h) continue;
        if ((pairLow[p]! ^ pairLow[q]! ^ pairLow[r]! ^ pairLow[s]!) !== low[top]!) continue;
        const powers = [p, q, r, s].flatMap((pair) => [
          Math.floor(members[pair]! / span),
          members[pair]! % span,
        ]);
        const distances = powers.map((each) => top - each).sort((a, b) => a - b);
        if (new Set(distances).size === 8) found.add(distances.join(" "));
      }
    });
  }
  for (const distances of found) console.log(distances);
  found.clear();
}
