/** Compares what was derived with what was published, key by key, in order. */
import type { DerivedNotification } from "../../src/notifications/notification.ts";
import type { Published } from "./published.ts";

/** The classes of the ambiguities that the fact sheet lists. */
export interface Comparison {
  readonly published: number;
  readonly derived: number;
  readonly equal: number;
  /** Differences that the derived event itself declares, by `derived>published`, and events without any trace. */
  readonly classes: Record<string, number>;
  readonly differences: string[];
}

/** Published without any trace in the stream: LTRIM that changes nothing; a consumer made without reading anything. */
const UNTRACEABLE: ReadonlySet<string> = new Set(["keymiss", "ltrim", "xgroup-createconsumer"]);

export function compare(
  published: readonly Published[],
  derived: readonly DerivedNotification[],
): Comparison {
  const classes: Record<string, number> = {};
  const differences: string[] = [];
  let equal = 0;
  const count = (name: string): void => void (classes[name] = (classes[name] ?? 0) + 1);
  const byKey = groupBy(published, ({ db, key }) => `${db} ${key}`);
  const ours = groupBy(derived, ({ db, key }) => `${db} ${Buffer.from(key).toString("latin1")}`);
  for (const name of new Set([...byKey.keys(), ...ours.keys()])) {
    const theirs = byKey.get(name) ?? [];
    const own = ours.get(name) ?? [];
    let at = 0;
    let failed = false;
    for (const [index, one] of own.entries()) {
      while (at < theirs.length && theirs[at]!.event !== one.event && !declared(one, theirs, at)) {
        // Published and never derived.
        if (one.mayBe.includes("none") || !UNTRACEABLE.has(theirs[at]!.event)) break;
        count(`none>${theirs[at]!.event}`);
        at++;
      }
      const now = theirs[at];
      if (now !== undefined && now.event === one.event) {
        if (one.certainty === "exact") equal++;
        else count(`${one.event} ${one.certainty}, right`);
        at++;
        continue;
      }
      const length = declared(one, theirs, at);
      if (length > 0) {
        count(
          `${one.event}>${theirs
            .slice(at, at + length)
            .map(({ event }) => event)
            .join("+")}`,
        );
        at += length;
      } else if (one.mayBe.includes("none")) {
        count(`${one.event}>none`);
      } else {
        failed = true;
        differences.push(
          `${name}: derived ${show(own, index)} of ${commandText(one)} at ${one.offset}, published ${show(theirs, at)}`,
        );
        break;
      }
    }
    for (; !failed && at < theirs.length; at++) {
      if (UNTRACEABLE.has(theirs[at]!.event)) count(`none>${theirs[at]!.event}`);
      else {
        differences.push(`${name}: published ${show(theirs, at)}, nothing derived any more`);
        break;
      }
    }
  }
  return { published: published.length, derived: derived.length, equal, classes, differences };
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
