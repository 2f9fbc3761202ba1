;; LZF decompression, bit stream as in ../lzf_plain.ts.
;;
;; Copies run 16 bytes at a time and may write up to 31 bytes beyond their end, into what later elements overwrite or into
;; the slack after the output area; reads may run as far beyond the input. Every element is checked before anything is
;; copied, so that no input reads or writes outside of the areas and their slack.
;;
;; Memory:      0  row d, 16 bytes: 0, 1, … d−1, 0, 1, … (repeats what d bytes say; rows 1 to 15)
;;            256  byte d: the largest multiple of d that is at most 16
;;            512  input bytes used up by the last call
;;           8192  the window: output of earlier calls that references may reach
;;          16384  output, 1 MiB, 1 KiB of slack
;;        1065984  input, 1 MiB, slack
(module
  (memory (export "memory") 33 33)
  (global (export "used") i32 (i32.const 512))
  (global (export "output") i32 (i32.const 16384))
  (global (export "input") i32 (i32.const 1065984))
  (global (export "capacity") i32 (i32.const 1048576))

  (func $fill_tables
    (local $d i32) (local $i i32)
    (local.set $d (i32.const 1))
    (loop $row
      (local.set $i (i32.const 0))
      (loop $column
        (i32.store8
          (i32.add (i32.shl (local.get $d) (i32.const 4)) (local.get $i))
          (i32.rem_u (local.get $i) (local.get $d)))
        (br_if $column
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
      (i32.store8 offset=256 (local.get $d)
        (i32.sub (i32.const 16) (i32.rem_u (i32.const 16) (local.get $d))))
      (br_if $row (i32.lt_u (local.tee $d (i32.add (local.get $d) (i32.const 1))) (i32.const 16)))))
  (start $fill_tables)

  ;; Decompresses elements until the input is used up or an element does not fit: it is cut short, reaches beyond $outLength,
  ;; or refers to bytes before the last $window bytes ahead of the output. The input begins $at bytes into its area. Returns
  ;; the bytes made; those used stand at 512.
  (func (export "decompress")
    (param $window i32) (param $inLength i32) (param $outLength i32) (param $at i32) (result i32)
    (local $in i32) (local $out i32) (local $inEnd i32) (local $outEnd i32) (local $floor i32)
    (local $control i32) (local $run i32) (local $distance i32) (local $from i32) (local $next i32) (local $stop i32)
    (local $pattern v128)
    (local.set $at (i32.add (local.get $at) (i32.const 1065984)))
    (local.set $in (local.get $at))
    (local.set $out (i32.const 16384))
    (local.set $inEnd (i32.add (local.get $in) (local.get $inLength)))
    (local.set $outEnd (i32.add (local.get $out) (local.get $outLength)))
    (local.set $floor (i32.sub (local.get $out) (local.get $window)))
    (block $end
      (loop $element
        (br_if $end (i32.ge_u (local.get $in) (local.get $inEnd)))
        (local.set $control (i32.load8_u (local.get $in)))
        (if (i32.lt_u (local.get $control) (i32.const 32))
          (then
            (local.set $from (i32.add (local.get $in) (i32.const 1)))
            (local.set $run (i32.add (local.get $control) (i32.const 1)))
            (local.set $next (i32.add (local.get $from) (local.get $run)))
            (br_if $end
              (i32.or
                (i32.gt_u (local.get $next) (local.get $inEnd))
                (i32.gt_u (i32.add (local.get $out) (local.get $run)) (local.get $outEnd))))
            (v128.store (local.get $out) (v128.load (local.get $from)))
            (if (i32.gt_u (local.get $run) (i32.const 16))
              (then (v128.store offset=16 (local.get $out) (v128.load offset=16 (local.get $from)))))
            (local.set $in (local.get $next))
            (local.set $out (i32.add (local.get $out) (local.get $run)))
            (br $element)))

        (local.set $run (i32.add (i32.shr_u (local.get $control) (i32.const 5)) (i32.const 2)))
        (local.set $next (i32.add (local.get $in) (i32.const 2)))
        (if (i32.eq (local.get $run) (i32.const 9))
          (then
            (local.set $run (i32.add (local.get $run) (i32.load8_u offset=1 (local.get $in))))
            (local.set $next (i32.add (local.get $next) (i32.const 1)))))
        (local.set $distance
          (i32.add
            (i32.or
              (i32.shl (i32.and (local.get $control) (i32.const 31)) (i32.const 8))
              (i32.load8_u (i32.sub (local.get $next) (i32.const 1))))
            (i32.const 1)))
        (local.set $from (i32.sub (local.get $out) (local.get $distance)))
        (br_if $end
          (i32.or
            (i32.or
              (i32.gt_u (local.get $next) (local.get $inEnd))
              (i32.gt_u (i32.add (local.get $out) (local.get $run)) (local.get $outEnd)))
            (i32.lt_u (local.get $from) (local.get $floor))))
        (local.set $in (local.get $next))

        ;; Most references: one copy does, nothing overlaps.
        (if
          (i32.le_u
            (local.get $run)
            (select
              (local.get $distance)
              (i32.const 16)
              (i32.lt_u (local.get $distance) (i32.const 16))))
          (then
            (v128.store (local.get $out) (v128.load (local.get $from)))
            (local.set $out (i32.add (local.get $out) (local.get $run)))
            (br $element)))

        (local.set $stop (i32.add (local.get $out) (local.get $run)))
        (if (i32.lt_u (local.get $distance) (i32.const 16))
          (then
            ;; A short pattern repeated: it is spread over 16 bytes once and laid down at whole multiples of its length.
            (local.set $pattern
              (i8x16.swizzle
                (v128.load (local.get $from))
                (v128.load (i32.shl (local.get $distance) (i32.const 4)))))
            (local.set $distance (i32.load8_u offset=256 (local.get $distance)))
            (loop $lay
              (v128.store (local.get $out) (local.get $pattern))
              (br_if $lay
                (i32.lt_u
                  (local.tee $out (i32.add (local.get $out) (local.get $distance)))
                  (local.get $stop)))))
          (else
            (loop $copy
              (v128.store (local.get $out) (v128.load (local.get $from)))
              (local.set $from (i32.add (local.get $from) (i32.const 16)))
              (br_if $copy
                (i32.lt_u (local.tee $out (i32.add (local.get $out) (i32.const 16))) (local.get $stop))))))
        (local.set $out (local.get $stop))
        (br $element)))
    (i32.store (i32.const 512) (i32.sub (local.get $in) (local.get $at)))
    (i32.sub (local.get $out) (i32.const 16384))))
