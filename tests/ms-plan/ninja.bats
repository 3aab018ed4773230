#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-plan --format ninja: ninja builds the image that ms-build does, and no more than it must.
load ../lib
load ../boot

setup() {
  real_kernels
  unset SOURCE_DATE_EPOCH MS_CC_LAUNCHER
  cp -R "$MS_ROOT/examples" "$BATS_TEST_TMPDIR/"
  cd "$BATS_TEST_TMPDIR" || exit 1
  spec=examples/ping-pong/system.toml
}

need_ninja() { command -v ninja >/dev/null || skip "no ninja (Debian's package ninja-build)"; }

# plan OPTION...: build.ninja for $spec, its build folder is far.
plan() { ms-parse --no-warnings "$spec" | ms-plan --format ninja --spec "$spec" -B far "$@" -o build.ninja; }

same() {
  ms-build -q -B near "$@" "$spec" 2>/dev/null
  cmp near/system-image.bin far/system-image.bin
  for f in near/stages/*.json; do cmp "$f" "far/stages/${f##*/}"; done
}

# edges: what ninja has to do, a line each; nothing is left to do after that.
edges() { ninja -v -j 2 >log 2>&1 || { cat log; return 1; }; grep -E '^\[' log | cut -d' ' -f2-; }

@test "image and every document are those of ms-build; then nothing is compiled again" {
  need_ninja
  plan
  edges >first
  same
  [ "$(grep -c -- ' -c ' first)" -gt 40 ]
  edges >second
  # asked each time: the inputs' digests, the kernel's header, and what came of the objects
  run ! grep -vE '/ms-(hash|compile) ' second
  [ "$(wc -l <second)" = 3 ]
}

@test "a source, a header, the specification: what hangs on it is made anew" {
  need_ninja
  plan
  edges >first
  sed -i 's/#define ADDED   17/#define ADDED   18/' examples/ping-pong/p?ng.c
  edges >later
  [ "$(grep -c -- ' -c ' later)" = 2 ]
  same
  echo '/* more */' >>examples/common/clock.h
  echo '#define MORE 1' >>examples/common/console.h
  edges >later
  [ "$(grep -c -- ' -c ' later)" = 2 ] # ping.c and console.c
  same
  sed -i 's/^priority = 200/priority = 201/' "$spec"
  edges >later
  grep -q 'ms-plan --format ninja' later
  [ "$(grep -c -- ' -c ' later)" = 0 ]
  same
  sed -i 's/^binary = "examples\/ping-pong\/pong.c"/&\ndefines = ["MORE=2"]/' "$spec"
  edges >later
  [ "$(grep -c -- ' -c ' later)" = 1 ]
  same
}

@test "a kernel is named in the file, or by the environment, and another one is noticed" {
  need_ninja
  need_kernels
  plan --kernel "${kernels[0]}"
  edges >first
  same --kernel "${kernels[0]}"
  plan
  for k in "${kernels[@]}"; do
    export MS_KERNEL=$k
    edges >later
    same
  done
}

@test "a compile that fails fails with its words; a mended one goes on" {
  need_ninja
  plan
  cp examples/ping-pong/pong.c good.c
  echo 'int broken(void) { return nothing; }' >>examples/ping-pong/pong.c
  run ninja -j 2
  [ "$status" -eq 1 ]
  [[ $output == *"'nothing' undeclared"* ]]
  [ ! -e far/system-image.bin ]
  cp good.c examples/ping-pong/pong.c
  edges >later
  same
}

@test "a launcher stands before each compiler; names with blanks; one domain alone" {
  need_ninja
  printf '#!/bin/sh\necho "$1" >>%q\nexec "$@"\n' "$PWD/log of launcher" >launch
  chmod +x launch
  spec=examples/hello-world/system.toml
  mkdir 'a $b: c'
  mv examples 'a $b: c'
  mv launch 'a $b: c'
  cd 'a $b: c'
  plan --launcher ./launch
  edges >first
  same
  [ "$(sort -u '../log of launcher')" = aarch64-linux-gnu-gcc ]
  [ "$(wc -l <'../log of launcher')" -ge 15 ]
}

@test "what was taken from another build does not enter the cache" {
  need_ninja
  spec=examples/hello-world/system.toml
  plan
  edges >first
  echo 'nonsense' >far/pd/hello.o
  ms-build -q -B far "$spec" 2>/dev/null
  same
}

@test "the same file each time; it needs no ninja, no kernel and no compiler to be written" {
  ms-parse --no-warnings "$spec" >s.json
  PATH=$MS_BIN ms-plan --format ninja --spec "$spec" s.json >one
  PATH=$MS_BIN ms-plan --format ninja --spec "$spec" s.json >two
  cmp one two
  # without -o its own name is not known
  run ! grep -q generator one
}

@test "calls that are wrong" {
  ms-parse --no-warnings "$spec" >s.json
  run -2 ms-plan --format ninja s.json
  [[ $output == *"needs --spec"* ]]
  run -2 ms-plan --kernel x s.json
  run -2 ms-plan -B x s.json
  run -2 ms-plan --format make s.json
  run -2 ms-plan --format ninja --spec $'a\nb' s.json
  ms-plan s.json >p.json
  run -2 ms-compile --built --hermetic p.json
  run -2 ms-link --built --hermetic p.json
  run -2 ms-compile --prepare -o x p.json
}
