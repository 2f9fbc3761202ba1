import type {
  AofEvent,
  ArrayElement,
  HashField,
  LinkEvent,
  RdbEvent,
  RdbKey,
  RedisEvent,
  StreamConsumer,
  StreamEntry,
  StreamGroup,
  StreamIdmp,
  StreamPending,
  StreamValue,
  ZsetMember,
} from "../../src/events.ts";
import type { Block } from "./block.ts";
import {
  writeJson,
  writeJsonArray,
  writeJsonBase64,
  writeJsonBytes,
  writeJsonInteger,
  writeJsonScore,
} from "./json.ts";

export interface NdjsonOptions {
  /** Keys were read without their values: leave `value` out instead of printing an empty one. */
  readonly keysOnly?: boolean;
}

/** Writes one event as one line of JSON. */
export function writeNdjson(block: Block, event: RedisEvent, options: NdjsonOptions = {}): void {
  switch (event.kind) {
    case "rdb":
      if (event.event === "key") writeKey(block, event, options.keysOnly === true);
      else writeRdb(block, event);
      break;
    case "aof":
      writeAof(block, event);
      break;
    default:
      writeLink(block, event);
  }
  if (event.shard !== undefined) {
    block.ascii(',"shard":');
    writeJson(block, event.shard);
  }
  block.ascii("}\n");
}

function writeKey(block: Block, event: RdbKey, keysOnly: boolean): void {
  block.ascii('{"kind":"rdb","db":');
  block.ascii(String(event.db));
  block.ascii(',"key":');
  writeJsonBytes(block, event.key);
  block.ascii(`,"type":"${event.type}","encoding":"${event.encoding}"`);
  const raw = event.raw;
  if (!keysOnly && (raw === undefined || event.type === "module")) {
    block.ascii(',"value":');
    writeValue(block, event);
  }
  if (raw !== undefined) {
    block.ascii(',"raw":');
    writeJsonBase64(block, raw);
  }
  if (event.expireAt !== undefined) writeField(block, "expireAt", event.expireAt);
  if (event.idle !== undefined) writeField(block, "idle", event.idle);
  if (event.freq !== undefined) writeField(block, "freq", event.freq);
  if (event.part > 0 || !event.last) {
    writeField(block, "part", event.part);
    if (event.last) block.ascii(',"last":true');
  }
}

function writeValue(block: Block, event: RdbKey): void {
  switch (event.type) {
    case "string":
      writeJsonBytes(block, event.value);
      break;
    case "list":
    case "set":
      writeJsonArray(block, event.value, writeJsonBytes);
      break;
    case "zset":
      writeJsonArray(block, event.value, writeZsetMember);
      break;
    case "hash":
      writeJsonArray(block, event.value, writeHashField);
      break;
    case "array":
      writeJsonArray(block, event.value, writeArrayElement);
      break;
    case "stream":
      writeStream(block, event.value, event.last);
      break;
    case "module": {
      const { name, version } = event.value;
      block.ascii('{"name":');
      writeJson(block, name);
      block.ascii(`,"version":${version}}`);
    }
  }
}

function writeZsetMember(block: Block, item: ZsetMember): void {
  block.ascii("[");
  writeJsonBytes(block, item.member);
  block.ascii(",");
  writeJsonScore(block, item.score);
  block.ascii("]");
}

function writeHashField(block: Block, item: HashField): void {
  block.ascii("[");
  writeJsonBytes(block, item.field);
  block.ascii(",");
  writeJsonBytes(block, item.value);
  if (item.expireAt !== undefined) {
    block.ascii(",");
    writeJsonInteger(block, item.expireAt);
  }
  block.ascii("]");
}

function writeArrayElement(block: Block, item: ArrayElement): void {
  block.ascii("[");
  writeJsonInteger(block, item.index);
  block.ascii(",");
  writeJsonBytes(block, item.value);
  block.ascii("]");
}

/** A part before the last holds entries only; the stream's own numbers and its groups follow with or after the last ones. */
function writeStream(block: Block, value: StreamValue, last: boolean): void {
  const { info, groups } = value;
  block.ascii("{");
  if (info !== undefined) {
    block.ascii(`"lastId":"${info.lastId}","firstId":"${info.firstId}"`);
    block.ascii(`,"maxDeletedId":"${info.maxDeletedId}"`);
    writeField(block, "entriesAdded", info.entriesAdded);
    writeField(block, "length", info.length);
    block.ascii(",");
  }
  block.ascii('"entries":');
  writeJsonArray(block, value.entries, writeStreamEntry);
  if (last || groups.length > 0) {
    block.ascii(',"groups":');
    writeJsonArray(block, groups, writeGroup);
  }
  if (info?.idmp !== undefined) writeIdmp(block, info.idmp);
  block.ascii("}");
}

function writeStreamEntry(block: Block, entry: StreamEntry): void {
  block.ascii(`["${entry.id}",`);
  writeJsonArray(block, entry.fields, writePair);
  block.ascii("]");
}

function writePair(block: Block, pair: readonly [Uint8Array, Uint8Array]): void {
  writeJsonArray(block, pair, writeJsonBytes);
}

