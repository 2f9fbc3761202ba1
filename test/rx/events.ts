import { encodeUtf8, utf8 } from "../../src/bytes/text.ts";
import { typedCommand } from "../../src/commands/mod.ts";
import type {
  AofCommand,
  LinkEvent,
  Position,
  RdbEvent,
  RdbKey,
  RedisEvent,
  Transaction,
  ValueType,
} from "../../src/events.ts";

export const REPLID = "0123456789abcdef0123456789abcdef01234567";

export function position(offset: number, db = 0): Position {
  return { replid: REPLID, offset, db };
}

export interface CommandPlace {
  db?: number;
  offset?: number;
  tx?: Transaction | undefined;
  shard?: string;
  position?: Position | undefined;
}

/** A command as plain data: what operators may rely on and nothing more. */
export class FakeCommand implements AofCommand {
  readonly kind = "aof" as const;
  readonly event = "command" as const;
  readonly args: readonly Uint8Array[];
  readonly name: string;
  readonly argc: number;
  readonly db: number;
  readonly offset: number;
  readonly tx: Transaction | undefined;
  readonly shard: string | undefined;
  readonly position: Position | undefined;
  readonly receivedAt = undefined;
  readonly file = undefined;

  constructor(words: string, place: CommandPlace = {}) {
    this.args = words.split(" ").map((word) => encodeUtf8(word));
    this.name = utf8(this.args[0]!).toUpperCase();
    this.argc = this.args.length;
    this.db = place.db ?? 0;
    this.offset = place.offset ?? 0;
    this.tx = place.tx;
    this.shard = place.shard;
    this.position = "position" in place ? place.position : position(this.offset, this.db);
  }

  get typed(): AofCommand["typed"] {
    return typedCommand(this.args);
  }

  arg(index: number): Uint8Array | undefined {
    return this.args[index];
  }

  text(index: number): string | undefined {
    const arg = this.args[index];
    return arg === undefined ? undefined : utf8(arg);
  }

  detach(): AofCommand {
    return this;
  }
}

export function aof(words: string, place: CommandPlace = {}): FakeCommand {
  return new FakeCommand(words, place);
}

/** Commands with offsets 10, 20, … in which MULTI … EXEC are marked as a tracker marks them. */
export function stream(lines: readonly string[], shard?: string, from = 0): FakeCommand[] {
  let db = 0;
  let offset = from;
  let tx: Transaction | undefined;
  let resumable: Position = position(offset);
  const events: FakeCommand[] = [];
  for (const line of lines) {
    const before = offset;
    offset += 10;
    const [name, first] = line.split(" ");
    if (name === "SELECT") {
      db = Number(first);
      if (tx === undefined) resumable = position(offset, db);
      continue;
    }
    if (name === "MULTI") tx = { startOffset: before };
    if (tx === undefined || name === "EXEC") resumable = position(offset, db);
    events.push(
      aof(line, { db, offset, tx, position: resumable, ...(shard === undefined ? {} : { shard }) }),
    );
    if (name === "EXEC") tx = undefined;
  }
  return events;
}

type LinkName = LinkEvent["event"];

export function link<E extends LinkName>(
  event: E,
  fields: Partial<Extract<LinkEvent, { event: E }>> = {},
): LinkEvent {
  return {
    kind: "link",
    event,
    position: undefined,
    receivedAt: undefined,
    ...fields,
  } as unknown as LinkEvent;
}

export function rdb<E extends RdbEvent["event"]>(
  event: E,
  fields: Partial<Extract<RdbEvent, { event: E }>> = {},
): RdbEvent {
  return { kind: "rdb", event, position: undefined, receivedAt: undefined, ...fields } as unknown as RdbEvent;
}

export interface KeyFields {
  db?: number;
  part?: number;
  last?: boolean;
  shard?: string;
  count?: number;
  total?: number;
  raw?: Uint8Array;
}

export function key(name: string, type: ValueType, value: unknown, fields: KeyFields = {}): RdbKey {
  const bytes = encodeUtf8(name);
  const event = {
    kind: "rdb",
    event: "key",
    position: undefined,
    receivedAt: undefined,
    shard: fields.shard,
    db: fields.db ?? 0,
    key: bytes,
    keyText: name,
    type,
    value,
    raw: fields.raw,
    expireAt: undefined,
    idle: undefined,
    freq: undefined,
    encoding: "raw",
    part: fields.part ?? 0,
    last: fields.last ?? true,
    total: fields.total,
    count: fields.count ?? 1,
    offset: 9,
    detach: () => event,
  };
  return event as unknown as RdbKey;
}

/** One line an event, for comparing. */
export function show(event: { readonly kind: string; readonly event: string }): string {
  const candidate = event as RedisEvent;
  const shard = candidate.shard === undefined ? "" : `${candidate.shard}/`;
  if (candidate.kind === "aof" && candidate.event === "command") {
    return `${shard}${candidate.db}: ${candidate.args.map((arg) => utf8(arg)).join(" ")}`;
  }
  if (candidate.kind === "rdb" && candidate.event === "key") {
    return `${shard}${candidate.db}: ${candidate.keyText} ${candidate.type} ${candidate.part}${candidate.last ? "." : ""}`;
  }
  return `${shard}${candidate.kind} ${candidate.event}`;
}
