import { compareIds, type StreamId } from "./stream_id.ts";

/** What derivation keeps of a stream: how many entries, its groups' consumers and, at level `values`, the entries' ids. */
export class StreamState {
  counted = 0;
  size = 0;
  /** Consumer names by group name, one character a byte. */
  readonly groups: Map<string, Set<string>> = new Map();
  /** Ids in order, at level `values`. */
  #ids: StreamId[] | undefined;
  #head = 0;
  #names = 0;

  constructor(withIds: boolean) {
    this.#ids = withIds ? [] : undefined;
  }

  get withIds(): boolean {
    return this.#ids !== undefined;
  }

  get bytes(): number {
    return 250 + (this.#ids === undefined ? 0 : this.#ids.length * 40) + this.#names * 100;
  }

  add(id: StreamId): void {
    this.size++;
    this.#ids?.push(id);
  }

  /** How many entries there are is not known any more: `size` is NaN from now on. */
  forgetEntries(): void {
    this.size = Number.NaN;
    this.#ids = undefined;
  }

  /** Forgets `count` entries from the front. */
  trim(count: number): void {
    this.size -= count;
    if (this.#ids === undefined) return;
    this.#head += count;
    if (this.#head > 64 && this.#head * 2 > this.#ids.length) {
      this.#ids = this.#ids.slice(this.#head);
      this.#head = 0;
    }
  }

  /** How many entries come before an id; `undefined` when ids are not kept. */
  before(id: StreamId): number | undefined {
    return this.#ids === undefined ? undefined : this.#place(id) - this.#head;
  }

  /** Whether there was such an entry; `undefined` when ids are not kept. */
  delete(id: StreamId): boolean | undefined {
    if (this.#ids === undefined) return undefined;
    const at = this.#place(id);
    const found = this.#ids[at];
    if (found === undefined || compareIds(found, id) !== 0) return false;
    this.#ids.splice(at, 1);
    this.size--;
    return true;
  }

  /** Whether the consumer is new to the group; a group that is not known is made. */
  addConsumer(group: string, consumer: string): boolean {
    const consumers = this.addGroup(group);
    if (consumers.has(consumer)) return false;
    consumers.add(consumer);
    this.#names++;
    return true;
  }

  addGroup(group: string): Set<string> {
    let consumers = this.groups.get(group);
    if (consumers === undefined) {
      this.groups.set(group, (consumers = new Set()));
      this.#names++;
    }
    return consumers;
  }

  copy(): StreamState {
    return StreamState.load(this.save());
  }

  withoutIds(): StreamState {
    const other = this.copy();
    other.#ids = undefined;
    return other;
  }

  save(): unknown {
    return {
      x: Number.isNaN(this.size) ? -1 : this.size,
      i: this.#ids?.slice(this.#head).map(([ms, seq]) => `${ms}-${seq}`),
      g: [...this.groups].map(([group, consumers]) => [group, ...consumers]),
    };
  }

  static load(data: unknown): StreamState {
    const { x, i, g } = data as { x: number; i?: string[]; g: string[][] };
    const stream = new StreamState(i !== undefined);
    if (i !== undefined) stream.#ids = i.map((text) => text.split("-").map(Number) as [number, number]);
    stream.size = x < 0 ? Number.NaN : x;
    for (const [group, ...consumers] of g) {
      stream.addGroup(group!);
      for (const consumer of consumers) stream.addConsumer(group!, consumer);
    }
    return stream;
  }

  #place(id: StreamId): number {
    const ids = this.#ids!;
    let low = this.#head;
    let high = ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareIds(ids[middle]!, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
