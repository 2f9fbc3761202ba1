;; CRC-64 (Jones, reflected 0x95ac9329ac4bc9b5, start 0, no final xor) of a block of up to 256 KiB.
;;
;; Long blocks are folded first. Some sparse multiple of the polynomial says that a byte may be taken away at one place
;; when it is xored into a few later places, without a change to the checksum. This one has eight of them, at distances of
;; whole bytes, 16 of them done at once: eleven instructions for 16 bytes and no table. With x as "one byte further",
;;
;;   x^1588 + x^665 + x^548 + x^504 + x^208 + x^202 + x^142 + x^26 + 1
;;
;; is a multiple; scripts/find_crc64_taps.ts looks for such. The distances are 1588 minus these exponents: 923, 1040, 1084,
;; 1380, 1386, 1446, 1562, 1588. The smallest is far above 16, so that no store is read back while it is still on its way.
;; What is left are the last 1588 to 1603 bytes, which go through tables, sixteen bytes a step.
;;
;; Memory:      0  sixteen tables of 256 entries: table n for a byte that n more bytes follow
;;          32768  the running checksum
;;          32784  the rest of a folded block
;;          39372  1588 zero bytes: what stands "before" a block
;;          40960  the block
(module
  (memory (export "memory") 5 5)
  (global (export "state") i32 (i32.const 32768))
  (global (export "block") i32 (i32.const 40960))
  (global (export "capacity") i32 (i32.const 262144))

  (func $fill_tables
    (local $i i32) (local $bit i32) (local $v i64)
    (loop $byte
      (local.set $v (i64.extend_i32_u (local.get $i)))
      (local.set $bit (i32.const 8))
      (loop $bits
        (local.set $v
          (i64.xor
            (i64.shr_u (local.get $v) (i64.const 1))
            (i64.and
              (i64.const 0x95ac9329ac4bc9b5)
              (i64.sub (i64.const 0) (i64.and (local.get $v) (i64.const 1))))))
        (br_if $bits (local.tee $bit (i32.sub (local.get $bit) (i32.const 1)))))
      (i64.store (i32.shl (local.get $i) (i32.const 3)) (local.get $v))
      (br_if $byte (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 256))))
    (local.set $i (i32.const 0))
    (loop $entry
      (local.set $v (i64.load (local.get $i)))
      (i64.store offset=2048 (local.get $i)
        (i64.xor
          (i64.shr_u (local.get $v) (i64.const 8))
          (i64.load (i32.shl (i32.and (i32.wrap_i64 (local.get $v)) (i32.const 255)) (i32.const 3)))))
      (br_if $entry
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const 30720)))))
  (start $fill_tables)

  ;; Takes the bytes from $at to $end into $crc by tables.
  (func $by_tables (param $crc i64) (param $at i32) (param $end i32) (result i64)
    (local $a i64) (local $b i64)
    (block $few
      (loop $sixteen
        (br_if $few (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 16)))
        (local.set $a (i64.xor (local.get $crc) (i64.load (local.get $at))))
        (local.set $b (i64.load offset=8 (local.get $at)))
        (local.set $crc
          (i64.xor
            (i64.xor
              (i64.xor
                (i64.xor
                  (i64.load offset=14336 (i32.and (i32.shl (i32.wrap_i64 (local.get $b)) (i32.const 3)) (i32.const 2040)))
                  (i64.load offset=12288 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $b) (i64.const 5))) (i32.const 2040))))
                (i64.xor
                  (i64.load offset=10240 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $b) (i64.const 13))) (i32.const 2040)))
                  (i64.load offset=8192 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $b) (i64.const 21))) (i32.const 2040)))))
              (i64.xor
                (i64.xor
                  (i64.load offset=6144 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $b) (i64.const 29))) (i32.const 2040)))
                  (i64.load offset=4096 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $b) (i64.const 37))) (i32.const 2040))))
                (i64.xor
                  (i64.load offset=2048 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $b) (i64.const 45))) (i32.const 2040)))
                  (i64.load (i32.and (i32.wrap_i64 (i64.shr_u (local.get $b) (i64.const 53))) (i32.const 2040))))))
            (i64.xor
              (i64.xor
                (i64.xor
                  (i64.load offset=30720 (i32.and (i32.shl (i32.wrap_i64 (local.get $a)) (i32.const 3)) (i32.const 2040)))
                  (i64.load offset=28672 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 5))) (i32.const 2040))))
                (i64.xor
                  (i64.load offset=26624 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 13))) (i32.const 2040)))
                  (i64.load offset=24576 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 21))) (i32.const 2040)))))
              (i64.xor
                (i64.xor
                  (i64.load offset=22528 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 29))) (i32.const 2040)))
                  (i64.load offset=20480 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 37))) (i32.const 2040))))
                (i64.xor
                  (i64.load offset=18432 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 45))) (i32.const 2040)))
                  (i64.load offset=16384 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 53))) (i32.const 2040))))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $sixteen)))
    (block $done
      (loop $one
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $crc
          (i64.xor
            (i64.load
              (i32.shl
                (i32.and
                  (i32.xor (i32.wrap_i64 (local.get $crc)) (i32.load8_u (local.get $at)))
                  (i32.const 255))
                (i32.const 3)))
            (i64.shr_u (local.get $crc) (i64.const 8))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $one)))
    (local.get $crc))

  ;; Takes the first $length bytes of the block into the running checksum. The block is overwritten.
  (func (export "update") (param $length i32)
    (local $from i32) (local $end i32) (local $rest i32) (local $to i32)
    ;; Below this the tables alone are faster.
    (if (i32.lt_u (local.get $length) (i32.const 3072))
      (then
        (i64.store (i32.const 32768)
          (call $by_tables
            (i64.load (i32.const 32768))
            (i32.const 40960)
            (i32.add (i32.const 40960) (local.get $length))))
        (return)))
    ;; A checksum so far is the same as a change to the first eight bytes.
    (i64.store (i32.const 40960) (i64.xor (i64.load (i32.const 40960)) (i64.load (i32.const 32768))))
    ;; Each 16 bytes gather what the places before them give away. $from runs 1588 bytes behind.
    (local.set $from (i32.const 39372))
    (local.set $end
      (i32.add
        (local.get $from)
        (i32.and (i32.sub (local.get $length) (i32.const 1588)) (i32.const -16))))
    (loop $fold
      (v128.store offset=1588 (local.get $from)
        (v128.xor
          (v128.load offset=1588 (local.get $from))
          (v128.xor
            (v128.xor
              (v128.xor
                (v128.load offset=665 (local.get $from))
                (v128.load offset=548 (local.get $from)))
              (v128.xor
                (v128.load offset=504 (local.get $from))
                (v128.load offset=208 (local.get $from))))
            (v128.xor
              (v128.xor
                (v128.load offset=202 (local.get $from))
                (v128.load offset=142 (local.get $from)))
              (v128.xor
                (v128.load offset=26 (local.get $from))
                (v128.load (local.get $from)))))))
      (br_if $fold
        (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 16))) (local.get $end))))
    ;; The rest gives nothing away, it only gathers: it moves elsewhere and zeros take its place, as far as 1600 bytes can
    ;; look over the smallest distance, 923.
    (local.set $end (i32.add (local.get $from) (i32.const 1588)))
    (local.set $rest (i32.sub (i32.add (i32.const 40960) (local.get $length)) (local.get $end)))
    (memory.copy (i32.const 32784) (local.get $end) (local.get $rest))
    (memory.fill (local.get $end) (i32.const 0) (i32.const 688))
    (local.set $to (i32.const 32784))
    (loop $gather
      (v128.store (local.get $to)
        (v128.xor
          (v128.load (local.get $to))
          (v128.xor
            (v128.xor
              (v128.xor
                (v128.load offset=665 (local.get $from))
                (v128.load offset=548 (local.get $from)))
              (v128.xor
                (v128.load offset=504 (local.get $from))
                (v128.load offset=208 (local.get $from))))
            (v128.xor
              (v128.xor
                (v128.load offset=202 (local.get $from))
                (v128.load offset=142 (local.get $from)))
              (v128.xor
                (v128.load offset=26 (local.get $from))
                (v128.load (local.get $from)))))))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $gather
        (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 16))) (i32.const 34384))))
    (i64.store (i32.const 32768)
      (call $by_tables (i64.const 0) (i32.const 32784) (i32.add (i32.const 32784) (local.get $rest))))))
