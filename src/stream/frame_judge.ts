import { commandName } from "./command_name.ts";
import type { CommandPlaces } from "./filter_commands.ts";
import type { KeyRangeTest } from "./filter_keys.ts";
import { NameSlots } from "./name_slots.ts";

/** What a filter makes of a command that it has seen only the bytes of. */
export const Verdict = { DROP: 0, PASS: 1, /** The bytes do not tell. */ ASK: 2 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/**
 * Judges a command where it lies, before there is an event: `nameStart … nameEnd` are indices of its name, `argc` counts
 * its arguments, `db` is the one it runs in.
 */
export type FrameJudge = (
  bytes: Uint8Array,
  argc: number,
  nameStart: number,
  nameEnd: number,
  db: number,
) => Verdict;

/** A command that can be judged by its bytes. */
export interface Framed {
  judgeFrame(judge: FrameJudge): Verdict;
}

/** What is wanted of commands, by name and by place. */
export interface FrameWishes {
  readonly names: ReadonlySet<string> | undefined;
  readonly places: CommandPlaces | undefined;
}

/** What commands of a name come to. With `verdict` left open, their keys decide, which stand in a row. */
interface Plan {
  readonly verdict: Verdict | undefined;
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

const CR = 0x0d;
const ZERO = 0x30;

/** Makes the judge for some wishes; `undefined` where bytes alone would hardly ever tell. */
export function compileFrameJudge({ names, places }: FrameWishes): FrameJudge | undefined {
  if (names === undefined && places === undefined) return undefined;
  // A function wants the key as a view.
  if (places?.keys?.byKey !== undefined) return undefined;
  const plans = new NameSlots<Plan>();
  const test = places?.keys?.byRange;
  const dbs = places?.dbs;
  const otherwise = places?.passUnknown === false ? Verdict.DROP : Verdict.PASS;

  return (bytes, argc, nameStart, nameEnd, db) => {
    const plan =
      plans.find(bytes, nameStart, nameEnd) ??
      plans.put(bytes, nameStart, nameEnd, planFor(commandName(bytes, nameStart, nameEnd), names, places));
    if (plan.verdict !== undefined) return plan.verdict;
    const { first, step } = plan;
    const last = plan.last < 0 ? argc + plan.last : plan.last;
    if (last < first || last >= argc) return otherwise;
    if (dbs !== undefined && !dbs.has(db)) return Verdict.DROP;
    if (test === undefined) return Verdict.PASS;
    return testKeys(test, bytes, nameEnd + 2, first, last, step) ? Verdict.PASS : Verdict.DROP;
  };
}

function planFor(name: string, names: FrameWishes["names"], places: FrameWishes["places"]): Plan {
  if (names?.has(name) === false) return decided(Verdict.DROP);
  if (places === undefined) return decided(Verdict.PASS);
  const positions = places.table.keyPositions(name);
  if (positions === undefined) return decided(places.passUnknown ? Verdict.PASS : Verdict.DROP);
  if (positions.kind !== "range") return decided(Verdict.ASK);
  const { first, last, step } = positions;
  return { verdict: undefined, first, last, step };
}

function decided(verdict: Verdict): Plan {
  return { verdict, first: 0, last: 0, step: 1 };
}

/** Whether a key passes that is among the arguments `first`, then each `step`, up to `last`; argument 1 begins at `at`. */
function testKeys(
  test: KeyRangeTest,
  bytes: Uint8Array,
  start: number,
  first: number,
  last: number,
  step: number,
): boolean {
  let at = start;
  let next = first;
  for (let index = 1; index <= last; index++) {
    let length = bytes[at + 1]! - ZERO;
    at += 2;
    for (let byte = bytes[at++]!; byte !== CR; byte = bytes[at++]!) length = length * 10 + byte - ZERO;
    at++;
    if (index === next) {
      if (test(bytes, at, at + length)) return true;
      next += step;
    }
    at += length + 2;
  }
  return false;
}
