/**
 * Cases for the comparison with real servers, a line each: commands divided by ";", words by spaces, `''` for the empty word, `~n`
 * for a pause of n ms. `[redis-8.0 valkey-9.1]` before a case names the servers that have its commands. Data is flushed between
 * cases. Errors of a command are part of its case.
 */
const TEXT = `
SET k v; SET k w; SET k v EX 100; SET k w KEEPTTL; SET k x; DEL k; DEL k
SET k v NX; SET k v NX; SET k w XX; SET j w XX; SET k x GET; SETNX k y; SETNX n y; SETEX k 100 v; PSETEX k 100000 v; GETSET k w; GETSET m w
SET k v PXAT 9999999999000; SET k w PXAT 1; SET q w PXAT 1; GET k; GET q
RPUSH k a; SET k w; GETDEL k; GETDEL k; SET k v; GETEX k EX 100; GETEX k PERSIST; GETEX k; GETEX k PXAT 1
SET b 1; MSET a 1 b 2; MSET a 1 a 2; MSETNX c 1 d 2; MSETNX c 1 e 2
[valkey-9.1] MSETEX 2 a 1 b 2 EX 100; MSETEX 1 c 1 NX; MSETEX 1 a 2 KEEPTTL; SET k v; SET k w IFEQ v; SET k w IFEQ x; DELIFEQ k w; DELIFEQ k w
APPEND k x; APPEND k ''; APPEND m ''; SETRANGE k 1 ab; SETRANGE n 3 ab; SETRANGE o 0 ''
INCR n; DECR n; INCRBY n 5; INCRBY n 0; DECRBY n 3; INCRBYFLOAT n 0.5; INCRBYFLOAT f 1.5; SET t 1 EX 100; INCRBYFLOAT t 1
SETBIT k 7 1; SETBIT k 7 1; SETBIT m 7 0; BITFIELD k SET u8 0 200; BITFIELD k SET u8 0 200; BITFIELD k GET u8 0; BITFIELD o INCRBY u8 0 1 INCRBY u8 8 1
SET a abc; SET b abd; BITOP AND d a b; BITOP AND d x y; BITOP AND d x y; SET e ''; BITOP OR d a e; BITOP OR d e e; BITOP OR d e e
PFADD h a b; PFADD h a; PFADD e; PFCOUNT h; PFCOUNT h; PFMERGE d h e; PFMERGE m
SET a 1; RPUSH b x; DEL a b c; SET a 1; UNLINK a; SET a 1; SET b 1; UNLINK a b; del a; set a 1; del a
SET k v; EXPIRE k 100; EXPIRE k 50 GT; PEXPIRE k 200000; EXPIREAT k 9999999999; PERSIST k; PERSIST k; EXPIRE k 100 XX; EXPIRE k -1; EXPIRE k 10
SET k v; EXPIREAT k 1; SET k v EX 100; PEXPIREAT k 9999999999000 XX
SET a 1; RENAME a b; SET a 2; RENAME a b; RENAME b b; SET c 1 EX 100; RENAME c b; SET x 1; RENAMENX x b; RENAMENX x y
SET k v; MOVE k 1; SET k w; MOVE k 1; SELECT 1; RPUSH l a; MOVE l 0; SELECT 0
SET a 1 EX 100; COPY a b; COPY a b; COPY a b REPLACE; COPY a b DB 1; RPUSH l a b; COPY l m; LPOP m; LPOP m; LPOP l
SET a 1; SWAPDB 0 1; SET a 2; SELECT 1; APPEND a x; FLUSHDB; APPEND a x; SELECT 0; FLUSHDB ASYNC; SET a 1; FLUSHALL; SET a 1
RPUSH l 3 1 2; SORT l STORE d; SORT m STORE d; SORT m STORE d; SORT l LIMIT 5 1 STORE d; SORT l BY nosort GET # STORE d; LREM d 0 3; SORT l DESC LIMIT 0 1 STORE d; LREM d 0 3
LPUSH l a b; RPUSH l c; LPUSHX l x; RPUSHX l y; LPUSHX m x; LPOP l; RPOP l; LPOP l 2; LPOP l 0; RPOP l 9; LPOP l; RPUSH l a b; RPOP l 2
RPUSH l a b a; LINSERT l BEFORE b x; LINSERT l AFTER q x; LSET l 0 z; LSET l -1 q; LREM l 0 z; LREM l 1 nothing; LREM l -1 q; LTRIM l 0 0; LREM l 0 x; LREM l 0 x
RPUSH l a b c; LTRIM l 0 1; LTRIM l 0 -1; LTRIM l 5 6; LTRIM l 0 1; RPUSH l a b c d e; LTRIM l 1 -2; LTRIM l -1 -1; LPOP l
RPUSH l a b; RPOPLPUSH l m; RPOPLPUSH l m; RPOPLPUSH l m; RPOPLPUSH m m; LMOVE m m LEFT RIGHT; LMOVE m l LEFT RIGHT; LMOVE m l RIGHT LEFT
RPUSH l a b c d e; LMPOP 2 x l LEFT; LMPOP 1 l RIGHT COUNT 2; BLPOP l 1; BRPOP l 1; RPUSH l a b; BLMPOP 1 1 l LEFT COUNT 2; RPUSH l a; BLMOVE l m LEFT LEFT 1; BRPOPLPUSH m l 1
SADD s a b; SADD s b c; SADD s c; SREM s a; SREM s x; SREM s b x; SREM s c; SADD s 1 2 3; SREM s 1 2 3
SADD s a b; SMOVE s t a; SADD t b; SMOVE s t b; SADD s a; SMOVE s t a; SMOVE t t a; SMOVE t t q; SADD s q; SMOVE s u q; SMOVE u v q
SADD s a b c; SPOP s; SPOP s 2; SADD s a b c; SPOP s 2; SPOP s; SADD s a b c d e f g h; SPOP s 7; SPOP s 7
SADD a x y; SADD b x; SINTERSTORE d a b; SREM d x; SINTERSTORE d b c; SINTERSTORE d b c; SET d v; SINTERSTORE d a b; SINTERSTORE d a c; SUNIONSTORE d a b; SREM d x; SREM d y; SDIFFSTORE d a b; SDIFFSTORE d a a; SUNIONSTORE a a b; SREM a x y
HSET h f v g w; HSET h f v; HMSET h f v; HSETNX h f v; HSETNX h i v; HDEL h f x; HDEL h x; HDEL h g i; HDEL h g; HSET h f v; HDEL h f
HINCRBY h f 2; HINCRBY h f 0; HINCRBYFLOAT h g 1.5; HINCRBYFLOAT i g 1.5; HDEL h f g
[redis-8.0 valkey-9.1] HSET h f v g w; HEXPIRE h 100 FIELDS 1 f; HEXPIRE h 100 FIELDS 2 f x; HPEXPIRE h 100000 NX FIELDS 2 f g; HPERSIST h FIELDS 1 f; HPERSIST h FIELDS 1 f; HEXPIREAT h 9999999999 FIELDS 1 f; HPEXPIREAT h 9999999999000 FIELDS 1 g
[redis-8.0 valkey-9.1] HSET h f v g w i x; HPEXPIREAT h 1 FIELDS 1 f; HEXPIRE h 0 FIELDS 2 g i; HSET h f v; HEXPIRE h 0 FIELDS 1 f; HSET h f v g w; HGETDEL h FIELDS 1 f; HGETDEL h FIELDS 2 g x
[redis-8.0 valkey-9.1] HSET h f v g w; HGETEX h EX 100 FIELDS 2 f x; HGETEX h PERSIST FIELDS 1 f; HGETEX h PERSIST FIELDS 1 f; HGETEX h PXAT 1 FIELDS 1 f; HGETEX h PXAT 1 FIELDS 1 g
[redis-8.0 valkey-9.1] HSETEX h FIELDS 2 f v g w; HSETEX i EX 100 FIELDS 1 f v; HSETEX h FXX KEEPTTL FIELDS 1 f v; HSETEX h FNX FIELDS 1 f v; HEXPIRE h 100 FIELDS 1 f; HSET h f 1; HEXPIRE h 100 FIELDS 1 f; HINCRBY h f 2; HINCRBYFLOAT h f 0.5
[redis-8.0 valkey-9.1] HSET h f v g w; HPEXPIRE h 30 FIELDS 1 f; ~400; HSET i f v; HPEXPIRE i 30 FIELDS 1 f; ~400; HSET j f v g w i x; HPEXPIRE j 30 FIELDS 2 f g; ~400
[redis-8.0 valkey-9.1] DEBUG SET-ACTIVE-EXPIRE 0; HSET h f 1 g 1; HPEXPIRE h 30 FIELDS 1 f; ~80; HGET h f; HSET i f 1 g 1; HPEXPIRE i 30 FIELDS 1 f; ~80; HSETNX i f 2; HSET j f 1 g 1; HPEXPIRE j 30 FIELDS 1 f; ~80; HINCRBY j f 2; HSET l f 1; HPEXPIRE l 30 FIELDS 1 f; ~80; DEL l; DEBUG SET-ACTIVE-EXPIRE 1
[redis-8.0 valkey-9.1] DEBUG SET-ACTIVE-EXPIRE 0; HSET h f 1 g 1; HPEXPIRE h 30 FIELDS 1 f; ~80; HSET h f 2; HPEXPIRE h 30 FIELDS 1 f; ~80; HSETEX h EX 100 FIELDS 1 f 2; DEBUG SET-ACTIVE-EXPIRE 1
[redis-8.0 valkey-9.1] HSET h f 1 g 1; HPEXPIRE h 100000 FIELDS 1 f; COPY h i; HDEL i f; HDEL i g; HDEL h f; HDEL h g
ZADD z 1 a 2 b; ZADD z 1 a; ZADD z 3 a; ZADD z INCR 2 a; ZADD z INCR 0 a; ZINCRBY z 2 a; ZINCRBY z 0 a; ZADD z XX 1 q; ZADD z NX 1 a 1 c; ZADD z GT CH 0 a; ZADD z LT 0 a; ZREM z a x; ZREM z x; ZREM z b c; ZADD y XX 1 a
ZADD z 1 a 2 b 3 c 4 d; ZREMRANGEBYSCORE z 1 (2; ZREMRANGEBYSCORE z 100 200; ZREMRANGEBYRANK z 0 0; ZREMRANGEBYRANK z 9 9; ZREMRANGEBYRANK z -1 -1; ZREMRANGEBYSCORE z -inf +inf; ZADD z 0 a 0 b 0 c; ZREMRANGEBYLEX z [a (b; ZREMRANGEBYLEX z - +
ZADD a 1 x 2 y; ZADD b 1 y; ZUNIONSTORE d 2 a b; ZREM d x; ZREM d y; ZINTERSTORE d 2 a b; ZREM d y; ZINTERSTORE d 2 a c; SET d v; ZINTERSTORE d 2 a c; SET d v; ZUNIONSTORE d 1 a; ZDIFFSTORE d 2 a b; ZREM d x; ZDIFFSTORE d 2 a a; SADD s x q; ZUNIONSTORE d 2 a s WEIGHTS 2 3 AGGREGATE MAX; ZREMRANGEBYSCORE d 3 3
ZADD a 1 x 2 y 3 z; ZRANGESTORE d a 0 0; ZRANGESTORE d a 8 9; ZRANGESTORE d a 8 9; ZRANGESTORE d a (1 3 BYSCORE; ZREM d y; ZREM d z; ZRANGESTORE d a 3 (1 BYSCORE REV LIMIT 1 1; ZREM d y; ZADD l 0 a 0 b; ZRANGESTORE d l [b + BYLEX; ZREM d b
ZADD z 1 a 2 b 3 c; ZPOPMIN z; ZPOPMAX z 1; ZPOPMIN z 5; ZPOPMIN z; ZADD z 1 a 2 b; ZMPOP 1 z MIN; ZMPOP 1 z MAX COUNT 2; ZADD z 1 a 2 b; BZPOPMIN z 1; BZPOPMAX z 1; ZADD z 1 a 2 b; BZMPOP 1 1 z MIN COUNT 2
GEOADD g 13.3 38.1 a 100 38 b; GEORADIUS g 13 38 500 km STORE d; ZREM d a; GEORADIUSBYMEMBER g a 500 km STOREDIST d; ZREM d a; GEOSEARCHSTORE d g FROMLONLAT 13 38 BYRADIUS 500 km; GEOSEARCHSTORE d g FROMLONLAT 50 38 BYRADIUS 5 km; GEOSEARCHSTORE d g FROMMEMBER a BYBOX 100 100 km; ZREM d a; GEOSEARCHSTORE d none FROMLONLAT 50 38 BYRADIUS 5 km; GEOADD g 13.3 38.1 a
XADD x * f v; XADD x MAXLEN 1 * f v; XADD x MAXLEN ~ 100 * f v; XADD x NOMKSTREAM * f v; XADD y NOMKSTREAM * f v; XTRIM x MAXLEN 1; XTRIM x MAXLEN 1; XTRIM x MAXLEN 0; XADD x MAXLEN = 1 * f v
XADD x 1-1 f v; XADD x 2-1 f v; XADD x 3-1 f v; XADD x MINID 2 4-1 f v; XADD x MINID = 2 5-1 f v; XDEL x 2-1 9-9; XDEL x 2-1; XADD x MAXLEN 3 6-1 f v; XDEL x 3-1; XDEL x 4-1 5-1 6-1; XSETID x 9-9; XADD x MAXLEN 1 10-1 f v
XADD x 1-1 f v; XADD x 2-1 f v; XGROUP CREATE x g 0; XGROUP CREATE x g 0; XGROUP CREATE y g $ MKSTREAM; XGROUP SETID x g 1-1; XGROUP CREATECONSUMER x g c; XGROUP CREATECONSUMER x g c; XGROUP DELCONSUMER x g c; XGROUP DELCONSUMER x g c; XGROUP DESTROY x g; XGROUP DESTROY x g
XADD x 1-1 f v; XADD x 2-1 f v; XGROUP CREATE x g 0; XREADGROUP GROUP g c COUNT 1 STREAMS x >; XREADGROUP GROUP g c STREAMS x >; XREADGROUP GROUP g c STREAMS x >; XREADGROUP GROUP g d STREAMS x >; XCLAIM x g e 0 1-1; XCLAIM x g e 0 1-1; XCLAIM x g c 0 1-1 JUSTID; XAUTOCLAIM x g h 0 0; XACK x g 1-1 2-1; XACK x g 1-1
XADD x 1-1 f v; XGROUP CREATE x g 0; XREADGROUP GROUP g c NOACK STREAMS x >; XADD x 2-1 f v; XADD y 1-1 f v; XGROUP CREATE y g 0; XREADGROUP GROUP g q STREAMS x y > >; XADD x 3-1 f v; XREADGROUP GROUP g q NOACK STREAMS x >
MULTI; SET a 1; INCR b; EXEC; MULTI; SET a 2; EXEC; MULTI; SET a 1; SELECT 1; SET b 1; EXEC; SELECT 0; MULTI; SET a 1; DISCARD; MULTI; GET a; EXEC
SADD s a b c; MULTI; SPOP s 2; SET k v EX 100; EXEC; SET s x; MULTI; SET a 1; LPUSH s 1; SET b 1; EXEC
EVAL "redis.call('SET','k',1) redis.call('INCR','k') redis.call('DEL','k')" 0; EVAL "redis.call('SET','k',1) return redis.call('LPUSH','k',1)" 0; EVAL "return redis.call('GET','k')" 0; SADD s a b; EVAL "redis.call('SPOP','s') redis.call('SET','k','v','EX',100)" 0; PUBLISH ch x; SCRIPT FLUSH
SET k v PX 30; ~80; GET k; SET k v PX 30; ~80; SET k w; SET k 5 PX 30; ~80; INCR k; SET k 5 PX 30; ~80; DEL k; SET k 5 PX 30; ~80; EXPIRE k 100; SET k v PX 30; ~80; EXISTS k
SET a 1; SET k 5 PX 30; ~80; RENAME a k; SET k 5 PX 30; ~80; MULTI; SET a 1; GET k; SET b 1; EXEC; SET a 1 PX 30; SET b 1; ~80; DEL a b; RPUSH l a; PEXPIRE l 30; ~80; LPUSH l b; SET a 1; SET k v PX 30; ~80; COPY a k; SET k v PX 30; ~80; SETNX k w
SADD a x; SADD b x; SADD d q; PEXPIRE a 30; ~80; SINTERSTORE d a b; SET a v PX 30; SET b v PX 30; RPUSH c x; PEXPIRE c 30; ~300; SET k v EX 100; MSET k w; SET k v EX 100; APPEND k w; SADD e x; EXPIRE e 100; SUNIONSTORE e b; SET k v PX 30; ~80; PERSIST k; SET k v PX 30; ~80; TTL k
SET k v; MULTI; EXPIRE k -1; SET k w; EXEC; MULTI; DEL k; SADD k a; EXEC; SREM k a; SADD s a b; set k v; del k; srem s a
SET a 1; CONFIG SET maxmemory 1; SET z 1; CONFIG SET maxmemory 0; SET a 1; RPUSH b 1
[redis-8.0] VADD v VALUES 2 1 2 el; VSETATTR v el {}; VREM v el; VADD v VALUES 2 1 2 el
`;

export interface Case {
  readonly text: string;
  /** Servers that have its commands; `undefined`: all. */
  readonly kinds: readonly string[] | undefined;
  readonly steps: readonly (readonly string[] | number)[];
}

export const CASES: readonly Case[] = TEXT.trim()
  .split("\n")
  .map((line) => {
    const [, kinds, text] = /^(?:\[([^\]]*)\] )?(.*)$/.exec(line)!;
    return {
      text: text!,
      kinds: kinds?.split(" "),
      steps: text!.split(/; (?=[A-Za-z~])/).map((step) => {
        if (step.startsWith("~")) return Number(step.slice(1));
        return (step.match(/"[^"]*"|\S+/g) ?? []).map((word) =>
          word === "''" ? "" : word.startsWith('"') ? word.slice(1, -1) : word,
        );
      }),
    };
  });
