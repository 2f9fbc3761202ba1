import type { Certainty } from "../notification.ts";

/** What a rule tells of an event besides its name and key. */
export interface Doubt {
  readonly certainty: Certainty;
  readonly mayBe?: readonly string[];
}

/** An event that a rule found. */
export interface Found {
  readonly event: string;
  readonly key: Uint8Array;
  readonly db: number;
  readonly certainty: Certainty;
  readonly mayBe: readonly string[];
}

/** What one adjacent command leaves behind for the next: several commands in the stream may be one event. */
export interface Trail {
  readonly event: string;
  readonly key: Uint8Array;
  readonly db: number;
  readonly at: number | undefined;
  readonly tx: boolean;
  readonly count: number;
}

export const SURE: Doubt = { certainty: "exact" };
export const LIKELY: Doubt = { certainty: "likely" };
/** Likely, and nothing at all if not. */
export const PERHAPS: Doubt = { certainty: "likely", mayBe: ["none"] };
