;; Walks over a listpack in the memory of the LZF kernel: in its output, where it was decompressed, or in its input, where it
;; was put. Every entry's bounds and backlen are checked. What is out of the ordinary gives -1 and is left to plain
;; TypeScript, which knows all cases and says what is wrong: this walk says "sound", never "broken".
;;
;;   u32le total bytes, u16le count (65535: unknown), entries, FF
;;
;;   0nnnnnnn                 unsigned 0 to 127       11110000 u32le  string
;;   10nnnnnn                 string                  F1 i16  F2 i24  F3 i32  F4 i64, little endian
;;   110nnnnn nnnnnnnn        signed 13 bits          each followed by its size, base 128, high group first,
;;   1110nnnn nnnnnnnn        string                  every byte but the first with bit 7 set
(module
  (import "lzf" "memory" (memory 33))

  ;; Digits of a number; the sign counts as one.
  (func $digits (param $value i64) (result i32)
    (local $count i32)
    (local.set $count (i32.const 1))
    (if (i64.lt_s (local.get $value) (i64.const 0))
      (then
        (local.set $count (i32.const 2))
        (local.set $value (i64.sub (i64.const 0) (local.get $value)))))
    (block $small
      (loop $four
        (br_if $small (i64.lt_u (local.get $value) (i64.const 10000)))
        (local.set $value (i64.div_u (local.get $value) (i64.const 10000)))
        (local.set $count (i32.add (local.get $count) (i32.const 4)))
        (br $four)))
    (i32.add
      (i32.add (local.get $count) (i64.ge_u (local.get $value) (i64.const 10)))
      (i32.add
        (i64.ge_u (local.get $value) (i64.const 100))
        (i64.ge_u (local.get $value) (i64.const 1000)))))

  ;; Whether the text is made of the characters of decimal numbers alone: digits, sign, point and exponent.
  (func $is_numeric (param $at i32) (param $length i32) (result i32)
    (local $end i32) (local $char i32)
    (if (i32.gt_u (i32.sub (local.get $length) (i32.const 1)) (i32.const 127))
      (then (return (i32.const 0))))
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (loop $next
      (local.set $char (i32.load8_u (local.get $at)))
      (if (i32.gt_u (i32.sub (local.get $char) (i32.const 48)) (i32.const 9))
        (then
          (if (i32.eqz
                (i32.or
                  (i32.or
                    (i32.eq (local.get $char) (i32.const 43))
                    (i32.eq (i32.or (local.get $char) (i32.const 32)) (i32.const 101)))
                  (i32.eq (i32.and (local.get $char) (i32.const 254)) (i32.const 46))))
            (then
              (if (i32.ne (local.get $char) (i32.const 45)) (then (return (i32.const 0))))))
          (if (i32.eq (local.get $char) (i32.const 47)) (then (return (i32.const 0))))))
      (br_if $next
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $end))))
    (i32.const 1))

  ;; $group 0: every entry is an element; 1: member and score; 2: field and value. Returns the elements, -1 when the listpack
  ;; is not plainly sound. The decoded bytes of the elements (scores do not count) stand at 516 then.
  (func (export "walk") (param $at i32) (param $length i32) (param $group i32) (result i32)
    (local $pos i32) (local $stop i32) (local $head i32) (local $size i32) (local $text i32)
    (local $entries i32) (local $bytes i32) (local $isScore i32)
    (block $unsure
      (br_if $unsure (i32.lt_u (local.get $length) (i32.const 7)))
      (br_if $unsure (i32.ne (i32.load (local.get $at)) (local.get $length)))
      (local.set $stop (i32.sub (i32.add (local.get $at) (local.get $length)) (i32.const 1)))
      (br_if $unsure (i32.ne (i32.load8_u (local.get $stop)) (i32.const 255)))
      (local.set $pos (i32.add (local.get $at) (i32.const 6)))
      (block $done
        (loop $entry
          (br_if $done (i32.ge_u (local.get $pos) (local.get $stop)))
          (local.set $head (i32.load8_u (local.get $pos)))
          (block $sized
            (if (i32.lt_u (local.get $head) (i32.const 0xc0))
              (then
                (if (i32.ge_u (local.get $head) (i32.const 0x80))
                  (then
                    (local.set $text (i32.and (local.get $head) (i32.const 63)))
                    (local.set $size (i32.add (local.get $text) (i32.const 1))))
                  (else
                    (local.set $size (i32.const 1))
                    (local.set $text
                      (i32.add
                        (i32.const 1)
                        (i32.add
                          (i32.gt_u (local.get $head) (i32.const 9))
                          (i32.gt_u (local.get $head) (i32.const 99)))))))
                (br $sized)))
            (if (i32.lt_u (local.get $head) (i32.const 0xe0))
              (then
                (local.set $size (i32.const 2))
                (local.set $text
                  (call $digits
                    (i64.extend_i32_s
                      (i32.shr_s
                        (i32.shl
                          (i32.or
                            (i32.shl (local.get $head) (i32.const 8))
                            (i32.load8_u offset=1 (local.get $pos)))
                          (i32.const 19))
                        (i32.const 19)))))
                (br $sized)))
            (if (i32.lt_u (local.get $head) (i32.const 0xf0))
              (then
                (local.set $text
                  (i32.or
                    (i32.shl (i32.and (local.get $head) (i32.const 15)) (i32.const 8))
                    (i32.load8_u offset=1 (local.get $pos))))
                (local.set $size (i32.add (local.get $text) (i32.const 2)))
                (br $sized)))
            (if (i32.eq (local.get $head) (i32.const 0xf1))
              (then
                (local.set $size (i32.const 3))
                (local.set $text (call $digits (i64.load16_s offset=1 (local.get $pos))))
                (br $sized)))
            (if (i32.eq (local.get $head) (i32.const 0xf2))
              (then
                (local.set $size (i32.const 4))
                (local.set $text
                  (call $digits
                    (i64.extend_i32_s (i32.shr_s (i32.load (local.get $pos)) (i32.const 8)))))
                (br $sized)))
            (if (i32.eq (local.get $head) (i32.const 0xf3))
              (then
                (local.set $size (i32.const 5))
                (local.set $text (call $digits (i64.load32_s offset=1 (local.get $pos))))
                (br $sized)))
            (if (i32.eq (local.get $head) (i32.const 0xf4))
              (then
                (local.set $size (i32.const 9))
                (local.set $text (call $digits (i64.load offset=1 (local.get $pos))))
                (br $sized)))
            (br_if $unsure (i32.ne (local.get $head) (i32.const 0xf0)))
            (local.set $text (i32.load offset=1 (local.get $pos)))
            (br_if $unsure (i32.gt_u (local.get $text) (local.get $length)))
            (local.set $size (i32.add (local.get $text) (i32.const 5))))

          (if (i32.eq (local.get $group) (i32.const 1))
            (then
              (if (local.get $isScore)
                (then
                  (if (i32.or
                        (i32.eq (i32.and (local.get $head) (i32.const 0xc0)) (i32.const 0x80))
                        (i32.or
                          (i32.eq (i32.and (local.get $head) (i32.const 0xf0)) (i32.const 0xe0))
                          (i32.eq (local.get $head) (i32.const 0xf0))))
                    (then
                      ;; Longer scores than the shortest form of string holds are left to the other walk.
                      (br_if $unsure (i32.ge_u (local.get $head) (i32.const 0xc0)))
                      (br_if $unsure
                        (i32.eqz
                          (call $is_numeric
                            (i32.add (local.get $pos) (i32.const 1))
                            (local.get $text))))))
                  (local.set $text (i32.const 0))))
              (local.set $isScore (i32.xor (local.get $isScore) (i32.const 1)))))

          (local.set $pos (i32.add (local.get $pos) (local.get $size)))
          (br_if $unsure (i32.ge_u (local.get $pos) (local.get $stop)))
          (if (i32.lt_u (local.get $size) (i32.const 128))
            (then
              (br_if $unsure (i32.ne (i32.load8_u (local.get $pos)) (local.get $size)))
              (local.set $pos (i32.add (local.get $pos) (i32.const 1))))
            (else
              (br_if $unsure (i32.ge_u (local.get $size) (i32.const 0x3fff)))
              (br_if $unsure
                (i32.ne
                  (i32.load16_u (local.get $pos))
                  (i32.or
                    (i32.shr_u (local.get $size) (i32.const 7))
                    (i32.or
                      (i32.shl (i32.and (local.get $size) (i32.const 127)) (i32.const 8))
                      (i32.const 0x8000)))))
              (local.set $pos (i32.add (local.get $pos) (i32.const 2)))
              (br_if $unsure (i32.gt_u (local.get $pos) (local.get $stop)))))
          (local.set $bytes (i32.add (local.get $bytes) (local.get $text)))
          (local.set $entries (i32.add (local.get $entries) (i32.const 1)))
          (br $entry)))
      (local.set $head (i32.load16_u offset=4 (local.get $at)))
      (br_if $unsure
        (i32.and
          (i32.ne (local.get $head) (i32.const 65535))
          (i32.ne (local.get $head) (local.get $entries))))
      (i32.store (i32.const 516) (local.get $bytes))
      (if (i32.eqz (local.get $group)) (then (return (local.get $entries))))
      (br_if $unsure (i32.and (local.get $entries) (i32.const 1)))
      (return (i32.shr_u (local.get $entries) (i32.const 1))))
    (i32.const -1)))
