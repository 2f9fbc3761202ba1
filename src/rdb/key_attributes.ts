import { readInt64 } from "../bytes/integer.ts";
import type { ByteReader } from "./byte_reader.ts";
import { OPCODE } from "./opcodes.ts";
import { readLength } from "./rdb_string.ts";

/** What records before a key say of it. */
export class KeyAttributes {
  /** Unix ms. */
  expireAt: number | bigint | undefined = undefined;
  /** Seconds. */
  idle: number | undefined = undefined;
  freq: number | undefined = undefined;

  /** Reads the record behind an opcode; `false` if it is no attribute of a key. */
  read(r: ByteReader, opcode: number): boolean {
    switch (opcode) {
      case OPCODE.EXPIRETIME_MS: {
        r.require(8);
        const at = readInt64(r.buf, r.pos);
        r.pos += 8;
        this.expireAt = at === -1 ? undefined : at;
        return true;
      }
      case OPCODE.EXPIRETIME: {
        const at = r.u32le() | 0;
        this.expireAt = at === -1 ? undefined : at * 1000;
        return true;
      }
      case OPCODE.FREQ:
        this.freq = r.u8();
        return true;
      case OPCODE.IDLE:
        this.idle = readLength(r);
        return true;
      default:
        return false;
    }
  }

  /** Forgets them: they were for one key. */
  reset(): void {
    this.expireAt = this.idle = this.freq = undefined;
  }
}
