import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeValue, type RespEntry, type RespValue } from "../../src/resp/mod.ts";
import { bytesOf, cutAt, decode } from "./support.ts";

const bytes = fc.uint8Array({ maxLength: 40 });
const line = bytes.map((value) => value.filter((byte) => byte !== 10 && byte !== 13));
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** A 64-bit integer as the decoder gives it. */
function natural(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Any value but a push, which only stands at the top; attributes on every level. */
const anyValue = fc.letrec<{ value: RespValue; entry: RespEntry; attributes: RespEntry[] | undefined }>(
  (tie) => {
    const attributes = tie("attributes");
    const items = fc.array(tie("value"), { maxLength: 4 });
    return {
      entry: fc.tuple(tie("value"), tie("value")),
      attributes: fc.option(fc.array(tie("entry"), { minLength: 1, maxLength: 2 }), {
        nil: undefined,
        freq: 8,
        depthIdentifier: "value",
      }),
      value: fc.oneof(
        { depthIdentifier: "value", maxDepth: 4, withCrossShrink: true },
        fc.record({ type: fc.constant("bulk" as const), bytes, attributes: fc.constant(undefined) }),
        fc.record({ type: fc.constant("simple" as const), bytes: line, attributes }),
        fc.record({
          type: fc.constant("error" as const),
          form: fc.constant("simple" as const),
          bytes: line,
          attributes,
        }),
        fc.record({
          type: fc.constant("error" as const),
          form: fc.constant("blob" as const),
          bytes,
          attributes,
        }),
        fc.record({
          type: fc.constant("integer" as const),
          value: fc.bigInt(INT64).map(natural),
          attributes,
        }),
        fc.record({ type: fc.constant("double" as const), value: fc.double(), attributes }),
        fc.record({ type: fc.constant("big-number" as const), value: fc.bigInt(), attributes }),
        fc.record({ type: fc.constant("boolean" as const), value: fc.boolean(), attributes }),
        fc.record({
          type: fc.constant("null" as const),
          form: fc.constantFrom("bulk" as const, "array" as const, "resp3" as const),
          attributes,
        }),
        fc.record({
          type: fc.constant("verbatim" as const),
          format: fc.stringMatching(/^[a-z ]{3}$/),
          bytes,
          attributes,
        }),
        fc.record({ type: fc.constantFrom("array" as const, "set" as const), items, attributes }),
        fc.record({
          type: fc.constant("map" as const),
          entries: fc.array(tie("entry"), { maxLength: 3 }),
          attributes,
        }),
      ),
    };
  },
).value;

const push = fc.record({
  type: fc.constant("push" as const),
  items: fc.array(anyValue, { maxLength: 3 }),
  attributes: fc.constant(undefined),
});
const values = fc.array(fc.oneof({ arbitrary: anyValue, weight: 5 }, { arbitrary: push, weight: 1 }), {
  maxLength: 6,
});
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

function encodeAll(list: readonly RespValue[]): Uint8Array {
  return Uint8Array.from(list.flatMap((value) => [...encodeValue(value)]));
}

describe("RespDecoder", () => {
  test("gives back what was encoded, however it is cut", () => {
    fc.assert(
      fc.property(values, cuts, (list, fractions) => {
        const outcome = decode(cutAt(encodeAll(list), fractions), { maxDepth: 64 });
        expect(outcome.error).toBeUndefined();
        expect(outcome.values).toEqual(list);
      }),
      { numRuns: 400 },
    );
  });

  test("answers mutated input with values or one coded error, the same however it is cut", () => {
    const edit = fc.tuple(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.constantFrom(...bytesOf("*$%|~>;.?-0129\r\n\x00")),
    );
    fc.assert(
      fc.property(values, fc.array(edit, { minLength: 1, maxLength: 4 }), cuts, (list, edits, fractions) => {
        const input = encodeAll(list);
        for (const [place, byte] of edits)
          if (input.length > 0) input[Math.floor(place * input.length)] = byte;
        const limits = { maxElements: 200, maxBulkLength: 1000 };
        const whole = decode([input], limits);
        expect(whole.error === undefined || /^(MALFORMED|LIMIT|TRUNCATED)$/.test(whole.error.code)).toBe(
          true,
        );
        expect(decode(cutAt(input, fractions), limits)).toEqual(whole);
      }),
      { numRuns: 1500 },
    );
  });

  test("answers random bytes with values or one coded error", () => {
    const letters = fc.constantFrom(...bytesOf("+-:$*_#,(!=%~|>;.?0123456789\r\ntfain"));
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 60 }), cuts, (input, fractions) => {
        const whole = decode([Uint8Array.from(input)]);
        expect(decode(cutAt(Uint8Array.from(input), fractions))).toEqual(whole);
      }),
      { numRuns: 1500 },
    );
  });
});
