import type {
  ArrayElement,
  HashField,
  RdbKey,
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
  writeField,
  writeJson,
  writeJsonArray,
  writeJsonBytes,
  writeJsonInteger,
  writeJsonScore,
} from "./json.ts";

/** Writes the value of a key, or of one part of it, as JSON. */
export function writeValue(block: Block, event: RdbKey): void {
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
