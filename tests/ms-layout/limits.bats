#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-layout: how large a system can be, and that its document and table grow with it in a line.
load ../lib
load ../layout

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  kernels
  root
  program a
}

# ring DOMAINS REGIONS: PDs in a ring, with the regions spread over them.
ring() {
  local i maps
  for ((i = 0; i < $1; i++)); do
    maps=$(for ((r = i; r < $2; r += $1)); do printf '{region = "r%d"}, ' "$r"; done)
    PROGRAM=a domain "pd$i" 100 "maps = [$maps]"
    printf '[[channels]]\nname = "c%d"\nend_a = "pd%d"\nend_b = "pd%d"\nkind = "notification"\n' \
      "$i" "$i" "$(((i + 1) % $1))"
  done
  for ((i = 0; i < $2; i++)); do region "r$i" 4096; done
}

@test "63 domains and 1,000 regions, on both kinds of kernel" {
  ring 63 1000 >system.toml
  compiled system.toml >doc.json
  for kind in classic mcs; do
    ms-layout --kernel "kernels/$kind" doc.json >layout.json
    [ "$(jq '.layout.threads | length' layout.json)" = 63 ]
    [ "$(jq '[.layout.maps[] | select(.name | test("/region/"))] | length' layout.json)" = 1000 ]
    # One program: its code and constants are there once.
    [ "$(jq '[.layout.ranges[] | select(.kind == "member" and (.name | test("elf$")))] | length' layout.json)" = 2 ]
    through_model "$kind"
  done
}

@test "twice the domains, twice the table" {
  for n in 8 16 32; do
    ring "$n" "$n" >system.toml
    compiled system.toml | ms-layout --kernel kernels/mcs >layout.json
    jq .layout.table.size layout.json
  done >sizes
  # From 16 to 32 domains comes twice what comes from 8 to 16, within a tenth.
  { read -r a; read -r b; read -r c; } <sizes
  [ $((10 * (c - b))) -le $((22 * (b - a))) ]
  [ $((10 * (c - b))) -ge $((18 * (b - a))) ]
}

@test "512 MiB in pages of 2 MiB take a few records" {
  domain a 100 'maps = [{region = "r"}]' >system.toml
  region r 536870912 >>system.toml
  compiled system.toml | ms-layout --kernel kernels/mcs >layout.json
  [ "$(jq -c '[.layout.maps[] | select(.name == "pd/a/region/r") | [.page_bits, .pages]]' layout.json)" = '[[21,256]]' ]
  [ "$(jq '[.layout.objects[] | select(.name | test("region/r"))] | map(.count) | add' layout.json)" = 256 ]
  [ "$(jq '[.layout.objects[] | select(.name | test("region/r"))] | length' layout.json)" -le 3 ]
  [ "$(stat -c %s build/system.table)" -le 8192 ]
}

@test "16 MiB stacks, 62 channels of one domain" {
  domain a 100 | sed 's/stack_bytes.*/stack_bytes = 16777216/' >system.toml
  for ((i = 0; i < 62; i++)); do
    PROGRAM=a domain "pd$i" 200
    printf '[[channels]]\nname = "c%d"\nend_a = "a"\nend_b = "pd%d"\nkind = "ppc"\n' "$i" "$i"
  done >>system.toml
  compiled system.toml | ms-layout --kernel kernels/mcs >layout.json
  [ "$(jq '[.layout.caps[] | select(.cnode == "pd/a/cnode" and .slot >= 74)] | length' layout.json)" = 62 ]
  [ "$(jq -r '[.layout.objects[] | select(.name == "pd/a/cnode").size_bits] | add' layout.json)" = 13 ]
}

@test "more page tables or objects than any memory holds are refused before they are listed" {
  # 512 GiB in small pages, and that twice; in a table they would be megabytes for each domain.
  { domain a 100 'maps = [{region = "r"}]'; PROGRAM=a domain b 100 'maps = [{region = "r"}]'
    region r 549755813888 'page_bytes = 4096'; } >system.toml
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-layout --kernel kernels/mcs doc.json
  [[ $stderr == *"b: with its address space there are "*" page tables, more than this kernel's memory has pages (393216) [memory]"* ]]
  # In large pages it is the objects themselves that do not fit.
  { domain a 100 'maps = [{region = "r"}]'; region r 109951162777600 'page_bytes = 2097152'; } >system.toml
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-layout --kernel kernels/classic doc.json
  [[ $stderr == *"[memory]"* ]] || { echo "$stderr"; return 1; }
}

@test "more objects than a layout has are refused before anything is placed" {
  domain a 100 'maps = [{region = "r"}]' >system.toml
  region r 8589934592 'page_bytes = 4096' >>system.toml
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-layout --kernel kernels/mcs doc.json
  [[ "$stderr" == *"objects and capabilities, at most 1048576 are possible"* ]]
  # Nor are they believed of a table.
  run -1 --separate-stderr ms-layout --decode "$MS_ROOT/tests/fuzz/cases/table/huge-work-cnode"
  [ -z "$output" ]
}
