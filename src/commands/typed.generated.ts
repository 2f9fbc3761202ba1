// Made by `npm run generate:commands` from redis 8.0 and valkey 9.1: do not edit, change scripts/commands/overrides.ts.
import type { LexBound, ScoreBound } from "./values.ts";

/** `APPEND key:key value`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface AppendCommand {
  readonly name: "APPEND";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** `ARDEL key:key indexes:long...`. Since Redis 8.8.0. */
export interface ArdelCommand {
  readonly name: "ARDEL";
  readonly key: Uint8Array;
  readonly indexes: readonly (number | bigint)[];
}

/** `ARDELRANGE key:key ranges=(start:long end:long)...`. Since Redis 8.8.0. */
export interface ArdelrangeCommand {
  readonly name: "ARDELRANGE";
  readonly key: Uint8Array;
  readonly ranges: readonly { readonly start: number | bigint; readonly end: number | bigint }[];
}

/** `ARINSERT key:key values...`. Since Redis 8.8.0. */
export interface ArinsertCommand {
  readonly name: "ARINSERT";
  readonly key: Uint8Array;
  readonly values: readonly Uint8Array[];
}

/** `ARMSET key:key entries=(index:long value)...`. Since Redis 8.8.0. */
export interface ArmsetCommand {
  readonly name: "ARMSET";
  readonly key: Uint8Array;
  readonly entries: readonly { readonly index: number | bigint; readonly value: Uint8Array }[];
}

/** `ARRING key:key size:long values...`. Since Redis 8.8.0. */
export interface ArringCommand {
  readonly name: "ARRING";
  readonly key: Uint8Array;
  readonly size: number | bigint;
  readonly values: readonly Uint8Array[];
}

/** `ARSEEK key:key index:long`. Since Redis 8.8.0. */
export interface ArseekCommand {
  readonly name: "ARSEEK";
  readonly key: Uint8Array;
  readonly index: number | bigint;
}

/** `ARSET key:key index:long values...`. Since Redis 8.8.0. */
export interface ArsetCommand {
  readonly name: "ARSET";
  readonly key: Uint8Array;
  readonly index: number | bigint;
  readonly values: readonly Uint8Array[];
}

/** `BITFIELD key:key [operations=(GET encoding:text offset:text | SET encoding:text offset:text value:long | INCRBY encoding:text offset:text increment:long | OVERFLOW overflow=(WRAP | SAT | FAIL))...]`. Since Redis 3.2.0, Valkey 3.2.0. */
export interface BitfieldCommand {
  readonly name: "BITFIELD";
  readonly key: Uint8Array;
  readonly operations: readonly (
    | { readonly GET: { readonly encoding: string; readonly offset: string } }
    | {
        readonly SET: { readonly encoding: string; readonly offset: string; readonly value: number | bigint };
      }
    | {
        readonly INCRBY: {
          readonly encoding: string;
          readonly offset: string;
          readonly increment: number | bigint;
        };
      }
    | { readonly OVERFLOW: "WRAP" | "SAT" | "FAIL" }
  )[];
}

/** `BITOP operation=(AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE) destination:key keys:key...`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface BitopCommand {
  readonly name: "BITOP";
  readonly operation: "AND" | "OR" | "XOR" | "NOT" | "DIFF" | "DIFF1" | "ANDOR" | "ONE";
  readonly destination: Uint8Array;
  readonly keys: readonly Uint8Array[];
}

/** `BLMOVE source:key destination:key whereFrom=(LEFT | RIGHT) whereTo=(LEFT | RIGHT) timeout:double`. Since Redis 6.2.0, Valkey 6.2.0. */
export interface BlmoveCommand {
  readonly name: "BLMOVE";
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly whereFrom: "LEFT" | "RIGHT";
  readonly whereTo: "LEFT" | "RIGHT";
  readonly timeout: number;
  readonly timeoutText?: string | undefined;
}

/** `BLMOVEM source:key destination:key whereFrom=(LEFT | RIGHT) whereTo=(LEFT | RIGHT) timeout:double [amount=(COUNT count:int | EXACTLY count:int) order=(OBO | BULK)]`. Since Redis 8.10.0. */
export interface BlmovemCommand {
  readonly name: "BLMOVEM";
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly whereFrom: "LEFT" | "RIGHT";
  readonly whereTo: "LEFT" | "RIGHT";
  readonly timeout: number;
  readonly timeoutText?: string | undefined;
  readonly amount?: { readonly COUNT: number } | { readonly EXACTLY: number } | undefined;
  readonly order?: "OBO" | "BULK" | undefined;
}

/** `BLMPOP timeout:double #keys keys:key... where=(LEFT | RIGHT) [COUNT count:int]`. Since Redis 7.0.0, Valkey 7.0.0. */
export interface BlmpopCommand {
  readonly name: "BLMPOP";
  readonly timeout: number;
  readonly timeoutText?: string | undefined;
  readonly keys: readonly Uint8Array[];
  readonly where: "LEFT" | "RIGHT";
  readonly count?: number | undefined;
}

/** `BLPOP keys:key... timeout:double`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface BlpopCommand {
  readonly name: "BLPOP";
  readonly keys: readonly Uint8Array[];
  readonly timeout: number;
  readonly timeoutText?: string | undefined;
}

/** `BRPOP keys:key... timeout:double`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface BrpopCommand {
  readonly name: "BRPOP";
  readonly keys: readonly Uint8Array[];
  readonly timeout: number;
  readonly timeoutText?: string | undefined;
}

/** `BRPOPLPUSH source:key destination:key timeout:double`. Since Redis 2.2.0, Valkey 2.2.0. */
export interface BrpoplpushCommand {
  readonly name: "BRPOPLPUSH";
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly timeout: number;
  readonly timeoutText?: string | undefined;
}

/** `BZMPOP timeout:double #keys keys:key... where=(MIN | MAX) [COUNT count:int]`. Since Redis 7.0.0, Valkey 7.0.0. */
export interface BzmpopCommand {
  readonly name: "BZMPOP";
  readonly timeout: number;
  readonly timeoutText?: string | undefined;
  readonly keys: readonly Uint8Array[];
  readonly where: "MIN" | "MAX";
  readonly count?: number | undefined;
}

/** `BZPOPMAX keys:key... timeout:double`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface BzpopmaxCommand {
  readonly name: "BZPOPMAX";
  readonly keys: readonly Uint8Array[];
  readonly timeout: number;
  readonly timeoutText?: string | undefined;
}

/** `BZPOPMIN keys:key... timeout:double`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface BzpopminCommand {
  readonly name: "BZPOPMIN";
  readonly keys: readonly Uint8Array[];
  readonly timeout: number;
  readonly timeoutText?: string | undefined;
}

/** `CLUSTER FLUSHSLOT slot:int [mode=(ASYNC | SYNC)]`. Since Valkey 9.0.0. */
export interface ClusterFlushslotCommand {
  readonly name: "CLUSTER FLUSHSLOT";
  readonly slot: number;
  readonly mode?: "ASYNC" | "SYNC" | undefined;
}

/** `CLUSTER SETSLOT slot:int state=(IMPORTING node:text | MIGRATING node:text | NODE node:text | STABLE) [TIMEOUT timeout:int]`. Since Redis 3.0.0, Valkey 3.0.0. */
export interface ClusterSetslotCommand {
  readonly name: "CLUSTER SETSLOT";
  readonly slot: number;
  readonly state:
    | { readonly IMPORTING: string }
    | { readonly MIGRATING: string }
    | { readonly NODE: string }
    | "STABLE";
  readonly timeout?: number | undefined;
}

/** `CLUSTER SYNCSLOTS subcommand:text [args...]`. Since Redis 8.4.0, Valkey 9.0.0. */
export interface ClusterSyncslotsCommand {
  readonly name: "CLUSTER SYNCSLOTS";
  readonly subcommand: string;
  readonly args: readonly Uint8Array[];
}

/** `COPY source:key destination:key [DB db:int] [replace=REPLACE]`. Since Redis 6.2.0, Valkey 6.2.0. */
export interface CopyCommand {
  readonly name: "COPY";
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly db?: number | undefined;
  readonly replace: boolean;
}

/** `DECR key:key`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface DecrCommand {
  readonly name: "DECR";
  readonly key: Uint8Array;
}

/** `DECRBY key:key decrement:long`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface DecrbyCommand {
  readonly name: "DECRBY";
  readonly key: Uint8Array;
  readonly decrement: number | bigint;
}

/** `DEL keys:key...`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface DelCommand {
  readonly name: "DEL";
  readonly keys: readonly Uint8Array[];
}

/** `DELEX key:key [condition=(IFEQ value | IFNE value | IFDEQ digest | IFDNE digest)]`. Since Redis 8.4.0. */
export interface DelexCommand {
  readonly name: "DELEX";
  readonly key: Uint8Array;
  readonly condition?:
    | { readonly IFEQ: Uint8Array }
    | { readonly IFNE: Uint8Array }
    | { readonly IFDEQ: Uint8Array }
    | { readonly IFDNE: Uint8Array }
    | undefined;
}

