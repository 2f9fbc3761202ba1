import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReplicaError } from "../../src/errors.ts";
import { CommandScanner, type CommandScannerOptions, encodeCommand } from "../../src/resp/mod.ts";
import { bytesOf, cutAt, cuttings, textOf } from "./support.ts";

const wire = (text: string) => bytesOf(text.replaceAll("¶", "\r\n"));
const MIB = 1024 * 1024;

/** Everything the sink is told, with offsets in place of indices: what must not depend on how the input is cut. */
interface Scan {
  readonly events: unknown[];
  readonly offset: number;
  readonly error: { readonly code: string; readonly offset: number | undefined } | undefined;
}

function scan(chunks: readonly Uint8Array[], options: CommandScannerOptions = {}): Scan {
  const events: unknown[] = [];
  let bytes: Uint8Array = new Uint8Array();
  let base = 0;
  const scanner: CommandScanner = new CommandScanner(
    {
      onSource: (source, at) => {
        bytes = source;
        base = at;
      },
      onCommand: (start, end, argc, nameStart, nameEnd) => {
        const name = textOf(bytes.subarray(nameStart, nameEnd));
        events.push({
          name,
          argc,
          from: base + start,
          to: base + end,
          frame: textOf(bytes.subarray(start, end)),
        });
      },
      onKeepAlive: () => events.push("alive"),
      onAnnotation: (line, start, end) => events.push([textOf(line.subarray(start, end)), scanner.offset]),
    },
    options,
  );
  let error: Scan["error"];
  try {
    for (const chunk of chunks) scanner.write(chunk);
    scanner.end();
  } catch (cause) {
    const { code, offset } = cause as ReplicaError;
    if (code === undefined) throw cause;
    error = { code, offset };
  }
  return { events, offset: scanner.offset, error };
}

/** The plain way to read commands, for whole and well-formed input only. */
function naive(bytes: Uint8Array): unknown[] {
  const text = textOf(bytes);
  const events: unknown[] = [];
  let at = 0;
  const line = (): string => {
    const end = text.indexOf("\r\n", at);
    const found = text.slice(at + 1, end);
    at = end + 2;
    return found;
  };
  while (at < text.length) {
    const from = at;
    const args: string[] = [];
    for (let left = Number(line()); left > 0; left--) {
      const length = Number(line());
      args.push(text.slice(at, at + length));
      at += length + 2;
    }
    events.push({ name: args[0], argc: args.length, from, to: at, frame: text.slice(from, at) });
  }
  return events;
}

const join = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

const argument = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 12 }) },
  { weight: 3, arbitrary: fc.uint8Array({ minLength: 9, maxLength: 120 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 900, max: 1100 }).map((length) => new Uint8Array(length).fill(13)),
  },
);
const command = fc.oneof(
  { weight: 8, arbitrary: fc.array(argument, { minLength: 1, maxLength: 5 }) },
  { weight: 1, arbitrary: fc.array(argument, { minLength: 8, maxLength: 12 }) },
);
const commands = fc.array(command, { maxLength: 12 }).map((list) => join(list.map(encodeCommand)));
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

