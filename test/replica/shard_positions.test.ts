import { expect, test } from "vitest";
import { BatchPlace, ShardPositions } from "../../src/replica/shard_positions.ts";

const at = (offset: number) => ({ replid: "a".repeat(40), offset, db: 0 });

test("BatchPlace says of a batch what held when it was handed out, whatever comes to the same place later", () => {
  const positions = new ShardPositions();
  positions.set("a", at(10));
  positions.set("b", at(1));
  const place = new BatchPlace();
  expect(place.place(at(10))).toEqual(at(10));
  place.settle([], positions.placing("a"));
  positions.set("b", at(99));
  place.settle([], positions.placing("a"));
  expect(place.place(at(10))).toEqual({ ...at(10), shards: { a: at(10), b: at(1) } });
});
