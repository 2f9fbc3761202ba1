import { UsageError } from "../errors.ts";
import { type TailOptions, valuesOf } from "../options.ts";
import { resumeSource, runSource } from "../run_source.ts";
import { isUrl } from "../sources/open_source.ts";

/** `rxreplica tail SOURCE` */
export async function tail(source: string, options: TailOptions): Promise<number> {
  const { snapshot, stream, resume, count } = options;
  if (!snapshot && !stream) {
    throw new UsageError("--no-snapshot and --no-stream together leave nothing to print");
  }
  const modes = { snapshot, stream, ...valuesOf(options) };
  if (resume === undefined) return await runSource(source, options, modes);
  if (!isUrl(source)) throw new UsageError("--resume goes on in a server's stream: SOURCE must be a server");
  if (!stream || count === true)
    throw new UsageError("--resume does not go together with --no-stream or --count");
  return await resumeSource(source, options, modes, resume);
}
