import type { Connection } from "../client/connection.ts";
import { fieldsOf, numberOf } from "../client/reply.ts";
import { askRole } from "../client/role.ts";
import { parseMasterAddress, parsePeers } from "../client/sentinel.ts";
import { type ErrorCode, ReplicaError } from "../errors.ts";
import type { Address } from "../transport.ts";
import { askServer, openServer, type ServerAccess, within } from "./ask_server.ts";
import { type Locator, sameAddress } from "./locator.ts";
import { StopSignal } from "./stop_signal.ts";
import { addressText, type HostPort } from "./url.ts";

/** What it takes to find a primary through Sentinels. */
export interface SentinelOptions {
  /** The name that the Sentinels know the primary by. */
  readonly name: string;
  /** Sentinels to begin with; they tell of the others. */
  readonly nodes: readonly HostPort[];
  readonly sentinels: ServerAccess;
  /** For the primary itself, whose own word on its role is wanted. */
  readonly primary: ServerAccess;
}

/** A primary as a Sentinel names it. Of two the one of the later epoch holds: Sentinels learn of a switch one after another. */
interface Named {
  readonly address: Address;
  readonly epoch: number;
}

/** Messages after which another primary may be named; `+promoted-slave` comes first, some seconds before. */
const CHANNELS: readonly string[] = ["+switch-master", "+promoted-slave"];
/** ms before a lost or failed subscription is made again. */
const RESUBSCRIBE = 1000;
/** ms between two checks that a Sentinel still answers. */
const CHECK = 5000;
/** Sentinels that are listened to at most. */
const MAX_SENTINELS = 16;

/**
 * Finds the primary that Sentinels name, and hears of its successors: every known Sentinel is listened to for
 * `+switch-master`, and asked anew whenever its subscription was lost meanwhile. What a Sentinel says counts only once
 * the server itself says that it is a primary.
 *
 * Source: sentinel.c of the servers.
 */
export class SentinelLocator implements Locator {
  readonly #options: SentinelOptions;
  readonly #moved: () => void;
  readonly #watches: Map<string, SentinelWatch> = new Map();
  /** Where the link was told to go. */
  #current: Named | undefined = undefined;
  /** What the link was called away to and has not asked for yet. */
  #announced: Named | undefined = undefined;
  /** The Sentinels, the one that answered last first. */
  #sentinels: HostPort[];
  readonly #stop: StopSignal = new StopSignal();

