#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-build with a system description of Microkit as its specification.
load ../lib
load fakes

setup() {
  unset MS_CC_LAUNCHER MS_KERNEL MAKEFLAGS
  cd "$BATS_TEST_TMPDIR" || exit 1
  fakes import parse plan hash compile layout cpio link
  system >a.system
}

build() { ms-build "${FAKES[@]}" "$@"; }
args() { tr '\n' ' ' <"$1.args"; }

system() {
  printf '<?xml version="1.0"?>\n<system>\n<protection_domain name="a">\n<program_image path="a.elf"/>\n</protection_domain>\n</system>\n'
}

@test "ms-import comes first, gets the specification and the search paths, and its TOML is kept" {
  build -q --search-path bin --search-path=lib -B out a.system
  [ "$(args import)" = "--search-path bin --search-path lib a.system " ]
  [ "$(args parse)" = "--no-warnings " ]
  cmp plan.in out/stages/02-ms-parse.json
  [ -e out/stages/02-ms-parse.json ]
  [ -e out/stages/08-ms-link.json ]
  build -q a.system
  [ -e build/stages/01-ms-import.toml ]
}

@test "XML is known by its name, or by how it begins" {
  for name in b.xml b b.txt; do
    rm -f import.args
    system >"$name"
    build -q "$name"
    [ "$(args import)" = "$name " ]
    [ -e build/stages/01-ms-import.toml ]
  done
  { printf '\xef\xbb\xbf \r\n\t'; system; } >bom
  rm import.args
  build -q bom
  [ -e import.args ]
  rm import.args
  printf 'x = "<"\n' >spec
  system >spec.toml
  for name in spec spec.toml missing; do
    build -q "$name" || :
    [ ! -e import.args ]
    [ ! -e build/stages/01-ms-import.toml ]
    [ "$(args parse)" = "$name " ]
  done
}

@test "wrong calls" {
  echo 'x = 1' >spec.toml
  for verb in build plan validate; do
    run --separate-stderr -2 build "$verb" --search-path x spec.toml
    [[ $stderr == *"--search-path is for a SPEC in XML"* ]]
  done
  run --separate-stderr -2 build --search-path '' a.system
  run --separate-stderr -2 build --filter import=cat spec.toml
  build -q --filter import=cat a.system
  [ -e build/stages/02-cat.json ]
}

@test "plan and validate are the same as the stages by hand" {
  mkdir build
  : >build/a.elf
  ms-import --search-path build a.system | ms-parse | ms-plan | ms-hash >want
  ms-build plan --search-path build a.system | cmp - want
  jq -e '.steps[0].inputs == ["@project/build/a.elf"]' want
  ms-build validate a.system
  sed 's/path/pth/' a.system >wrong.system
  run -1 --separate-stderr ms-build validate wrong.system
  [[ $stderr == *"wrong.system:4:16: error: <program_image> has no attribute 'pth'; did you mean 'path'?"* ]]
  run -1 --separate-stderr ms-build wrong.system
  [[ $stderr == *"wrong.system:4:16: error: "* && $stderr == *"ms-import"* ]]
}
