import { describe, expect, test } from "vitest";
import { decodeDump, RdbDecoder } from "../../src/rdb/mod.ts";
import { cut, decodeChunks, dumpBody, hex, keyRecord, rdbFile, show } from "./support.ts";
import { DUMP_VECTORS, FILE_VECTORS } from "./vectors.ts";

describe("decodeDump reads what a real server dumped", () => {
  test.each(DUMP_VECTORS)("$id $server: $made", (vector) => {
    const dump = decodeDump(hex(vector.hex));
    const [part] = dump.parts;
    expect(dump.version).toBe(vector.version);
    expect(dump.trailing).toBe(0);
    expect(dump.parts).toHaveLength(1);
    expect(part).toMatchObject({ type: vector.type, encoding: vector.encoding, part: 0, last: true });
    expect(show(part?.value)).toBe(show(vector.value));
  });
});

describe("RdbDecoder at level raw gives back the DUMP payload", () => {
  // Key metadata stands before the type there and is tested on its own below.
  test.each(DUMP_VECTORS.filter(({ id }) => id !== "H4"))("$id $server: $made", (vector) => {
    const payload = hex(vector.hex);
    const file = rdbFile(vector.version, keyRecord("k", dumpBody(payload)));
    for (const sizes of [[file.length], [1]]) {
      const raws: Uint8Array[] = [];
      const decoder = new RdbDecoder({
        select: () => "raw",
        onEvent: (event) => event.event === "key" && raws.push(event.raw!),
      });
      for (const chunk of cut(file, sizes)) decoder.write(chunk);
      decoder.end();
      expect(raws.map((raw) => Buffer.from(raw).toString("hex"))).toEqual([vector.hex]);
    }
  });

  test("H4 with its key metadata", () => {
    const payload = hex(DUMP_VECTORS.find(({ id }) => id === "H4")!.hex);
    const body = dumpBody(payload);
    const value = body.subarray(body.length - 3);
    const file = rdbFile(14, body.subarray(0, body.length - 3), keyRecord("k", value));
    let raw: Uint8Array | undefined;
    const decoder = new RdbDecoder({
      select: () => "raw",
      onEvent: (event) => event.event === "key" && (raw = event.raw),
    });
    for (const chunk of cut(file, [5])) decoder.write(chunk);
    decoder.end();
    expect(Buffer.from(raw!).toString("hex")).toBe(Buffer.from(payload).toString("hex"));
  });
});

describe("RdbDecoder reads files that real servers wrote", () => {
  test.each(FILE_VECTORS)("$id $server", ({ id, hex: bytes, events }) => {
    const seen: string[] = [];
    const decoder = new RdbDecoder({
      onEvent(event) {
        if (event.event === "begin") seen.push(`begin ${event.family} ${event.version}`);
        else if (event.event === "end") seen.push(`end ${event.keys} ${event.checksum}`);
        else if (event.event === "aux") seen.push(`aux ${event.key}=${event.valueText}`);
        else if (event.event === "function") seen.push(`function ${event.codeText}`);
        else if (event.event === "module-aux")
          seen.push(`module-aux ${event.name} ${event.version} ${event.when}`);
        else if (event.event === "slot-info")
          seen.push(`slot-info ${event.slot} ${event.keys} ${event.expires}`);
        else if (event.event === "key") {
          const expires = event.expireAt === undefined ? "" : ` expires ${event.expireAt}`;
          const idle = event.idle === undefined ? "" : ` idle ${event.idle}`;
          const freq = event.freq === undefined ? "" : ` freq ${event.freq}`;
          const head = `key ${event.db} ${event.keyText} ${event.type}/${event.encoding}${expires}${idle}${freq}`;
          seen.push(`${head} ${show(event.value).slice(0, 300)}`);
        }
      },
    });
    const input = hex(bytes);
    const consumed = decoder.write(input);
    decoder.end();
    expect(seen).toEqual(events);
    // J20 is an AOF with a preamble: 54 bytes of commands follow.
    expect(input.length - consumed).toBe(id === "J20" ? 54 : 0);
  });

  test.each(FILE_VECTORS)("$id byte by byte and cut anywhere", ({ hex: bytes }) => {
    const file = hex(bytes);
    const whole = decodeChunks([file]);
    expect(decodeChunks(cut(file, [1]))).toEqual(whole);
    for (let at = 1; at < file.length; at++)
      expect(decodeChunks([file.slice(0, at), file.slice(at)])).toEqual(whole);
  });
});
