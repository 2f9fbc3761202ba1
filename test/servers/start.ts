/** Starts real servers on free ports of 127.0.0.1, in folders of their own, and ends them again. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { type FoundServer, requireServer } from "./find.ts";
import type { ServerFamily, ServerKind } from "./kinds.ts";
import { freePorts } from "./ports.ts";
import { probe } from "./probe.ts";
import { temporaryFolder, unwatch, watch } from "./watchdog.ts";

/** Lines of redis.conf: the value is written as it stands; a list gives the name several times. */
export type ServerConfig = Readonly<Record<string, string | readonly string[]>>;

export interface StartOptions {
  readonly kind: ServerKind;
  readonly config?: ServerConfig;
  /** Words after the config file on the command line. */
  readonly args?: readonly string[];
  /** Folder for the server's files; made when missing. Default: a new temporary one. */
  readonly dir?: string;
  /** Leave the folder there after `stop()`. One that is given as `dir` always stays. */
  readonly keepDir?: boolean;
  /** Default: a free one. */
  readonly port?: number;
  /** Listen on a unix socket too: `unixSocket` of the handle tells where. */
  readonly unixSocket?: boolean;
  /** Listen with TLS on a second port too: `true` for certificates made now. */
  readonly tls?: boolean | TlsStart;
  /** Start it as a sentinel: `port` and `config` are all it gets. */
  readonly sentinel?: boolean;
  /** How long it may take to come up and load its data, ms. */
  readonly timeout?: number;
}

export interface TlsStart {
  readonly certificates?: Certificates;
  /** Whether clients must show a certificate. Default `yes`. */
  readonly authClients?: "yes" | "no" | "optional";
}

export interface TlsServer {
  readonly port: number;
  readonly url: string;
  readonly certificates: Certificates;
}

