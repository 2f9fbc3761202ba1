import type { MonoTypeOperatorFunction } from "rxjs";
import { defaultCommandTable } from "../commands/keys.ts";
import type { CommandTable } from "../commands/types.ts";
import { ReplicaError } from "../errors.ts";
import type { AofCommand, RdbKey, RedisEvent } from "../events.ts";
import { MappedCommand } from "../stream/mapped_command.ts";
import { MappedKey } from "../stream/mapped_key.ts";
import { Retargeter } from "../stream/retarget.ts";
import { operate } from "./operate.ts";

/** What {@link mapKeys} does beyond the servers' own commands. */
export interface MapKeysOptions {
  /**
   * What becomes of a command whose keys cannot be told (a module's, a malformed one): `"error"` (default) ends the stream with
   * `UNSUPPORTED`, `"pass"` lets it through as it is.
   */
  readonly unknown?: "error" | "pass" | undefined;
  /** Where keys of commands are looked up. Default: the table of the servers' own commands. */
  readonly table?: CommandTable | undefined;
}

/**
 * Gives keys other names: in the snapshot, in every command wherever its keys stand, and in `diff` events. Values, channels and everything
 * else stay as they are.
 *
 * The function gets a key and the db that it lives in and returns the new name. It is called when a key or an argument is read, once
 * an event and key; what it throws comes out there. It must give the same name for the same key each time. Place the operator before
 * `transactions` and `toCommands`; `applyTo` has an option of its own.
 *
 * Errors with `UNSUPPORTED` as told by `unknown`. Throws `TypeError` when not given a function.
 *
 * @example
 * ```ts
 * import { mapKeys, ofKind, readAof } from "rxreplica";
 * import { lastValueFrom } from "rxjs";
 *
 * const aof = new TextEncoder().encode("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\na\r\n");
 * const prefix = new TextEncoder().encode("eu:");
 * const renamed = readAof(aof).pipe(
 *   mapKeys((key) => Uint8Array.of(...prefix, ...key)),
 *   ofKind("aof", "command"),
 * );
 * const command = await lastValueFrom(renamed);
 * if (command.text(1) !== "eu:a" || command.text(2) !== "a") throw new Error("unexpected");
 * ```
 */
export function mapKeys<T extends RedisEvent>(
  rename: (key: Uint8Array, db: number) => Uint8Array,
  options: MapKeysOptions = {},
): MonoTypeOperatorFunction<T> {
  if (typeof rename !== "function") throw new TypeError("Cannot map keys: expected a function");
  const { table = defaultCommandTable(), unknown = "error" } = options;
  const retargeter = new Retargeter({ renameKey: rename, table });

  const mapCommand = (command: AofCommand): AofCommand => {
    let any = false;
    const told = table.keysOfCommand(command, () => {
      any = true;
      return false;
    });
    if (told !== undefined && any) return new MappedCommand(command, retargeter);
    if (told !== undefined || unknown === "pass") return command;
    const { name, offset, db, file } = command;
    throw new ReplicaError(
      "UNSUPPORTED",
      `Cannot rename the keys of ${name}: it is not known which they are`,
      {
        offset,
        db,
        file,
      },
    );
  };

  const map = (event: RedisEvent): RedisEvent => {
    if (event.kind === "aof" && event.event === "command") return mapCommand(event);
    if (event.kind === "rdb" && event.event === "key")
      return new MappedKey(event, rename) as unknown as RdbKey;
    if (event.kind === "link" && event.event === "diff")
      return { ...event, key: rename(event.key, event.db) };
    return event;
  };
  return (source) =>
    operate<T, T>(source, (destination) => ({ next: (event) => destination.next(map(event) as T) }));
}
