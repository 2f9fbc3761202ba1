import { type PrintOptions, valuesOf } from "../options.ts";
import { runSource } from "../run_source.ts";

/** `rxreplica dump SOURCE` */
export function dump(source: string, options: PrintOptions): Promise<number> {
  return runSource(source, options, { snapshot: true, stream: false, ...valuesOf(options) });
}