export interface TestServer {
  readonly kind: ServerKind;
  readonly family: ServerFamily;
  readonly version: string;
  readonly host: "127.0.0.1";
  readonly port: number;
  /** `redis://127.0.0.1:PORT` */
  readonly url: string;
  readonly dir: string;
  /** The process that runs now, or that ran last. */
  readonly pid: number;
  readonly running: boolean;
  readonly unixSocket: string | undefined;
  readonly tls: TlsServer | undefined;
  /** Everything the server has logged. */
  log(): Promise<string>;
  /** Sends a signal (SIGKILL unless given) without waiting for what it does. */
  signal(signal?: NodeJS.Signals): void;
  /** Ends the process by a signal (SIGKILL unless given) and waits until it is gone; files stay for `restart`. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it (SIGTERM unless given) if it runs, and starts it again on the same port and folder. */
  restart(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it and removes its temporary folder. Calling it twice is fine. */
  stop(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const started = new Set<RunningServer>();

/** Starts a server and waits until it answers and has loaded its data. It ends with this process at the latest. */
export async function startServer(options: StartOptions): Promise<TestServer> {
  const found = await requireServer(options.kind);
  const own = options.dir === undefined && options.keepDir !== true;
  const dir = own ? temporaryFolder() : (options.dir ?? (await mkdtemp(join(tmpdir(), "rxr-"))));
  await mkdir(dir, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const server = new RunningServer(found, options, dir, own);
    try {
      await server.open();
      started.add(server);
      return server;
    } catch (error) {
      // Between choosing a port and listening on it somebody else may have taken it.
      const again =
        options.port === undefined && attempt < 5 && /address already in use/i.test(String(error));
      if (!again) {
        if (own) await rm(dir, { recursive: true, force: true });
        throw error;
      }
    }
  }
}

/** Stops every server that this process started and has not stopped. */
export async function stopAllServers(): Promise<void> {
  await Promise.all([...started].map((server) => server.stop()));
}

class RunningServer implements TestServer {
  readonly kind: ServerKind;
  readonly family: ServerFamily;
  readonly version: string;
  readonly host = "127.0.0.1" as const;
  readonly dir: string;
  port = 0;
  tls: TlsServer | undefined;
  unixSocket: string | undefined;

  readonly #found: FoundServer;
  readonly #options: StartOptions;
  readonly #ownsDir: boolean;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #exit: string | undefined;

  constructor(found: FoundServer, options: StartOptions, dir: string, ownsDir: boolean) {
    this.kind = found.kind;
    this.family = found.family;
    this.version = found.version;
    this.dir = dir;
    this.#found = found;
    this.#options = options;
    this.#ownsDir = ownsDir;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#exit === undefined;
  }

  get #logFile(): string {
    return join(this.dir, "server.log");
  }

  async log(): Promise<string> {
    return await readFile(this.#logFile, "utf8").catch(() => "");
  }

  async open(): Promise<void> {
    const { port, tls, unixSocket } = this.#options;
    const [first, second] = await freePorts(2);
    this.port = port ?? first!;
    if (tls !== undefined && tls !== false) {
      const { certificates = await makeCertificates() } = tls === true ? {} : tls;
      this.tls = { port: second!, url: `rediss://127.0.0.1:${second}`, certificates };
    }
    if (unixSocket === true) this.unixSocket = join(this.dir, "s.sock");
    await this.#writeConfig();
    await this.#start();
  }

  async restart(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    await this.kill(signal);
    await this.#start();
    started.add(this);
  }

  signal(signal: NodeJS.Signals = "SIGKILL"): void {
    if (this.running) process.kill(this.pid, signal);
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (!this.running) return;
    this.signal(signal);
    // A stopped process (SIGSTOP) takes no SIGTERM until it goes on.
    if (signal !== "SIGKILL") this.signal("SIGCONT");
    const late = setTimeout(() => this.signal("SIGKILL"), 10_000);
    await this.#ended;
    clearTimeout(late);
  }

  async stop(): Promise<void> {
    started.delete(this);
    await this.kill("SIGTERM");
    if (this.#ownsDir) await rm(this.dir, { recursive: true, force: true });
  }

  async #writeConfig(): Promise<void> {
    const settings: Record<string, string | readonly string[]> = {
      bind: "127.0.0.1",
      port: String(this.port),
      dir: `"${this.dir}"`,
      daemonize: "no",
      ...(this.#options.sentinel === true ? {} : this.#serverSettings()),
      ...(await this.#tlsSettings()),
      ...this.#options.config,
    };
    const lines: string[] = [];
    for (const [name, value] of Object.entries(settings)) {
      for (const one of typeof value === "string" ? [value] : value) lines.push(`${name} ${one}`);
    }
    await writeFile(join(this.dir, "server.conf"), `${lines.join("\n")}\n`);
  }

  #serverSettings(): ServerConfig {
    return {
      save: '""',
      "enable-debug-command": "local",
      // A diskless snapshot otherwise waits 5 s for more replicas.
      "repl-diskless-sync-delay": "0",
      ...(this.unixSocket === undefined ? {} : { unixsocket: `"${this.unixSocket}"` }),
      ...(process.arch === "arm64" ? { "ignore-warnings": "ARM64-COW-BUG" } : {}),
    };
  }

  async #tlsSettings(): Promise<ServerConfig> {
    const { tls } = this;
    if (tls === undefined) return {};
    const { certificates } = tls;
    const files = {
      "tls-ca-cert-file": certificates.ca,
      "tls-cert-file": certificates.serverCert,
      "tls-key-file": certificates.serverKey,
      // What it shows where it is the client: to its primary, other nodes and Sentinels.
      "tls-client-cert-file": certificates.clientCert,
      "tls-client-key-file": certificates.clientKey,
    };
    const settings: Record<string, string> = { "tls-port": String(tls.port) };
    for (const [name, pem] of Object.entries(files)) {
      const path = join(this.dir, `${name}.pem`);
      await writeFile(path, pem, { mode: 0o600 });
      settings[name] = `"${path}"`;
    }
    const chosen = this.#options.tls;
    settings["tls-auth-clients"] = (typeof chosen === "object" ? chosen.authClients : undefined) ?? "yes";
    return settings;
  }

  async #start(): Promise<void> {
    const { args = [], sentinel, timeout = DEFAULT_TIMEOUT_MS } = this.#options;
    const argv = [...this.#found.tools.server!, join(this.dir, "server.conf"), ...args];
    if (sentinel === true) argv.push("--sentinel");
    const before = (await this.log()).length;
    this.#spawn(argv);
    const deadline = Date.now() + timeout;
    for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
      if (this.#exit !== undefined) throw await this.#failure(this.#exit, before);
      const answer = await probe(this.port);
      if (answer !== undefined && !answer.startsWith("-LOADING")) return;
      if (Date.now() > deadline) {
        await this.kill();
        throw await this.#failure(`no answer within ${timeout} ms (last: ${answer})`, before);
      }
      await sleep(pause);
    }
  }

  #spawn(argv: readonly string[]): void {
    const log = openSync(this.#logFile, "a");
    this.#exit = undefined;
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: this.dir,
      stdio: ["ignore", log, log],
      env: { ...process.env, LC_ALL: "C" },
    });
    closeSync(log);
    this.#child = child;
    const { pid } = child;
    if (pid !== undefined) watch(pid);
    this.#ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.#exit ??= how;
        if (pid !== undefined) unwatch(pid);
        resolve();
      };
      child.on("exit", (code, signal) => end(`it ended with ${signal ?? `status ${code}`}`));
      child.on("error", (error) => end(error.message));
    });
    // A forgotten server must not keep the process from ending; the exit hook ends it.
    child.unref();
  }

  async #failure(why: string, logFrom: number): Promise<Error> {
    const tail = (await this.log()).slice(logFrom).trim().split("\n").slice(-15).join("\n");
    return new Error(`Cannot start ${this.kind} ${this.version}: ${why}\n${tail}`);
  }
}
