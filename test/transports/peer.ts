import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface PeerStats {
  readonly connections: number;
  /** Bytes that left the peer's process. */
  readonly sent: number;
  readonly received: number;
  /** Connections on which the peer saw the end of our side. */
  readonly ended: number;
  /** SHA-256 of what arrived before that end. */
  readonly digest: string;
}

export interface PeerServer {
  readonly port: number;
  stats(): Promise<PeerStats>;
  say(text: string): Promise<void>;
  end(): Promise<void>;
  /** Sends RST on every connection. */
  reset(): Promise<void>;
}

export interface ServeOptions {
  readonly host?: string;
  readonly path?: string;
  readonly backlog?: number;
  readonly tls?: {
    readonly key: string;
    readonly cert: string;
    readonly ca?: string;
    readonly requestCert?: boolean;
    readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
  };
  readonly bytes?: number;
  readonly count?: number;
  readonly size?: number;
  readonly text?: string;
}

export type Behaviour = "echo" | "sink" | "deaf" | "burst" | "drip" | "halfClose" | "say";

/** A Node process whose servers the transports under test connect to. */
export class Peer {
  readonly #child: ChildProcess;
  readonly #replies: Map<number, (reply: Record<string, unknown>) => void> = new Map();
  #lastId = 0;

  constructor() {
    this.#child = spawn(nodePath(), [fileURLToPath(new URL("peer.mjs", import.meta.url))], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      const reply = JSON.parse(line) as { id: number };
      this.#replies.get(reply.id)?.(reply);
      this.#replies.delete(reply.id);
    });
  }

  async serve(behaviour: Behaviour, options: ServeOptions = {}): Promise<PeerServer> {
    const { index, port } = await this.#ask("serve", { behaviour, ...options });
    const tell = async (op: string, more: object = {}): Promise<void> => {
      await this.#ask(op, { index, ...more });
    };
    return {
      port: port as number,
      stats: async () => (await this.#ask("stats", { index })) as unknown as PeerStats,
      say: (text) => tell("say", { text }),
      end: () => tell("end"),
      reset: () => tell("reset"),
    };
  }

  /** Freezes the process: its kernel goes on accepting until the backlog is full. */
  freeze(): void {
    // Not `child.kill`: Deno takes any signal for the last one.
    process.kill(this.#child.pid!, "SIGSTOP");
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once("exit", () => resolve());
      process.kill(this.#child.pid!, "SIGKILL");
    });
  }

  #ask(op: string, request: object): Promise<Record<string, unknown>> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#replies.set(id, resolve);
      this.#child.stdin!.write(`${JSON.stringify({ id, op, ...request })}\n`);
    });
  }
}

/** Node's own program: under `bun --bun` the first `node` on PATH is Bun. */
function nodePath(): string {
  const named = process.env.RXREPLICA_NODE ?? process.env.npm_node_execpath;
  if (named !== undefined) return named;
  if (!("Bun" in globalThis) && !("Deno" in globalThis)) return process.execPath;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const folder = folders.find(
    (candidate) => !candidate.includes("bun-node") && existsSync(join(candidate, "node")),
  );
  return folder === undefined ? "node" : join(folder, "node");
}
