import type { Runtime } from "./programs.ts";
import { RUNTIMES } from "./programs.ts";

/** How much is measured. */
export interface Settings {
  /** Size of the datasets; 1 is full. */
  readonly scale: number;
  /** Rounds whose median counts. */
  readonly rounds: number;
  readonly runtimes: readonly Runtime[];
  /** Commands of the live case. */
  readonly liveCommands: number;
}

export const FULL: Settings = { scale: 1, rounds: 5, runtimes: RUNTIMES, liveCommands: 3_000_000 };
export const QUICK: Settings = { scale: 0.1, rounds: 3, runtimes: RUNTIMES, liveCommands: 500_000 };
