import type { OperatorFunction, Subscriber } from "rxjs";
import { latin1 } from "../bytes/text.ts";
import type { RdbFunction, RedisEvent } from "../events.ts";
import { KeyRebuilder, type RebuildOptions } from "../stream/key_rebuilder.ts";
import { command } from "../stream/rebuild_arguments.ts";
import { keyCommand, type RebuildCommand } from "../stream/rebuild_command.ts";
import { operate } from "./operate.ts";

/**
 * Turns the keys and function libraries of a snapshot into the commands that rebuild them, so that snapshot and stream become
 * one stream of commands: every event whose `event` is `"command"` has a `db` and `args`. All other events pass as they are.
 *
 * At level `data` each type is rebuilt by its own commands, with absolute times to live of keys and of hash fields, streams with
 * ids, counters, groups, consumers and pending entries, those of deleted entries too. At level `raw` by RESTORE. What commands cannot say (access times and
 * counts, when a consumer was seen) only RESTORE brings back; a module's value without its payload ends the stream with `UNSUPPORTED`
 * naming the key. No command is larger than the bounds but one of a single larger element; `LIMIT` where a value can only be made
 * whole and is above them.
 *
 * Throws `RangeError` for bounds that nothing fits.
 *
 * @example
 * ```ts
 * import { readRdb, toCommands } from "rxreplica";
 * import { filter, lastValueFrom, map, toArray } from "rxjs";
 *
 * // Type 1 is a list: two elements.
 * const rdb = "REDIS0009\x01\x01l\x02\x01a\x01b\xff\0\0\0\0\0\0\0\0";
 * const text = new TextDecoder();
 * const commands = await lastValueFrom(
 *   readRdb(Uint8Array.from(rdb, (byte) => byte.charCodeAt(0))).pipe(
 *     toCommands(),
 *     filter((event) => event.event === "command"),
 *     map((event) => event.args.map((arg) => text.decode(arg)).join(" ")),
 *     toArray(),
 *   ),
 * );
 * if (commands.join() !== "RPUSH l a b") throw new Error(`unexpected ${commands}`);
 * ```
 */
export function toCommands(
  options: RebuildOptions = {},
): OperatorFunction<RedisEvent, Exclude<RedisEvent, { event: "key" | "function" }> | RebuildCommand> {
  new KeyRebuilder(options);
  return (source) => operate(source, (destination) => new CommandMaker(options, destination));
}

type Output = Exclude<RedisEvent, { event: "key" | "function" }> | RebuildCommand;

class CommandMaker {
  readonly #options: RebuildOptions;
  readonly #destination: Subscriber<Output>;
  /** By shard; a source that is no cluster has the only entry, `undefined`. */
  readonly #rebuilders = new Map<string | undefined, KeyRebuilder>();

  constructor(options: RebuildOptions, destination: Subscriber<Output>) {
    this.#options = options;
    this.#destination = destination;
  }

  next(event: RedisEvent): void {
    const destination = this.#destination;
    if (event.kind === "rdb" && event.event === "key") {
      for (const args of this.#rebuilder(event.shard).take(event)) {
        destination.next(keyCommand(event, latin1(args[0]!), args));
        if (destination.closed) return;
      }
    } else if (event.kind === "rdb" && event.event === "function") {
      destination.next(functionCommand(event));
    } else {
      if (startsAnew(event)) this.#rebuilders.get(event.shard)?.reset();
      destination.next(event as Output);
    }
  }

  #rebuilder(shard: string | undefined): KeyRebuilder {
    let rebuilder = this.#rebuilders.get(shard);
    if (rebuilder === undefined) this.#rebuilders.set(shard, (rebuilder = new KeyRebuilder(this.#options)));
    return rebuilder;
  }
}

function functionCommand({ code, receivedAt, shard }: RdbFunction): RebuildCommand {
  return {
    kind: "rdb",
    event: "command",
    db: undefined,
    name: "FUNCTION",
    args: command("FUNCTION", "LOAD", "REPLACE", code),
    key: undefined,
    expireAt: undefined,
    position: undefined,
    receivedAt,
    shard,
  };
}

function startsAnew(event: RedisEvent): boolean {
  return event.kind === "link" && (event.event === "fullresync" || event.event === "reset");
}
