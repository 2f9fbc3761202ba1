import { serverError, serverErrorCode } from "../client/server_error.ts";
import { printable } from "../client/stranger.ts";
import { ReplicaError } from "../errors.ts";
import { encodeCommand } from "../resp/encoder.ts";
import { HelloReply } from "./hello_reply.ts";

/**
 * The version announced. Valkey 9 writes its own RDB format (80) only for a replica that says at least this, and older
 * formats cannot hold TTLs of hash fields. Servers without the option answer with an error that does no harm.
 */
const ANNOUNCED_VERSION = "9.0.0";

/** Address that the server lists for this replica in INFO, ROLE and Sentinel. */
export interface Announcement {
  /** IP address or host name; `undefined`: the connection's own. */
  readonly ip?: string | undefined;
  /** TCP port. */
  readonly port: number;
}

/** What the handshake says about this replica. */
export interface HandshakeOptions {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly clientName?: string | undefined;
  readonly announce?: Announcement | undefined;
  /** `true`: only the snapshot is wanted; the server may close after it and buffers no stream. */
  readonly rdbOnly: boolean;
  /** `true`: the snapshot is not wanted; a server that can leaves all data out of it. */
  readonly withoutData: boolean;
}

/** Where to go on: PSYNC asks for the byte after `offset`. */
export interface ResumePoint {
  readonly replid: string;
  readonly offset: number;
}

/** What PSYNC was granted. */
export type SyncGrant =
  | { readonly kind: "full"; readonly replid: string; readonly offset: number }
  /** `replid` is `undefined` when the server did not say one: it is the id that was asked for. */
  | { readonly kind: "partial"; readonly replid: string | undefined };

type Phase = "ping" | "setup" | "sync" | "granted";

/** A command of the setup whose reply is a line; `refused` may throw, else the error is ignored. */
interface Step {
  readonly args: readonly (string | number)[];
  readonly refused: (text: string) => void;
}

/**
 * The conversation up to the answer to PSYNC, line by line (syncCommand and syncWithMaster in replication.c). PING goes alone: what is no Redis
 * answers it in its own way and never sees the password. The rest is sent at once and every reply read before PSYNC,
 * which servers refuse behind unread replies.
 */
