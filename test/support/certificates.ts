export interface Certificates {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

export async function makeCertificates(): Promise<Certificates> {
  throw new Error("not yet");
}
