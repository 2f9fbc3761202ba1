import { readFile } from "node:fs/promises";
import { ReplicaError } from "../../src/errors.ts";
import { UsageError } from "../errors.ts";
import type { MirrorOptions } from "./options.ts";
import type { TargetTls } from "./target.ts";

/** The TLS settings of the target that the options make. */
export async function readTargetTls(
  target: { readonly tls: boolean },
  options: MirrorOptions,
): Promise<TargetTls> {
  const { targetCa: ca, targetCert: cert, targetKey: key, targetInsecure: insecure } = options;
  if (!target.tls && (ca ?? cert ?? key ?? insecure) !== undefined) {
    throw new UsageError("Cannot use TLS options with a plain target: its URL must begin with rediss://");
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("--target-cert and --target-key belong together");
  }
  return { ca: await readPem(ca), cert: await readPem(cert), key: await readPem(key), insecure };
}

async function readPem(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ReplicaError("FILE", `Cannot read ${path}: ${code}`, { file: path, cause: error });
  }
}
