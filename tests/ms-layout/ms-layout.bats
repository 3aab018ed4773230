#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-layout: pass-through for a PD that is the root task, tables back into documents, refusals.
load ../lib
load ../image

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a PD that is the root task needs neither layout nor kernel" {
  pd hello
  toml hello >system.toml
  compiled system.toml >doc.json
  ms-layout doc.json >out.json
  jq -cS . out.json | cmp - out.json
  [ "$(jq -c .layout out.json)" = '{"root_task":"pd"}' ]
  jq -cS 'del(.layout)' out.json | cmp - doc.json
  ms-layout <doc.json | cmp - out.json
}

@test "a document without artifacts, or with a layout already, is refused" {
  pd hello
  toml hello >system.toml
  ms-parse system.toml | ms-plan | ms-hash >doc.json
  run -1 --separate-stderr ms-layout doc.json
  [[ $stderr == *artifacts* ]]
  compiled system.toml | ms-layout >out.json
  run -1 --separate-stderr ms-layout out.json
  [[ $stderr == *layout* ]]
}

@test "wrong calls" {
  run -2 --separate-stderr ms-layout --decode --kernel x
  [[ $stderr == *"are for documents"* ]]
  run -2 ms-layout a b
  run -2 ms-layout --no-such
  run -3 ms-layout /nonexistent
}

@test "a file that is no table is refused, whatever its bytes" {
  printf 'x' >table
  run -1 --separate-stderr ms-layout --decode table
  [[ $stderr == *"[table]"* ]]
  : >table
  run -1 ms-layout --decode table
  head -c 5000 /dev/urandom >table
  run -1 ms-layout --decode table
}
