import { UsageError } from "../errors.ts";
import { isUrl } from "../sources/open_source.ts";
import type { MirrorOptions } from "./options.ts";

/** Refuses options that contradict each other, or have no meaning for this source or target. */
export function checkOptions(source: string, target: "server" | "cluster", options: MirrorOptions): void {
  const { resume, resumeInTarget, flush, merge } = options;
  const resumes = resume !== undefined || resumeInTarget !== undefined;
  if (resume !== undefined && resumeInTarget !== undefined)
    throw new UsageError("--resume and --resume-in-target are two ways to the same end: give one");
  if (resumes && (!isUrl(source) || !options.stream))
    throw new UsageError(
      "A position is a place in a server's stream: SOURCE must be a server, with its stream",
    );
  if (resumeInTarget !== undefined && target === "cluster")
    throw new UsageError("--resume-in-target needs a single server: use --resume FILE with a cluster");
  if (!options.snapshot && !options.stream)
    throw new UsageError("--no-snapshot and --no-stream together leave nothing to mirror");
  if (flush && merge) throw new UsageError("--flush and --merge contradict each other");
}