  constructor(options: SentinelOptions, moved: () => void) {
    const signal = this.#stop;
    this.#options = {
      ...options,
      sentinels: { ...options.sentinels, signal },
      primary: { ...options.primary, signal },
    };
    this.#moved = moved;
    this.#sentinels = [...options.nodes];
  }

  async locate(): Promise<Address> {
    for (const node of this.#sentinels) this.#watch(node);
    const failures: unknown[] = [];
    const announced = this.#announced;
    this.#announced = undefined;
    if (announced !== undefined) {
      // Confirmed a moment ago.
      return this.#use(announced);
    }
    for (const sentinel of [...this.#sentinels]) {
      if (this.#stop.aborted) break;
      try {
        const named = await this.#ask(sentinel);
        if (named.epoch < (this.#current?.epoch ?? 0)) continue;
        this.#sentinels = [sentinel, ...this.#sentinels.filter((other) => !sameAddress(other, sentinel))];
        await this.#confirm(named.address);
        return this.#use(named);
      } catch (error) {
        if (!(error instanceof ReplicaError)) throw error;
        failures.push(error);
      }
    }
    throw telling(failures) ?? new ReplicaError("CONNECT", "Cannot find the primary: no Sentinel answers");
  }

  stop(): void {
    this.#stop.abort();
    for (const watch of this.#watches.values()) watch.stop();
  }

  #use(named: Named): Address {
    this.#current = named;
    return named.address;
  }

  /** Asks one Sentinel for the primary, and for its peers. */
  async #ask(sentinel: HostPort): Promise<Named> {
    const { name, sentinels } = this.#options;
    const named = await askServer(sentinels, sentinel, async (connection) => {
      const [master, peers] = await Promise.all([
        askMaster(connection, name),
        connection.exchange(["SENTINEL", "SENTINELS", name]),
      ]);
      if (peers.type !== "error") {
        for (const { host, port, usable } of parsePeers(peers)) if (usable) this.#learn({ host, port });
      }
      return master;
    });
    if (named !== undefined) return named;
    const where = addressText(sentinel);
    throw new ReplicaError("CONFIG", `Cannot find the primary: the Sentinel at ${where} knows no "${name}"`);
  }

  async #confirm(address: Address): Promise<true> {
    const role = await askServer(this.#options.primary, address, askRole);
    if (role.role === "primary") return true;
    const where = addressText(address);
    throw new ReplicaError("MASTERDOWN", `Cannot attach: ${where} is named as the primary and is none yet`);
  }

  #learn(node: HostPort): void {
    if (this.#sentinels.length >= MAX_SENTINELS) return;
    if (this.#sentinels.some((other) => sameAddress(other, node))) return;
    this.#sentinels.push(node);
    this.#watch(node);
  }

  #watch(node: HostPort): void {
    const key = addressText(node);
    if (this.#stop.aborted || this.#watches.has(key)) return;
    const { sentinels, name } = this.#options;
    this.#watches.set(key, new SentinelWatch(sentinels, node, name, (named) => this.#hear(named)));
  }

  /** A Sentinel names a primary: the link is called away only to a server that confirms it. */
  #hear(named: Named): void {
    if (!this.#isNews(named)) return;
    this.#confirm(named.address).then(
      () => {
        if (!this.#isNews(named)) return;
        this.#announced = named;
        this.#moved();
      },
      // It is named again at the next check, or asked for when the link is lost.
      () => {},
    );
  }

  #isNews({ address, epoch }: Named): boolean {
    const known = this.#announced ?? this.#current;
    return (
      !this.#stop.aborted &&
      known !== undefined &&
      epoch > known.epoch &&
      !sameAddress(address, known.address)
    );
  }
}

/** Listens to one Sentinel for as long as it is not stopped. */
class SentinelWatch {
  readonly #access: ServerAccess;
  readonly #node: HostPort;
  readonly #name: string;
  readonly #hear: (named: Named) => void;
  #connection: Connection | undefined = undefined;
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(access: ServerAccess, node: HostPort, name: string, hear: (named: Named) => void) {
    this.#access = access;
    this.#node = node;
    this.#name = name;
    this.#hear = hear;
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#connection?.close().catch(() => {});
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#listen();
      } catch {
        // A Sentinel that is down is tried again; whether one answers at all, `locate` tells.
      }
      if (!this.#stopped) await this.#pause(RESUBSCRIBE);
    }
  }

  async #listen(): Promise<void> {
    const connection = await openServer(this.#access, this.#node, { onPush: () => this.#cancel() });
    this.#connection = connection;
    if (this.#stopped) this.stop();
    try {
      await within(this.#access, connection.subscribe("SUBSCRIBE", CHANNELS), "subscribe");
      let ended = false;
      void connection.ended.then(() => {
        ended = true;
        this.#cancel();
      });
      // Asked at once for what was said before, after each message, and now and then whether it still lives.
      while (!ended && !this.#stopped) {
        const pause = this.#pause(CHECK);
        const named = await askServer(this.#access, this.#node, (other) => askMaster(other, this.#name));
        if (named !== undefined && !this.#stopped) this.#hear(named);
        if (!ended && !this.#stopped) await pause;
      }
    } finally {
      this.#cancel();
      this.#connection = undefined;
      connection.close().catch(() => {});
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#access.clock.setTimer(ms, resolve);
      this.#cancel = () => {
        cancel();
        resolve();
      };
    });
  }
}

async function askMaster(connection: Connection, name: string): Promise<Named | undefined> {
  // The epoch first: should it change in between, the answer counts as old and is asked for again.
  const [master, address] = await Promise.all([
    connection.exchange(["SENTINEL", "MASTER", name]),
    connection.request(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name]),
  ]);
  const found = parseMasterAddress(address);
  if (found === undefined) return undefined;
  const epoch = master.type === "error" ? undefined : fieldsOf(master, "SENTINEL MASTER").get("config-epoch");
  return { address: found, epoch: epoch === undefined ? 0 : numberOf(epoch, "SENTINEL MASTER") };
}

/** What helps most to know: credentials first, then what is wrong with the primary, then that nobody answers. */
const ORDER: readonly ErrorCode[] = ["MASTERDOWN", "NOAUTH", "WRONGPASS", "NOPERM", "LOADING", "CONNECT"];

function telling(failures: readonly unknown[]): unknown {
  const errors = failures.filter((error) => error instanceof ReplicaError);
  const rank = ({ code }: ReplicaError) => (ORDER.indexOf(code) + ORDER.length + 1) % (ORDER.length + 1);
  return errors.sort((a, b) => rank(a) - rank(b))[0] ?? failures[0];
}
