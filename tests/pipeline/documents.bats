#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The stages together: by hand and through ms-build, verify, dry runs, filters, streams that fail.
load ../lib

STAGES="ms-parse ms-plan ms-hash ms-compile ms-layout ms-cpio ms-link"

# Everything is compiled once; each test begins with a copy of that project and its build folder,
# where a build finds what it compiles.
setup_file() {
  unset MS_KERNEL
  mkdir -p "$BATS_FILE_TMPDIR/project/examples"
  cd "$BATS_FILE_TMPDIR/project" || exit 1
  cp -R "$MS_ROOT/examples/hello-world" "$MS_ROOT/examples/filters" examples/
  ms-build -q examples/hello-world/system.toml
}

setup() {
  unset MS_KERNEL
  cp -R "$BATS_FILE_TMPDIR/project" "$BATS_TEST_TMPDIR/"
  cd "$BATS_TEST_TMPDIR/project" || exit 1
  spec=examples/hello-world/system.toml
}

# The stages one after the other, each document kept as NAME.json.
by_hand() {
  local before=$spec s
  for s in $STAGES; do
    # shellcheck disable=SC2046 # no word or one
    "$s" $([ "$s" = ms-hash ] && echo --inputs) "$before" >"$s.json" 2>"$s.err" || { cat "$s.err"; return 1; }
    before=$s.json
  done
}

@test "the pipe by hand and ms-build write the same documents" {
  mv build one
  set -o pipefail
  ms-parse "$spec" | ms-plan | ms-hash --inputs | ms-compile | ms-layout | ms-cpio | ms-link >record.json
  cmp record.json one/stages/07-ms-link.json
  cmp one/system-image.bin build/system-image.bin
  by_hand
  i=0
  for s in $STAGES; do
    i=$((i + 1))
    cmp "$s.json" "one/stages/0$i-$s.json"
  done
  cmp one/system-image.bin build/system-image.bin
}

