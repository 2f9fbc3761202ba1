import { describe, expect, test } from "vitest";
import {
  Payload,
  type PayloadDecoder,
  type PayloadForm,
  parsePayloadForm,
} from "../../src/replica/payload.ts";
import { bytes, cut, MARK, singly, text } from "./support/wire.ts";

/** Stands for an RDB decoder: the "RDB" ends with its first full stop. */
class ToFullStop implements PayloadDecoder {
  done = false;
  taken = "";
  write(chunk: Uint8Array): number {
    const stop = chunk.indexOf(46);
    const read = stop < 0 ? chunk.length : stop + 1;
    this.taken += text(chunk.subarray(0, read));
    this.done = stop >= 0;
    return read;
  }
}

describe("parsePayloadForm", () => {
  test("reads both forms", () => {
    expect(parsePayloadForm("$182")).toEqual({ length: 182 });
    expect(parsePayloadForm(`$EOF:${MARK}`)).toEqual({ mark: bytes(MARK) });
  });
  test.each(["", "$", "$-1", "$1x", "$99999999999999999", "+OK", "$EOF:abc", `$EOF:${MARK}0`, "$EOF:"])(
    "refuses %j",
    (line) => {
      expect(parsePayloadForm(line)).toBeUndefined();
    },
  );
});

/** Feeds pieces as a protocol does; returns what the decoder got and what came after the payload. */
function feed(
  form: PayloadForm,
  pieces: readonly Uint8Array[],
): { rdb: string; rest: string; done: boolean; read: number } {
  const decoder = new ToFullStop();
  const payload = new Payload(form, decoder);
  let rest = "";
  for (const piece of pieces) {
    let at = 0;
    while (at < piece.length && !payload.done) at = payload.write(piece, at);
    rest += text(piece.subarray(at));
  }
  return { rdb: decoder.taken, rest, done: payload.done, read: payload.bytesRead };
}

describe("Payload gives the RDB to the decoder and leaves the stream, however it is cut,", () => {
  const forms: readonly [name: string, form: PayloadForm, wire: Uint8Array][] = [
    ["by length", { length: 12 }, bytes("REDIS0010ab.*1\r\n$4\r\nping\r\n")],
    ["by mark", { mark: bytes(MARK) }, bytes(`REDIS0010ab.${MARK}*1\r\n$4\r\nping\r\n`)],
    [
      "by mark, which a value repeats",
      { mark: bytes(MARK) },
      bytes(`${MARK.slice(0, 11)}.${MARK}*1\r\n$4\r\nping\r\n`),
    ],
  ];
  test.each(forms)("%s", (_name, form, wire) => {
    const whole = feed(form, [wire]);
    expect(whole).toMatchObject({ rest: "*1\r\n$4\r\nping\r\n", done: true, read: 12 });
    expect(feed(form, singly(wire))).toEqual(whole);
    for (let at = 1; at < wire.length; at++) expect(feed(form, cut(wire, [at]))).toEqual(whole);
  });
});

describe("Payload refuses", () => {
  test("an RDB that ends before its announced length", () => {
    expect(() => feed({ length: 13 }, [bytes("abc.defghijklmn")])).toThrow(
      expect.objectContaining({ code: "PROTOCOL", offset: 4 }),
    );
  });
  test("an RDB that does not end within its announced length", () => {
    for (const pieces of [[bytes("abcdef.")], singly(bytes("abcdef."))]) {
      expect(() => feed({ length: 3 }, pieces)).toThrow(
        expect.objectContaining({ code: "PROTOCOL", offset: 3 }),
      );
    }
    expect(() => feed({ length: 0 }, [bytes("a.")])).toThrow(
      expect.objectContaining({ code: "PROTOCOL", offset: 0 }),
    );
  });
  test("another mark than the announced one, whichever byte differs", () => {
    for (let at = 0; at < 40; at++) {
      const wrong = bytes(`ab.${MARK}`);
      wrong[3 + at] = wrong[3 + at]! ^ 1;
      expect(() => feed({ mark: bytes(MARK) }, [wrong])).toThrow(
        expect.objectContaining({ code: "PROTOCOL", offset: 3 }),
      );
    }
  });
});