/** `DELIFEQ key:key value`. Since Valkey 9.0.0. */
export interface DelifeqCommand {
  readonly name: "DELIFEQ";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** `EVAL script #keys [keys:key...] [args...]`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface EvalCommand {
  readonly name: "EVAL";
  readonly script: Uint8Array;
  readonly keys: readonly Uint8Array[];
  readonly args: readonly Uint8Array[];
}

/** `EVALSHA sha1 #keys [keys:key...] [args...]`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface EvalshaCommand {
  readonly name: "EVALSHA";
  readonly sha1: Uint8Array;
  readonly keys: readonly Uint8Array[];
  readonly args: readonly Uint8Array[];
}

/** `EXEC`. Since Redis 1.2.0, Valkey 1.2.0. */
export interface ExecCommand {
  readonly name: "EXEC";
}

/** `EXPIRE key:key seconds:int [condition=(NX | XX | GT | LT)]`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface ExpireCommand {
  readonly name: "EXPIRE";
  readonly key: Uint8Array;
  readonly seconds: number;
  readonly condition?: "NX" | "XX" | "GT" | "LT" | undefined;
}

/** `EXPIREAT key:key atSeconds:int [condition=(NX | XX | GT | LT)]`. Since Redis 1.2.0, Valkey 1.2.0. */
export interface ExpireatCommand {
  readonly name: "EXPIREAT";
  readonly key: Uint8Array;
  readonly atSeconds: number;
  readonly condition?: "NX" | "XX" | "GT" | "LT" | undefined;
}

/** `FCALL function #keys [keys:key...] [args...]`. Since Redis 7.0.0, Valkey 7.0.0. */
export interface FcallCommand {
  readonly name: "FCALL";
  readonly function: Uint8Array;
  readonly keys: readonly Uint8Array[];
  readonly args: readonly Uint8Array[];
}

/** `FLUSHALL [mode=(ASYNC | SYNC)]`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface FlushallCommand {
  readonly name: "FLUSHALL";
  readonly mode?: "ASYNC" | "SYNC" | undefined;
}

/** `FLUSHDB [mode=(ASYNC | SYNC)]`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface FlushdbCommand {
  readonly name: "FLUSHDB";
  readonly mode?: "ASYNC" | "SYNC" | undefined;
}

/** `FUNCTION DELETE library`. Since Redis 7.0.0, Valkey 7.0.0. */
export interface FunctionDeleteCommand {
  readonly name: "FUNCTION DELETE";
  readonly library: Uint8Array;
}

/** `FUNCTION FLUSH [mode=(ASYNC | SYNC)]`. Since Redis 7.0.0, Valkey 7.0.0. */
export interface FunctionFlushCommand {
  readonly name: "FUNCTION FLUSH";
  readonly mode?: "ASYNC" | "SYNC" | undefined;
}

/** `FUNCTION LOAD [replace=REPLACE] code`. Since Redis 7.0.0, Valkey 7.0.0. */
export interface FunctionLoadCommand {
  readonly name: "FUNCTION LOAD";
  readonly replace: boolean;
  readonly code: Uint8Array;
}

/** `FUNCTION RESTORE payload [policy=(FLUSH | APPEND | REPLACE)]`. Since Redis 7.0.0, Valkey 7.0.0. */
export interface FunctionRestoreCommand {
  readonly name: "FUNCTION RESTORE";
  readonly payload: Uint8Array;
  readonly policy?: "FLUSH" | "APPEND" | "REPLACE" | undefined;
}

/** `GEOADD key:key [condition=(NX | XX)] [change=CH] entries=(longitude:double latitude:double member)...`. Since Redis 3.2.0, Valkey 3.2.0. */
export interface GeoaddCommand {
  readonly name: "GEOADD";
  readonly key: Uint8Array;
  readonly condition?: "NX" | "XX" | undefined;
  readonly change: boolean;
  readonly entries: readonly {
    readonly longitude: number;
    readonly longitudeText?: string | undefined;
    readonly latitude: number;
    readonly latitudeText?: string | undefined;
    readonly member: Uint8Array;
  }[];
}

/** `GEORADIUS key:key longitude:double latitude:double radius:double unit=(M | KM | FT | MI) [withCoord=WITHCOORD] [withDist=WITHDIST] [withHash=WITHHASH] [COUNT count:int [any=ANY]] [order=(ASC | DESC)] [store=(STORE storekey:key | STOREDIST storedistkey:key)]`. Since Redis 3.2.0, Valkey 3.2.0. */
export interface GeoradiusCommand {
  readonly name: "GEORADIUS";
  readonly key: Uint8Array;
  readonly longitude: number;
  readonly longitudeText?: string | undefined;
  readonly latitude: number;
  readonly latitudeText?: string | undefined;
  readonly radius: number;
  readonly radiusText?: string | undefined;
  readonly unit: "M" | "KM" | "FT" | "MI";
  readonly withCoord: boolean;
  readonly withDist: boolean;
  readonly withHash: boolean;
  readonly count?: number | undefined;
  readonly any: boolean;
  readonly order?: "ASC" | "DESC" | undefined;
  readonly store?: { readonly STORE: Uint8Array } | { readonly STOREDIST: Uint8Array } | undefined;
}

/** `GEORADIUSBYMEMBER key:key member radius:double unit=(M | KM | FT | MI) [withCoord=WITHCOORD] [withDist=WITHDIST] [withHash=WITHHASH] [COUNT count:int [any=ANY]] [order=(ASC | DESC)] [store=(STORE storekey:key | STOREDIST storedistkey:key)]`. Since Redis 3.2.0, Valkey 3.2.0. */
export interface GeoradiusbymemberCommand {
  readonly name: "GEORADIUSBYMEMBER";
  readonly key: Uint8Array;
  readonly member: Uint8Array;
  readonly radius: number;
  readonly radiusText?: string | undefined;
  readonly unit: "M" | "KM" | "FT" | "MI";
  readonly withCoord: boolean;
  readonly withDist: boolean;
  readonly withHash: boolean;
  readonly count?: number | undefined;
  readonly any: boolean;
  readonly order?: "ASC" | "DESC" | undefined;
  readonly store?: { readonly STORE: Uint8Array } | { readonly STOREDIST: Uint8Array } | undefined;
}

/** `GEOSEARCHSTORE destination:key source:key [from=(FROMMEMBER member | FROMLONLAT longitude:double latitude:double)] by=(BYRADIUS radius:double unit=(M | KM | FT | MI) | BYBOX width:double height:double unit=(M | KM | FT | MI) | BYPOLYGON #vertices vertices=(longitude:double latitude:double)...) [order=(ASC | DESC)] [COUNT count:int [any=ANY]] [storeDist=STOREDIST]`. Since Redis 6.2.0, Valkey 6.2.0. */
export interface GeosearchstoreCommand {
  readonly name: "GEOSEARCHSTORE";
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  readonly from?:
    | { readonly FROMMEMBER: Uint8Array }
    | {
        readonly FROMLONLAT: {
          readonly longitude: number;
          readonly longitudeText?: string | undefined;
          readonly latitude: number;
          readonly latitudeText?: string | undefined;
        };
      }
    | undefined;
  readonly by:
    | {
        readonly BYRADIUS: {
          readonly radius: number;
          readonly radiusText?: string | undefined;
          readonly unit: "M" | "KM" | "FT" | "MI";
        };
      }
    | {
        readonly BYBOX: {
          readonly width: number;
          readonly widthText?: string | undefined;
          readonly height: number;
          readonly heightText?: string | undefined;
          readonly unit: "M" | "KM" | "FT" | "MI";
        };
      }
    | {
        readonly BYPOLYGON: {
          readonly vertices: readonly {
            readonly longitude: number;
            readonly longitudeText?: string | undefined;
            readonly latitude: number;
            readonly latitudeText?: string | undefined;
          }[];
        };
      };
  readonly order?: "ASC" | "DESC" | undefined;
  readonly count?: number | undefined;
  readonly any: boolean;
  readonly storeDist: boolean;
}

/** `GETDEL key:key`. Since Redis 6.2.0, Valkey 6.2.0. */
export interface GetdelCommand {
  readonly name: "GETDEL";
  readonly key: Uint8Array;
}

/** `GETEX key:key [expire=(EX seconds:int | PX ms:int | EXAT atSeconds:int | PXAT atMs:int | PERSIST)]`. Since Redis 6.2.0, Valkey 6.2.0. */
export interface GetexCommand {
  readonly name: "GETEX";
  readonly key: Uint8Array;
  readonly expire?:
    | { readonly EX: number }
    | { readonly PX: number }
    | { readonly EXAT: number }
    | { readonly PXAT: number }
    | "PERSIST"
    | undefined;
}

/** `GETSET key:key value`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface GetsetCommand {
  readonly name: "GETSET";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** `HDEL key:key fields...`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface HdelCommand {
  readonly name: "HDEL";
  readonly key: Uint8Array;
  readonly fields: readonly Uint8Array[];
}

/** `HEXPIRE key:key seconds:int [condition=(NX | XX | GT | LT)] (FIELDS #fields fields...)`. Since Redis 7.4.0, Valkey 9.0.0. */
export interface HexpireCommand {
  readonly name: "HEXPIRE";
  readonly key: Uint8Array;
  readonly seconds: number;
  readonly condition?: "NX" | "XX" | "GT" | "LT" | undefined;
  readonly fields: readonly Uint8Array[];
}

/** `HEXPIREAT key:key atSeconds:int [condition=(NX | XX | GT | LT)] (FIELDS #fields fields...)`. Since Redis 7.4.0, Valkey 9.0.0. */
export interface HexpireatCommand {
  readonly name: "HEXPIREAT";
  readonly key: Uint8Array;
  readonly atSeconds: number;
  readonly condition?: "NX" | "XX" | "GT" | "LT" | undefined;
  readonly fields: readonly Uint8Array[];
}

/** `HGETDEL key:key (FIELDS #fields fields...)`. Since Redis 8.0.0, Valkey 9.1.0. */
export interface HgetdelCommand {
  readonly name: "HGETDEL";
  readonly key: Uint8Array;
  readonly fields: readonly Uint8Array[];
}

/** `HGETEX key:key [expire=(EX seconds:int | PX ms:int | EXAT atSeconds:int | PXAT atMs:int | PERSIST)] (FIELDS #fields fields...)`. Since Redis 8.0.0, Valkey 9.0.0. */
export interface HgetexCommand {
  readonly name: "HGETEX";
  readonly key: Uint8Array;
  readonly expire?:
    | { readonly EX: number }
    | { readonly PX: number }
    | { readonly EXAT: number }
    | { readonly PXAT: number }
    | "PERSIST"
    | undefined;
  readonly fields: readonly Uint8Array[];
}

/** `HIMPORT SET key:key fieldset values...`. Since Redis 8.10.0. */
export interface HimportSetCommand {
  readonly name: "HIMPORT SET";
  readonly key: Uint8Array;
  readonly fieldset: Uint8Array;
  readonly values: readonly Uint8Array[];
}

/** `HINCRBY key:key field increment:long`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface HincrbyCommand {
  readonly name: "HINCRBY";
  readonly key: Uint8Array;
  readonly field: Uint8Array;
  readonly increment: number | bigint;
}

/** `HINCRBYFLOAT key:key field increment:decimal`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface HincrbyfloatCommand {
  readonly name: "HINCRBYFLOAT";
  readonly key: Uint8Array;
  readonly field: Uint8Array;
  readonly increment: string;
}

/** `HMSET key:key entries=(field value)...`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface HmsetCommand {
  readonly name: "HMSET";
  readonly key: Uint8Array;
  readonly entries: readonly { readonly field: Uint8Array; readonly value: Uint8Array }[];
}

/** `HPERSIST key:key (FIELDS #fields fields...)`. Since Redis 7.4.0, Valkey 9.0.0. */
export interface HpersistCommand {
  readonly name: "HPERSIST";
  readonly key: Uint8Array;
  readonly fields: readonly Uint8Array[];
}

/** `HPEXPIRE key:key ms:int [condition=(NX | XX | GT | LT)] (FIELDS #fields fields...)`. Since Redis 7.4.0, Valkey 9.0.0. */
export interface HpexpireCommand {
  readonly name: "HPEXPIRE";
  readonly key: Uint8Array;
  readonly ms: number;
  readonly condition?: "NX" | "XX" | "GT" | "LT" | undefined;
  readonly fields: readonly Uint8Array[];
}

/** `HPEXPIREAT key:key atMs:int [condition=(NX | XX | GT | LT)] (FIELDS #fields fields...)`. Since Redis 7.4.0, Valkey 9.0.0. */
export interface HpexpireatCommand {
  readonly name: "HPEXPIREAT";
  readonly key: Uint8Array;
  readonly atMs: number;
  readonly condition?: "NX" | "XX" | "GT" | "LT" | undefined;
  readonly fields: readonly Uint8Array[];
}

/** `HSET key:key entries=(field value)...`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface HsetCommand {
  readonly name: "HSET";
  readonly key: Uint8Array;
  readonly entries: readonly { readonly field: Uint8Array; readonly value: Uint8Array }[];
}

/** `HSETEX key:key [keyCondition=(NX | XX)] [condition=(FNX | FXX)] [expire=(EX seconds:int | PX ms:int | EXAT atSeconds:int | PXAT atMs:int | KEEPTTL)] (FIELDS #entries entries=(field value)...)`. Since Redis 8.0.0, Valkey 9.0.0. */
export interface HsetexCommand {
  readonly name: "HSETEX";
  readonly key: Uint8Array;
  readonly keyCondition?: "NX" | "XX" | undefined;
  readonly condition?: "FNX" | "FXX" | undefined;
  readonly expire?:
    | { readonly EX: number }
    | { readonly PX: number }
    | { readonly EXAT: number }
    | { readonly PXAT: number }
    | "KEEPTTL"
    | undefined;
  readonly entries: readonly { readonly field: Uint8Array; readonly value: Uint8Array }[];
}

/** `HSETNX key:key field value`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface HsetnxCommand {
  readonly name: "HSETNX";
  readonly key: Uint8Array;
  readonly field: Uint8Array;
  readonly value: Uint8Array;
}

/** `INCR key:key`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface IncrCommand {
  readonly name: "INCR";
  readonly key: Uint8Array;
}

/** `INCRBY key:key increment:long`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface IncrbyCommand {
  readonly name: "INCRBY";
  readonly key: Uint8Array;
  readonly increment: number | bigint;
}

/** `INCRBYFLOAT key:key increment:decimal`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface IncrbyfloatCommand {
  readonly name: "INCRBYFLOAT";
  readonly key: Uint8Array;
  readonly increment: string;
}

/** `INCREX key:key [by=(BYFLOAT increment:decimal | BYINT increment:long)] [saturate=SATURATE] [LBOUND lower:decimal] [UBOUND upper:decimal] [expire=(EX seconds:int | PX ms:int | EXAT atSeconds:int | PXAT atMs:int | PERSIST)] [enx=ENX]`. Since Redis 8.8.0. */
export interface IncrexCommand {
  readonly name: "INCREX";
  readonly key: Uint8Array;
  readonly by?: { readonly BYFLOAT: string } | { readonly BYINT: number | bigint } | undefined;
  readonly saturate: boolean;
  readonly lower?: string | undefined;
  readonly upper?: string | undefined;
  readonly expire?:
    | { readonly EX: number }
    | { readonly PX: number }
    | { readonly EXAT: number }
    | { readonly PXAT: number }
    | "PERSIST"
    | undefined;
  readonly enx: boolean;
}

/** `JSON.ARRAPPEND key:key path:text values...`. */
export interface JsonArrappendCommand {
  readonly name: "JSON.ARRAPPEND";
  readonly key: Uint8Array;
  readonly path: string;
  readonly values: readonly Uint8Array[];
}

/** `JSON.ARRINSERT key:key path:text index:long values...`. */
export interface JsonArrinsertCommand {
  readonly name: "JSON.ARRINSERT";
  readonly key: Uint8Array;
  readonly path: string;
  readonly index: number | bigint;
  readonly values: readonly Uint8Array[];
}

/** `JSON.ARRPOP key:key [path:text [index:long]]`. */
export interface JsonArrpopCommand {
  readonly name: "JSON.ARRPOP";
  readonly key: Uint8Array;
  readonly path?: string | undefined;
  readonly index?: number | bigint | undefined;
}

/** `JSON.ARRTRIM key:key path:text start:long stop:long`. */
export interface JsonArrtrimCommand {
  readonly name: "JSON.ARRTRIM";
  readonly key: Uint8Array;
  readonly path: string;
  readonly start: number | bigint;
  readonly stop: number | bigint;
}

/** `JSON.CLEAR key:key [path:text]`. */
export interface JsonClearCommand {
  readonly name: "JSON.CLEAR";
  readonly key: Uint8Array;
  readonly path?: string | undefined;
}

/** `JSON.DEL key:key [path:text]`. */
export interface JsonDelCommand {
  readonly name: "JSON.DEL";
  readonly key: Uint8Array;
  readonly path?: string | undefined;
}

/** `JSON.FORGET key:key [path:text]`. */
export interface JsonForgetCommand {
  readonly name: "JSON.FORGET";
  readonly key: Uint8Array;
  readonly path?: string | undefined;
}

/** `JSON.MERGE key:key path:text value`. */
export interface JsonMergeCommand {
  readonly name: "JSON.MERGE";
  readonly key: Uint8Array;
  readonly path: string;
  readonly value: Uint8Array;
}

/** `JSON.MSET entries=(key:key path:text value)...`. */
export interface JsonMsetCommand {
  readonly name: "JSON.MSET";
  readonly entries: readonly {
    readonly key: Uint8Array;
    readonly path: string;
    readonly value: Uint8Array;
  }[];
}

/** `JSON.NUMINCRBY key:key path:text by:decimal`. */
export interface JsonNumincrbyCommand {
  readonly name: "JSON.NUMINCRBY";
  readonly key: Uint8Array;
  readonly path: string;
  readonly by: string;
}

/** `JSON.NUMMULTBY key:key path:text by:decimal`. */
export interface JsonNummultbyCommand {
  readonly name: "JSON.NUMMULTBY";
  readonly key: Uint8Array;
  readonly path: string;
  readonly by: string;
}

/** `JSON.NUMPOWBY key:key path:text by:decimal`. */
export interface JsonNumpowbyCommand {
  readonly name: "JSON.NUMPOWBY";
  readonly key: Uint8Array;
  readonly path: string;
  readonly by: string;
}

/** `JSON.SET key:key path:text value [condition=(NX | XX)] [format=(FP16 | BF16 | FP32 | FP64)]`. */
export interface JsonSetCommand {
  readonly name: "JSON.SET";
  readonly key: Uint8Array;
  readonly path: string;
  readonly value: Uint8Array;
  readonly condition?: "NX" | "XX" | undefined;
  readonly format?: "FP16" | "BF16" | "FP32" | "FP64" | undefined;
}

/** `JSON.STRAPPEND key:key [path:text] value`. */
export interface JsonStrappendCommand {
  readonly name: "JSON.STRAPPEND";
  readonly key: Uint8Array;
  readonly path?: string | undefined;
  readonly value: Uint8Array;
}

/** `JSON.TOGGLE key:key path:text`. */
export interface JsonToggleCommand {
  readonly name: "JSON.TOGGLE";
  readonly key: Uint8Array;
  readonly path: string;
}

/** `LINSERT key:key where=(BEFORE | AFTER) pivot element`. Since Redis 2.2.0, Valkey 2.2.0. */
export interface LinsertCommand {
  readonly name: "LINSERT";
  readonly key: Uint8Array;
  readonly where: "BEFORE" | "AFTER";
  readonly pivot: Uint8Array;
  readonly element: Uint8Array;
}

/** `LMOVE source:key destination:key whereFrom=(LEFT | RIGHT) whereTo=(LEFT | RIGHT)`. Since Redis 6.2.0, Valkey 6.2.0. */
export interface LmoveCommand {
  readonly name: "LMOVE";
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly whereFrom: "LEFT" | "RIGHT";
  readonly whereTo: "LEFT" | "RIGHT";
}

/** `LMOVEM source:key destination:key whereFrom=(LEFT | RIGHT) whereTo=(LEFT | RIGHT) [amount=(COUNT count:int | EXACTLY count:int) order=(OBO | BULK)]`. Since Redis 8.10.0. */
export interface LmovemCommand {
  readonly name: "LMOVEM";
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly whereFrom: "LEFT" | "RIGHT";
  readonly whereTo: "LEFT" | "RIGHT";
  readonly amount?: { readonly COUNT: number } | { readonly EXACTLY: number } | undefined;
  readonly order?: "OBO" | "BULK" | undefined;
}

/** `LMPOP #keys keys:key... where=(LEFT | RIGHT) [COUNT count:int]`. Since Redis 7.0.0, Valkey 7.0.0. */
export interface LmpopCommand {
  readonly name: "LMPOP";
  readonly keys: readonly Uint8Array[];
  readonly where: "LEFT" | "RIGHT";
  readonly count?: number | undefined;
}

/** `LPOP key:key [count:int]`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface LpopCommand {
  readonly name: "LPOP";
  readonly key: Uint8Array;
  readonly count?: number | undefined;
}

/** `LPUSH key:key elements...`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface LpushCommand {
  readonly name: "LPUSH";
  readonly key: Uint8Array;
  readonly elements: readonly Uint8Array[];
}

/** `LPUSHX key:key elements...`. Since Redis 2.2.0, Valkey 2.2.0. */
export interface LpushxCommand {
  readonly name: "LPUSHX";
  readonly key: Uint8Array;
  readonly elements: readonly Uint8Array[];
}

/** `LREM key:key count:int element`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface LremCommand {
  readonly name: "LREM";
  readonly key: Uint8Array;
  readonly count: number;
  readonly element: Uint8Array;
}

/** `LSET key:key index:long element`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface LsetCommand {
  readonly name: "LSET";
  readonly key: Uint8Array;
  readonly index: number | bigint;
  readonly element: Uint8Array;
}

/** `LTRIM key:key start:long stop:long`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface LtrimCommand {
  readonly name: "LTRIM";
  readonly key: Uint8Array;
  readonly start: number | bigint;
  readonly stop: number | bigint;
}

/** `MIGRATE host:text port:int key=(key:key | '') db:int timeout:int [copy=COPY] [replace=REPLACE] [authentication=(AUTH auth | AUTH2 username password)] [KEYS keys:key...]`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface MigrateCommand {
  readonly name: "MIGRATE";
  readonly host: string;
  readonly port: number;
  readonly key: Uint8Array | "";
  readonly db: number;
  readonly timeout: number;
  readonly copy: boolean;
  readonly replace: boolean;
  readonly authentication?:
    | { readonly AUTH: Uint8Array }
    | { readonly AUTH2: { readonly username: Uint8Array; readonly password: Uint8Array } }
    | undefined;
  readonly keys: readonly Uint8Array[];
}

/** `MOVE key:key db:int`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface MoveCommand {
  readonly name: "MOVE";
  readonly key: Uint8Array;
  readonly db: number;
}

/** `MSET entries=(key:key value)...`. Since Redis 1.0.1, Valkey 1.0.1. */
export interface MsetCommand {
  readonly name: "MSET";
  readonly entries: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[];
}

/** `MSETEX #entries entries=(key:key value)... [condition=(NX | XX)] [expire=(EX seconds:int | PX ms:int | EXAT atSeconds:int | PXAT atMs:int | KEEPTTL)]`. Since Redis 8.4.0, Valkey 9.1.0. */
export interface MsetexCommand {
  readonly name: "MSETEX";
  readonly entries: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[];
  readonly condition?: "NX" | "XX" | undefined;
  readonly expire?:
    | { readonly EX: number }
    | { readonly PX: number }
    | { readonly EXAT: number }
    | { readonly PXAT: number }
    | "KEEPTTL"
    | undefined;
}

/** `MSETNX entries=(key:key value)...`. Since Redis 1.0.1, Valkey 1.0.1. */
export interface MsetnxCommand {
  readonly name: "MSETNX";
  readonly entries: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[];
}

/** `MULTI`. Since Redis 1.2.0, Valkey 1.2.0. */
export interface MultiCommand {
  readonly name: "MULTI";
}

/** `PERSIST key:key`. Since Redis 2.2.0, Valkey 2.2.0. */
export interface PersistCommand {
  readonly name: "PERSIST";
  readonly key: Uint8Array;
}

/** `PEXPIRE key:key ms:int [condition=(NX | XX | GT | LT)]`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface PexpireCommand {
  readonly name: "PEXPIRE";
  readonly key: Uint8Array;
  readonly ms: number;
  readonly condition?: "NX" | "XX" | "GT" | "LT" | undefined;
}

/** `PEXPIREAT key:key atMs:int [condition=(NX | XX | GT | LT)]`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface PexpireatCommand {
  readonly name: "PEXPIREAT";
  readonly key: Uint8Array;
  readonly atMs: number;
  readonly condition?: "NX" | "XX" | "GT" | "LT" | undefined;
}

/** `PFADD key:key [elements...]`. Since Redis 2.8.9, Valkey 2.8.9. */
export interface PfaddCommand {
  readonly name: "PFADD";
  readonly key: Uint8Array;
  readonly elements: readonly Uint8Array[];
}

/** `PFCOUNT keys:key...`. Since Redis 2.8.9, Valkey 2.8.9. */
export interface PfcountCommand {
  readonly name: "PFCOUNT";
  readonly keys: readonly Uint8Array[];
}

/** `PFDEBUG subcommand key:key`. Since Redis 2.8.9, Valkey 2.8.9. */
export interface PfdebugCommand {
  readonly name: "PFDEBUG";
  readonly subcommand: Uint8Array;
  readonly key: Uint8Array;
}

/** `PFMERGE destination:key [sources:key...]`. Since Redis 2.8.9, Valkey 2.8.9. */
export interface PfmergeCommand {
  readonly name: "PFMERGE";
  readonly destination: Uint8Array;
  readonly sources: readonly Uint8Array[];
}

/** `PING [message]`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface PingCommand {
  readonly name: "PING";
  readonly message?: Uint8Array | undefined;
}

/** `PSETEX key:key ms:int value`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface PsetexCommand {
  readonly name: "PSETEX";
  readonly key: Uint8Array;
  readonly ms: number;
  readonly value: Uint8Array;
}

/** `PUBLISH channel message`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface PublishCommand {
  readonly name: "PUBLISH";
  readonly channel: Uint8Array;
  readonly message: Uint8Array;
}

/** `RENAME key:key newKey:key`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface RenameCommand {
  readonly name: "RENAME";
  readonly key: Uint8Array;
  readonly newKey: Uint8Array;
}

/** `RENAMENX key:key newKey:key`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface RenamenxCommand {
  readonly name: "RENAMENX";
  readonly key: Uint8Array;
  readonly newKey: Uint8Array;
}

/** `REPLCONF [args...]`. Since Redis 3.0.0, Valkey 3.0.0. */
export interface ReplconfCommand {
  readonly name: "REPLCONF";
  readonly args: readonly Uint8Array[];
}

/** `RESTORE key:key ttl:int payload [replace=REPLACE] [absTtl=ABSTTL] [IDLETIME idleSeconds:int] [FREQ frequency:int]`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface RestoreCommand {
  readonly name: "RESTORE";
  readonly key: Uint8Array;
  readonly ttl: number;
  readonly payload: Uint8Array;
  readonly replace: boolean;
  readonly absTtl: boolean;
  readonly idleSeconds?: number | undefined;
  readonly frequency?: number | undefined;
}

/** `RESTORE-ASKING key:key ttl:int payload [replace=REPLACE] [absTtl=ABSTTL] [IDLETIME idleSeconds:int] [FREQ frequency:int]`. Since Redis 3.0.0, Valkey 3.0.0. */
export interface RestoreAskingCommand {
  readonly name: "RESTORE-ASKING";
  readonly key: Uint8Array;
  readonly ttl: number;
  readonly payload: Uint8Array;
  readonly replace: boolean;
  readonly absTtl: boolean;
  readonly idleSeconds?: number | undefined;
  readonly frequency?: number | undefined;
}

/** `RPOP key:key [count:int]`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface RpopCommand {
  readonly name: "RPOP";
  readonly key: Uint8Array;
  readonly count?: number | undefined;
}

/** `RPOPLPUSH source:key destination:key`. Since Redis 1.2.0, Valkey 1.2.0. */
export interface RpoplpushCommand {
  readonly name: "RPOPLPUSH";
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

/** `RPUSH key:key elements...`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface RpushCommand {
  readonly name: "RPUSH";
  readonly key: Uint8Array;
  readonly elements: readonly Uint8Array[];
}

/** `RPUSHX key:key elements...`. Since Redis 2.2.0, Valkey 2.2.0. */
export interface RpushxCommand {
  readonly name: "RPUSHX";
  readonly key: Uint8Array;
  readonly elements: readonly Uint8Array[];
}

/** `SADD key:key members...`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface SaddCommand {
  readonly name: "SADD";
  readonly key: Uint8Array;
  readonly members: readonly Uint8Array[];
}

/** `SCRIPT FLUSH [mode=(ASYNC | SYNC)]`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface ScriptFlushCommand {
  readonly name: "SCRIPT FLUSH";
  readonly mode?: "ASYNC" | "SYNC" | undefined;
}

/** `SCRIPT LOAD script`. Since Redis 2.6.0, Valkey 2.6.0. */
export interface ScriptLoadCommand {
  readonly name: "SCRIPT LOAD";
  readonly script: Uint8Array;
}

/** `SDIFFSTORE destination:key keys:key...`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface SdiffstoreCommand {
  readonly name: "SDIFFSTORE";
  readonly destination: Uint8Array;
  readonly keys: readonly Uint8Array[];
}

/** `SELECT db:int`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface SelectCommand {
  readonly name: "SELECT";
  readonly db: number;
}

/** `SET key:key value [condition=(NX | XX | IFEQ value | IFNE value | IFDEQ digest | IFDNE digest)] [get=GET] [expire=(EX seconds:int | PX ms:int | EXAT atSeconds:int | PXAT atMs:int | KEEPTTL)]`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface SetCommand {
  readonly name: "SET";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly condition?:
    | "NX"
    | "XX"
    | { readonly IFEQ: Uint8Array }
    | { readonly IFNE: Uint8Array }
    | { readonly IFDEQ: Uint8Array }
    | { readonly IFDNE: Uint8Array }
    | undefined;
  readonly get: boolean;
  readonly expire?:
    | { readonly EX: number }
    | { readonly PX: number }
    | { readonly EXAT: number }
    | { readonly PXAT: number }
    | "KEEPTTL"
    | undefined;
}

/** `SETBIT key:key offset:long value:int`. Since Redis 2.2.0, Valkey 2.2.0. */
export interface SetbitCommand {
  readonly name: "SETBIT";
  readonly key: Uint8Array;
  readonly offset: number | bigint;
  readonly value: number;
}

/** `SETEX key:key seconds:int value`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface SetexCommand {
  readonly name: "SETEX";
  readonly key: Uint8Array;
  readonly seconds: number;
  readonly value: Uint8Array;
}

/** `SETNX key:key value`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface SetnxCommand {
  readonly name: "SETNX";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** `SETRANGE key:key offset:long value`. Since Redis 2.2.0, Valkey 2.2.0. */
export interface SetrangeCommand {
  readonly name: "SETRANGE";
  readonly key: Uint8Array;
  readonly offset: number | bigint;
  readonly value: Uint8Array;
}

/** `SFLUSH ranges=(start:int end:int)... [mode=(ASYNC | SYNC)]`. Since Redis 8.0.0. */
export interface SflushCommand {
  readonly name: "SFLUSH";
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
  readonly mode?: "ASYNC" | "SYNC" | undefined;
}

/** `SINTERSTORE destination:key keys:key...`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface SinterstoreCommand {
  readonly name: "SINTERSTORE";
  readonly destination: Uint8Array;
  readonly keys: readonly Uint8Array[];
}

/** `SMOVE source:key destination:key member`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface SmoveCommand {
  readonly name: "SMOVE";
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly member: Uint8Array;
}

/** `SORT key:key [BY by] [limit=(LIMIT offset:int count:int)] [GET get]... [order=(ASC | DESC)] [alpha=ALPHA] [STORE destination:key]`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface SortCommand {
  readonly name: "SORT";
  readonly key: Uint8Array;
  readonly by?: Uint8Array | undefined;
  readonly limit?: { readonly offset: number; readonly count: number } | undefined;
  readonly get: readonly Uint8Array[];
  readonly order?: "ASC" | "DESC" | undefined;
  readonly alpha: boolean;
  readonly destination?: Uint8Array | undefined;
}

/** `SPOP key:key [count:int]`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface SpopCommand {
  readonly name: "SPOP";
  readonly key: Uint8Array;
  readonly count?: number | undefined;
}

/** `SPUBLISH channel message`. Since Redis 7.0.0, Valkey 7.0.0. */
export interface SpublishCommand {
  readonly name: "SPUBLISH";
  readonly channel: Uint8Array;
  readonly message: Uint8Array;
}

/** `SREM key:key members...`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface SremCommand {
  readonly name: "SREM";
  readonly key: Uint8Array;
  readonly members: readonly Uint8Array[];
}

/** `SUNIONSTORE destination:key keys:key...`. Since Redis 1.0.0, Valkey 1.0.0. */
export interface SunionstoreCommand {
  readonly name: "SUNIONSTORE";
  readonly destination: Uint8Array;
  readonly keys: readonly Uint8Array[];
}

/** `SWAPDB index1:int index2:int`. Since Redis 4.0.0, Valkey 4.0.0. */
export interface SwapdbCommand {
  readonly name: "SWAPDB";
  readonly index1: number;
  readonly index2: number;
}

/** `TRIMSLOTS RANGES #ranges ranges=(start:int end:int)...`. Since Redis 8.4.0. */
export interface TrimslotsCommand {
  readonly name: "TRIMSLOTS";
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/** `TS.ADD key:key timestamp:text value:decimal [options...]`. */
export interface TsAddCommand {
  readonly name: "TS.ADD";
  readonly key: Uint8Array;
  readonly timestamp: string;
  readonly value: string;
  readonly options: readonly Uint8Array[];
}

/** `TS.ALTER key:key [options...]`. */
export interface TsAlterCommand {
  readonly name: "TS.ALTER";
  readonly key: Uint8Array;
  readonly options: readonly Uint8Array[];
}

/** `TS.CREATE key:key [options...]`. */
export interface TsCreateCommand {
  readonly name: "TS.CREATE";
  readonly key: Uint8Array;
  readonly options: readonly Uint8Array[];
}

/** `TS.CREATERULE source:key destination:key (AGGREGATION aggregation:text bucket:long [align:long])`. */
export interface TsCreateruleCommand {
  readonly name: "TS.CREATERULE";
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly aggregation: string;
  readonly bucket: number | bigint;
  readonly align?: number | bigint | undefined;
}

/** `TS.DECRBY key:key by:decimal [options...]`. */
export interface TsDecrbyCommand {
  readonly name: "TS.DECRBY";
  readonly key: Uint8Array;
  readonly by: string;
  readonly options: readonly Uint8Array[];
}

/** `TS.DEL key:key from:text to:text`. */
export interface TsDelCommand {
  readonly name: "TS.DEL";
  readonly key: Uint8Array;
  readonly from: string;
  readonly to: string;
}

/** `TS.DELETERULE source:key destination:key`. */
export interface TsDeleteruleCommand {
  readonly name: "TS.DELETERULE";
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

/** `TS.INCRBY key:key by:decimal [options...]`. */
export interface TsIncrbyCommand {
  readonly name: "TS.INCRBY";
  readonly key: Uint8Array;
  readonly by: string;
  readonly options: readonly Uint8Array[];
}

/** `TS.MADD entries=(key:key timestamp:text value:decimal)...`. */
export interface TsMaddCommand {
  readonly name: "TS.MADD";
  readonly entries: readonly {
    readonly key: Uint8Array;
    readonly timestamp: string;
    readonly value: string;
  }[];
}

/** `UNLINK keys:key...`. Since Redis 4.0.0, Valkey 4.0.0. */
export interface UnlinkCommand {
  readonly name: "UNLINK";
  readonly keys: readonly Uint8Array[];
}

/** `VADD key:key [REDUCE dim:int] vector=(FP32 blob | VALUES #values values:double...) element [cas=CAS] [quantization=(NOQUANT | BIN | Q8)] [EF ef:int] [SETATTR attributes] [M links:int]`. Since Redis 8.0.0. */
export interface VaddCommand {
  readonly name: "VADD";
  readonly key: Uint8Array;
  readonly dim?: number | undefined;
  readonly vector:
    | { readonly FP32: Uint8Array }
    | {
        readonly VALUES: {
          readonly values: readonly number[];
          readonly valuesText?: readonly (string | undefined)[] | undefined;
        };
      };
  readonly element: Uint8Array;
  readonly cas: boolean;
  readonly quantization?: "NOQUANT" | "BIN" | "Q8" | undefined;
  readonly ef?: number | undefined;
  readonly attributes?: Uint8Array | undefined;
  readonly links?: number | undefined;
}

/** `VREM key:key element`. Since Redis 8.0.0. */
export interface VremCommand {
  readonly name: "VREM";
  readonly key: Uint8Array;
  readonly element: Uint8Array;
}

/** `VSETATTR key:key element attributes`. Since Redis 8.0.0. */
export interface VsetattrCommand {
  readonly name: "VSETATTR";
  readonly key: Uint8Array;
  readonly element: Uint8Array;
  readonly attributes: Uint8Array;
}

/** `XACK key:key group ids:id...`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface XackCommand {
  readonly name: "XACK";
  readonly key: Uint8Array;
  readonly group: Uint8Array;
  readonly ids: readonly string[];
}

/** `XACKDEL key:key group [refs=(KEEPREF | DELREF | ACKED)] (IDS #ids ids:id...)`. Since Redis 8.2.0. */
export interface XackdelCommand {
  readonly name: "XACKDEL";
  readonly key: Uint8Array;
  readonly group: Uint8Array;
  readonly refs?: "KEEPREF" | "DELREF" | "ACKED" | undefined;
  readonly ids: readonly string[];
}

/** `XADD key:key [noMkStream=NOMKSTREAM] [refs=(KEEPREF | DELREF | ACKED)] [idmp=(IDMPAUTO producer | IDMP producer iid)] [trim=(strategy=(MAXLEN | MINID) [operator=('=' | '~')] threshold:id [LIMIT limit:int])] id=('*' | id:id) entries=(field value)...`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface XaddCommand {
  readonly name: "XADD";
  readonly key: Uint8Array;
  readonly noMkStream: boolean;
  readonly refs?: "KEEPREF" | "DELREF" | "ACKED" | undefined;
  readonly idmp?:
    | { readonly IDMPAUTO: Uint8Array }
    | { readonly IDMP: { readonly producer: Uint8Array; readonly iid: Uint8Array } }
    | undefined;
  readonly trim?:
    | {
        readonly strategy: "MAXLEN" | "MINID";
        readonly operator?: "=" | "~" | undefined;
        readonly threshold: string;
        readonly limit?: number | undefined;
      }
    | undefined;
  readonly id: "*" | string;
  readonly entries: readonly { readonly field: Uint8Array; readonly value: Uint8Array }[];
}

/** `XAUTOCLAIM key:key group consumer minIdle:int start:id [COUNT count:int] [justId=JUSTID]`. Since Redis 6.2.0, Valkey 6.2.0. */
export interface XautoclaimCommand {
  readonly name: "XAUTOCLAIM";
  readonly key: Uint8Array;
  readonly group: Uint8Array;
  readonly consumer: Uint8Array;
  readonly minIdle: number;
  readonly start: string;
  readonly count?: number | undefined;
  readonly justId: boolean;
}

/** `XCFGSET key:key [IDMP-DURATION idmpDuration:int] [IDMP-MAXSIZE idmpMaxSize:int]`. Since Redis 8.6.0. */
export interface XcfgsetCommand {
  readonly name: "XCFGSET";
  readonly key: Uint8Array;
  readonly idmpDuration?: number | undefined;
  readonly idmpMaxSize?: number | undefined;
}

/** `XCLAIM key:key group consumer minIdle:int ids:id... [IDLE idle:int] [TIME time:int] [RETRYCOUNT retryCount:int] [force=FORCE] [justId=JUSTID] [LASTID lastId:id]`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface XclaimCommand {
  readonly name: "XCLAIM";
  readonly key: Uint8Array;
  readonly group: Uint8Array;
  readonly consumer: Uint8Array;
  readonly minIdle: number;
  readonly ids: readonly string[];
  readonly idle?: number | undefined;
  readonly time?: number | undefined;
  readonly retryCount?: number | undefined;
  readonly force: boolean;
  readonly justId: boolean;
  readonly lastId?: string | undefined;
}

/** `XDEL key:key ids:id...`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface XdelCommand {
  readonly name: "XDEL";
  readonly key: Uint8Array;
  readonly ids: readonly string[];
}

/** `XDELEX key:key [refs=(KEEPREF | DELREF | ACKED)] (IDS #ids ids:id...)`. Since Redis 8.2.0. */
export interface XdelexCommand {
  readonly name: "XDELEX";
  readonly key: Uint8Array;
  readonly refs?: "KEEPREF" | "DELREF" | "ACKED" | undefined;
  readonly ids: readonly string[];
}

/** `XGROUP CREATE key:key group id=(id:id | '$') [mkStream=MKSTREAM] [ENTRIESREAD entriesRead:long]`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface XgroupCreateCommand {
  readonly name: "XGROUP CREATE";
  readonly key: Uint8Array;
  readonly group: Uint8Array;
  readonly id: string | "$";
  readonly mkStream: boolean;
  readonly entriesRead?: number | bigint | undefined;
}

/** `XGROUP CREATECONSUMER key:key group consumer`. Since Redis 6.2.0, Valkey 6.2.0. */
export interface XgroupCreateconsumerCommand {
  readonly name: "XGROUP CREATECONSUMER";
  readonly key: Uint8Array;
  readonly group: Uint8Array;
  readonly consumer: Uint8Array;
}

/** `XGROUP DELCONSUMER key:key group consumer`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface XgroupDelconsumerCommand {
  readonly name: "XGROUP DELCONSUMER";
  readonly key: Uint8Array;
  readonly group: Uint8Array;
  readonly consumer: Uint8Array;
}

/** `XGROUP DESTROY key:key group`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface XgroupDestroyCommand {
  readonly name: "XGROUP DESTROY";
  readonly key: Uint8Array;
  readonly group: Uint8Array;
}

/** `XGROUP SETID key:key group id=(id:id | '$') [ENTRIESREAD entriesRead:long]`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface XgroupSetidCommand {
  readonly name: "XGROUP SETID";
  readonly key: Uint8Array;
  readonly group: Uint8Array;
  readonly id: string | "$";
  readonly entriesRead?: number | bigint | undefined;
}

/** `XIDMPRECORD key:key producer iid id:id`. Since Redis 8.6.2. */
export interface XidmprecordCommand {
  readonly name: "XIDMPRECORD";
  readonly key: Uint8Array;
  readonly producer: Uint8Array;
  readonly iid: Uint8Array;
  readonly id: string;
}

/** `XNACK key:key group mode=(SILENT | FAIL | FATAL) (IDS #ids ids:id...) [RETRYCOUNT retryCount:int] [force=FORCE]`. Since Redis 8.8.0. */
export interface XnackCommand {
  readonly name: "XNACK";
  readonly key: Uint8Array;
  readonly group: Uint8Array;
  readonly mode: "SILENT" | "FAIL" | "FATAL";
  readonly ids: readonly string[];
  readonly retryCount?: number | undefined;
  readonly force: boolean;
}

/** `XREADGROUP (GROUP group consumer) [COUNT count:int] [BLOCK block:int] [CLAIM minIdle:int] [noAck=NOACK] (STREAMS keys:key... ids:id...)`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface XreadgroupCommand {
  readonly name: "XREADGROUP";
  readonly group: Uint8Array;
  readonly consumer: Uint8Array;
  readonly count?: number | undefined;
  readonly block?: number | undefined;
  readonly minIdle?: number | undefined;
  readonly noAck: boolean;
  readonly keys: readonly Uint8Array[];
  readonly ids: readonly string[];
}

/** `XSETID key:key lastId:id [ENTRIESADDED entriesAdded:long] [MAXDELETEDID maxDeletedId:id]`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface XsetidCommand {
  readonly name: "XSETID";
  readonly key: Uint8Array;
  readonly lastId: string;
  readonly entriesAdded?: number | bigint | undefined;
  readonly maxDeletedId?: string | undefined;
}

/** `XTRIM key:key trim=(strategy=(MAXLEN | MINID) [operator=('=' | '~')] threshold:id [LIMIT limit:int]) [refs=(KEEPREF | DELREF | ACKED)]`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface XtrimCommand {
  readonly name: "XTRIM";
  readonly key: Uint8Array;
  readonly trim: {
    readonly strategy: "MAXLEN" | "MINID";
    readonly operator?: "=" | "~" | undefined;
    readonly threshold: string;
    readonly limit?: number | undefined;
  };
  readonly refs?: "KEEPREF" | "DELREF" | "ACKED" | undefined;
}

/** `ZADD key:key [condition=(NX | XX)] [comparison=(GT | LT)] [change=CH] [increment=INCR] entries=(score:double member)...`. Since Redis 1.2.0, Valkey 1.2.0. */
export interface ZaddCommand {
  readonly name: "ZADD";
  readonly key: Uint8Array;
  readonly condition?: "NX" | "XX" | undefined;
  readonly comparison?: "GT" | "LT" | undefined;
  readonly change: boolean;
  readonly increment: boolean;
  readonly entries: readonly {
    readonly score: number;
    readonly scoreText?: string | undefined;
    readonly member: Uint8Array;
  }[];
}

/** `ZDIFFSTORE destination:key #keys keys:key...`. Since Redis 6.2.0, Valkey 6.2.0. */
export interface ZdiffstoreCommand {
  readonly name: "ZDIFFSTORE";
  readonly destination: Uint8Array;
  readonly keys: readonly Uint8Array[];
}

/** `ZINCRBY key:key increment:double member`. Since Redis 1.2.0, Valkey 1.2.0. */
export interface ZincrbyCommand {
  readonly name: "ZINCRBY";
  readonly key: Uint8Array;
  readonly increment: number;
  readonly incrementText?: string | undefined;
  readonly member: Uint8Array;
}

/** `ZINTERSTORE destination:key #keys keys:key... [WEIGHTS weights:double...] [AGGREGATE aggregate=(SUM | MIN | MAX | COUNT)]`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface ZinterstoreCommand {
  readonly name: "ZINTERSTORE";
  readonly destination: Uint8Array;
  readonly keys: readonly Uint8Array[];
  readonly weights: readonly number[];
  readonly weightsText?: readonly (string | undefined)[] | undefined;
  readonly aggregate?: "SUM" | "MIN" | "MAX" | "COUNT" | undefined;
}

/** `ZMPOP #keys keys:key... where=(MIN | MAX) [COUNT count:int]`. Since Redis 7.0.0, Valkey 7.0.0. */
export interface ZmpopCommand {
  readonly name: "ZMPOP";
  readonly keys: readonly Uint8Array[];
  readonly where: "MIN" | "MAX";
  readonly count?: number | undefined;
}

/** `ZPOPMAX key:key [count:int]`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface ZpopmaxCommand {
  readonly name: "ZPOPMAX";
  readonly key: Uint8Array;
  readonly count?: number | undefined;
}

/** `ZPOPMIN key:key [count:int]`. Since Redis 5.0.0, Valkey 5.0.0. */
export interface ZpopminCommand {
  readonly name: "ZPOPMIN";
  readonly key: Uint8Array;
  readonly count?: number | undefined;
}

/** `ZRANGESTORE destination:key source:key min max [by=(BYSCORE | BYLEX)] [rev=REV] [limit=(LIMIT offset:int count:int)]`. Since Redis 6.2.0, Valkey 6.2.0. */
export interface ZrangestoreCommand {
  readonly name: "ZRANGESTORE";
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  readonly min: Uint8Array;
  readonly max: Uint8Array;
  readonly by?: "BYSCORE" | "BYLEX" | undefined;
  readonly rev: boolean;
  readonly limit?: { readonly offset: number; readonly count: number } | undefined;
}

/** `ZREM key:key members...`. Since Redis 1.2.0, Valkey 1.2.0. */
export interface ZremCommand {
  readonly name: "ZREM";
  readonly key: Uint8Array;
  readonly members: readonly Uint8Array[];
}

/** `ZREMRANGEBYLEX key:key min:lex max:lex`. Since Redis 2.8.9, Valkey 2.8.9. */
export interface ZremrangebylexCommand {
  readonly name: "ZREMRANGEBYLEX";
  readonly key: Uint8Array;
  readonly min: LexBound;
  readonly max: LexBound;
}

/** `ZREMRANGEBYRANK key:key start:long stop:long`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface ZremrangebyrankCommand {
  readonly name: "ZREMRANGEBYRANK";
  readonly key: Uint8Array;
  readonly start: number | bigint;
  readonly stop: number | bigint;
}

/** `ZREMRANGEBYSCORE key:key min:score max:score`. Since Redis 1.2.0, Valkey 1.2.0. */
export interface ZremrangebyscoreCommand {
  readonly name: "ZREMRANGEBYSCORE";
  readonly key: Uint8Array;
  readonly min: ScoreBound;
  readonly minText?: string | undefined;
  readonly max: ScoreBound;
  readonly maxText?: string | undefined;
}

/** `ZUNIONSTORE destination:key #keys keys:key... [WEIGHTS weights:double...] [AGGREGATE aggregate=(SUM | MIN | MAX | COUNT)]`. Since Redis 2.0.0, Valkey 2.0.0. */
export interface ZunionstoreCommand {
  readonly name: "ZUNIONSTORE";
  readonly destination: Uint8Array;
  readonly keys: readonly Uint8Array[];
  readonly weights: readonly number[];
  readonly weightsText?: readonly (string | undefined)[] | undefined;
  readonly aggregate?: "SUM" | "MIN" | "MAX" | "COUNT" | undefined;
}

/** Any command that has a typed form; `name` tells which. */
export type TypedCommand =
  | AppendCommand
  | ArdelCommand
  | ArdelrangeCommand
  | ArinsertCommand
  | ArmsetCommand
  | ArringCommand
  | ArseekCommand
  | ArsetCommand
  | BitfieldCommand
  | BitopCommand
  | BlmoveCommand
  | BlmovemCommand
  | BlmpopCommand
  | BlpopCommand
  | BrpopCommand
  | BrpoplpushCommand
  | BzmpopCommand
  | BzpopmaxCommand
  | BzpopminCommand
  | ClusterFlushslotCommand
  | ClusterSetslotCommand
  | ClusterSyncslotsCommand
  | CopyCommand
  | DecrCommand
  | DecrbyCommand
  | DelCommand
  | DelexCommand
  | DelifeqCommand
  | EvalCommand
  | EvalshaCommand
  | ExecCommand
  | ExpireCommand
  | ExpireatCommand
  | FcallCommand
  | FlushallCommand
  | FlushdbCommand
  | FunctionDeleteCommand
  | FunctionFlushCommand
  | FunctionLoadCommand
  | FunctionRestoreCommand
  | GeoaddCommand
  | GeoradiusCommand
  | GeoradiusbymemberCommand
  | GeosearchstoreCommand
  | GetdelCommand
  | GetexCommand
  | GetsetCommand
  | HdelCommand
  | HexpireCommand
  | HexpireatCommand
  | HgetdelCommand
  | HgetexCommand
  | HimportSetCommand
  | HincrbyCommand
  | HincrbyfloatCommand
  | HmsetCommand
  | HpersistCommand
  | HpexpireCommand
  | HpexpireatCommand
  | HsetCommand
  | HsetexCommand
  | HsetnxCommand
  | IncrCommand
  | IncrbyCommand
  | IncrbyfloatCommand
  | IncrexCommand
  | JsonArrappendCommand
  | JsonArrinsertCommand
  | JsonArrpopCommand
  | JsonArrtrimCommand
  | JsonClearCommand
  | JsonDelCommand
  | JsonForgetCommand
  | JsonMergeCommand
  | JsonMsetCommand
  | JsonNumincrbyCommand
  | JsonNummultbyCommand
  | JsonNumpowbyCommand
  | JsonSetCommand
  | JsonStrappendCommand
  | JsonToggleCommand
  | LinsertCommand
  | LmoveCommand
  | LmovemCommand
  | LmpopCommand
  | LpopCommand
  | LpushCommand
  | LpushxCommand
  | LremCommand
  | LsetCommand
  | LtrimCommand
  | MigrateCommand
  | MoveCommand
  | MsetCommand
  | MsetexCommand
  | MsetnxCommand
  | MultiCommand
  | PersistCommand
  | PexpireCommand
  | PexpireatCommand
  | PfaddCommand
  | PfcountCommand
  | PfdebugCommand
  | PfmergeCommand
  | PingCommand
  | PsetexCommand
  | PublishCommand
  | RenameCommand
  | RenamenxCommand
  | ReplconfCommand
  | RestoreCommand
  | RestoreAskingCommand
  | RpopCommand
  | RpoplpushCommand
  | RpushCommand
  | RpushxCommand
  | SaddCommand
  | ScriptFlushCommand
  | ScriptLoadCommand
  | SdiffstoreCommand
  | SelectCommand
  | SetCommand
  | SetbitCommand
  | SetexCommand
  | SetnxCommand
  | SetrangeCommand
  | SflushCommand
  | SinterstoreCommand
  | SmoveCommand
  | SortCommand
  | SpopCommand
  | SpublishCommand
  | SremCommand
  | SunionstoreCommand
  | SwapdbCommand
  | TrimslotsCommand
  | TsAddCommand
  | TsAlterCommand
  | TsCreateCommand
  | TsCreateruleCommand
  | TsDecrbyCommand
  | TsDelCommand
  | TsDeleteruleCommand
  | TsIncrbyCommand
  | TsMaddCommand
  | UnlinkCommand
  | VaddCommand
  | VremCommand
  | VsetattrCommand
  | XackCommand
  | XackdelCommand
  | XaddCommand
  | XautoclaimCommand
  | XcfgsetCommand
  | XclaimCommand
  | XdelCommand
  | XdelexCommand
  | XgroupCreateCommand
  | XgroupCreateconsumerCommand
  | XgroupDelconsumerCommand
  | XgroupDestroyCommand
  | XgroupSetidCommand
  | XidmprecordCommand
  | XnackCommand
  | XreadgroupCommand
  | XsetidCommand
  | XtrimCommand
  | ZaddCommand
  | ZdiffstoreCommand
  | ZincrbyCommand
  | ZinterstoreCommand
  | ZmpopCommand
  | ZpopmaxCommand
  | ZpopminCommand
  | ZrangestoreCommand
  | ZremCommand
  | ZremrangebylexCommand
  | ZremrangebyrankCommand
  | ZremrangebyscoreCommand
  | ZunionstoreCommand;

/** Typed commands by name: `TypedCommands["SET"]`. */
export interface TypedCommands {
  readonly APPEND: AppendCommand;
  readonly ARDEL: ArdelCommand;
  readonly ARDELRANGE: ArdelrangeCommand;
  readonly ARINSERT: ArinsertCommand;
  readonly ARMSET: ArmsetCommand;
  readonly ARRING: ArringCommand;
  readonly ARSEEK: ArseekCommand;
  readonly ARSET: ArsetCommand;
  readonly BITFIELD: BitfieldCommand;
  readonly BITOP: BitopCommand;
  readonly BLMOVE: BlmoveCommand;
  readonly BLMOVEM: BlmovemCommand;
  readonly BLMPOP: BlmpopCommand;
  readonly BLPOP: BlpopCommand;
  readonly BRPOP: BrpopCommand;
  readonly BRPOPLPUSH: BrpoplpushCommand;
  readonly BZMPOP: BzmpopCommand;
  readonly BZPOPMAX: BzpopmaxCommand;
  readonly BZPOPMIN: BzpopminCommand;
  readonly "CLUSTER FLUSHSLOT": ClusterFlushslotCommand;
  readonly "CLUSTER SETSLOT": ClusterSetslotCommand;
  readonly "CLUSTER SYNCSLOTS": ClusterSyncslotsCommand;
  readonly COPY: CopyCommand;
  readonly DECR: DecrCommand;
  readonly DECRBY: DecrbyCommand;
  readonly DEL: DelCommand;
  readonly DELEX: DelexCommand;
  readonly DELIFEQ: DelifeqCommand;
  readonly EVAL: EvalCommand;
  readonly EVALSHA: EvalshaCommand;
  readonly EXEC: ExecCommand;
  readonly EXPIRE: ExpireCommand;
  readonly EXPIREAT: ExpireatCommand;
  readonly FCALL: FcallCommand;
  readonly FLUSHALL: FlushallCommand;
  readonly FLUSHDB: FlushdbCommand;
  readonly "FUNCTION DELETE": FunctionDeleteCommand;
  readonly "FUNCTION FLUSH": FunctionFlushCommand;
  readonly "FUNCTION LOAD": FunctionLoadCommand;
  readonly "FUNCTION RESTORE": FunctionRestoreCommand;
  readonly GEOADD: GeoaddCommand;
  readonly GEORADIUS: GeoradiusCommand;
  readonly GEORADIUSBYMEMBER: GeoradiusbymemberCommand;
  readonly GEOSEARCHSTORE: GeosearchstoreCommand;
  readonly GETDEL: GetdelCommand;
  readonly GETEX: GetexCommand;
  readonly GETSET: GetsetCommand;
  readonly HDEL: HdelCommand;
  readonly HEXPIRE: HexpireCommand;
  readonly HEXPIREAT: HexpireatCommand;
  readonly HGETDEL: HgetdelCommand;
  readonly HGETEX: HgetexCommand;
  readonly "HIMPORT SET": HimportSetCommand;
  readonly HINCRBY: HincrbyCommand;
  readonly HINCRBYFLOAT: HincrbyfloatCommand;
  readonly HMSET: HmsetCommand;
  readonly HPERSIST: HpersistCommand;
  readonly HPEXPIRE: HpexpireCommand;
  readonly HPEXPIREAT: HpexpireatCommand;
  readonly HSET: HsetCommand;
  readonly HSETEX: HsetexCommand;
  readonly HSETNX: HsetnxCommand;
  readonly INCR: IncrCommand;
  readonly INCRBY: IncrbyCommand;
  readonly INCRBYFLOAT: IncrbyfloatCommand;
  readonly INCREX: IncrexCommand;
  readonly "JSON.ARRAPPEND": JsonArrappendCommand;
  readonly "JSON.ARRINSERT": JsonArrinsertCommand;
  readonly "JSON.ARRPOP": JsonArrpopCommand;
  readonly "JSON.ARRTRIM": JsonArrtrimCommand;
  readonly "JSON.CLEAR": JsonClearCommand;
  readonly "JSON.DEL": JsonDelCommand;
  readonly "JSON.FORGET": JsonForgetCommand;
  readonly "JSON.MERGE": JsonMergeCommand;
  readonly "JSON.MSET": JsonMsetCommand;
  readonly "JSON.NUMINCRBY": JsonNumincrbyCommand;
  readonly "JSON.NUMMULTBY": JsonNummultbyCommand;
  readonly "JSON.NUMPOWBY": JsonNumpowbyCommand;
  readonly "JSON.SET": JsonSetCommand;
  readonly "JSON.STRAPPEND": JsonStrappendCommand;
  readonly "JSON.TOGGLE": JsonToggleCommand;
  readonly LINSERT: LinsertCommand;
  readonly LMOVE: LmoveCommand;
  readonly LMOVEM: LmovemCommand;
  readonly LMPOP: LmpopCommand;
  readonly LPOP: LpopCommand;
  readonly LPUSH: LpushCommand;
  readonly LPUSHX: LpushxCommand;
  readonly LREM: LremCommand;
  readonly LSET: LsetCommand;
  readonly LTRIM: LtrimCommand;
  readonly MIGRATE: MigrateCommand;
  readonly MOVE: MoveCommand;
  readonly MSET: MsetCommand;
  readonly MSETEX: MsetexCommand;
  readonly MSETNX: MsetnxCommand;
  readonly MULTI: MultiCommand;
  readonly PERSIST: PersistCommand;
  readonly PEXPIRE: PexpireCommand;
  readonly PEXPIREAT: PexpireatCommand;
  readonly PFADD: PfaddCommand;
  readonly PFCOUNT: PfcountCommand;
  readonly PFDEBUG: PfdebugCommand;
  readonly PFMERGE: PfmergeCommand;
  readonly PING: PingCommand;
  readonly PSETEX: PsetexCommand;
  readonly PUBLISH: PublishCommand;
  readonly RENAME: RenameCommand;
  readonly RENAMENX: RenamenxCommand;
  readonly REPLCONF: ReplconfCommand;
  readonly RESTORE: RestoreCommand;
  readonly "RESTORE-ASKING": RestoreAskingCommand;
  readonly RPOP: RpopCommand;
  readonly RPOPLPUSH: RpoplpushCommand;
  readonly RPUSH: RpushCommand;
  readonly RPUSHX: RpushxCommand;
  readonly SADD: SaddCommand;
  readonly "SCRIPT FLUSH": ScriptFlushCommand;
  readonly "SCRIPT LOAD": ScriptLoadCommand;
  readonly SDIFFSTORE: SdiffstoreCommand;
  readonly SELECT: SelectCommand;
  readonly SET: SetCommand;
  readonly SETBIT: SetbitCommand;
  readonly SETEX: SetexCommand;
  readonly SETNX: SetnxCommand;
  readonly SETRANGE: SetrangeCommand;
  readonly SFLUSH: SflushCommand;
  readonly SINTERSTORE: SinterstoreCommand;
  readonly SMOVE: SmoveCommand;
  readonly SORT: SortCommand;
  readonly SPOP: SpopCommand;
  readonly SPUBLISH: SpublishCommand;
  readonly SREM: SremCommand;
  readonly SUNIONSTORE: SunionstoreCommand;
  readonly SWAPDB: SwapdbCommand;
  readonly TRIMSLOTS: TrimslotsCommand;
  readonly "TS.ADD": TsAddCommand;
  readonly "TS.ALTER": TsAlterCommand;
  readonly "TS.CREATE": TsCreateCommand;
  readonly "TS.CREATERULE": TsCreateruleCommand;
  readonly "TS.DECRBY": TsDecrbyCommand;
  readonly "TS.DEL": TsDelCommand;
  readonly "TS.DELETERULE": TsDeleteruleCommand;
  readonly "TS.INCRBY": TsIncrbyCommand;
  readonly "TS.MADD": TsMaddCommand;
  readonly UNLINK: UnlinkCommand;
  readonly VADD: VaddCommand;
  readonly VREM: VremCommand;
  readonly VSETATTR: VsetattrCommand;
  readonly XACK: XackCommand;
  readonly XACKDEL: XackdelCommand;
  readonly XADD: XaddCommand;
  readonly XAUTOCLAIM: XautoclaimCommand;
  readonly XCFGSET: XcfgsetCommand;
  readonly XCLAIM: XclaimCommand;
  readonly XDEL: XdelCommand;
  readonly XDELEX: XdelexCommand;
  readonly "XGROUP CREATE": XgroupCreateCommand;
  readonly "XGROUP CREATECONSUMER": XgroupCreateconsumerCommand;
  readonly "XGROUP DELCONSUMER": XgroupDelconsumerCommand;
  readonly "XGROUP DESTROY": XgroupDestroyCommand;
  readonly "XGROUP SETID": XgroupSetidCommand;
  readonly XIDMPRECORD: XidmprecordCommand;
  readonly XNACK: XnackCommand;
  readonly XREADGROUP: XreadgroupCommand;
  readonly XSETID: XsetidCommand;
  readonly XTRIM: XtrimCommand;
  readonly ZADD: ZaddCommand;
  readonly ZDIFFSTORE: ZdiffstoreCommand;
  readonly ZINCRBY: ZincrbyCommand;
  readonly ZINTERSTORE: ZinterstoreCommand;
  readonly ZMPOP: ZmpopCommand;
  readonly ZPOPMAX: ZpopmaxCommand;
  readonly ZPOPMIN: ZpopminCommand;
  readonly ZRANGESTORE: ZrangestoreCommand;
  readonly ZREM: ZremCommand;
  readonly ZREMRANGEBYLEX: ZremrangebylexCommand;
  readonly ZREMRANGEBYRANK: ZremrangebyrankCommand;
  readonly ZREMRANGEBYSCORE: ZremrangebyscoreCommand;
  readonly ZUNIONSTORE: ZunionstoreCommand;
}
