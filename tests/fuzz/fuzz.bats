#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Every fuzz target, without a fuzzer: it survives what fuzzers begin with and what they once found.
# Where CI is set they search for 30 seconds each.
load ../lib

replay() { # target
  local cases=()
  [ -n "${MS_FUZZ:-}" ] || skip "make fuzz-replay builds the targets; make check says where they are (MS_FUZZ)"
  if [ -d "$MS_ROOT/tests/fuzz/cases/$1" ]; then cases=("$MS_ROOT/tests/fuzz/cases/$1"); fi
  run "$MS_FUZZ/$1" "$MS_SEEDS/$1" "${cases[@]}"
  [ "$status" -eq 0 ] || { tail -20 <<<"$output"; false; }
}

@test "every target is replayed here" {
  for f in "$MS_ROOT"/tests/fuzz/fuzz-*.c; do
    name=$(basename "$f" .c)
    grep -qx "@test \".*\" { replay ${name#fuzz-}; }" "$MS_ROOT/tests/fuzz/fuzz.bats" || { echo "$name is not"; false; }
  done
}

@test "TOML, the reader alone" { replay toml; }
@test "specifications" { replay spec; }
@test "Microkit's system descriptions" { replay xml; }
@test "JSON" { replay json; }
@test "newc archives" { replay newc; }
@test "ELF files" { replay elf; }
@test "device trees" { replay fdt; }
@test "the root task's table" { replay table; }
@test "documents" { replay document; }
@test "locks" { replay lock; }
@test "statements" { replay statement; }
@test "envelopes and bundles" { replay envelope; }
@test "keys" { replay key; }
@test "kernel folders" { replay kernel; }
@test "programs of a system" { replay program; }
@test "images" { replay image; }

@test "about 30 seconds of fuzzing each find nothing" {
  [ "${CI:-}" = true ] || skip "CI is not true: make fuzz RUNS=ci does it by hand"
  [ "$(cut -d' ' -f1 "$MS_ROOT/tests/fuzz/runs")" = "$(cd "$MS_ROOT/tests/fuzz" && printf '%s\n' fuzz-*.c | sed 's/fuzz-//; s/\.c$//')" ]
  run make -C "$MS_ROOT" --no-print-directory fuzz RUNS=ci JOBS=2
  echo "$output"
  [ "$status" -eq 0 ]
}
