import { ReplicaError } from "../../src/errors.ts";
import type { Address } from "../../src/transport.ts";

/** An address as messages show it: `host:port`, `[ipv6]:port` or the path of a Unix socket. */
export function addressText(address: Address): string {
  if ("path" in address) return address.path;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

/** What the runtime's error says in words that do not depend on the runtime. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the peer reset the connection",
  ECONNABORTED: "the peer reset the connection",
  EPIPE: "the peer closed the connection",
  ETIMEDOUT: "the network did not answer in time",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "the host name could not be looked up for now",
  ENOENT: "no such socket",
  EACCES: "permission denied",
};

/** Errors of connecting: no connection could be made, or TLS was refused. */
export function connectFailure(address: Address, cause: unknown): ReplicaError {
  const tls = tlsRefusal(cause);
  const reason = tls?.reason ?? reasonOf(cause);
  return new ReplicaError(tls?.code ?? "CONNECT", `Cannot connect to ${addressText(address)}: ${reason}`, {
    cause,
  });
}

/** The user gave up while the connection was being made. */
export function abortedFailure(address: Address): ReplicaError {
  return new ReplicaError("CONNECT", `Cannot connect to ${addressText(address)}: the attempt was aborted`);
}

/** The connect time-out passed. */
export function timeoutFailure(address: Address, ms: number): ReplicaError {
  return new ReplicaError(
    "TIMEOUT",
    `Cannot connect to ${addressText(address)}: no connection within ${ms} ms`,
  );
}

/** An open connection broke. */
export function lineFailure(address: Address, cause: unknown): ReplicaError {
  const tls = tlsRefusal(cause);
  const reason = tls?.reason ?? reasonOf(cause);
  return new ReplicaError(tls?.code ?? "DISCONNECTED", `Lost ${addressText(address)}: ${reason}`, { cause });
}

/** The peer had closed its side, or broke off, before these bytes were written. */
export function peerClosed(address: Address): ReplicaError {
  return new ReplicaError("DISCONNECTED", `Lost ${addressText(address)}: the peer closed the connection`);
}

/** This side closed the transport. */
export function closedFailure(address: Address): ReplicaError {
  return new ReplicaError("closed", `Cannot write to ${addressText(address)}: the transport was closed`);
}

/** TLS settings that cannot be used at all are a wrong argument. The cause's text never repeats the PEM. */
export function badTlsOptions(cause: unknown): TypeError {
  return new TypeError(`Cannot use the TLS options: ${reasonOf(cause)}`, { cause });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "the connection failed";
  const code = codeOf(cause);
  const known = REASONS[code];
  if (known !== undefined) return `${known} (${code})`;
  // A name with several addresses fails once for each of them.
  if (cause instanceof AggregateError && cause.message === "" && cause.errors.length > 0) {
    return reasonOf(cause.errors[0]);
  }
  if (/failed to lookup|name or service not known/i.test(cause.message))
    return "host name not found (ENOTFOUND)";
  const text = cause.message.split("\n")[0] ?? "";
  return code === "" || text.includes(code) ? text : `${text} (${code})`;
}

function codeOf(error: Error): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? code : "";
}

interface TlsRefusal {
  readonly code: "CONNECT" | "NOAUTH";
  readonly reason: string;
}

// OpenSSL, BoringSSL and rustls spell the same alerts differently; without case and separators they agree.
const CLIENT_CERTIFICATE_ALERTS: readonly (readonly [needle: string, words: string])[] = [
  ["certificaterequired", "certificate required"],
  ["alertbadcertificate", "bad certificate"],
  ["alertunknownca", "unknown authority"],
  ["alertcertificateunknown", "certificate unknown"],
  ["alertcertificateexpired", "certificate expired"],
  ["alertcertificaterevoked", "certificate revoked"],
  ["alertunsupportedcertificate", "unsupported certificate"],
  ["alertdecrypterror", "certificate not proven"],
];

/**
 * What a TLS failure means. With TLS 1.3 the server judges the client's certificate only after the client's handshake is
 * done, so its alert comes with the first read (RFC 8446 4.4.2.4, 6.2).
 */
function tlsRefusal(cause: unknown): TlsRefusal | undefined {
  if (!(cause instanceof Error)) return undefined;
  const text = `${codeOf(cause)} ${cause.message}`.toLowerCase().replace(/[^a-z0-9]/g, "");
  const alert = CLIENT_CERTIFICATE_ALERTS.find(([needle]) => text.includes(needle));
  if (alert !== undefined) {
    const [needle, words] = alert;
    const what =
      needle === "certificaterequired" ? "asks for a client certificate" : "refused the client certificate";
    return { code: "NOAUTH", reason: `the server ${what} (TLS alert: ${words})` };
  }
  if (text.includes("alerthandshakefailure")) {
    const hint = "it may ask for a client certificate or share no cipher";
    return { code: "CONNECT", reason: `the server refused the TLS handshake; ${hint}` };
  }
  if (/wrongversionnumber|invalidcontenttype|corruptmessage|packetlengthtoolong/.test(text)) {
    return { code: "CONNECT", reason: "the server does not speak TLS on this port" };
  }
  if (/notvalidforname|altnameinvalid/.test(text)) {
    return {
      code: "CONNECT",
      reason: "the server's certificate is for another name (TLS option serverName)",
    };
  }
  if (
    /unknownissuer|unabletoverify|selfsigned|unabletogetissuer|signaturefailure|certhasexpired|invalidpeercertificate/.test(
      text,
    )
  ) {
    return { code: "CONNECT", reason: `the server's certificate is not trusted: ${cause.message}` };
  }
  return undefined;
}
