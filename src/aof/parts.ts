import type { AofManifest } from "./manifest.ts";

/** A file of a multi-part AOF to be replayed. */
export interface AofPart {
  /** Name without folder. */
  readonly file: string;
  readonly seq: number;
  readonly type: "base" | "incr";
  /** No file follows: only then may it be truncated. */
  readonly last: boolean;
}

/** The files in the order in which servers replay them: the base if there is one, then each increment. */
export function partsOf(manifest: AofManifest): readonly AofPart[] {
  const entries = manifest.base === undefined ? [] : [manifest.base];
  entries.push(...manifest.increments);
  return entries.map(({ file, seq, type }, index) => ({
    file,
    seq,
    type: type === "base" ? "base" : "incr",
    last: index === entries.length - 1,
  }));
}
