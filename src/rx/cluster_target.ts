import { keySlot } from "../bytes/crc16.ts";
import type { CommandTable, KeyRef } from "../commands/types.ts";
import { ReplicaError } from "../errors.ts";
import { command } from "../stream/rebuild_arguments.ts";
import type { BatchSender, TargetBatch, TargetCommand, Unit } from "./target_batch.ts";
import type { ClusterTargetClient, TargetArguments, TargetReply } from "./target_client.ts";
import { requireReply } from "./target_position.ts";

export interface ClusterTargetOptions {
  readonly table: CommandTable;
  /** What becomes of what belongs together and has keys of several slots. */
  readonly crossSlot: "stop" | "split";
  /** Told of each transaction, or command of several keys, that was split. */
  readonly onSplit: (commands: readonly TargetCommand[]) => void;
}

/** Commands that have no key and concern every node. */
const EVERYWHERE: ReadonlySet<string> = new Set(["FLUSHALL", "FLUSHDB", "FUNCTION", "SCRIPT"]);
/** Commands that do the same one key at a time: arguments that go with each key. */
const SPLITTABLE: ReadonlyMap<string, number> = new Map([
  ["DEL", 1],
  ["UNLINK", 1],
  ["MSET", 2],
]);

type Refuse = (command: TargetCommand, reply: Error) => void;

/**
 * Sends batches to a cluster. What concerns one slot goes in order, each unit after the reply to the one before, since a
 * redirection could otherwise let a later command overtake; slots go side by side.
 */
export class ClusterTarget implements BatchSender {
  readonly #client: ClusterTargetClient;
  readonly #options: ClusterTargetOptions;
  /** The last unit on its way, by slot. */
  readonly #chains = new Map<number, Promise<void>>();

  constructor(client: ClusterTargetClient, options: ClusterTargetOptions) {
    this.#client = client;
    this.#options = options;
  }

  async isEmpty(): Promise<boolean> {
    const replies = await this.#everywhere(command("DBSIZE"));
    return replies.every((reply) => Number(reply) === 0);
  }

  async empty(): Promise<void> {
    await this.#everywhere(command("FLUSHALL"));
    await this.#everywhere(command("FUNCTION", "FLUSH"));
  }

  async beginSnapshot(): Promise<void> {}

  async send(batch: TargetBatch, refuse: Refuse): Promise<void> {
    try {
      for (const unit of batch.units) await this.#place(unit, refuse);
    } finally {
      // Also before an error is told: nothing is on its way any more then.
      await this.#settle();
    }
  }

  /** Puts a unit behind the last one of its slot. */
  async #place(unit: Unit, refuse: Refuse): Promise<void> {
    const [first] = unit.commands;
    if (first === undefined) return;
    const outside = unit.commands.find(({ db }) => db !== undefined && db !== 0);
    if (outside !== undefined) {
      refuse(outside, wrongDb(outside));
      return;
    }
    if (!unit.transaction) {
      await this.#placeCommand(first, refuse);
      return;
    }
    const keys = unit.commands.map((one) => this.#keysOf(one));
    const slots = new Set(keys.flat().map((ref) => keySlot(ref.key)));
    const [key] = keys.flat();
    if (slots.size === 1 && key !== undefined && keys.every((some) => some.length > 0)) {
      this.#chain(key.key, unit.commands, refuse, true);
      return;
    }
    if (!this.#mayBeSplit(unit.commands, "a transaction", refuse)) return;
    for (const one of unit.commands) await this.#placeCommand(one, refuse);
  }

  async #placeCommand(one: TargetCommand, refuse: Refuse): Promise<void> {
    if (EVERYWHERE.has(one.name)) {
      await this.#settle();
      for (const reply of await this.#client.sendToAll(one.args)) {
        if (!(reply instanceof Error)) continue;
        refuse(one, reply);
        break;
      }
      return;
    }
    if (one.name === "PUBLISH") {
      this.#chain(one.args[1]!, [one], refuse, false);
      return;
    }
    const keys = this.#keysOf(one);
    const [key] = keys;
    if (key === undefined) {
      refuse(one, unsupported(one, "it has no key that would tell a node for it"));
      return;
    }
    if (new Set(keys.map((ref) => keySlot(ref.key))).size === 1) {
      this.#chain(key.key, [one], refuse, false);
      return;
    }
    const width = SPLITTABLE.get(one.name);
    if (width === undefined) {
      refuse(one, unsupported(one, "its keys are in several slots"));
      return;
    }
    if (!this.#mayBeSplit([one], one.name, refuse)) return;
    for (const { index, key } of keys) {
      const args = [one.args[0]!, ...one.args.slice(index, index + width)];
      this.#chain(key, [{ ...one, args }], refuse, false);
    }
  }

  #chain(key: Uint8Array, commands: readonly TargetCommand[], refuse: Refuse, transaction: boolean): void {
    const slot = keySlot(key);
    const before = this.#chains.get(slot) ?? Promise.resolve();
    const args = commands.map((one) => one.args);
    const sent = before.then(async () => {
      const replies = await this.#client.sendTo(key, args, { transaction });
      for (const [i, one] of commands.entries()) {
        const reply = replies[i];
        if (reply instanceof Error) refuse(one, reply);
      }
    });
    // Awaited by #settle; until then nobody listens.
    sent.catch(() => {});
    this.#chains.set(slot, sent);
  }

  async #settle(): Promise<void> {
    const chains = [...this.#chains.values()];
    this.#chains.clear();
    const results = await Promise.allSettled(chains);
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  #mayBeSplit(commands: readonly TargetCommand[], what: string, refuse: Refuse): boolean {
    if (this.#options.crossSlot === "split") {
      this.#options.onSplit(commands);
      return true;
    }
    const why = `${what} has keys of several slots, and crossSlot "split" is not set`;
    for (const one of commands) refuse(one, unsupported(one, why));
    return false;
  }

  #keysOf(one: TargetCommand): readonly KeyRef[] {
    return this.#options.table.keysOf(one.args) ?? [];
  }

  async #everywhere(args: TargetArguments): Promise<readonly TargetReply[]> {
    const replies = await this.#client.sendToAll(args);
    for (const reply of replies) requireReply(reply, "ask the nodes of the target");
    return replies;
  }
}

function wrongDb(one: TargetCommand): ReplicaError {
  return new ReplicaError(
    "CONFIG",
    `Cannot apply ${one.name} in database ${one.db}: a cluster has database 0 only; map it, or leave it out`,
    { db: one.db },
  );
}

function unsupported(one: TargetCommand, why: string): ReplicaError {
  return new ReplicaError("UNSUPPORTED", `Cannot apply ${one.name} to a cluster: ${why}`, { db: one.db });
}
