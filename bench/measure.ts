import { readFileSync } from "node:fs";

/** What a process cost. CPU in seconds, user and system; memory in MB. */
export interface Cost {
  readonly cpu: number;
  readonly wall: number;
  /** Highest resident memory; `undefined` where the system does not tell. */
  readonly peak: number | undefined;
  readonly output: string;
}

/** The part of Bun that tells what a child cost: Node has no such call. */
interface BunLike {
  spawn(
    command: readonly string[],
    options: {
      readonly stdin?: "pipe" | "ignore";
      readonly stdout: "pipe";
      readonly stderr: "pipe";
      readonly cwd?: string | undefined;
    },
  ): BunChild;
}

export interface BunChild {
  readonly pid: number;
  readonly stdin: { write(text: string): void; flush(): void; end(): void };
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<number>;
  kill(): void;
  resourceUsage(): { readonly cpuTime: { readonly user: bigint | number; readonly system: bigint | number } };
}

/** How often a child's memory is looked at, ms. The kernel keeps the highest mark: only the last look matters. */
const LOOK_EVERY = 10;

function bun(): BunLike {
  const { Bun } = globalThis as { readonly Bun?: BunLike };
  if (Bun === undefined)
    throw new Error("The benchmarks run with Bun, which tells what a child cost: npm run bench");
  return Bun;
}

/** Starts a program whose input and output are pipes. */
export function start(command: readonly string[]): BunChild {
  return bun().spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
}

/** Runs a program to its end. Throws with what it wrote when it fails. */
export async function measure(command: readonly string[]): Promise<Cost> {
  const begin = performance.now();
  const child = bun().spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  let peak: number | undefined;
  const look = setInterval(() => {
    peak = highWaterMark(child.pid) ?? peak;
  }, LOOK_EVERY);
  const [output, errors, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  clearInterval(look);
  const wall = (performance.now() - begin) / 1000;
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${errors}`);
  const { user, system } = child.resourceUsage().cpuTime;
  return { cpu: (Number(user) + Number(system)) / 1e6, wall, peak, output };
}

/** Highest resident memory of a running process so far, MB. */
export function highWaterMark(pid: number): number | undefined {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line === null ? undefined : Number(line[1]) / 1000;
  } catch {
    return undefined;
  }
}

/** CPU seconds, user and system, of a running process so far. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold anything; what follows it is plain.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

/** The kernel's unit for these times, the same on all of Linux' platforms. */
const CLOCK_TICKS = 100;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
