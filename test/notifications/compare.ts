/** Compares what was derived with what was published, key by key, in order. */
import type { DerivedNotification } from "../../src/notifications/notification.ts";
import type { Published } from "./published.ts";

/** The classes of the ambiguities that docs/notifications.md lists. */
export interface Comparison {
  readonly published: number;
  readonly derived: number;
  readonly equal: number;
  /** Differences that the derived event itself declares, by `derived>published`, and events without any trace. */
  readonly classes: Record<string, number>;
  readonly differences: string[];
}

/** Published without any trace in the stream: LTRIM that changes nothing; a consumer made without reading anything. */
export const UNTRACEABLE: ReadonlySet<string> = new Set(["keymiss", "ltrim", "xgroup-createconsumer"]);

export function compare(
  published: readonly Published[],
  derived: readonly DerivedNotification[],
  untraceable: ReadonlySet<string> = UNTRACEABLE,
): Comparison {
  const classes: Record<string, number> = {};
  const differences: string[] = [];
  let equal = 0;
  const byKey = groupBy(published, ({ db, key }) => `${db} ${key}`);
  const ours = groupBy(derived, ({ db, key }) => `${db} ${Buffer.from(key).toString("latin1")}`);
  for (const name of new Set([...byKey.keys(), ...ours.keys()])) {
    const { labels, difference } = align(ours.get(name) ?? [], byKey.get(name) ?? [], untraceable);
    if (difference !== undefined) differences.push(`${name}: ${difference}`);
    for (const label of labels) {
      if (label === EQUAL) equal++;
      else classes[label] = (classes[label] ?? 0) + 1;
    }
  }
  return { published: published.length, derived: derived.length, equal, classes, differences };
}

const EQUAL = "";

interface Step {
  readonly own: number;
  readonly theirs: number;
  readonly label: string;
}

/**
 * Finds a way through both sequences on which every step is equality or a declared ambiguity. Where there are several ways on,
 * the others are tried when the first one ends.
 */
function align(
  own: readonly DerivedNotification[],
  theirs: readonly Published[],
  untraceable: ReadonlySet<string>,
): { readonly labels: readonly string[]; readonly difference?: string } {
  const path: Step[] = [];
  const open: { readonly depth: number; readonly step: Step }[] = [];
  const tried = new Set<number>();
  let [i, j] = [0, 0];
  let [farI, farJ] = [0, 0];
  for (;;) {
    if (i === own.length && j === theirs.length) return { labels: path.map(({ label }) => label) };
    if (i + j > farI + farJ) [farI, farJ] = [i, j];
    const place = i * (theirs.length + 1) + j;
    const steps = tried.has(place) ? [] : waysOn(own[i], theirs, j, untraceable);
    tried.add(place);
    for (const step of steps.slice(1).reverse()) open.push({ depth: path.length, step: move(step, i, j) });
    let next = steps[0] && move(steps[0], i, j);
    if (next === undefined) {
      const other = open.pop();
      if (other === undefined) break;
      path.length = other.depth;
      next = other.step;
    }
    path.push(next);
    [i, j] = [next.own, next.theirs];
  }
  const one = own[farI];
  const cause = one === undefined ? "" : ` of ${commandText(one)} at ${one.offset}`;
  return {
    labels: path.map(({ label }) => label),
    difference: `derived ${show(own, farI)}${cause}, published ${show(theirs, farJ)}`,
  };
}

function move({ own, theirs, label }: Step, i: number, j: number): Step {
  return { own: i + own, theirs: j + theirs, label };
}

function waysOn(
  one: DerivedNotification | undefined,
  theirs: readonly Published[],
  at: number,
  untraceable: ReadonlySet<string>,
): Step[] {
  const steps: Step[] = [];
  const now = theirs[at];
  if (one !== undefined && now?.event === one.event) {
    const label = one.certainty === "exact" ? EQUAL : `${one.event} ${one.certainty}, right`;
    steps.push({ own: 1, theirs: 1, label });
  }
  const length = one === undefined ? 0 : declared(one, theirs, at);
  if (length > 0) {
    const said = theirs.slice(at, at + length).map(({ event }) => event);
    steps.push({ own: 1, theirs: length, label: `${one!.event}>${said.join("+")}` });
  }
  if (now !== undefined && untraceable.has(now.event)) {
    steps.push({ own: 0, theirs: 1, label: `none>${now.event}` });
  }
  if (one?.mayBe.includes("none") === true) steps.push({ own: 1, theirs: 0, label: `${one.event}>none` });
  return steps;
}

/** How many published events are what the derived one says it may be; 0: none. */
function declared(one: DerivedNotification, theirs: readonly Published[], at: number): number {
  for (const other of one.mayBe) {
    const events = other.split("+");
    if (events.every((event, index) => theirs[at + index]?.event === event)) return events.length;
  }
  return 0;
}

function groupBy<T>(items: readonly T[], name: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(name(item));
    if (group === undefined) groups.set(name(item), [item]);
    else group.push(item);
  }
  return groups;
}

function show(events: readonly { readonly event: string }[], at: number): string {
  const before = events.slice(Math.max(0, at - 4), at).map(({ event }) => event);
  const after = events.slice(at, at + 4).map(({ event }) => event);
  return `… ${before.join(" ")} [${after.join(" ") || "end"}]`;
}

function commandText(one: DerivedNotification): string {
  const args = one.command.args.slice(0, 8).map((arg) => Buffer.from(arg).toString("latin1").slice(0, 40));
  return `${args.join(" ")}${one.command.tx === undefined ? "" : " (tx)"}`;
}
