/** Decodes one big input and prints what it took: `tsx memory_child.ts INDEX SCALE LEVEL`. */
import { RdbDecoder, type RdbLevel } from "../../src/rdb/mod.ts";
import { MEMORY_INPUTS } from "./memory_inputs.ts";

const [index, scale, level] = process.argv.slice(2);
const input = MEMORY_INPUTS[Number(index)]!;
let events = 0;
let elements = 0;
let touched = 0;
const decoder = new RdbDecoder({
  select: level === "data" ? undefined : () => level as RdbLevel,
  onEvent(event) {
    if (event.event !== "key") return;
    events++;
    elements += event.count;
    const { value, raw } = event;
    touched += raw?.length ?? (value instanceof Uint8Array ? value.length : 1);
  },
});
const begun = performance.now();
const before = process.resourceUsage().maxRSS;
let bytes = 0;
for (const chunk of input.chunks(Number(scale))) {
  decoder.write(chunk);
  bytes += chunk.length;
}
decoder.end();
const { maxRSS } = process.resourceUsage();
const result = {
  name: input.name,
  bytes,
  events,
  elements,
  touched,
  ms: Math.round(performance.now() - begun),
  beforeMb: Math.round(before / 1024),
  maxRssMb: Math.round(maxRSS / 1024),
};
console.log(JSON.stringify(result));
