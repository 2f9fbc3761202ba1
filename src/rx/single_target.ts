import { encodeUtf8, latin1, utf8 } from "../bytes/text.ts";
import { ReplicaError } from "../errors.ts";
import { command, word } from "../stream/rebuild_arguments.ts";
import type { BatchSender, TargetBatch, TargetCommand } from "./target_batch.ts";
import type { TargetArguments, TargetClient, TargetReply } from "./target_client.ts";
import { encodeTargetState, type PositionPlace, requireReply } from "./target_position.ts";

const MULTI: TargetArguments = [word("MULTI")];
const EXEC: TargetArguments = [word("EXEC")];

export interface SingleTargetOptions {
  /** The target's databases that are mirrored to; `undefined`: all. */
  readonly dbs: readonly number[] | undefined;
  readonly positionIn: PositionPlace | undefined;
}

/** A command on its way; `command` is `undefined` for what this file adds. */
interface Line {
  readonly args: TargetArguments;
  readonly command: TargetCommand | undefined;
}

/** Sends batches to one server. Keeps track of the selected database. */
export class SingleTarget implements BatchSender {
  readonly #client: TargetClient;
  readonly #options: SingleTargetOptions;
  /** `undefined`: not known. */
  #selected: number | undefined = undefined;
  /** The target's own note says that it has no position. */
  #unplaced = false;
  /** Databases that the target is known to have. */
  readonly #found = new Set<number>();

  constructor(client: TargetClient, options: SingleTargetOptions) {
    this.#client = client;
    this.#options = options;
  }

  async isEmpty(): Promise<boolean> {
    const { dbs, positionIn } = this.#options;
    const [reply] = await this.#ask([command("INFO", "keyspace")]);
    const text = reply instanceof Uint8Array ? utf8(reply) : String(reply);
    for (const [, db, keys] of text.matchAll(/^db(\d+):keys=(\d+)/gm)) {
      if (dbs !== undefined && !dbs.includes(Number(db))) continue;
      const own = positionIn?.db === Number(db) && (await this.#holdsPosition(positionIn)) ? 1 : 0;
      if (Number(keys) > own) return false;
    }
    return true;
  }

  async empty(): Promise<void> {
    const { dbs } = this.#options;
    if (dbs === undefined) {
      await this.#ask([command("FLUSHALL"), command("FUNCTION", "FLUSH")]);
    } else {
      await this.#ask(dbs.flatMap((db) => [command("SELECT", db), command("FLUSHDB")]));
      this.#selected = undefined;
    }
  }

  async beginSnapshot(): Promise<void> {
    if (this.#options.positionIn === undefined) return;
    const lines: Line[] = [];
    this.#addPosition(lines, this.#options.positionIn, encodeTargetState({ position: undefined }));
    await this.#ask(lines.map((line) => line.args));
    this.#unplaced = true;
  }

  async send(batch: TargetBatch, refuse: (command: TargetCommand, reply: Error) => void): Promise<void> {
    const { positionIn } = this.#options;
    for (const unit of batch.units) for (const { db } of unit.commands) await this.#find(db);
    await this.#find(positionIn?.db);
    if (positionIn !== undefined && batch.position !== undefined) {
      await this.#sendAtomic(batch, positionIn, refuse);
      this.#unplaced = false;
    } else if (batch.commands > 0) {
      // A cluster has no position while a shard of it is read; the one kept before does not stand for this any more.
      if (!this.#unplaced) await this.beginSnapshot();
      await this.#sendPlain(batch, refuse);
    }
  }

  /** Makes sure that a database is there: after a SELECT that fails, commands would run in another one. */
  async #find(db: number | undefined): Promise<void> {
    if (db === undefined || this.#found.has(db)) return;
    const [reply] = await this.#client.send([command("SELECT", db)]);
    if (reply instanceof Error) {
      throw new ReplicaError(
        "CONFIG",
        `Cannot use database ${db} of the target: ${reply.message}; map it to another`,
        {
          db,
          cause: reply,
        },
      );
    }
    this.#selected = db;
    this.#found.add(db);
  }

  /** Everything between one MULTI and EXEC, the position last. */
  async #sendAtomic(
    batch: TargetBatch,
    place: PositionPlace,
    refuse: (command: TargetCommand, reply: Error) => void,
  ): Promise<void> {
    const { position } = batch;
    let commands = batch.units.flatMap((unit) => unit.commands);
    for (;;) {
      const lines: Line[] = [];
      for (const one of commands) this.#add(lines, one);
      this.#addPosition(lines, place, encodeTargetState({ position }));
      const { refused, applied } = outcome(lines, await this.#client.send(block(lines)));
      if (refused.length === 0) return;
      if (applied) {
        await this.#refuseApplied(refused, batch, place, refuse);
        return;
      }
      // Refused before anything ran: nothing of the batch was applied, nor the position moved.
      this.#selected = undefined;
      for (const [one, reply] of refused) refuse(one, reply);
      const left = new Set(refused.map(([one]) => one));
      commands = commands.filter((one) => !left.has(one));
    }
  }

  /** The position has moved past a command that was refused: before the mirror stops there, it is noted with the position. */
  async #refuseApplied(
    refused: readonly (readonly [TargetCommand, Error])[],
    { position }: TargetBatch,
    place: PositionPlace,
    refuse: (command: TargetCommand, reply: Error) => void,
  ): Promise<void> {
    try {
      for (const [one, reply] of refused) refuse(one, reply);
    } catch (error) {
      const [first, reply] = refused[0]!;
      const lines: Line[] = [];
      const note = { command: first.name, reply: reply.message };
      this.#addPosition(lines, place, encodeTargetState({ position, refused: note }));
      await this.#ask(lines.map((line) => line.args));
      throw error;
    }
  }

  /** Commands one by one, those of a transaction of the source between MULTI and EXEC. */
  async #sendPlain(
    batch: TargetBatch,
    refuse: (command: TargetCommand, reply: Error) => void,
  ): Promise<void> {
    const blocks: { readonly lines: Line[]; readonly transaction: boolean }[] = [];
    for (const { commands, transaction } of batch.units) {
      const last = blocks.at(-1);
      const lines = transaction || last === undefined || last.transaction ? [] : last.lines;
      if (lines.length === 0) blocks.push({ lines, transaction });
      for (const one of commands) this.#add(lines, one);
    }
    const all = blocks.flatMap(({ lines, transaction }) =>
      transaction ? block(lines) : lines.map((line) => line.args),
    );
    const replies = await this.#client.send(all);
    let at = 0;
    for (const { lines, transaction } of blocks) {
      const length = transaction ? lines.length + 2 : lines.length;
      const mine = replies.slice(at, at + length);
      at += length;
      if (!transaction) {
        for (const [i, { command: one }] of lines.entries()) tell(one, mine[i], refuse);
        continue;
      }
      const { refused, applied } = outcome(lines, mine);
      if (refused.length === 0) continue;
      for (const [one, reply] of refused) refuse(one, reply);
      if (!applied) {
        // Nothing of it was applied.
        this.#selected = undefined;
        const told = new Set(refused.map(([one]) => one));
        const aborted = new Error("EXECABORT Transaction discarded because of previous errors.");
        for (const { command: one } of lines) if (one !== undefined && !told.has(one)) refuse(one, aborted);
      }
    }
  }

  #add(lines: Line[], one: TargetCommand): void {
    if (one.db !== undefined) this.#select(lines, one.db);
    lines.push({ args: one.args, command: one });
    if (one.name === "SWAPDB") this.#afterSwap(lines, one.args);
  }

