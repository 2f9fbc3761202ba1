/** Through node:fs, which is Bun's own implementation: `Bun.write` neither syncs nor replaces a file as a whole. */
export { textStore } from "../node/store.ts";
