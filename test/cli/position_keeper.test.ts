import { expect, test } from "vitest";
import { PositionKeeper } from "../../cli/position_keeper.ts";
import type { Position, RedisEvent } from "../../src/events.ts";
import type { Saved } from "../../src/rx/saved.ts";
import { commandEvent } from "./made_events.ts";

const at = (offset: number): Position => ({ replid: "a".repeat(40), offset, db: 0 });
const event = (position: Position | undefined): RedisEvent => commandEvent(["DEL", "k"], { position });

function keeperOver(saves: number[], clock: { ms: number }, before?: Position): PositionKeeper {
  const store = {
    load: async () => before && ({ version: 1, position: before, states: {} } as Saved),
    save: async (saved: Saved) => void saves.push(saved.position.offset),
  };
  return new PositionKeeper(store, () => clock.ms);
}

test("goes on at what was saved", async () => {
  expect(await keeperOver([], { ms: 0 }).load()).toBeUndefined();
  expect(await keeperOver([], { ms: 0 }, at(7)).load()).toEqual(at(7));
});

test("is due once a second, and only for a position that is new", async () => {
  const saves: number[] = [];
  const clock = { ms: 5000 };
  const keeper = keeperOver(saves, clock, at(7));
  await keeper.load();
  keeper.see(event(at(7)));
  expect(keeper.due).toBe(false);
  keeper.see(event(at(8)));
  expect(keeper.due).toBe(true);
  await keeper.save();
  keeper.see(event(at(9)));
  clock.ms += 999;
  expect(keeper.due).toBe(false);
  clock.ms += 1;
  expect(keeper.due).toBe(true);
  await keeper.save();
  await keeper.save();
  expect(saves).toEqual([8, 9]);
});

test("events without a position, as in a snapshot, do not move it", async () => {
  const saves: number[] = [];
  const keeper = keeperOver(saves, { ms: 0 });
  await keeper.save();
  keeper.see(event(undefined));
  expect(keeper.due).toBe(false);
  await keeper.save();
  keeper.see(event(at(3)));
  keeper.see(event(undefined));
  await keeper.save();
  expect(saves).toEqual([3]);
});
