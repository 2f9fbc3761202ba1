/** Events made by hand, for tests of what is printed of them. */
import type { AofCommand, LinkEvent, RdbKey, StreamValue } from "../../src/events.ts";

const encoder = new TextEncoder();

/** Text or byte values as bytes. */
export function bytes(value: string | readonly number[]): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : Uint8Array.from(value);
}

const PLACED = { position: undefined, receivedAt: undefined, shard: undefined };

/** A key event with the least of everything, and what is given on top. */
export function keyEvent(given: Partial<Record<keyof RdbKey, unknown>> & Pick<RdbKey, "type">): RdbKey {
  const key = (given.key as Uint8Array | undefined) ?? bytes("k");
  return {
    kind: "rdb",
    event: "key",
    db: 0,
    key,
    keyText: new TextDecoder().decode(key),
    expireAt: undefined,
    idle: undefined,
    freq: undefined,
    encoding: "raw",
    part: 0,
    last: true,
    total: undefined,
    count: 1,
    offset: 9,
    raw: undefined,
    ...PLACED,
    ...given,
  } as unknown as RdbKey;
}

export function commandEvent(
  args: readonly (string | Uint8Array)[],
  given: Partial<AofCommand> = {},
): AofCommand {
  const argv = args.map((arg) => (typeof arg === "string" ? bytes(arg) : arg));
  return {
    kind: "aof",
    event: "command",
    db: 0,
    name: new TextDecoder().decode(argv[0]).toUpperCase(),
    args: argv,
    argc: argv.length,
    offset: 100,
    tx: undefined,
    file: undefined,
    arg: (index: number) => argv[index],
    text: (index: number) => new TextDecoder().decode(argv[index]),
    ...PLACED,
    ...given,
  } as unknown as AofCommand;
}

type LinkFields = Record<string, unknown> & { readonly event: LinkEvent["event"] };

export function linkEvent(fields: LinkFields): LinkEvent {
  return { kind: "link", ...PLACED, ...fields } as unknown as LinkEvent;
}

export const STREAM: StreamValue = {
  entries: [
    { id: "1-1", fields: [[bytes("f"), bytes("v")]] },
    { id: "1-2", fields: [[bytes([0xff]), bytes("")]] },
  ],
  info: { length: 2, lastId: "1-2", firstId: "1-1", maxDeletedId: "0-0", entriesAdded: 2 ** 53 },
  groups: [
    {
      name: bytes("g"),
      lastId: "1-1",
      entriesRead: undefined,
      pending: [{ id: "1-1", deliveredAt: 1_700_000_000_000, deliveries: 3 }],
      consumers: [{ name: bytes("c"), seenAt: 5, activeAt: undefined, pending: ["1-1"] }],
      nacked: [],
    },
  ],
};
