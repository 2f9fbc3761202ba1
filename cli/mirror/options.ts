import { InvalidArgumentError } from "commander";
import type { SourceOptions } from "../options.ts";

/** Options of `mirror`, as the argument parser hands them over. */
export interface MirrorOptions extends SourceOptions {
  readonly via: "commands" | "restore";
  readonly snapshot: boolean;
  readonly stream: boolean;
  readonly resume?: string;
  /** `true`: under the usual name. */
  readonly resumeInTarget?: string | true;
  readonly resumeDb: number;
  readonly dbMap?: Readonly<Record<number, number>>;
  readonly rename?: readonly Renaming[];
  readonly onError: "stop" | "skip";
  readonly crossSlot: "stop" | "split";
  readonly flush?: boolean;
  readonly merge?: boolean;
  readonly importMode: "auto" | "off";
  readonly loopGuard?: string;
  readonly targetCa?: string;
  readonly targetCert?: string;
  readonly targetKey?: string;
  readonly targetInsecure?: boolean;
}

/** Keys that begin with `from` begin with `to` instead. */
export interface Renaming {
  readonly from: string;
  readonly to: string;
}

export function collectDbMap(
  value: string,
  before: Readonly<Record<number, number>> = {},
): Readonly<Record<number, number>> {
  const [, from, to] = /^(\d+)=(\d+)$/.exec(value) ?? [];
  if (from === undefined || to === undefined) {
    throw new InvalidArgumentError("Two databases, SOURCE=TARGET, such as 3=0.");
  }
  return { ...before, [Number(from)]: Number(to) };
}

export function collectRenaming(value: string, before: readonly Renaming[] = []): readonly Renaming[] {
  if (value === "" || value === "=")
    throw new InvalidArgumentError("FROM=TO for the beginnings of keys, or a prefix.");
  const at = value.indexOf("=");
  const renaming = at < 0 ? { from: "", to: value } : { from: value.slice(0, at), to: value.slice(at + 1) };
  return [...before, renaming];
}
