#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-graph: the same graph from every stage, in DOT and as a drawing.
load ../lib

setup() { cd "$MS_ROOT" || return 1; }

@test "golden cases" {
  golden ms-graph "$BATS_TEST_DIRNAME/cases"
}

@test "every stage of a system gives the same graph" {
  cd "$BATS_TEST_TMPDIR"
  cp -R "$MS_ROOT/examples" .
  unset MS_KERNEL
  ms-build -q examples/ping-pong/system.toml 2>/dev/null
  for format in dot svg; do
    ms-graph --format $format -o want build/stages/01-ms-parse.json
    for stage in build/stages/*.json; do
      ms-graph --format $format "$stage" | cmp - want
    done
  done
}

@test "the drawing of every example is well-formed XML without anything from outside" {
  for spec in examples/*/system.toml; do
    ms-parse "$spec" | ms-graph --format svg >"$BATS_TEST_TMPDIR/g.svg"
    # An XML parser that is at hand anyway: ms-import's. It gets as far as saying that a drawing is
    # no system.
    run ms-import "$BATS_TEST_TMPDIR/g.svg"
    [[ $output == *"the root element is <svg>"* && $output != *"[xml-syntax]"* ]]
    run grep -oE '(href|src|url)[=(]"?[^#"]' "$BATS_TEST_TMPDIR/g.svg"
    echo "$spec $output"
    [ "$status" -eq 1 ]
  done
}

@test "one, two, many: every number of protection domains has a drawing" {
  for n in 1 2 7 30 31 63; do
    for ((i = 0; i < n; i++)); do
      printf '[[protection_domains]]\nname = "p%d"\nbinary = "p.c"\n' "$i"
    done >"$BATS_TEST_TMPDIR/s.toml"
    ms-parse "$BATS_TEST_TMPDIR/s.toml" | ms-graph --format svg >"$BATS_TEST_TMPDIR/g.svg"
    [ "$(grep -c 'class="box pd"' "$BATS_TEST_TMPDIR/g.svg")" -eq $((n + 1)) ]
  done
}

@test "a full web of channels, and thousands of regions, are drawn all the same" {
  {
    for ((i = 0; i < 40; i++)); do
      printf '[[protection_domains]]\nname = "p%d"\nbinary = "p.c"\n' "$i"
      for ((r = i; r < 2000; r += 40 - i)); do
        printf '[[protection_domains.maps]]\nregion = "r%d"\n' "$r"
      done
    done
    for ((i = 0; i < 40; i++)); do
      for ((k = i + 1; k < 40; k++)); do
        printf '[[channels]]\nname = "c%d-%d"\nend_a = "p%d"\nend_b = "p%d"\nkind = "notification"\n' "$i" "$k" "$i" "$k"
      done
    done
    for ((r = 0; r < 2000; r++)); do
      printf '[[memory_regions]]\nname = "r%d"\nsize_bytes = 4096\npermissions = ["read"]\n' "$r"
    done
  } >"$BATS_TEST_TMPDIR/s.toml"
  ms-parse -o "$BATS_TEST_TMPDIR/s.json" "$BATS_TEST_TMPDIR/s.toml"
  ms-graph --format svg -o "$BATS_TEST_TMPDIR/g.svg" "$BATS_TEST_TMPDIR/s.json"
  [ "$(grep -c '<path class="line signal" data-ends' "$BATS_TEST_TMPDIR/g.svg")" -eq 780 ]
  [ "$(grep -c '<g class="box region"><title>' "$BATS_TEST_TMPDIR/g.svg")" -eq 40 ]
}
