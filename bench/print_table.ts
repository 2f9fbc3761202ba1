/** Prints MB/s (median and best round) of each case and how it stands to the first. */
export function printTable(times: ReadonlyMap<string, readonly number[]>, bytes: number): void {
  const rate = (seconds: number): number => bytes / 1e6 / seconds;
  const sorted = [...times].map(([name, list]) => [name, [...list].sort((a, b) => a - b)] as const);
  const [, first] = sorted[0]!;
  console.log(
    `${"".padEnd(28)}${"median MB/s".padStart(14)}${"ratio".padStart(8)}${"best MB/s".padStart(12)}${"ratio".padStart(8)}`,
  );
  for (const [name, list] of sorted) {
    const median = list[list.length >> 1]!;
    const cells = [
      rate(median).toFixed(0).padStart(14),
      (first[first.length >> 1]! / median).toFixed(2).padStart(8),
      rate(list[0]!).toFixed(0).padStart(12),
      (first[0]! / list[0]!).toFixed(2).padStart(8),
    ];
    console.log(name.padEnd(28) + cells.join(""));
  }
}
