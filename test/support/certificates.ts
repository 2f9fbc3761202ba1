/**
 * A certificate authority with one server and one client certificate, made when a test runs: nothing that expires lies in
 * the repository, and no openssl program is needed.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** All PEM text. */
export interface Certificates {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

export interface CertificateOptions {
  /** DNS names of the server. Default `localhost`. */
  readonly names?: readonly string[];
  /** Addresses of the server. Default 127.0.0.1 and ::1. */
  readonly addresses?: readonly string[];
  /** Default: from yesterday to tomorrow. */
  readonly validity?: { readonly from: Date; readonly to: Date };
}

interface Keys {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Buffer;
  readonly privatePem: string;
}

const DAY_MS = 86_400_000;

export async function makeCertificates(options: CertificateOptions = {}): Promise<Certificates> {
  const { names = ["localhost"], addresses = ["127.0.0.1", "::1"] } = options;
  const now = Date.now();
  const validity = options.validity ?? { from: new Date(now - DAY_MS), to: new Date(now + DAY_MS) };
  const [ca, server, client] = [makeKeys(), makeKeys(), makeKeys()];
  const issuer = { name: "rxreplica test CA", key: createPrivateKey(ca.privatePem) };
  const issue = (name: string, keys: Keys, extensions: Buffer[]) =>
    certificate({ name, keys, extensions, issuer, validity });
  const isCa = extension("2.5.29.19", sequence(tlv(0x01, Buffer.of(0xff))), true);
  const alternatives = [
    ...names.map((name) => tlv(0x82, Buffer.from(name, "latin1"))),
    ...addresses.map((address) => tlv(0x87, addressBytes(address))),
  ];
  return {
    ca: issue(issuer.name, ca, [isCa, keyUsage(0x06, 1)]),
    serverCert: issue("rxreplica test server", server, [
      keyUsage(0x80, 7),
      extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"))),
      extension("2.5.29.17", sequence(...alternatives)),
    ]),
    serverKey: server.privatePem,
    clientCert: issue("rxreplica test client", client, [
      keyUsage(0x80, 7),
      extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.2"))),
    ]),
    clientKey: client.privatePem,
  };
}

function makeKeys(): Keys {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publicKey: pair.publicKey.export({ format: "der", type: "spki" }),
    privatePem: pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

interface CertificateParts {
  readonly name: string;
  readonly keys: Keys;
  readonly extensions: readonly Buffer[];
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly validity: { readonly from: Date; readonly to: Date };
}

/** RFC 5280, section 4.1: the part to be signed, the algorithm, the signature. */
function certificate({ name, keys, extensions, issuer, validity }: CertificateParts): string {
  const algorithm = sequence(oid("1.2.840.10045.4.3.2")); // ecdsa-with-SHA256
  const signed = sequence(
    tlv(0xa0, integer(Buffer.of(2))), // version 3
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(validity.from), time(validity.to)),
    distinguishedName(name),
    keys.publicKey,
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", signed, issuer.key);
  const der = sequence(signed, algorithm, bitString(signature, 0));
  const lines = der.toString("base64").match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

// Tag, length, value: how DER writes everything.

function tlv(tag: number, ...content: readonly Buffer[]): Buffer {
  const value = Buffer.concat(content);
  const { length } = value;
  // DER wants the shortest form.
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  const head = length < 128 ? [tag, length] : [tag, ...long];
  return Buffer.concat([Buffer.from(head), value]);
}

function sequence(...content: readonly Buffer[]): Buffer {
  return tlv(0x30, ...content);
}

/** A positive integer whose first byte is below 128. */
function integer(bytes: Buffer): Buffer {
  return tlv(0x02, bytes);
}

function bitString(bytes: Buffer, unusedBits: number): Buffer {
  return tlv(0x03, Buffer.of(unusedBits), bytes);
}

/** Numbers of 7 bits a byte, high first; the first two share one. */
function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  const bytes: number[] = [];
  for (const number of [first! * 40 + second!, ...rest]) {
    const septets = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) septets.unshift((left & 0x7f) | 0x80);
    bytes.push(...septets);
  }
  return tlv(0x06, Buffer.from(bytes));
}

/** A name of one part, the common name. */
function distinguishedName(commonName: string): Buffer {
  const value = tlv(0x0c, Buffer.from(commonName, "utf8"));
  return sequence(tlv(0x31, sequence(oid("2.5.4.3"), value)));
}

/** UTCTime, good until 2049. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, "");
  return tlv(0x17, Buffer.from(`${digits.slice(2, 14)}Z`, "latin1"));
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [tlv(0x01, Buffer.of(0xff))] : [];
  return sequence(oid(id), ...critical, tlv(0x04, value));
}

function keyUsage(bits: number, unusedBits: number): Buffer {
  return extension("2.5.29.15", bitString(Buffer.of(bits), unusedBits), true);
}

function addressBytes(address: string): Buffer {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail = ""] = address.split("::");
  const groups = (text: string) => text.split(":").filter((group) => group !== "");
  const [before, after] = [groups(head), groups(tail)];
  const zeros = new Array<string>(8 - before.length - after.length).fill("0");
  const numbers = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
  return Buffer.from(numbers.flatMap((number) => [number >> 8, number & 0xff]));
}
