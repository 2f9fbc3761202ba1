import type { AofEvent, LinkEvent, RdbEvent, RdbKey, RedisEvent } from "../../src/events.ts";
import type { Block } from "./block.ts";
import { writeField, writeJson, writeJsonArray, writeJsonBase64, writeJsonBytes } from "./json.ts";
import { writeValue } from "./ndjson_value.ts";

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