function writeGroup(block: Block, group: StreamGroup): void {
  block.ascii('{"name":');
  writeJsonBytes(block, group.name);
  block.ascii(`,"lastId":"${group.lastId}"`);
  if (group.entriesRead !== undefined) writeField(block, "entriesRead", group.entriesRead);
  block.ascii(',"pel":');
  writeJsonArray(block, group.pending, writePending);
  block.ascii(',"consumers":');
  writeJsonArray(block, group.consumers, writeConsumer);
  if (group.nacked.length > 0) {
    block.ascii(',"nacked":');
    writeJsonArray(block, group.nacked, writeId);
  }
  block.ascii("}");
}

function writePending(block: Block, item: StreamPending): void {
  block.ascii(`["${item.id}",${item.deliveredAt},`);
  writeJsonInteger(block, item.deliveries);
  block.ascii("]");
}

function writeConsumer(block: Block, consumer: StreamConsumer): void {
  block.ascii('{"name":');
  writeJsonBytes(block, consumer.name);
  writeField(block, "seenTime", consumer.seenAt);
  if (consumer.activeAt !== undefined) writeField(block, "activeTime", consumer.activeAt);
  block.ascii(',"pel":');
  writeJsonArray(block, consumer.pending, writeId);
  block.ascii("}");
}

function writeId(block: Block, id: string): void {
  block.ascii(`"${id}"`);
}

function writeIdmp(block: Block, idmp: StreamIdmp): void {
  block.ascii(`,"idmp":{"duration":${idmp.duration},"maxEntries":${idmp.maxEntries}`);
  writeField(block, "added", idmp.added);
  writeField(block, "duplicates", idmp.duplicates);
  block.ascii(',"producers":');
  writeJsonArray(block, idmp.producers, (out, producer) => {
    out.ascii('{"id":');
    writeJsonBytes(out, producer.id);
    out.ascii(',"entries":');
    writeJsonArray(out, producer.entries, (inner, entry) => {
      inner.ascii("[");
      writeJsonBytes(inner, entry.iid);
      inner.ascii(`,"${entry.id}"]`);
    });
    out.ascii("}");
  });
  block.ascii("}");
}

/** Everything in a snapshot that is not a key. */
function writeRdb(block: Block, event: Exclude<RdbEvent, RdbKey>): void {
  block.ascii('{"kind":"rdb",');
  switch (event.event) {
    case "begin":
      block.ascii(`"event":"begin","version":${event.version},"family":"${event.family}"`);
      break;
    case "end":
      block.ascii(`"event":"end","keys":${event.keys}`);
      break;
    case "aux":
      block.ascii('"type":"aux","key":');
      writeJson(block, event.key);
      block.ascii(',"value":');
      writeJsonBytes(block, event.value);
      break;
    case "function":
      block.ascii('"type":"function","value":');
      writeJsonBytes(block, event.code);
      break;
    case "module-aux":
      block.ascii('"type":"module-aux","name":');
      writeJson(block, event.name);
      block.ascii(`,"version":${event.version},"when":"${event.when}"`);
      break;
    default:
      block.ascii(`"type":"slot-info","slot":${event.slot},"keys":${event.keys},"expires":${event.expires}`);
  }
}

function writeAof(block: Block, event: AofEvent): void {
  if (event.event === "timestamp") {
    block.ascii(`{"kind":"aof","event":"timestamp","at":${event.at}`);
  } else {
    block.ascii(`{"kind":"aof","db":${event.db},"offset":${event.offset},"command":`);
    writeJsonArray(block, event.args, writeJsonBytes);
    if (event.tx !== undefined) block.ascii(',"tx":true');
  }
  if (event.file !== undefined) {
    block.ascii(',"file":');
    writeJson(block, event.file);
  }
}

function writeLink(block: Block, event: LinkEvent): void {
  block.ascii(`{"kind":"link","event":"${event.event}"`);
  if (event.event === "progress" && event.position !== undefined) {
    writeField(block, "position", event.position);
  }
  for (const name of LINK_FIELDS[event.event]) {
    const value: unknown = event[name as keyof typeof event];
    if (value !== undefined) writeField(block, name, value);
  }
}

/** What each link event says, in the order it is printed. */
const LINK_FIELDS: { readonly [E in LinkEvent["event"]]: readonly LinkField<E>[] } = {
  connecting: ["address"],
  handshake: ["server"],
  fullresync: ["replid", "offset"],
  continue: ["replid", "offset"],
  online: ["offset"],
  lag: ["lag", "limit", "of"],
  progress: ["lag"],
  disconnected: ["code", "message"],
  retry: ["attempt", "delay"],
  reset: ["reason", "lostFrom", "lostTo"],
  warning: ["code", "at", "message"],
  truncated: ["file", "validTo", "safeTo"],
  diff: ["op", "db", "key", "sure"],
};

type LinkField<E extends LinkEvent["event"]> = Exclude<
  keyof Extract<LinkEvent, { event: E }>,
  "kind" | "event" | "position" | "receivedAt" | "shard"
>;

function writeField(block: Block, name: string, value: unknown): void {
  block.ascii(`,"${name}":`);
  if (typeof value === "number" || typeof value === "bigint") writeJsonInteger(block, value);
  else if (value instanceof Uint8Array) writeJsonBytes(block, value);
  else writeJson(block, value);
}