describe("CommandScanner", () => {
  test("finds what the naive reader finds, however the stream is cut", () => {
    fc.assert(
      fc.property(commands, cuts, (bytes, fractions) => {
        const expected = { events: naive(bytes), offset: bytes.length, error: undefined };
        expect(scan([bytes])).toEqual(expected);
        expect(scan(cutAt(bytes, fractions))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test("finds the same at every cut and byte by byte", () => {
    const bytes = join([
      encodeCommand(["SET", "k", "x".repeat(99)]),
      encodeCommand(["mset", ...Array.from({ length: 20 }, (_, i) => "y".repeat(i))]),
      encodeCommand(["PING"]),
    ]);
    const expected = { events: naive(bytes), offset: bytes.length, error: undefined };
    for (const chunks of cuttings(bytes)) expect(scan(chunks)).toEqual(expected);
  });

  test("answers mutated input the same however it is cut: commands, then one coded error", () => {
    const edit = fc.tuple(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.constantFrom(...bytesOf("*$0129-+ \r\n\x00#")),
    );
    fc.assert(
      fc.property(
        commands,
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        cuts,
        (bytes, edits, fractions) => {
          for (const [place, byte] of edits)
            if (bytes.length > 0) bytes[Math.floor(place * bytes.length)] = byte;
          for (const options of [
            {},
            { allowKeepAlive: true, allowAnnotations: true, maxCommandBytes: 800 },
          ]) {
            const whole = scan([bytes], options);
            expect(whole.error === undefined || /^(MALFORMED|LIMIT|TRUNCATED)$/.test(whole.error.code)).toBe(
              true,
            );
            expect(scan(cutAt(bytes, fractions), options)).toEqual(whole);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  test("copies only the command that spans chunks", () => {
    const sources: Uint8Array[] = [];
    const seen: Uint8Array[] = [];
    const scanner = new CommandScanner({
      onSource: (bytes) => sources.push(bytes),
      onCommand: () => seen.push(sources.at(-1)!),
    });
    const command = encodeCommand(["SET", "key", "a value of some length"]);
    const bytes = join([command, command, command, command]);
    const cut = command.length * 2 + 11;
    const [first, second] = [bytes.slice(0, cut), bytes.slice(cut)];
    scanner.write(first);
    scanner.write(second);
    expect(seen[0]).toBe(first);
    expect(seen[1]).toBe(first);
    expect(seen[2]?.buffer.byteLength).toBe(command.length);
    expect(seen[3]).toBe(second);
  });

  test("starts at any index of a chunk and any offset", () => {
    const events: number[] = [];
    let base = 0;
    const scanner = new CommandScanner(
      {
        onSource: (_bytes, at) => {
          base = at;
        },
        onCommand: (_start, end) => events.push(base + end),
      },
      { offset: 1000 },
    );
    const ping = encodeCommand(["PING"]);
    scanner.write(join([bytesOf("the end of a snapshot"), ping, ping]), 21);
    expect(events).toEqual([1014, 1028]);
    expect(scanner.offset).toBe(1028);
    scanner.reset(5);
    scanner.write(ping);
    expect(events.at(-1)).toBe(19);
  });

  test("does not count bare LF, and takes it only between commands and where allowed", () => {
    const ping = "*1¶$4¶PING¶";
    const bytes = wire(`\n${ping}\n\n${ping}${ping}\n`);
    for (const chunks of cuttings(bytes)) {
      const { events, offset, error } = scan(chunks, { allowKeepAlive: true, offset: 100 });
      expect(events.map((event) => (event as { to?: number }).to ?? event)).toEqual([
        "alive",
        114,
        "alive",
        "alive",
        128,
        142,
        "alive",
      ]);
      expect({ offset, error }).toEqual({ offset: 142, error: undefined });
    }
    expect(scan([bytes]).error).toEqual({ code: "MALFORMED", offset: 0 });
    expect(scan([wire("*1¶\n$4¶PING¶")], { allowKeepAlive: true }).error).toEqual({
      code: "MALFORMED",
      offset: 4,
    });
  });

  test("takes annotation lines only between commands and where allowed", () => {
    const bytes = wire("#TS:1795241462¶*1¶$4¶PING¶#any other\n#¶#\n");
    for (const chunks of cuttings(bytes)) {
      const { events, offset, error } = scan(chunks, { allowAnnotations: true });
      expect(events).toEqual([
        ["TS:1795241462", 16],
        expect.objectContaining({ name: "PING", from: 16, to: 30 }),
        ["any other", 41],
        ["", 44],
        ["", 46],
      ]);
      expect({ offset, error }).toEqual({ offset: 46, error: undefined });
    }
    expect(scan([bytes]).error).toEqual({ code: "MALFORMED", offset: 0 });
    expect(scan([wire("*1¶#x¶$4¶PING¶")], { allowAnnotations: true }).error).toEqual({
      code: "MALFORMED",
      offset: 4,
    });
  });

  test("is content with an annotation cut off by the end, as servers are, and not with a command", () => {
    expect(scan([wire("#TS:17")], { allowAnnotations: true })).toEqual({
      events: [],
      offset: 0,
      error: undefined,
    });
    const bytes = wire("*2¶$3¶DEL¶$2¶k1¶");
    for (let at = 1; at < bytes.length; at++) {
      expect(scan([bytes.slice(0, at)])).toEqual({
        events: [],
        offset: 0,
        error: { code: "TRUNCATED", offset: at },
      });
    }
  });

  const refused: readonly (readonly [
    why: string,
    wire: string,
    code: string,
    offset: number,
    limit?: number,
  ])[] = [
    ["an inline command", "PING¶", "MALFORMED", 0],
    ["a blank line", "¶", "MALFORMED", 0],
    ["zeros", "\0\0\0\0", "MALFORMED", 0],
    ["no arguments", "*0¶", "MALFORMED", 2],
    ["a negative count", "*-1¶", "MALFORMED", 1],
    ["no count", "*¶", "MALFORMED", 1],
    ["a count with a sign", "*+1¶$1¶a¶", "MALFORMED", 1],
    ["a count with a leading zero", "*01¶$1¶a¶", "MALFORMED", 2],
    ["a count with a blank", "* 1¶$1¶a¶", "MALFORMED", 1],
    ["LF alone after the count", "*1\n$1¶a¶", "MALFORMED", 2],
    ["CR alone after the count", "*1\r$1¶a¶", "MALFORMED", 3],
    ["a status as argument", "*1¶+OK¶", "MALFORMED", 4],
    ["a negative length", "*2¶$3¶DEL¶$-1¶", "MALFORMED", 14],
    ["no length", "*1¶$¶¶", "MALFORMED", 5],
    ["a length with a leading zero", "*1¶$04¶PING¶", "MALFORMED", 6],
    ["a length with junk behind it", "*1¶$4x¶PING¶", "MALFORMED", 6],
    ["LF alone after the length", "*1¶$4\nPING¶", "MALFORMED", 6],
    ["other bytes than CR LF after an argument", "*2¶$3¶SET¶$1¶bXX", "MALFORMED", 18],
    ["LF alone after an argument", "*1¶$4¶PING\n", "MALFORMED", 12],
    ["an argument shorter than it said", "*2¶$4¶SET¶$1¶b¶", "MALFORMED", 12],
    ["a command behind a good one", "*1¶$4¶PING¶+OK¶", "MALFORMED", 14],
    ["more arguments than servers take", "*2147483648¶", "LIMIT", 11],
    ["more arguments than fit a command", "*178956971¶", "LIMIT", 10],
    ["an argument that fits no command", "*1¶$1073741824¶", "LIMIT", 15],
    ["a count that overflows", "*99999999999999999999¶", "LIMIT", 16],
    ["a length that overflows", "*1¶$99999999999999999999¶", "LIMIT", 20],
    ["a command above the limit, as soon as its length is known", "*2¶$1¶a¶$90¶", "LIMIT", 14, 100],
    ["a command above the limit, with what must still follow", "*9¶$1¶a¶$45¶", "LIMIT", 14, 100],
  ];
  for (const [why, text, code, offset, maxCommandBytes] of refused) {
    test(`refuses ${why}`, () => {
      const bytes = wire(text);
      // A good command behind it makes the quick scan meet it, not only the careful one.
      for (const input of [bytes, join([bytes, encodeCommand(["SET", "key", "x".repeat(40)])])]) {
        for (const chunks of cuttings(input)) {
          expect(scan(chunks, { maxCommandBytes }).error).toEqual({ code, offset });
        }
      }
    });
  }

  test("takes a command at the limit and refuses one byte more, in one chunk or many", () => {
    const bytes = encodeCommand(["SET", "k", "x".repeat(100)]);
    for (const chunks of cuttings(bytes)) {
      expect(scan(chunks, { maxCommandBytes: bytes.length }).error).toBeUndefined();
      expect(scan(chunks, { maxCommandBytes: bytes.length - 1 }).error?.code).toBe("LIMIT");
    }
  });

  test("refuses an annotation without end", () => {
    const scanner = new CommandScanner(
      { onSource: () => {}, onCommand: () => {} },
      { allowAnnotations: true },
    );
    scanner.write(wire(`#${"x".repeat(60_000)}`));
    expect(() => scanner.write(wire("x".repeat(60_000)))).toThrow(expect.objectContaining({ code: "LIMIT" }));
  });

  test("refuses offsets that a number cannot hold", () => {
    const scanner = new CommandScanner({ onSource: () => {}, onCommand: () => {} }, { offset: 2 ** 53 - 20 });
    const ping = encodeCommand(["PING"]);
    scanner.write(ping);
    expect(scanner.offset).toBe(2 ** 53 - 6);
    expect(() => scanner.write(ping)).toThrow(expect.objectContaining({ code: "LIMIT" }));
  });

  test("says the same error until reset", () => {
    const scanner = new CommandScanner({ onSource: () => {}, onCommand: () => {} });
    let first: unknown;
    try {
      scanner.write(wire("x"));
    } catch (error) {
      first = error;
    }
    expect(() => scanner.write(wire("*1¶$4¶PING¶"))).toThrow(first as Error);
    expect(() => scanner.end()).toThrow(first as Error);
    scanner.reset();
    scanner.write(wire("*1¶$4¶PING¶"));
    expect(scanner.offset).toBe(14);
  });

  test("takes time linear in a large command that comes byte by byte", () => {
    const value = encodeCommand(["SET", "k", new Uint8Array(MIB)]);
    const many = encodeCommand(["SADD", ...Array.from({ length: 120_000 }, (_, i) => String(i))]);
    let seen = 0;
    const scanner = new CommandScanner({ onSource: () => {}, onCommand: () => seen++ });
    const started = performance.now();
    for (const bytes of [value, many]) for (const byte of bytes) scanner.write(Uint8Array.of(byte));
    expect(seen).toBe(2);
    expect(scanner.offset).toBe(value.length + many.length);
    // Quadratic work on this would take minutes.
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test("reserves no memory by an announced count or length", () => {
    const before = process.memoryUsage().arrayBuffers;
    const scanners: CommandScanner[] = [];
    for (let i = 0; i < 50; i++) {
      for (const text of ["*100000000¶$3¶SET¶$1", "*2¶$3¶SET¶$1000000000¶abc"]) {
        const scanner = new CommandScanner({ onSource: () => {}, onCommand: () => {} });
        scanner.write(wire(text));
        scanners.push(scanner);
      }
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 * MIB);
    expect(scanners).toHaveLength(100);
  });

  test("hands out a large command that came in pieces unchanged, with little memory beside it", () => {
    const value = new Uint8Array(6 * MIB + 5).map((_, i) => (i * 13) & 0xff);
    const frame = encodeCommand(["SET", "k", value, "PX", "1000"]);
    let got: Uint8Array = new Uint8Array();
    const scanner = new CommandScanner({
      onSource: (bytes) => {
        got = bytes;
      },
      onCommand: () => {},
    });
    for (let at = 0; at < frame.length; at += 65_536) scanner.write(frame.slice(at, at + 65_536));
    expect(Buffer.compare(got, frame)).toBe(0);
    expect(got.buffer.byteLength).toBeLessThan(2 * frame.length);
  });
});
