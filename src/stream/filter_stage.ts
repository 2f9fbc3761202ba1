import type { AofCommand, RedisEvent } from "../events.ts";

/** What a stage needs of a filter. */
interface Judge {
  readonly passesCommands: boolean;
  passesCommand(command: AofCommand): boolean;
  passes(event: RedisEvent): boolean;
}

/** How far one shard's transaction has come. */
interface Bracket {
  /** A MULTI that waits for the first passing command. */
  held: AofCommand | undefined;
  /** MULTI went out and EXEC has not. */
  open: boolean;
}

/**
 * A filter at work on one stream. MULTI is held back, alone, until a command of its transaction passes; without one it goes
 * nowhere, and neither does EXEC. Events that are not commands go ahead of a held MULTI. A cluster's shards, whose
 * transactions interleave, are told apart.
 */
export class FilterStage {
  readonly #judge: Judge;
  readonly #single: Bracket = { held: undefined, open: false };
  #shards: Map<string, Bracket> | undefined = undefined;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** Takes the next event and calls `emit`, before it returns, with what passes: nothing, the event, or MULTI and the event. */
  push(event: RedisEvent, emit: (event: RedisEvent) => void): void {
    if (event.kind === "aof" && event.event === "command") {
      if (event.tx === undefined || this.#judge.passesCommands) {
        if (this.#judge.passesCommand(event)) emit(event);
        return;
      }
      this.#pushInside(event, event.name, emit);
      return;
    }
    // What follows these is another history, in which nobody will end the transaction. A cut link alone changes nothing:
    // a partial resync goes on inside the transaction.
    if (event.kind === "link" && (event.event === "fullresync" || event.event === "reset")) {
      this.#clear(event.shard);
    }
    if (this.#judge.passes(event)) emit(event);
  }

  /** Forgets a transaction that has begun: for a stream that begins anew. */
  reset(): void {
    this.#clear(undefined);
    this.#shards = undefined;
  }

  #pushInside(event: AofCommand, name: string, emit: (event: RedisEvent) => void): void {
    const bracket = this.#bracketOf(event.shard);
    if (name === "MULTI") {
      bracket.held = event;
      bracket.open = false;
      return;
    }
    if (name === "EXEC" || name === "DISCARD") {
      const { open } = bracket;
      bracket.held = undefined;
      bracket.open = false;
      if (open) emit(event);
      return;
    }
    if (!this.#judge.passesCommand(event)) return;
    const { held } = bracket;
    if (held !== undefined) {
      bracket.held = undefined;
      bracket.open = true;
      emit(held);
    }
    emit(event);
  }

  #bracketOf(shard: string | undefined): Bracket {
    if (shard === undefined) return this.#single;
    this.#shards ??= new Map();
    let bracket = this.#shards.get(shard);
    if (bracket === undefined) {
      bracket = { held: undefined, open: false };
      this.#shards.set(shard, bracket);
    }
    return bracket;
  }

  #clear(shard: string | undefined): void {
    const bracket = shard === undefined ? this.#single : this.#shards?.get(shard);
    if (bracket === undefined) return;
    bracket.held = undefined;
    bracket.open = false;
  }
}
