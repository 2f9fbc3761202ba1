import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A decoder of some client: takes chunks, hands out each reply, here a command as Buffers. */
export type Peer = (onCommand: (args: readonly Buffer[]) => void) => (chunk: Buffer) => void;

const require = createRequire(import.meta.url);

/** What a user would pick instead. */
export const PEERS: Readonly<Record<string, Peer>> = {
  "redis-parser": (onCommand) => {
    const Parser = require("redis-parser") as new (options: {
      returnReply(reply: Buffer[]): void;
      returnError(error: Error): void;
      returnBuffers: boolean;
    }) => { execute(chunk: Buffer): void };
    const parser = new Parser({
      returnReply: onCommand,
      returnError: (error) => {
        throw error;
      },
      returnBuffers: true,
    });
    return (chunk) => parser.execute(chunk);
  },
  // Neither of these is exported by its package: they are taken from where they lie.
  "@redis/client": (onCommand) =>
    decoder(join(dirname(require.resolve("@redis/client")), "lib/RESP/decoder.js"), onCommand),
  ioredis: (onCommand) => decoder(join(dirname(require.resolve("ioredis")), "resp/decoder.js"), onCommand),
};

/** `$`: a bulk string. */
const BULK = 36;

function decoder(path: string, onReply: (args: readonly Buffer[]) => void): (chunk: Buffer) => void {
  const { Decoder } = require(path) as {
    Decoder: new (options: {
      onReply(reply: unknown): void;
      onErrorReply(error: unknown): void;
      onPush(push: unknown): void;
      getTypeMapping(): object;
    }) => { write(chunk: Buffer): void };
  };
  const made = new Decoder({
    onReply: (reply) => onReply(reply as readonly Buffer[]),
    onErrorReply: (error) => {
      throw error;
    },
    onPush: () => {},
    getTypeMapping: () => ({ [BULK]: Buffer }),
  });
  return (chunk) => made.write(chunk);
}