  /** The swap took the position along: it is written where it belongs with the batch, its old copy must go. */
  #afterSwap(lines: Line[], args: TargetArguments): void {
    const { positionIn } = this.#options;
    if (positionIn === undefined) return;
    const dbs = [args[1], args[2]].map((arg) => Number(arg && latin1(arg)));
    if (!dbs.includes(positionIn.db)) return;
    const other = dbs.find((db) => db !== positionIn.db);
    if (other === undefined) return;
    this.#select(lines, other);
    lines.push({ args: [word("DEL"), encodeUtf8(positionIn.key)], command: undefined });
  }

  #addPosition(lines: Line[], { key, db }: PositionPlace, value: Uint8Array): void {
    this.#select(lines, db);
    lines.push({ args: [word("SET"), encodeUtf8(key), value], command: undefined });
  }

  #select(lines: Line[], db: number): void {
    if (db === this.#selected) return;
    this.#selected = db;
    lines.push({ args: command("SELECT", db), command: undefined });
  }

  async #holdsPosition({ key, db }: PositionPlace): Promise<boolean> {
    const [, reply] = await this.#ask([command("SELECT", db), [word("EXISTS"), encodeUtf8(key)]]);
    this.#selected = db;
    this.#found.add(db);
    return Number(reply) === 1;
  }

  async #ask(commands: readonly TargetArguments[]): Promise<readonly TargetReply[]> {
    const replies = await this.#client.send(commands);
    for (const [i, reply] of replies.entries()) {
      requireReply(reply, `run ${latin1(commands[i]![0]!)} on the target`);
    }
    return replies;
  }
}

function block(lines: readonly Line[]): TargetArguments[] {
  return [MULTI, ...lines.map((line) => line.args), EXEC];
}

/** What became of a transaction: the commands that were refused, and whether the others ran. */
function outcome(
  lines: readonly Line[],
  replies: readonly TargetReply[],
): { readonly refused: readonly (readonly [TargetCommand, Error])[]; readonly applied: boolean } {
  const exec = replies[lines.length + 1];
  const queued = replies.slice(1, -1);
  const results = Array.isArray(exec) ? (exec as readonly TargetReply[]) : queued;
  const refused: (readonly [TargetCommand, Error])[] = [];
  for (const [i, { command: one }] of lines.entries()) {
    const reply = results[i];
    if (!(reply instanceof Error)) continue;
    if (one === undefined) requireReply(reply, "keep the position in the target");
    else refused.push([one, reply]);
  }
  if (Array.isArray(exec)) return { refused, applied: true };
  if (refused.length > 0) return { refused, applied: false };
  requireReply(replies[0], "begin a transaction on the target");
  requireReply(exec, "run a transaction on the target");
  throw new ReplicaError("SERVER", "Cannot run a transaction on the target: EXEC gave no replies");
}

function tell(
  one: TargetCommand | undefined,
  reply: TargetReply,
  refuse: (command: TargetCommand, reply: Error) => void,
): void {
  if (!(reply instanceof Error)) return;
  if (one === undefined) requireReply(reply, "select a database of the target");
  else refuse(one, reply);
}
