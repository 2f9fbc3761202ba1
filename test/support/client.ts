/** A thin client for tests on the npm package `redis`: any command, bytes in and bytes out. */
import { createClient, RESP_TYPES } from "redis";
import type { Certificates } from "./certificates.ts";

export type Argument = string | Uint8Array | number | bigint;
export type Command = readonly Argument[];
/** RESP2 replies: bytes for every kind of string. */
export type Reply = Buffer | number | null | Reply[];

export interface ClientOptions {
  readonly db?: number;
  readonly username?: string;
  readonly password?: string;
  /** For `rediss://`; without client certificate only the server's is checked. */
  readonly certificates?: Pick<Certificates, "ca"> & Partial<Certificates>;
}

const TYPES = {
  [RESP_TYPES.BLOB_STRING]: Buffer,
  [RESP_TYPES.SIMPLE_STRING]: Buffer,
};

/** Commands sent in one go by `pipeline` before their replies are awaited. */
const IN_FLIGHT = 2_000;

/** Connects to `redis://…`, `rediss://…`, or a server's handle. Does not reconnect: a lost link is an error. */
export async function connectClient(
  target: string | { readonly url: string },
  options: ClientOptions = {},
): Promise<TestClient> {
  const url = typeof target === "string" ? target : target.url;
  const { certificates, db, username, password } = options;
  const tls = certificates && {
    tls: true as const,
    ca: certificates.ca,
    ...(certificates.clientCert === undefined ? {} : { cert: certificates.clientCert }),
    ...(certificates.clientKey === undefined ? {} : { key: certificates.clientKey }),
  };
  const raw = createClient({
    url,
    RESP: 2,
    disableClientInfo: true,
    socket: { reconnectStrategy: false, connectTimeout: 10_000, ...tls },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  // Commands in flight reject by themselves.
  raw.on("error", () => {});
  await raw.connect();
  const client = new TestClient(
    (args) => raw.sendCommand<Reply>(args, { typeMapping: TYPES }),
    () => raw.destroy(),
  );
  if (db !== undefined && db !== 0) await client.command(["SELECT", db]);
  return client;
}

export class TestClient {
  readonly #send: (args: (string | Buffer)[]) => Promise<Reply>;
  readonly #destroy: () => void;
  #closed = false;

  constructor(send: (args: (string | Buffer)[]) => Promise<Reply>, destroy: () => void) {
    this.#send = send;
    this.#destroy = destroy;
  }

  /** One command. An error reply rejects, with the command in its message. */
  async command(args: Command): Promise<Reply> {
    try {
      return await this.#send(args.map(wire));
    } catch (error) {
      throw new Error(`${describeCommand(args)}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }

  /** One command, its reply as text: strings as UTF-8, integers in decimal, nil as the empty string. */
  async text(...args: Argument[]): Promise<string> {
    const reply = await this.command(args);
    if (reply === null) return "";
    return Array.isArray(reply) ? reply.map(String).join("\n") : reply.toString();
  }

  /** Many commands without waiting in between. Rejects with the first error, after all have been answered. */
  async pipeline(commands: Iterable<Command>): Promise<Reply[]> {
    const replies: Reply[] = [];
    for (const reply of await this.attempt(commands)) {
      if (reply instanceof Error) throw reply;
      replies.push(reply);
    }
    return replies;
  }

  /** Like `pipeline`, with an error in the place of each reply that is one. */
  async attempt(commands: Iterable<Command>): Promise<(Reply | Error)[]> {
    const replies: (Reply | Error)[] = [];
    let batch: Promise<Reply | Error>[] = [];
    for (const command of commands) {
      batch.push(this.command(command).catch((error: Error) => error));
      if (batch.length < IN_FLIGHT) continue;
      replies.push(...(await Promise.all(batch)));
      batch = [];
    }
    replies.push(...(await Promise.all(batch)));
    return replies;
  }

  /** The commands between MULTI and EXEC; resolves to EXEC's replies. */
  async transaction(commands: readonly Command[]): Promise<Reply[]> {
    const replies = await this.pipeline([["MULTI"], ...commands, ["EXEC"]]);
    const results = replies.at(-1);
    if (!Array.isArray(results)) throw new Error("EXEC gave no replies");
    return results;
  }

  /** Fields of an INFO section. */
  async info(section: string): Promise<Record<string, string>> {
    const fields: Record<string, string> = {};
    for (const line of (await this.text("INFO", section)).split("\r\n")) {
      const colon = line.indexOf(":");
      if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1);
    }
    return fields;
  }

  /** Closes the connection at once. Calling it twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#destroy();
  }
}

function wire(argument: Argument): string | Buffer {
  if (typeof argument === "string") return argument;
  if (typeof argument === "number") return numberText(argument);
  if (typeof argument === "bigint") return String(argument);
  return Buffer.isBuffer(argument)
    ? argument
    : Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength);
}

/** Numbers as the server reads them, exactly: `inf`, `-inf`, `-0`, else the shortest text that gives the same double. */
function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

function describeCommand(args: Command): string {
  const shown = args.slice(0, 6).map((one) => Buffer.from(wire(one)).toString("latin1").slice(0, 40));
  return shown.join(" ") + (args.length > 6 ? " …" : "");
}
