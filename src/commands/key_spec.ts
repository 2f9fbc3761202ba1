import { indexArgument, isWord } from "./arguments.ts";
import type { AccessVisitor } from "./special_keys.ts";
import type { CommandLike, KeySpec } from "./types.ts";

/**
 * Visits the keys that one specification finds. `true`: stopped by the visitor; `undefined`: the arguments do not fit.
 * A keyword that is absent finds no key, as in the servers.
 */
export function visitSpec(command: CommandLike, spec: KeySpec, visit: AccessVisitor): boolean | undefined {
  const argc = command.argc;
  const begin = typeof spec.begin === "number" ? spec.begin : afterKeyword(command, ...spec.begin);
  if (begin === undefined) return false;
  let first = begin;
  let last: number;
  let step: number;
  if ("numkeys" in spec) {
    const [at, skip, by] = spec.numkeys;
    const count = indexArgument(command.arg(begin + at));
    if (count === undefined) return undefined;
    first = begin + skip;
    step = by;
    last = first + (count - 1) * step;
    if (last >= argc) return undefined;
  } else {
    const [to, by, limit] = spec.range;
    step = by;
    if (to >= 0) last = first + to;
    else if (limit <= 1) last = argc + to;
    else {
      const rest = argc - first;
      if (rest % limit !== 0) return undefined;
      last = first + rest / limit + to;
    }
    if (last >= argc || first > argc) return undefined;
  }
  for (let i = first; i <= last; i += step) {
    if (visit(i, undefined, spec.access)) return true;
  }
  return false;
}

/** The index after a keyword, searched from `from` on, or from that far before the end backwards. */
function afterKeyword(command: CommandLike, keyword: string, from: number): number | undefined {
  if (from >= 0) {
    for (let i = from; i < command.argc; i++) {
      if (isWord(command.arg(i), keyword)) return i + 1;
    }
    return undefined;
  }
  for (let i = command.argc + from; i > 0; i--) {
    if (isWord(command.arg(i), keyword)) return i + 1;
  }
  return undefined;
}
