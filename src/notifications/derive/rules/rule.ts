import type { Derivation } from "../derivation.ts";

/** Says what one replicated command makes a server publish, and changes the state as the command changes the data. */
export type Rule = (d: Derivation) => void;
