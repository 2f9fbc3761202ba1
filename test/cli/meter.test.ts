import { expect, test } from "vitest";
import { columnsOf } from "../../cli/format/show.ts";
import { PLAIN } from "../../cli/format/text.ts";
import { Meter, type MeterOptions } from "../../cli/meter.ts";
import { SnapshotProgress } from "../../cli/sources/snapshot_progress.ts";
import { StatusLine } from "../../cli/status_line.ts";
import type { RedisEvent } from "../../src/events.ts";
import { bytes, commandEvent, keyEvent, linkEvent } from "./made_events.ts";

const key = (offset: number): RedisEvent => keyEvent({ type: "string", value: bytes("v"), offset });
const begin = { kind: "rdb", event: "begin", version: 12, family: "redis" } as unknown as RedisEvent;
const end = { kind: "rdb", event: "end", keys: 2, checksum: "ok" } as unknown as RedisEvent;

function meterAt(clock: { ms: number }, options: Partial<MeterOptions> = {}): Meter {
  return new Meter({ now: () => clock.ms, colors: PLAIN, ...options });
}

test("a file: bar, share, bytes, keys, rate and time left", () => {
  const clock = { ms: 0 };
  const read = { bytes: 0 };
  const meter = meterAt(clock, { progress: () => ({ bytes: read.bytes, total: 10_000_000 }) });
  meter.see(begin);
  meter.render(100);
  clock.ms = 1000;
  read.bytes = 2_500_000;
  meter.see(key(9));
  meter.see(key(20));
  expect(meter.render(100)).toBe(
    "━━━━━━──────────────────   25%  2.5 MB of 10.0 MB  2 keys  2.5 MB/s  3 s left",
  );
});

test("a link: what it waits for, the snapshot, then the writes", () => {
  const clock = { ms: 0 };
  const meter = meterAt(clock);
  expect(meter.render(80)).toContain("connecting");
  meter.see(linkEvent({ event: "fullresync", replid: "a", offset: 1 }));
  expect(meter.render(80)).toContain("waiting for the snapshot");
  meter.see(begin);
  meter.see(key(1_000_000));
  clock.ms = 1000;
  expect(meter.render(80)).toContain("1.0 MB  1 key");
  meter.see(end);
  meter.see(linkEvent({ event: "online", offset: 5000 }));
  meter.render(80);
  for (let i = 0; i < 10; i++) meter.see(commandEvent(["DEL", "k"], { offset: 5100 + i }));
  clock.ms = 2000;
  expect(meter.render(80)).toBe("● live  offset 5,109  10 writes  5/s  1 key before");
});

test("a snapshot that begins anew counts from nothing", () => {
  const meter = meterAt({ ms: 0 });
  meter.see(begin);
  meter.see(key(9));
  meter.see(linkEvent({ event: "fullresync", replid: "a", offset: 1 }));
  meter.see(begin);
  expect(meter.render(80)).toContain(" 0 keys");
});

test("a cluster: its shards' keys and lags together, and how many are there", () => {
  const clock = { ms: 0 };
  const meter = meterAt(clock);
  const see = (shard: string, event: RedisEvent): void => {
    meter.see(Object.assign(Object.create(event), { shard }) as RedisEvent);
  };
  for (const shard of ["a", "b"]) {
    see(shard, linkEvent({ event: "fullresync", replid: "a", offset: 1 }));
    see(shard, begin);
    see(shard, key(1_000_000));
  }
  see("a", end);
  expect(meter.render(80)).toContain("2.0 MB  2 keys");
  see("b", end);
  see("a", linkEvent({ event: "progress", lag: 1000 } as never));
  see("b", linkEvent({ event: "progress", lag: 2000 } as never));
  expect(meter.render(80)).toBe("● live  2 of 2 shards  0 writes  0/s  2 keys before  3.0 KB behind");
  see("b", linkEvent({ event: "retry", attempt: 1, delay: 1 } as never));
  expect(meter.render(80)).toContain("● live  1 of 2 shards");
});

test("the snapshots of a cluster are one: read and total summed, what is done stays in", () => {
  const progress = new SnapshotProgress();
  expect(progress.sum).toBeUndefined();
  progress.see({ shard: "a", snapshot: { read: 10, total: 100 } });
  progress.see({ shard: "b", snapshot: { read: 5, total: undefined } });
  expect(progress.sum).toEqual({ bytes: 15, total: undefined });
  progress.see({ shard: "b", snapshot: { read: 20, total: 50 } });
  progress.see({ shard: "a", snapshot: undefined });
  expect(progress.sum).toEqual({ bytes: 120, total: 150 });
  progress.see({ shard: "b", snapshot: undefined });
  expect(progress.sum).toBeUndefined();
});

test("the line never takes more columns than there are", () => {
  const clock = { ms: 0 };
  const meter = meterAt(clock, { progress: () => ({ bytes: 123_456_789, total: 1e9 }) });
  meter.see(begin);
  meter.render(10);
  clock.ms = 500;
  for (let columns = 1; columns < 120; columns++) {
    expect(columnsOf(meter.render(columns))).toBeLessThanOrEqual(columns);
  }
});

test("a status line leaves the terminal as it was", () => {
  let written = "";
  const status = new StatusLine({ write: (text: string) => (written += text), columns: 20 }, () => "here");
  status.draw();
  status.clear();
  status.draw();
  status.close();
  status.draw();
  const esc = String.fromCharCode(27);
  expect(written).toMatch(/here/);
  expect(written.endsWith(`\r${esc}[K${esc}[?25h`)).toBe(true);
});

test("a link whose keys are filtered out tells how far its snapshot is read all the same", () => {
  const clock = { ms: 0 };
  let read = 0;
  const meter = meterAt(clock, { snapshot: () => ({ bytes: read, total: 4_000_000 }) });
  meter.see(begin);
  meter.render(100);
  clock.ms = 1000;
  read = 2_000_000;
  expect(meter.render(100)).toContain("50%  2.0 MB of 4.0 MB  0 keys  2.0 MB/s");
  meter.see(key(3_000_000));
  expect(meter.render(100)).toContain("75%");
});
