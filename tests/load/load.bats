#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Systems and archives as large as they may be: done, and in memory for the input and 64 MiB more.
#   MS_LOAD: 2 GiB through the archive and all 6,300 sources compiled (make check-load), not a part of it
load ../lib
load lib

setup() {
  [ -x "${MS_PEAK:-}" ] || skip "MS_PEAK is unset (make check sets it)"
  cd "$BATS_TEST_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH MICROKIT_SDK
}

@test "10,000 regions, all mapped by one domain: through every stage" {
  large 10000 2 0 >system.toml
  sources 2 0
  ms-build -q system.toml 2>warnings
  [ "$(jq '.spec.memory_regions | length' build/stages/07-ms-link.json)" = 10000 ]
  # Each at an address of its own.
  jq -e '[.layout.maps[] | select(.name | startswith("pd/pd1/region/")) | .vaddr] | length == 10000 and (unique | length) == 10000' \
    build/stages/07-ms-link.json >/dev/null
  cd build/stages
  peak ms-parse -o x ../../system.toml; within "$kilobytes" ../../system.toml
  peak ms-plan -o x 01-ms-parse.json; within "$kilobytes" 01*
  peak ms-hash -o x 02-ms-plan.json; within "$kilobytes" 02*
  cd ../..
  peak ms-layout -B build -o x build/stages/04-ms-compile.json 2>>warnings; within "$kilobytes" build/stages/04*
  peak ms-cpio -B build -o x build/stages/05-ms-layout.json; within "$kilobytes" build/stages/05* build/pd/*.elf
  peak ms-link -B build -o x build/stages/06-ms-cpio.json; within "$kilobytes" build/stages/06* build/system.cpio
}

@test "10,001 regions are one too many, by name" {
  large 10001 1 0 >system.toml
  run -1 --separate-stderr ms-parse system.toml
  [[ $stderr == *10000* ]] || [[ $stderr == *10,000* ]]
}

@test "63 domains of 100 sources each: planned and hashed" {
  large 0 63 100 >system.toml
  sources 63 100
  peak ms-parse -o 1 system.toml; within "$kilobytes" system.toml
  peak ms-plan -o 2 1; within "$kilobytes" 1
  peak ms-hash --inputs -o 3 2; within "$kilobytes" 2
  [ "$(jq '[.steps[] | select(.kind == "CompilePd") | .commands | length] | add' 3)" -ge $((63 * 102)) ]
  [ -n "${MS_LOAD:-}" ] || return 0
  quick
  peak ms-compile -j1 --launcher "$launcher" -B cold -o 4 3; within "$kilobytes" 3
  ms-build -q -B build system.toml 2>warnings
  ms-build -q -B build system.toml
  stages_within 64
  ms-build verify -B build system.toml >verified
}

@test "12 domains of 100 sources each: every program that reads their documents, in a quarter of the memory" {
  large 0 12 100 >system.toml
  sources 12 100
  quick
  ms-parse system.toml | ms-plan | ms-hash --inputs -o 3
  ms-compile --launcher "$launcher" -B build -o 4 3
  export MS_CC_LAUNCHER=$launcher # it is in the key of what the cache has
  stages_within 16
}

@test "a build of more objects than the cache is used to finds all of them again" {
  [ -n "${MS_LOAD:-}" ] || skip "4,200 sources: make check-load"
  large 0 42 100 >system.toml
  sources 42 100
  quick
  export MS_CC_LAUNCHER=$launcher
  ms-build -q system.toml 2>warnings
  touch 'src/d7/s7.c'
  echo 'int more;' >>src/d7/s7.c
  ms-build --log json system.toml >log 2>>warnings
  [ "$(grep -c '"event":"end".*"status":"done"' log)" -lt 10 ]
}

@test "an archive is streamed: memory does not grow with it" {
  local size=$((64 << 20))
  [ -z "${MS_LOAD:-}" ] || size=$((2 << 30))
  # Not all zeroes, and cheap to make.
  truncate -s "$size" part
  for at in 0 1000000 $((size - 10)); do printf 'content %d' "$at" | dd of=part bs=1 seek="$at" conv=notrunc status=none; done
  truncate -s "$size" part
  peak ms-cpio --pack -o a.cpio part=part small=/etc/os-release
  [ "$kilobytes" -lt 16384 ] || { echo "$kilobytes kB"; false; }
  peak ms-cpio --list -o list a.cpio
  [ "$kilobytes" -lt 16384 ] || { echo "$kilobytes kB"; false; }
  [ "$(jq -r '.entries[0].sha256' list)" = "$(sha256sum <part | cut -d' ' -f1)" ]
  cpio --quiet -i --to-stdout part <a.cpio | cmp - part
}

@test "members past 4 GiB are refused by name, before anything is written" {
  truncate -s 4294967296 huge
  run -1 --separate-stderr ms-cpio --pack -o a.cpio huge=huge
  [[ $stderr == *'member "huge": 4294967296 bytes; the format holds at most 4294967295'* ]]
  [ ! -e a.cpio ]
}
