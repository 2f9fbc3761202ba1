import type { TlsOptions } from "../../src/transport.ts";

/**
 * Refuses TLS options that no runtime could use. Runtimes differ in what they say about text that is no PEM, and some
 * ignore it, which would connect without the certificate that was given.
 *
 * Throws TypeError; its message never repeats the text.
 */
export function checkTls(tls: TlsOptions): void {
  const { ca, cert, key, passphrase } = tls;
  for (const authority of ca === undefined ? [] : typeof ca === "string" ? [ca] : ca) {
    requirePem("ca", "CERTIFICATE", authority);
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError("Cannot use the TLS options: cert and key go together");
  }
  if (passphrase !== undefined && key === undefined) {
    throw new TypeError("Cannot use the TLS options: a passphrase is for a key");
  }
  if (cert !== undefined) requirePem("cert", "CERTIFICATE", cert);
  if (key !== undefined) requirePem("key", "PRIVATE KEY", key);
}

/** RFC 7468: `-----BEGIN label-----`; labels such as `EC PRIVATE KEY` and `TRUSTED CERTIFICATE` are in use too. */
function requirePem(name: string, label: string, text: string): void {
  if (!new RegExp(`-----BEGIN [A-Z0-9 ]*${label}-----`).test(text)) {
    throw new TypeError(`Cannot use the TLS option ${name}: not PEM text of a ${label.toLowerCase()}`);
  }
}
