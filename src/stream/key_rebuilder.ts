import { concat } from "../bytes/concat.ts";
import { ReplicaError } from "../errors.ts";
import type { RdbKey } from "../events.ts";
import { type ArgumentBounds, type Arguments, command, word } from "./rebuild_arguments.ts";
import { StreamRebuilder } from "./rebuild_stream.ts";
import { rebuildValue } from "./rebuild_value.ts";

/** How keys are rebuilt. */
export interface RebuildOptions {
  /** Bytes of one command; a single larger element goes alone. Default 1 MiB. */
  readonly maxCommandBytes?: number | undefined;
  /** Arguments of one command. Default 1024. */
  readonly maxArgs?: number | undefined;
  /**
   * Bytes of a stream's entries, and of its pending entries, that are kept until its groups are known. In a longer stream, deleted
   * entries that are still pending are an error, `LIMIT`. Default 64 MiB.
   */
  readonly maxStreamBytes?: number | undefined;
  /** Bytes of one payload for RESTORE, joined from its fragments; `LIMIT` above. Default 64 MiB. */
  readonly maxPayloadBytes?: number | undefined;
  /** Remove what is there under the name first. RESTORE always replaces. Default `false`: the target holds none of the keys. */
  readonly replace?: boolean | undefined;
}

const MIB = 1024 * 1024;
/** The longest head of a command with one element of two arguments. */
const MIN_ARGS = 16;

/** Makes the commands that rebuild keys from their events, in order; parts of a value that can only be made whole wait inside. */
export class KeyRebuilder {
  readonly #bounds: ArgumentBounds;
  readonly #maxStreamBytes: number;
  readonly #maxPayloadBytes: number;
  readonly #replace: boolean;
  #stream: StreamRebuilder | undefined = undefined;
  #fragments: Uint8Array[] = [];
  #payloadBytes = 0;

  /** Throws `RangeError` for bounds that nothing fits. */
  constructor(options: RebuildOptions = {}) {
    const { maxCommandBytes = MIB, maxArgs = 1024, maxStreamBytes = 64 * MIB } = options;
    const { maxPayloadBytes = 64 * MIB, replace = false } = options;
    if (!(maxCommandBytes >= 1))
      throw new RangeError("Cannot rebuild keys: maxCommandBytes must be 1 or more");
    if (!(maxArgs >= MIN_ARGS))
      throw new RangeError(`Cannot rebuild keys: maxArgs must be ${MIN_ARGS} or more`);
    this.#bounds = { maxBytes: maxCommandBytes, maxArgs };
    this.#maxStreamBytes = maxStreamBytes;
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#replace = replace;
  }

  /** Forgets a key whose further parts will not come. */
  reset(): void {
    this.#stream = undefined;
    this.#fragments = [];
    this.#payloadBytes = 0;
  }

  /**
   * The commands for one part of a key. Throws `ReplicaError`: `UNSUPPORTED` for what only RESTORE can bring back and that
   * came without its payload, `LIMIT` for what is above the bounds, both with the key.
   */
  *take(event: RdbKey): Iterable<Arguments> {
    if (event.part === 0) this.reset();
    if (event.raw !== undefined) {
      this.#gather(event, event.raw);
      if (event.last) yield this.#restore(event);
      return;
    }
    const { key, part, last, expireAt } = event;
    if (event.count === 0 && (event.type !== "stream" || event.value.info === undefined))
      throw new ReplicaError(
        "UNSUPPORTED",
        `Cannot rebuild a ${event.type} without its value: read it at level data or raw`,
        {
          db: event.db,
          key,
          type: event.type,
        },
      );
    if (event.type === "string" && part === 0 && last && expireAt !== undefined) {
      const value = event.value;
      if (value.length <= this.#bounds.maxBytes) {
        yield command("SET", key, value, "PXAT", expireAt);
        return;
      }
    }
    if (this.#replace && part === 0 && event.type !== "string") yield command("DEL", key);
    if (event.type === "stream") {
      const bounds = { ...this.#bounds, maxStreamBytes: this.#maxStreamBytes };
      const stream = (this.#stream ??= new StreamRebuilder(event.db, key, bounds));
      yield* stream.add(event.value);
      if (last) yield* stream.finish();
    } else {
      yield* rebuildValue(event, this.#bounds);
    }
    if (!last) return;
    this.reset();
    if (expireAt !== undefined) yield command("PEXPIREAT", key, expireAt);
  }

  #gather(event: RdbKey, fragment: Uint8Array): void {
    this.#fragments.push(fragment);
    this.#payloadBytes += fragment.length;
    if (this.#payloadBytes <= this.#maxPayloadBytes) return;
    throw new ReplicaError(
      "LIMIT",
      `Cannot restore a key: its payload is above ${this.#maxPayloadBytes} bytes; raise maxPayloadBytes or rebuild it by commands`,
      { db: event.db, key: event.key, type: event.type },
    );
  }

  #restore({ key, expireAt, idle, freq }: RdbKey): Arguments {
    const payload = this.#fragments.length === 1 ? this.#fragments[0]! : concat(this.#fragments);
    this.reset();
    // RESTORE takes no time before 1970, and one that has passed creates nothing.
    const at = expireAt === undefined ? 0 : expireAt < 1 ? 1 : expireAt;
    const args = [...command("RESTORE", key, at, payload, "REPLACE")];
    if (at !== 0) args.push(word("ABSTTL"));
    if (idle !== undefined) args.push(...command("IDLETIME", idle));
    if (freq !== undefined) args.push(...command("FREQ", freq));
    return args;
  }
}
