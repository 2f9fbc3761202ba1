/** Streams with nodes, deletions, groups, consumers and pending entries, all ids and times given. */
import type { Argument, Command } from "./client.ts";
import { FAR_FUTURE, type Filling } from "./fill.ts";

/** Delivery times lie in the past: a server moves one that lies in the future to now. */
const DELIVERED = 1_600_000_000_000;

export async function fillStreams(filling: Filling): Promise<void> {
  await filling.client.pipeline(plainStreams(filling));
  await filling.client.pipeline(grouped(filling));
  await filling.client.pipeline(edgeCases());
}

function* plainStreams({ random }: Filling): Generator<Command> {
  yield ["XADD", "stream:one", "1-1", "f", "v"];
  // Several nodes (100 entries each by default), most entries with the fields of the one before.
  for (let id = 1; id <= 350; id++) {
    const fields =
      id % 7 === 0 ? [random.word(5), id, "extra", random.bytes(9)] : ["temp", id % 50, "unit", "C"];
    yield ["XADD", "stream:nodes", `${1_000 + Math.floor(id / 4)}-${id}`, ...fields];
  }
  yield ["XADD", "stream:fields", "5-0", ...Array.from({ length: 400 }, (_, index) => `word ${index}`)];
  yield ["XADD", "stream:fields", "5-1", "", "", Buffer.from([0, 255]), Buffer.from([254])];
  yield ["XADD", "stream:big", "7-0", "blob", random.bytes(10_000), "text", "t".repeat(9_000)];
  yield ["XADD", "stream:ids", "0-1", "f", "smallest"];
  yield ["XADD", "stream:ids", "18446744073709551614-18446744073709551615", "f", "huge"];
  for (let id = 1; id <= 250; id++) yield ["XADD", "stream:deleted", `${id}-0`, "n", id];
  for (let id = 3; id <= 250; id += 3) yield ["XDEL", "stream:deleted", `${id}-0`];
  for (let id = 1; id <= 250; id++) yield ["XADD", "stream:trimmed", `${id}-0`, "n", id];
  yield ["XTRIM", "stream:trimmed", "MAXLEN", "=", 130];
  yield ["XADD", "stream:expires", "1-0", "f", "v"];
  yield ["PEXPIREAT", "stream:expires", FAR_FUTURE + 6];
}

/** Delivers an entry to a consumer, at a given time and for the given time. */
function deliver(key: string, group: Argument, consumer: string, id: string, nth: number): Command {
  const time = DELIVERED + nth * 1_000;
  return [
    "XCLAIM",
    key,
    group,
    consumer,
    0,
    id,
    "TIME",
    time,
    "RETRYCOUNT",
    1 + (nth % 5),
    "FORCE",
    "JUSTID",
  ];
}

function* grouped({ random }: Filling): Generator<Command> {
  const key = "stream:groups";
  for (let id = 1; id <= 220; id++) yield ["XADD", key, `${id}-0`, "n", id, "text", random.word(8)];
  yield ["XGROUP", "CREATE", key, "workers", "150-0", "ENTRIESREAD", 150];
  yield ["XGROUP", "CREATE", key, "unread", "0-0"];
  yield ["XGROUP", "CREATE", key, "at-end", "$"];
  yield ["XGROUP", "CREATE", key, Buffer.from([0, 255, 10]), "220-0", "ENTRIESREAD", 220];
  for (const consumer of ["alice", "bob", "", Buffer.from([1, 254])]) {
    yield ["XGROUP", "CREATECONSUMER", key, "workers", consumer];
  }
  yield ["XGROUP", "CREATECONSUMER", key, "at-end", "idle one"];
  for (let id = 1; id <= 150; id++)
    yield deliver(key, "workers", id % 2 === 0 ? "alice" : "bob", `${id}-0`, id);
  for (let id = 10; id <= 150; id += 10) yield ["XACK", key, "workers", `${id}-0`];
  yield deliver(key, Buffer.from([0, 255, 10]), "carol", "220-0", 1);
  // Pending entries outlive the deletion of what they stand for.
  for (const id of [1, 2, 77, 149]) yield ["XDEL", key, `${id}-0`];
}

function* edgeCases(): Generator<Command> {
  yield ["XGROUP", "CREATE", "stream:empty", "g", "$", "MKSTREAM"];
  yield ["XADD", "stream:emptied", "9-9", "f", "v"];
  yield ["XGROUP", "CREATE", "stream:emptied", "g", "0-0"];
  yield deliver("stream:emptied", "g", "c", "9-9", 2);
  yield ["XDEL", "stream:emptied", "9-9"];
  // Trimming leaves pending entries behind too, and does not count as a deletion.
  for (let id = 1; id <= 5; id++) yield ["XADD", "stream:trimmed:pending", `${id}-0`, "n", id];
  yield ["XGROUP", "CREATE", "stream:trimmed:pending", "g", "5-0", "ENTRIESREAD", 5];
  for (let id = 1; id <= 5; id++) yield deliver("stream:trimmed:pending", "g", "c", `${id}-0`, id);
  yield ["XTRIM", "stream:trimmed:pending", "MAXLEN", "=", 2];
  yield ["XADD", "stream:setid", "1-0", "f", "v"];
  yield ["XSETID", "stream:setid", "50-3", "ENTRIESADDED", 40, "MAXDELETEDID", "49-0"];
}
