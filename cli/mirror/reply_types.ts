import { ErrorReply, RESP_TYPES } from "redis";
import type { TargetArguments, TargetReply } from "../../src/rx/target_client.ts";

/** Bytes for every kind of string. */
export const BYTES: { readonly typeMapping: Readonly<Record<36 | 43, typeof Buffer>> } = {
  typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.SIMPLE_STRING]: Buffer },
};

/** The client takes Buffers only; these share the memory. */
export function buffers(args: TargetArguments): Buffer[] {
  return args.map((arg) => Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength));
}

/** An error reply is a reply; all else that rejects is a lost connection. */
export async function settled(reply: Promise<unknown>): Promise<TargetReply> {
  try {
    return (await reply) as TargetReply;
  } catch (error) {
    if (error instanceof ErrorReply) return error;
    throw error;
  }
}
