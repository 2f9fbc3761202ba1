/** A seeded generator: the same stream for the same size, everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

/** What a generated stream holds, for tests that nothing of it is dropped. */
export interface CommandStream {
  readonly bytes: Uint8Array;
  readonly commands: number;
  readonly args: number;
}

/**
 * A replication stream of about `size` bytes: SET 40 %, HSET 15, LPUSH 10, ZADD 10, XADD 10, PEXPIREAT 8, DEL 7; keys of 16
 * bytes, about 100 bytes and 3.6 arguments a command.
 */
export function makeCommandStream(size: number, seed = 1): CommandStream {
  const random = randomNumbers(seed);
  const bytes = new Uint8Array(size + 1024);
  let length = 0;
  let commands = 0;
  let args = 0;
  const put = (text: string): void => {
    for (let i = 0; i < text.length; i++) bytes[length++] = text.charCodeAt(i);
  };
  const add = (...command: string[]): void => {
    put(`*${command.length}\r\n`);
    for (const word of command) put(`$${word.length}\r\n${word}\r\n`);
    commands++;
    args += command.length;
  };
  const digits = (count: number): string => {
    let text = "";
    while (text.length < count) text += String(Math.floor(random() * 1e9)).padStart(9, "0");
    return text.slice(0, count);
  };
  const text = (count: number): string => {
    let result = "";
    while (result.length < count) result += Math.floor(random() * 2 ** 40).toString(36);
    return result.slice(0, count);
  };
  while (length < size) {
    const key = `key:${digits(12)}`;
    const kind = random();
    if (kind < 0.4) add("SET", key, text(64));
    else if (kind < 0.55) add("HSET", key, text(10), text(20), text(10), text(20));
    else if (kind < 0.65) add("LPUSH", key, text(30), text(30));
    else if (kind < 0.75) add("ZADD", key, digits(6), text(16));
    else if (kind < 0.85) add("XADD", key, `17${digits(11)}-0`, text(8), text(16), text(8), text(16));
    else if (kind < 0.93) add("PEXPIREAT", key, `17${digits(11)}`);
    else add("DEL", key);
  }
  return { bytes: bytes.subarray(0, length), commands, args };
}

/** The stream as a socket or a file would give it: chunks on memory of their own. */
export function cut(bytes: Uint8Array, chunkSize: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) {
    // `slice` of a view that a Buffer may be behind would alias; this never does.
    chunks.push(new Uint8Array(bytes.subarray(at, at + chunkSize)));
  }
  return chunks;
}
