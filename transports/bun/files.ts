/**
 * Files through node:fs, which is Bun's own implementation: `Bun.file` reads whole files, or streams whose pieces and
 * buffers it chooses itself.
 */
export { listFolder, openFile } from "../node/files.ts";
