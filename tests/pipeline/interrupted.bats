#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Builds that are interrupted, and builds that meet: nothing half-written, and the next run succeeds.
load ../lib

setup_file() {
  cd "$BATS_FILE_TMPDIR" || exit 1
  unset MS_KERNEL
  cp "$MS_ROOT/examples/hello-world/hello.c" .
  for n in 1 2; do
    printf '[[protection_domains]]\nname = "hello"\nbinary = "hello.c"\npriority = %d\n' "$n" >"$n.toml"
  done
  ms-build -q -B golden 1.toml
}

# The kernel is there already: half the compiling, for builds that are many.
setup() {
  cd "$BATS_FILE_TMPDIR" || exit 1
  rm -rf b
  export MS_KERNEL=$PWD/golden/probe
}

# Every file under a final name in folder $1 is whole: it is what the golden build has. Files that
# only cache something for the next build are judged by what that build makes of them.
whole() {
  local f
  for f in "$1"/system-image.bin "$1"/system.cpio "$1"/pd/*.elf "$1"/pd/*.o "$1"/stages/*.json; do
    [ -e "$f" ] || continue
    cmp "$f" "golden/${f#"$1"/}" || return 1
  done
}

# interrupt SIGNAL TARGET DELAY: starts a build in a session of its own and ends it.
interrupt() {
  setsid env --default-signal=INT ms-build -q -B b 1.toml 2>/dev/null 3>&- &
  local driver=$!
  sleep "$3"
  kill "-$1" -- "$2$driver" 2>/dev/null || :
  wait "$driver" || :
  # Those of its children that are still on their way out.
  for _ in $(seq 500); do
    pgrep -s "$driver" >/dev/null || break
    sleep 0.02
  done
}

@test "killed at any moment: nothing half-written, and the next run succeeds" {
  for i in 0 1 2 3 4 5 6; do
    rm -rf b
    interrupt KILL "" "0.$(printf %02d $((i * 8)))"
    whole b
    ms-build -q -B b 1.toml
    whole b
    cmp b/system-image.bin golden/system-image.bin
  done
}

@test "the whole group killed at once" {
  for i in 1 5 9; do
    rm -rf b
    interrupt KILL - "0.$(printf %02d $((i * 5)))"
    whole b
    ms-build -q -B b 1.toml
    cmp b/system-image.bin golden/system-image.bin
  done
}

@test "Ctrl-C at any moment: no temporary file is left either" {
  for i in 0 2 4 6 8; do
    rm -rf b
    interrupt INT - "0.$(printf %02d $((i * 5)))"
    whole b
    [ ! -d b ] || [ -z "$(find b -name '*.tmp*' -o -name '.*.[0-9a-f]*')" ] || { find b; false; }
    ms-build -q -B b 1.toml
    cmp b/system-image.bin golden/system-image.bin
  done
}

@test "two builds of one system in one folder at once" {
  for _ in 1 2; do
    rm -rf b
    ms-build -q -B b 1.toml 2>/dev/null 3>&- &
    one=$!
    ms-build -q -B b 1.toml 2>/dev/null 3>&- &
    two=$!
    wait "$one"
    wait "$two"
    whole b
    cmp b/system-image.bin golden/system-image.bin
  done
}

@test "two builds of different systems in one folder at once: record and image belong together" {
  for _ in 1 2; do
    rm -rf b
    ms-build -q -B b 1.toml 2>/dev/null 3>&- &
    one=$!
    ms-build -q -B b 2.toml 2>/dev/null 3>&- &
    two=$!
    wait "$one"
    wait "$two"
    fits=0
    if ms-build verify -B b 1.toml >first; then fits=$((fits + 1)); fi
    if ms-build verify -B b 2.toml >second; then fits=$((fits + 1)); fi
    [ "$fits" -eq 1 ] || { cat first second; false; }
  done
}

@test "two pipes without ms-build in one folder at once" {
  pipe() {
    set -o pipefail
    ms-parse 1.toml | ms-plan | ms-hash --inputs | ms-compile -B b | ms-layout -B b | ms-cpio -B b | ms-link -B b
  }
  for _ in 1 2; do
    rm -rf b
    pipe >one.json 2>/dev/null 3>&- &
    one=$!
    pipe >two.json 2>/dev/null 3>&- &
    two=$!
    wait "$one"
    wait "$two"
    cmp one.json two.json
    cmp one.json golden/stages/07-ms-link.json
    whole b
  done
}
