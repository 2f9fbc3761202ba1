import { open as openHandle } from "node:fs/promises";
import { ReplicaError } from "../../src/errors.ts";
import type { OpenFile } from "../../src/transport.ts";

export const open: OpenFile = async (path, options = {}) => {
  const file = await openHandle(path).catch((error) => {
    throw new ReplicaError("FILE", `Cannot open ${path}: ${(error as NodeJS.ErrnoException).code}`, {
      file: path,
    });
  });
  const { size } = await file.stat();
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const buffer = new Uint8Array(options.chunkSize ?? 512 * 1024);
      const { bytesRead } = await file.read(buffer).catch((error) => {
        throw new ReplicaError("FILE", `Cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`, {
          file: path,
        });
      });
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  }
  return { size, chunks: chunks(), close: () => file.close() };
};
