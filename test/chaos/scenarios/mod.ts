/** What can happen to a link, a primary and a consumer, one kind each. */
import { clientKill, consumerKill, resume } from "./consumers.ts";
import { cut, halfOpen, stall } from "./links.ts";
import { flood, overrun, spool } from "./overruns.ts";
import { kill, restart } from "./primaries.ts";
import type { Scenario } from "./scenario.ts";
import { promote, sentinel } from "./successors.ts";

export const SCENARIOS = {
  cut,
  stall,
  "half-open": halfOpen,
  kill,
  restart,
  promote,
  sentinel,
  flood,
  overrun,
  spool,
  "client-kill": clientKill,
  resume,
  "consumer-kill": consumerKill,
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioKind = keyof typeof SCENARIOS;
export const SCENARIO_KINDS = Object.keys(SCENARIOS) as readonly ScenarioKind[];
