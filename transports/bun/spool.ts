/** Through node:fs, which is Bun's own implementation: `Bun.file` cannot write at an offset. */
export { openSpool } from "../node/spool.ts";
