/** Makes the benchmarks' datasets and keeps them in the user's cache: `npm run bench:data [-- --scale 0.1]`. */
import { stat } from "node:fs/promises";
import { RDB_NAMES } from "./datasets.ts";
import { makeDataset } from "./make.ts";

const at = process.argv.indexOf("--scale");
const scale = at < 0 ? 1 : Number(process.argv[at + 1]);
if (!(scale > 0)) throw new RangeError("--scale takes a number above 0");
for (const name of [...RDB_NAMES, "commands"] as const) {
  const path = await makeDataset(name, scale);
  const { size } = await stat(path);
  console.log(`${name.padEnd(12)} ${(size / 1e6).toFixed(1).padStart(7)} MB  ${path}`);
}