@test "each document holds the one before it, in canonical form" {
  before='{}'
  for f in build/stages/*.json; do
    [ "$(wc -l <"$f")" -eq 1 ]
    jq -cS . "$f" | cmp - "$f"
    if [ "$f" = build/stages/01-ms-parse.json ]; then continue; fi
    if [ "$f" = build/stages/02-ms-plan.json ]; then
      jq -ce --slurpfile s build/stages/01-ms-parse.json '.spec == $s[0]' "$f"
    else
      jq -ce --argjson b "$before" '. as $d | $b | to_entries | all($d[.key] == .value)' "$f"
    fi
    before=$(cat "$f")
  done
}

@test "-o, -B, -j, --kernel and the launcher leave every document as it is" {
  printf '#!/bin/sh\nexec "$@"\n' >launcher
  chmod +x launcher
  mkdir -p deep/er
  ms-build -q -B deep/er/out -o elsewhere.bin -j 1 --launcher ./launcher \
    --kernel build/probe "$spec"
  diff -r build/stages deep/er/out/stages
  cmp build/system-image.bin elsewhere.bin
  [ ! -e deep/er/out/system-image.bin ]
}

@test "a specification on standard input gives the same build" {
  cp -R build/stages before
  rm -r build/stages
  ms-build -q - <"$spec"
  diff -r before build/stages
}

@test "nothing changed: nothing is written again" {
  written() { # but for last-build: on a slow machine it learns that stamps have settled meanwhile
    find build -type f ! -path '*/stages/*' ! -path build/cache/last-build -printf '%p %T@ %i\n' | sort
  }
  ms-build -q "$spec"
  written >before
  ms-build -q "$spec"
  written >after
  diff before after
}

@test "a source that changed changes the image, not the plan" {
  cp -R build old
  sed -i 's/hello from seL4/HELLO from seL4/' examples/hello-world/hello.c
  ms-build -q "$spec"
  cmp old/stages/02-ms-plan.json build/stages/02-ms-plan.json
  cmp <(jq .plan_hash old/stages/03-ms-hash.json) <(jq .plan_hash build/stages/03-ms-hash.json)
  run ! cmp -s old/stages/03-ms-hash.json build/stages/03-ms-hash.json
  run ! cmp -s old/system-image.bin build/system-image.bin
  sed -i 's/HELLO from seL4/hello from seL4/' examples/hello-world/hello.c
  ms-build -q "$spec"
  cmp old/system-image.bin build/system-image.bin
}

@test "verify: a fresh build fits, line by line" {
  ms-build -q "$spec"
  run --separate-stderr -0 ms-build verify "$spec"
  [ -z "$stderr" ]
  [[ $output == *"ok       spec_hash "* ]]
  [[ $output == *"ok       plan_hash "* ]]
  [[ $output == *"ok       artifact build/pd/hello.elf sha256 "* ]]
  [[ $output == *"ok       archive build/system.cpio sha256 "* ]]
  [[ $output == *"ok       image build/system-image.bin sha256 "* ]]
  [ "${lines[-1]}" = "12 checks, no difference" ]
  ms-build -q -o other.bin "$spec"
  ms-build -q verify -o other.bin "$spec"
}

@test "verify: each thing that differs is named" {
  # flip FILE: changes one byte in its middle
  flip() { printf '\377' | dd of="$1" bs=1 seek=$(($(stat -c %s "$1") / 2)) conv=notrunc status=none; }
  for f in system-image.bin system.cpio pd/hello.elf; do
    ms-build -q "$spec"
    flip "build/$f"
    run --separate-stderr -1 ms-build verify "$spec"
    [[ $output == *"DIFFERS  "*" build/$f: sha256 is "* ]]
    [ "${lines[-1]}" = "1 of 12 checks failed" ]
    rm "build/$f"
    run --separate-stderr -1 ms-build verify "$spec"
    [[ $output == *"DIFFERS  "*" build/$f: No such file"* ]]
  done
  ms-build -q "$spec"
  sed 's/priority = 100/priority = 99/' "$spec" >changed.toml
  run --separate-stderr -1 ms-build verify changed.toml
  [[ $output == *"DIFFERS  spec_hash: "* && $output == *"DIFFERS  plan_hash: "* ]]
  sed -i 's/"plan_hash":"./"plan_hash":"x/' build/stages/07-ms-link.json
  run --separate-stderr -1 ms-build verify "$spec"
  [[ $output == *"DIFFERS  document build/stages/07-ms-link.json: does not hold"* ]]
  echo '{' >build/stages/07-ms-link.json
  run --separate-stderr -1 ms-build verify "$spec"
  [[ $output == *"07-ms-link.json: not readable"* ]]
  rm -r build/stages
  run --separate-stderr -1 ms-build verify "$spec"
  [[ $stderr == *"holds no record of a finished build"* ]]
  run --separate-stderr -1 ms-build verify -B nowhere "$spec"
  [[ $stderr == *"holds no record of a finished build"* ]]
}

@test "a dry run prints commands that a shell can run, and runs none" {
  mv build built
  ms-build --dry-run -B "a b" "$spec" >commands
  [ ! -e "a b" ]
  [ ! -e build ]
  grep -q "^# .*ms-parse $spec" commands
  grep -q "'a b/pd/hello.elf'" commands
  # in a folder that has been built, they make the same files again
  cp -R built "a b"
  ms-build -q -B "a b" "$spec"
  find "a b" -name '*.o' -delete -o -name '*.elf' -delete
  sh -e commands
  for f in pd/hello.elf probe/kernel.elf loader/loader.elf; do
    cmp "a b/$f" "built/$f"
  done
}

@test "the example filters: by hand, in a build, and when they find something" {
  set -o pipefail
  PATH="$PWD/examples/filters:$PATH"
  ms-parse "$spec" | stack-budget | cmp - <(ms-parse "$spec")
  ms-parse "$spec" | ms-plan | no-writable-code | cmp - <(ms-parse "$spec" | ms-plan)
  ms-build -q --filter parse=stack-budget --filter plan=no-writable-code "$spec"
  [ -e build/stages/02-stack-budget.json ]
  [ -e build/stages/04-no-writable-code.json ]

  STACK_BUDGET=65535 run --separate-stderr -1 ms-build --filter parse=stack-budget "$spec"
  [[ $stderr == *"stack-budget: error: the stacks take 65536 bytes, the budget is 65535"* ]]
  [[ $stderr == *"filter stack-budget failed (exit 1)"* ]]
  cat "$spec" - >rwx.toml <<'EOT'
[[memory_regions]]
name = "jit"
phys_addr = 0x50000000
size_bytes = 4096
permissions = ["read", "write", "execute"]
EOT
  run --separate-stderr -1 ms-build --filter plan=no-writable-code rwx.toml
  [[ $stderr == *"no-writable-code: error: writable and executable: jit"* ]]
  ms-parse "$spec" | ms-plan | sed 's/"-mgeneral-regs-only",//' >float.json
  run --separate-stderr -1 no-writable-code float.json
  [[ $stderr == *"floating-point registers: hello"* ]]
  run --separate-stderr -1 stack-budget float.json
}

to_full_disk() { "$@" >/dev/full; }
to_nowhere() { "$@" >&-; }
from_nowhere() { "$@" <&-; }
from_flood() { yes '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[' | head -c 1G | "$@"; }

@test "no stage calls a full disk, a closed output or a missing input a success" {
  by_hand
  before=$spec
  for s in $STAGES; do
    run -3 to_full_disk "$s" "$before"
    [[ $output == *"standard output"* ]]
    run -3 to_nowhere "$s" "$before"
    run -3 "$s" -o /dev/full/x "$before"
    run -3 "$s" no-such-file
    run -3 "$s" .
    run --separate-stderr -3 from_nowhere "$s"
    [ -z "$output" ]
    run --separate-stderr -1 "$s" /dev/null
    [ -z "$output" ]
    run -2 "$s" --no-such-option
    run -2 "$s" "$before" "$before"
    before=$s.json
  done
}

@test "a document without end is refused, not swallowed" {
  # ASan's shadow memory needs more than any limit.
  if (ulimit -v 1000000 && ms-parse --version) >/dev/null 2>&1; then ulimit -v 1000000; fi
  for s in $STAGES; do
    run -1 from_flood "$s"
    [[ $output == *"longer than"* || $output == *"error"* ]]
  done
}

@test "documents for another stage are refused by name" {
  by_hand
  run -1 ms-plan ms-plan.json
  [[ $output == *"schema"* ]]
  run -1 ms-hash ms-parse.json
  [[ $output == *"schema"* ]]
  run -1 ms-cpio ms-plan.json
  run -1 ms-link ms-plan.json
  run -1 ms-cpio ms-hash.json
  run -1 ms-link ms-compile.json
  run -1 ms-compile ms-link.json
}
