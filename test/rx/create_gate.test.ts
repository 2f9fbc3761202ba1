import { describe, expect, it } from "vitest";
import { createGate } from "../../src/rx/create_gate.ts";

describe("createGate", () => {
  it("is open at first and resolves at once", async () => {
    const gate = createGate();
    expect(gate.held).toBe(false);
    await gate.opened();
  });

  it("counts holds and opens with the last release", async () => {
    const gate = createGate();
    const releases = [gate.hold(), gate.hold(), gate.hold()];
    let opened = 0;
    const waiting = [gate.opened(), gate.opened()].map((promise) => promise.then(() => opened++));
    for (const release of releases) {
      expect(gate.held).toBe(true);
      await Promise.resolve();
      expect(opened).toBe(0);
      release();
    }
    expect(gate.held).toBe(false);
    await Promise.all(waiting);
    expect(opened).toBe(2);
  });

  it("counts a second release of the same hold for nothing", () => {
    const gate = createGate();
    const first = gate.hold();
    const second = gate.hold();
    first();
    first();
    expect(gate.held).toBe(true);
    second();
    expect(gate.held).toBe(false);
    first();
    gate.hold();
    expect(gate.held).toBe(true);
  });

  it("makes who waits look again when it is held anew", async () => {
    const gate = createGate();
    const release = gate.hold();
    const opened = gate.opened();
    release();
    const again = gate.hold();
    await opened;
    expect(gate.held).toBe(true);
    let resolved = false;
    const later = gate.opened().then(() => {
      resolved = true;
    });
    await Promise.resolve();
    expect(resolved).toBe(false);
    again();
    await later;
  });
});
