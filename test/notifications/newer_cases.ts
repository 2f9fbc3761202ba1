/**
 * What Redis 8.8 replicates and publishes, observed: `given => replicated => published`, commands divided by " ; ". For commands
 * and events that the servers of the tests do not have.
 */
export const NEWER_CASES: readonly string[] = `
SET k v => SET k w IFEQ v => overwritten k, set k
SET k v => SET k w PXAT 9999999999000 => overwritten k, set k, expire k
 => SET k w IFNE x => new k, set k
SET k v => SET k w IFNE x => overwritten k, set k
SET k v => DELEX k => del k
RPUSH k v => DELEX k => del k
SET k v => DEL k => del k
SET k v => DEL k => del k
RPUSH b 1 => MSETEX 2 a 1 b 2 PXAT 9999999999000 => new a, expire a, set a, overwritten b, type_changed b, expire b, set b
 => MSETEX 1 a 1 EXAT 9999999999 => new a, expire a, set a
SET a 0 PXAT 9999999999000 => MSETEX 1 a 1 KEEPTTL => overwritten a, set a
MSET a 0 b 0 => MSETEX 2 a 1 b 2 XX PXAT 9999999999000 => overwritten a, expire a, set a, overwritten b, expire b, set b
SET a 0 => MSETEX 2 a 1 b 2 PXAT 1 => overwritten a, expire a, set a, new b, expire b, set b
SET a abc ; SET b b => BITOP DIFF d a b => new d, set d
SET a abc ; SET b b => BITOP ONE d a b => new d, set d
 => SET k 1 KEEPTTL => new k, incrby k
SET k 5 => SET k 6 KEEPTTL => incrby k
SET k 5 => SET k 8 KEEPTTL => incrby k
SET k 5 PXAT 9999999999000 => SET k 8 KEEPTTL => incrby k
SET k 5 => SET k 5.5 KEEPTTL => incrbyfloat k
SET k 5 => SET k 8 PXAT 9999999999000 => incrby k, expire k
SET k 5 => SET k 8 PXAT 9999999999000 => incrby k, expire k
SET k 5 PXAT 9999999999000 => SET k 8 KEEPTTL => incrby k
SET k 5 PXAT 9999999999000 => SET k 8 => incrby k, persist k
SET k 5 => SET k 8 => incrby k
SET k 9 => SET k 10 KEEPTTL => incrby k
SET k 10 => SET k 10 KEEPTTL => incrby k
 => SET k 0 KEEPTTL => new k, incrby k
SET k 5 => DEL k => del k
SET k 5 => SET k 5 KEEPTTL => incrby k
 => SET k 1.5 PXAT 9999999999000 => new k, incrbyfloat k, expire k
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XACKDEL s g KEEPREF IDS 1 1-1 => xdel s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XACKDEL s g IDS 2 1-1 3-1 => xdel s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XACKDEL s g DELREF IDS 1 1-1 => xdel s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XACKDEL s g ACKED IDS 1 1-1 => xdel s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c ; XGROUP CREATE s g2 0 ; XGROUP CREATECONSUMER s g2 c => XACKDEL s g ACKED IDS 1 1-1 => 
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XDELEX s IDS 2 1-1 9-9 => xdel s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XDELEX s DELREF IDS 1 1-1 => xdel s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XADD s KEEPREF MAXLEN = 1 9-1 f v => xadd s, xtrim s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XADD s DELREF MAXLEN = 1 9-1 f v => xadd s, xtrim s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XADD s ACKED MAXLEN = 1 9-1 f v => xadd s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XTRIM s MAXLEN 1 DELREF => xtrim s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => MULTI ; XCLAIM s g c2 0 1-1 TIME 9999999999000 RETRYCOUNT 2 FORCE JUSTID LASTID 2-1 ; XCLAIM s g c2 0 2-1 TIME 9999999999000 RETRYCOUNT 2 FORCE JUSTID LASTID 2-1 ; XCLAIM s g c2 0 3-1 TIME 9999999999000 RETRYCOUNT 1 FORCE JUSTID LASTID 2-1 ; XGROUP SETID s g 3-1 ENTRIESREAD 3 ; EXEC => xgroup-createconsumer s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c ; XGROUP CREATECONSUMER s g c => XGROUP CREATECONSUMER s g c2 => xgroup-createconsumer s
XADD s 1-1 f v ; XGROUP CREATE s g $ => XGROUP CREATECONSUMER s g c => xgroup-createconsumer s
 => XADD s IDMP p1 i1 5-0 f v => new s, xadd s
XADD s IDMP p1 i1 4-0 f v => XADD s IDMP p1 i1 * f v => 
 => XADD s IDMPAUTO p1 5-0 f v => new s, xadd s
XADD s IDMPAUTO p1 4-0 f v => XADD s IDMPAUTO p1 * f v => 
XADD s 1-1 f v => XCFGSET s IDMP-DURATION 100 IDMP-MAXSIZE 50 => 
XADD s 1-1 f v => XIDMPRECORD s p i 1-1 => 
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XNACK s g SILENT IDS 1 1-1 => 
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XNACK s g FAIL IDS 2 1-1 2-1 => 
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XNACK s g FATAL IDS 1 1-1 => 
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XNACK s g FAIL IDS 1 1-1 RETRYCOUNT 7 => 
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c => XNACK s g FAIL IDS 1 3-1 FORCE => 
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c ; XNACK s g FAIL IDS 1 1-1 => MULTI ; XCLAIM s g c3 0 1-1 TIME 9999999999000 RETRYCOUNT 2 FORCE JUSTID LASTID 2-1 ; XCLAIM s g c3 0 3-1 TIME 9999999999000 RETRYCOUNT 1 FORCE JUSTID LASTID 2-1 ; XGROUP SETID s g 3-1 ENTRIESREAD 3 ; EXEC => xgroup-createconsumer s
XADD s 1-1 f v ; XADD s 2-1 f v ; XADD s 3-1 f v ; XGROUP CREATE s g 0 ; XGROUP CREATECONSUMER s g c ; XNACK s g FAIL IDS 1 1-1 => XCLAIM s g c3 0 1-1 TIME 9999999999000 RETRYCOUNT 2 FORCE JUSTID LASTID 2-1 => xgroup-createconsumer s
ZADD a 1 x ; ZADD b 2 x 3 y => ZUNIONSTORE d 2 a b AGGREGATE COUNT => new d, zunionstore d
 => ARSET a 0 x => new a, arset a
ARSET a 0 x => ARSET a 5 x y z => arset a
ARSET a 0 x => ARSET a 0 x => arset a
 => ARMSET a 0 x 9 y => new a, armset a
ARMSET a 0 x 9 y => ARDEL a 0 5 => ardel a
ARSET a 0 x => ARDEL a 0 => ardel a, del a
ARMSET a 0 x 9 y => ARDELRANGE a 0 5 => ardelrange a
ARMSET a 0 x 9 y => ARDELRANGE a 0 9 => ardelrange a, del a
 => ARINSERT a x y => new a, arinsert a
ARINSERT a x => ARINSERT a y => arinsert a
 => ARRING a 3 x y => new a, arring a
ARRING a 3 x y z => ARRING a 3 q => arring a
ARRING a 3 x y z => ARRING a 2 q => arring a
ARINSERT a x y => ARSEEK a 10 => arseek a
ARINSERT a x y ; ARSEEK a 10 => ARINSERT a z => arinsert a
SET a 1 ; RPUSH b x => RENAME a b => new b, rename_from a, rename_to b, overwritten b, type_changed b
SET a 1 ; RPUSH b x => COPY a b REPLACE => new b, copy_to b, overwritten b, type_changed b
SADD a x ; SADD b x ; SET d 1 => SINTERSTORE d a b => overwritten d, type_changed d, sinterstore d
RPUSH l 1 2 ; SET d 1 => SORT l STORE d => overwritten d, type_changed d, sortstore d
ZADD a 1 x ; ZADD d 1 x => ZUNIONSTORE d 1 a => overwritten d, zunionstore d
SET a x ; RPUSH d x => BITOP NOT d a => overwritten d, type_changed d, set d
HSET k f v => SET k v PXAT 9999999999000 => overwritten k, type_changed k, set k, expire k
HSET a f v ; SET b 1 => MSET a 1 b 2 => overwritten a, type_changed a, set a, overwritten b, set b
SET a 1 => SET a 2 => overwritten a, set a
SET a 111 => SETRANGE a 1 x => setrange a
SET a 1 => SET a 2 KEEPTTL => incrbyfloat a
ZADD g 3479065152021743 p ; SET d 1 => GEOSEARCHSTORE d g FROMLONLAT 13 38 BYRADIUS 10 km => overwritten d, type_changed d, geosearchstore d
PFADD a x ; PFADD d y => PFMERGE d a => pfadd d
SADD a x ; SADD b y => SMOVE a b x => srem a, del a, sadd b
 => XGROUP CREATE s g $ MKSTREAM => new s, xgroup-create s
HSET h f v => HSETEX h PXAT 9999999999000 FIELDS 2 f 1 g 2 => hset h, hexpire h
`
  .trim()
  .split("\n");
