import { utf8 } from "../bytes/text.ts";
import type { ArrivalInterval, Position, RdbKey, ValueType } from "../events.ts";

/** A key of a snapshot under another name, which is made when it is first read. */
export class MappedKey {
  readonly #event: RdbKey;
  readonly #rename: (key: Uint8Array, db: number) => Uint8Array;
  #key: Uint8Array | undefined = undefined;

  constructor(event: RdbKey, rename: (key: Uint8Array, db: number) => Uint8Array) {
    this.#event = event;
    this.#rename = rename;
  }

  get kind(): "rdb" {
    return "rdb";
  }

  get event(): "key" {
    return "key";
  }

  get key(): Uint8Array {
    return (this.#key ??= this.#rename(this.#event.key, this.#event.db));
  }

  get keyText(): string {
    return utf8(this.key);
  }

  get db(): number {
    return this.#event.db;
  }

  get type(): ValueType {
    return this.#event.type;
  }

  get value(): RdbKey["value"] {
    return this.#event.value;
  }

  get raw(): Uint8Array | undefined {
    return this.#event.raw;
  }

  get expireAt(): number | bigint | undefined {
    return this.#event.expireAt;
  }

  get idle(): number | undefined {
    return this.#event.idle;
  }

  get freq(): number | undefined {
    return this.#event.freq;
  }

  get encoding(): string {
    return this.#event.encoding;
  }

  get part(): number {
    return this.#event.part;
  }

  get last(): boolean {
    return this.#event.last;
  }

  get total(): number | undefined {
    return this.#event.total;
  }

  get count(): number {
    return this.#event.count;
  }

  get offset(): number {
    return this.#event.offset;
  }

  get position(): Position | undefined {
    return this.#event.position;
  }

  get receivedAt(): ArrivalInterval | undefined {
    return this.#event.receivedAt;
  }

  get shard(): string | undefined {
    return this.#event.shard;
  }

  detach(): RdbKey {
    return new MappedKey(this.#event.detach(), this.#rename) as unknown as RdbKey;
  }
}
