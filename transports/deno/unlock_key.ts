import { createPrivateKey } from "node:crypto";
import type { TlsOptions } from "../../src/transport.ts";
import { badTlsOptions } from "../shared/failure.ts";

/**
 * The options with a key that is not encrypted: Deno's own TLS takes no passphrase, and its node:tls leaves a key that it
 * cannot read away without a word. Throws TypeError when the passphrase is not that of the key.
 */
export function unlockKey(tls: TlsOptions): TlsOptions {
  const { key, passphrase, ...rest } = tls;
  if (key === undefined || (passphrase === undefined && !key.includes("ENCRYPTED"))) return tls;
  try {
    const open = createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) });
    return { ...rest, key: String(open.export({ type: "pkcs8", format: "pem" })) };
  } catch (cause) {
    throw badTlsOptions(cause);
  }
}