export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #from: ResumePoint | undefined;
  readonly #steps: Step[];
  #hello: HelloReply | undefined = undefined;
  #helloPending = false;
  #phase: Phase = "ping";
  #answered = 0;
  #server: string | undefined = undefined;

  constructor(options: HandshakeOptions, from: ResumePoint | undefined) {
    this.#options = options;
    this.#from = from;
    this.#steps = setupSteps(options);
  }

  /** How far the conversation is. */
  get phase(): Phase {
    return this.#phase;
  }

  /** The server's name and version, such as `redis 7.0.15`, if it told. */
  get server(): string | undefined {
    return this.#server;
  }

  /** The first bytes to send. */
  start(): Uint8Array {
    return encodeCommand(["PING"]);
  }

  /**
   * Takes one line of the server, without its end. Returns what the line brought: bytes to send, a grant, or nothing.
   *
   * @throws ReplicaError when replication cannot begin.
   */
  take(line: string): Uint8Array | SyncGrant | undefined {
    // A bare line end is a sign of life.
    if (line === "" && !(this.#helloPending && this.#hello!.inString)) return undefined;
    if (this.#phase === "ping") return this.#takePing(line);
    if (this.#phase === "setup") return this.#takeSetup(line);
    return this.#takeSync(line);
  }

  #takePing(line: string): Uint8Array {
    if (line.startsWith("-")) {
      const text = line.slice(1);
      const code = serverErrorCode(text);
      const { password } = this.#options;
      if (code === "NOAUTH" && password === undefined) {
        throw new ReplicaError(
          "NOAUTH",
          "Cannot begin replication: the server wants a password, none was given",
        );
      }
      // PING is a courtesy: a user without the right to send it, or a server that cannot write its disk, goes on.
      if (code !== "NOAUTH" && code !== "NOPERM" && !text.startsWith("MISCONF")) {
        throw this.#refusal(text, "begin replication");
      }
    } else if (!line.startsWith("+")) {
      throw unexpected("PING", line);
    }
    this.#phase = "setup";
    return joined(this.#steps.map((step) => encodeCommand(step.args)));
  }

  #takeSetup(line: string): Uint8Array | undefined {
    const step = this.#steps[this.#answered]!;
    if (this.#helloPending) {
      if (!this.#hello!.take(line)) return undefined;
      this.#finishHello();
    } else if (line.startsWith("-")) {
      step.refused(line.slice(1));
    } else if (step.args[0] === "HELLO" && line.startsWith("*")) {
      this.#hello = new HelloReply();
      this.#helloPending = true;
      if (!this.#hello.take(line)) return undefined;
      this.#finishHello();
    } else if (!line.startsWith("+")) {
      throw unexpected(String(step.args[0]), line);
    }
    this.#answered++;
    if (this.#answered < this.#steps.length) return undefined;
    this.#phase = "sync";
    const from = this.#from;
    return encodeCommand(from === undefined ? ["PSYNC", "?", -1] : ["PSYNC", from.replid, from.offset + 1]);
  }

  #finishHello(): void {
    this.#helloPending = false;
    const { name, version, mode } = this.#hello!;
    if (mode === "sentinel") {
      throw new ReplicaError(
        "UNKNOWN_COMMAND",
        "Cannot begin replication: the server is a Sentinel; use a redis-sentinel:// URL to reach its primary",
      );
    }
    if (name !== undefined) this.#server = version === undefined ? name : `${name} ${version}`;
  }

  #takeSync(line: string): SyncGrant {
    if (line.startsWith("-")) throw this.#refusal(line.slice(1), "begin replication");
    const [word, replid, offset, more] = line.split(" ");
    const named = replid !== undefined && /^[0-9a-fA-F]{40}$/.test(replid);
    let grant: SyncGrant | undefined;
    if (word === "+FULLRESYNC" && named && offset !== undefined && /^\d{1,19}$/.test(offset) && !more) {
      if (!Number.isSafeInteger(Number(offset))) {
        throw new ReplicaError("LIMIT", `Cannot begin replication: offset ${offset} is above 2^53`);
      }
      grant = { kind: "full", replid, offset: Number(offset) };
    } else if (word === "+CONTINUE" && this.#from !== undefined && (replid === undefined || named)) {
      grant = { kind: "partial", replid };
    }
    if (grant === undefined) throw unexpected("PSYNC", line);
    this.#phase = "granted";
    return grant;
  }

  #refusal(text: string, doing: string): ReplicaError {
    return refusal(text, doing, this.#options.password);
  }
}

/** The coded error for an error reply, with the remedy where there is one. */
export function refusal(text: string, doing: string, password: string | undefined): ReplicaError {
  const error = serverError(text, { doing, secrets: password === undefined ? [] : [password] });
  if (error.code === "NOPERM") {
    return new ReplicaError("NOPERM", `${error.message} (the ACL user needs +psync +replconf)`);
  }
  if (error.code === "UNKNOWN_COMMAND") {
    return new ReplicaError(
      "UNKNOWN_COMMAND",
      `${error.message} (a proxy, a managed service or a Sentinel, which replicas cannot attach to?)`,
    );
  }
  // "BGSAVE failed", "max number of clients": the server's condition, gone some time later.
  if (error.code === "SERVER" && /BGSAVE|max number of clients|failing over/i.test(text)) {
    return new ReplicaError("BUSY", error.message);
  }
  return error;
}

function setupSteps(options: HandshakeOptions): Step[] {
  const { username, password, clientName, announce } = options;
  const ignore = (): void => {};
  // An option that a server does not know is no reason to stop; a missing permission or command is.
  const needed = (text: string): void => {
    const code = serverErrorCode(text);
    if (code !== "SERVER") throw refusal(text, "begin replication", password);
  };
  const steps: Step[] = [];
  if (password !== undefined) {
    steps.push({
      args: username === undefined ? ["AUTH", password] : ["AUTH", username, password],
      refused: (text) => {
        throw refusal(text, "authenticate", password);
      },
    });
  }
  steps.push({ args: ["HELLO", 2], refused: ignore });
  if (clientName !== undefined) steps.push({ args: ["CLIENT", "SETNAME", clientName], refused: ignore });
  // Each option in a command of its own: a server that does not know one drops those behind it in the same command.
  if (announce !== undefined) {
    steps.push({ args: ["REPLCONF", "listening-port", announce.port], refused: ignore });
    if (announce.ip !== undefined) {
      steps.push({ args: ["REPLCONF", "ip-address", announce.ip], refused: ignore });
    }
  }
  steps.push({ args: ["REPLCONF", "capa", "eof", "capa", "psync2"], refused: needed });
  steps.push({ args: ["REPLCONF", "version", ANNOUNCED_VERSION], refused: ignore });
  if (options.rdbOnly) steps.push({ args: ["REPLCONF", "rdb-only", 1], refused: ignore });
  if (options.withoutData) steps.push({ args: ["REPLCONF", "rdb-filter-only", ""], refused: ignore });
  return steps;
}

function unexpected(command: string, line: string): ReplicaError {
  const shown = printable(line.slice(0, 80));
  return new ReplicaError("PROTOCOL", `Cannot begin replication: unexpected reply to ${command}: ${shown}`);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
