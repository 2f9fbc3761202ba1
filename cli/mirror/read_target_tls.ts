import { UsageError } from "../errors.ts";
import { readPem } from "../pem.ts";
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
  const passphrase = key === undefined ? undefined : process.env.RXREPLICA_TARGET_KEY_PASSPHRASE;
  return { ca: await readPem(ca), cert: await readPem(cert), key: await readPem(key), passphrase, insecure };
}
