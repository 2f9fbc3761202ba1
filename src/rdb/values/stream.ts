import type { StreamInfo } from "../../events.ts";
import { readBlob } from "../blob.ts";
import type { ByteReader } from "../byte_reader.ts";
import { PiecesReading } from "../pieces.ts";
import { readLength, readLength64, readString } from "../rdb_string.ts";
import type { ValueContext, ValueReading } from "../value_reading.ts";
import { SkipReading } from "./skip.ts";
import { GroupsReading } from "./stream_groups.ts";
import { readStreamId, u64beAt } from "./stream_id.ts";
import { IdmpReading } from "./stream_idmp.ts";
import { addStreamNode } from "./stream_node.ts";
import { StreamNodeWalk } from "./stream_node_walk.ts";
import { keepsTail } from "./stream_tail.ts";

/*
 * Outer layout (rdb.c of the servers); [n] = from form n on
 *
 *   len nodes, each: str 16-byte master id, str listpack
 *   len live · last id (len ms, len seq) · [2] first id, max deleted id, len entries added
 *   len groups, each:
 *     str name · last id · [2] len entries read (all ones: unknown)
 *     len k, k × (16 bytes id, i64le delivery time, len deliveries)
 *     len consumers, each: str name · i64le seen · [3] i64le active · len k, k × 16 bytes id
 *     [5] len k, k × 16 bytes id, given back
 *   [4] len duration, len max · len producers, each: str id, len k, k × (str iid, len ms, len seq) · len added, len duplicates
 */

/** Bytes up to which the id of a node is read at all; one that has not 16 is refused then. */
const MAX_ID = 1 << 20;
/** The first form with exactly-once ids. */
const FIRST_WITH_IDMP = 4;

/** Reads a stream of one of the five forms. */
export class StreamReading implements ValueReading {
  readonly #form: number;
  /** Nodes that are left; −1: their count comes first. */
  #nodes = -1;
  #firstId: string | undefined = undefined;
  #nodeId: { readonly ms: number | bigint; readonly seq: number | bigint } | undefined = undefined;
  #skip: SkipReading | undefined = undefined;
  /** A node that comes in pieces. */
  #walk: StreamNodeWalk | undefined = undefined;
  #pieces: PiecesReading | undefined = undefined;
  #info: StreamInfo | undefined = undefined;
  #groups: GroupsReading | undefined = undefined;
  #idmp: IdmpReading | undefined = undefined;

  constructor(options: { readonly form: 1 | 2 | 3 | 4 | 5 }) {
    this.#form = options.form;
  }

  step(r: ByteReader, v: ValueContext): boolean {
    if (this.#nodes < 0) {
      this.#nodes = readLength(r);
      r.commit();
    }
    while (this.#nodes > 0) this.#readNode(r, v);
    this.#info ??= this.#readInfo(r, v);
    if (this.#idmp === undefined) {
      this.#groups ??= new GroupsReading(this.#form, this.#info);
      this.#groups.step(r, v);
      if (this.#form < FIRST_WITH_IDMP) return true;
      this.#idmp = new IdmpReading();
    }
    const idmp = this.#idmp.step(r);
    // An earlier part may have gone out with the info already, so it is said again, now complete.
    if (keepsTail(v)) v.parts.tail.records.push({ is: "info", info: { ...this.#info, idmp } });
    r.commit();
    return true;
  }

  #readNode(r: ByteReader, v: ValueContext): void {
    if (this.#nodeId === undefined) {
      const at = r.offset;
      const id = readString(r, MAX_ID);
      if (id.length !== 16) r.malformed(`Cannot decode stream node: its id has ${id.length} bytes`, at);
      this.#nodeId = { ms: u64beAt(id, 0), seq: u64beAt(id, 8) };
      r.commit();
    }
    if (v.skipping) {
      this.#skip ??= new SkipReading();
      this.#skip.step(r);
      this.#skip = undefined;
    } else this.#readPacked(r, v, this.#nodeId);
    this.#nodeId = undefined;
    this.#nodes--;
    r.commit();
  }

  #readPacked(
    r: ByteReader,
    v: ValueContext,
    id: { readonly ms: number | bigint; readonly seq: number | bigint },
  ): void {
    if (this.#pieces === undefined) {
      const blob = readBlob(r, v.limits.maxPackedBytes);
      if (blob !== undefined) {
        r.commit();
        const firstId = addStreamNode(v.parts, blob, id);
        this.#firstId ??= firstId;
        return;
      }
      this.#pieces = new PiecesReading(r, (length, at) => {
        this.#walk = new StreamNodeWalk(length, at, id);
        return this.#walk;
      });
    }
    this.#pieces.step(r, v);
    this.#firstId ??= this.#walk!.firstId;
    this.#pieces = this.#walk = undefined;
  }

  #readInfo(r: ByteReader, v: ValueContext): StreamInfo {
    // Not compared with the live entries met: servers before 6.2 could write a length that was off after XTRIM.
    const length = readLength(r);
    const lastId = readStreamId(r);
    let info: StreamInfo;
    if (this.#form === 1)
      info = {
        length,
        lastId,
        firstId: this.#firstId ?? "0-0",
        maxDeletedId: "0-0",
        entriesAdded: length,
        idmp: undefined,
      };
    else {
      const firstId = readStreamId(r);
      const maxDeletedId = readStreamId(r);
      info = { length, lastId, firstId, maxDeletedId, entriesAdded: readLength64(r), idmp: undefined };
    }
    if (keepsTail(v)) v.parts.tail.records.push({ is: "info", info });
    r.commit();
    return info;
  }
}
