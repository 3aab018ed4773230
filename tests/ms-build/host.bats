#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Stages in one process (lib/host/drive/host.h) against the same stages as programs: the same
# documents, images, messages and exit codes.
load ../lib

setup() {
  unset MS_CC_LAUNCHER MS_KERNEL MAKEFLAGS
  cd "$BATS_TEST_TMPDIR" || exit 1
  PROGRAMS=()
  for s in parse plan hash compile layout cpio link; do PROGRAMS+=(--stage "$s=$MS_BIN/ms-$s"); done
}

# Twice in the same folder, each time from nothing: the results are what lies in one and two.
both() { # ms-build's words; standard input: in
  local status
  rm -rf b one two
  status=0
  [ -e in ] || : >in
  ms-build -j 1 -B b "$@" <in >out.one 2>err.one || status=$?
  echo "$status" >status.one
  [ ! -e b ] || mv b one
  status=0
  ms-build -j 1 -B b "${PROGRAMS[@]}" "$@" <in >out.two 2>err.two || status=$?
  echo "$status" >status.two
  [ ! -e b ] || mv b two
  # How long it took is another matter.
  sed -i -E 's/[0-9.]+ s\b/N s/g; s/longest .*//' err.one err.two
  # What an earlier build knows is kept where nothing is replaced.
  rm -rf one/cache two/cache
  diff -u status.one status.two && diff -u out.one out.two && diff -u err.one err.two || return 1
  [ -e one ] || [ -e two ] || return 0
  diff -r one two
}

# Every golden case of a stage that was called without options.
cases() { # stage, name of the file
  local case count=0
  for case in "$MS_ROOT/tests/$1"/cases/*/; do
    [ -e "$case/in" ] || continue
    [ ! -s "$case/args" ] || continue
    count=$((count + 1))
    cp "$case/in" "$2"
    both "$2" || { echo "$case"; return 1; }
  done
  [ "$count" -gt 10 ]
}

@test "every case of ms-parse, as a build" {
  cases ms-parse system.toml
}

@test "every case of ms-import, as a build" {
  PROGRAMS+=(--stage "import=$MS_BIN/ms-import")
  cases ms-import big.system
}

@test "whole builds: one domain, a system, a prefill, formats, standard input, plan and dry run" {
  cp -R "$MS_ROOT/examples" .
  hello=examples/hello-world/system.toml
  both $hello
  [ -s one/system-image.bin ]
  cp $hello in
  both -q --format elf --format raw -
  for verb in plan '-n build'; do
    # shellcheck disable=SC2086 # words of a command line
    both $verb $hello
    [ -s out.one ]
  done
  head -c 5000 /dev/zero >zeroes.bin
  printf '[[memory_regions]]\nname = "zeroes"\nsize_bytes = 8192\npermissions = ["read"]\nprefill_from = "zeroes.bin"\n' >>examples/ping-pong/system.toml
  both examples/ping-pong/system.toml
  [ -s one/system-image.bin ]
  [[ $(cat err.one) == *"laid out for the probe kernel"* ]]
}

@test "a compiler's faults and a stage's, in the middle of the line" {
  cp -R "$MS_ROOT/examples" .
  hello=examples/hello-world
  echo 'int wrong(' >>$hello/hello.c
  both $hello/system.toml
  [ "$(cat status.one)" = 1 ]
  cp "$MS_ROOT"/examples/hello-world/hello.c $hello
  both --kernel nowhere $hello/system.toml
  [ "$(cat status.one)" = 1 ]
  both --format fit --fit-key none $hello/system.toml
  [ "$(cat status.one)" != 0 ]
}

@test "only programs of the same build are stood for; any other is started" {
  mkdir programs
  for p in import parse plan hash compile layout cpio link build; do cp "$MS_BIN/ms-$p" programs/; done
  build() { PATH=$PWD/programs:$PATH ms-build plan "$MS_ROOT/examples/hello-world/system.toml"; }
  build >before
  # The same with an entry that leads nowhere: it would crash if it were started.
  printf '\0\0\0\0\0\0\0\0' | dd of=programs/ms-plan bs=1 seek=24 conv=notrunc status=none
  run programs/ms-plan --version
  [ "$status" -gt 1 ]
  build >after
  cmp before after
  cp programs/ms-parse programs/ms-plan
  run ! build
  # A script has no note.
  printf '#!/bin/sh\necho called >&2\nexec "%s" "$@"\n' "$MS_BIN/ms-plan" >programs/ms-plan
  run --separate-stderr -0 build
  [ "$output" = "$(cat before)" ]
  # shellcheck disable=SC2154 # bats sets it
  [ "$stderr" = called ]
}
