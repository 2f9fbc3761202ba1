import { readFile } from "node:fs/promises";
import { ReplicaError } from "../src/errors.ts";

/** The text of a PEM file; `undefined` for no path. Rejects with `FILE`. */
export async function readPem(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ReplicaError("FILE", `Cannot read ${path}: ${code}`, { file: path, cause: error });
  }
}
