import { describe, expect, test } from "vitest";
import { type ErrorCode, ReplicaError } from "../../src/errors.ts";
import { RetryPolicy } from "../../src/replica/retry.ts";

const failure = (code: ErrorCode, offset?: number): ReplicaError => new ReplicaError(code, code, { offset });

describe("RetryPolicy", () => {
  test("doubles the delay up to its maximum", () => {
    const policy = new RetryPolicy({ minDelay: 100, maxDelay: 1000, random: () => 0.999999 });
    policy.succeeded();
    const delays = [1, 2, 3, 4, 5, 6].map(() => policy.failed(failure("DISCONNECTED")).delay);
    expect(delays).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  test("jitters between half and all of a delay", () => {
    const policy = new RetryPolicy({ minDelay: 1000, random: () => 0 });
    policy.succeeded();
    expect(policy.failed(failure("DISCONNECTED"))).toEqual({ attempt: 1, delay: 500 });
  });

  test("starts over after success", () => {
    const policy = new RetryPolicy({ random: () => 0 });
    policy.succeeded();
    policy.failed(failure("CONNECT"));
    expect(policy.failed(failure("CONNECT")).attempt).toBe(2);
    policy.succeeded();
    expect(policy.failed(failure("CONNECT"))).toEqual({ attempt: 1, delay: 50 });
  });

  test("never overflows its delay", () => {
    const policy = new RetryPolicy({ random: () => 0.5 });
    policy.succeeded();
    for (let i = 0; i < 2000; i++)
      expect(policy.failed(failure("CONNECT")).delay).toBeLessThanOrEqual(10_000);
  });

  const fatal: ErrorCode[] = [
    "NOAUTH",
    "WRONGPASS",
    "NOPERM",
    "UNKNOWN_COMMAND",
    "PROTOCOL",
    "MALFORMED",
    "CHECKSUM",
    "SERVER",
    "HISTORY",
    "OVERRUN",
  ];
  test.each(fatal)("ends at once on %s", (code) => {
    const policy = new RetryPolicy();
    policy.succeeded();
    expect(() => policy.failed(failure(code))).toThrow(code);
  });

  test.each(["LOADING", "NOMASTERLINK", "MASTERDOWN", "BUSY"] as const)(
    "waits for %s without an end",
    (code) => {
      const policy = new RetryPolicy({ initialAttempts: 1, attempts: 1 });
      for (let i = 0; i < 50; i++) policy.failed(failure(code));
    },
  );

  test("gives up on an address that never answered", () => {
    const policy = new RetryPolicy();
    for (let i = 0; i < 4; i++) policy.failed(failure("CONNECT"));
    expect(() => policy.failed(failure("CONNECT"))).toThrow("CONNECT");
    expect(() => new RetryPolicy().failed(failure("TIMEOUT"))).toThrow("TIMEOUT");
  });

  test("tries again where a server spoke and then fell silent", () => {
    const policy = new RetryPolicy();
    policy.heard();
    for (let i = 0; i < 4; i++) policy.failed(failure("TIMEOUT"));
    expect(() => policy.failed(failure("TIMEOUT"))).toThrow("TIMEOUT");
  });

  test("goes on for ever once the link was online, or as often as told", () => {
    const patient = new RetryPolicy();
    patient.succeeded();
    for (let i = 0; i < 100; i++) patient.failed(failure(i % 2 ? "TIMEOUT" : "CONNECT"));
    const strict = new RetryPolicy({ attempts: 2 });
    strict.succeeded();
    strict.failed(failure("CONNECT"));
    expect(() => strict.failed(failure("CONNECT"))).toThrow("CONNECT");
  });

  test("throws the failure that knows its place", () => {
    const policy = new RetryPolicy({ initialAttempts: 2 });
    policy.failed(failure("DISCONNECTED", 77));
    expect(() => policy.failed(failure("CONNECT"))).toThrow(expect.objectContaining({ offset: 77 }));
  });

  test("does nothing when turned off", () => {
    const policy = new RetryPolicy(false);
    policy.succeeded();
    expect(() => policy.failed(failure("LOADING"))).toThrow("LOADING");
  });

  test.each([{ minDelay: 0 }, { maxDelay: -1 }, { attempts: 0 }, { initialAttempts: Number.NaN }])(
    "refuses %j",
    (options) => {
      expect(() => new RetryPolicy(options)).toThrow(RangeError);
    },
  );
});
