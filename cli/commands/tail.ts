import { UsageError } from "../errors.ts";
import type { TailOptions } from "../options.ts";
import { runSource } from "../run_source.ts";

/** `rxreplica tail SOURCE` */
export function tail(source: string, options: TailOptions): Promise<number> {
  const { snapshot, stream } = options;
  if (!snapshot && !stream)
    throw new UsageError("--no-snapshot and --no-stream together leave nothing to print");
  return runSource(source, options, { snapshot, stream });
}
