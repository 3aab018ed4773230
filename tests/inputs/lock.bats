#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# moonshot.lock: written, held to, and refused.
load ../lib
load project

setup_file() {
  built_once
  (cd built && ms-build -q lock system.toml)
}
setup() { copied; }

# The build is refused, and leaves image and documents as they were.
refused() {
  cp build/system-image.bin before.bin
  rm -rf before.stages; cp -R build/stages before.stages
  run -1 ms-build --locked "$@" system.toml
  cmp before.bin build/system-image.bin
  diff -r before.stages build/stages
}

@test "the lock: canonical TOML of all inputs, the same in another folder" {
  [ "$(grep -c '^\[\[inputs\]\]$' moonshot.lock)" = "$(inputs | wc -l)" ]
  [ "$(sed -n 's/^inputs_hash = "\(.*\)"/\1/p' moonshot.lock)" = "$(record -r .inputs_hash)" ]
  cmp <(sed -n 's/^path = "\(.*\)"/\1/p' moonshot.lock) <(inputs | cut -d' ' -f2-)
  project "$BATS_TEST_TMPDIR/other"
  cd "$BATS_TEST_TMPDIR/other"
  run --separate-stderr -0 ms-build lock -B out -o my.lock system.toml
  [ "${lines[0]}" = "lock       my.lock ($(grep -c '^\[\[' my.lock) inputs)" ]
  cmp my.lock ../project/moonshot.lock
  [ -e out/system-image.bin ]
}

@test "it lies beside the specification" {
  mkdir specs
  cp system.toml specs/
  ms-build -q lock specs/system.toml
  cmp specs/moonshot.lock moonshot.lock
  ms-build -q --locked specs/system.toml
  rm specs/moonshot.lock
  run -1 ms-build --locked specs/system.toml
  [[ $output == *"there is no lock specs/moonshot.lock (ms-build lock makes one) [lock]"* ]]
  ms-build -q --locked --lock-file moonshot.lock specs/system.toml
}

@test "nothing changed: built, and the second time nothing is started" {
  ms-build -q --locked system.toml
  cp build/system-image.bin before
  run -0 ms-build --locked system.toml
  cmp before build/system-image.bin
  rm -r build
  ms-build -q --locked system.toml
  cmp before build/system-image.bin
}

@test "a changed lock counts although nothing else changed" {
  ms-build -q --locked system.toml
  sed -i 's/^size = .*/size = 1/' moonshot.lock
  run -1 ms-build --locked system.toml
  [[ $output == *"inputs_hash does not fit"* ]]
}

@test "every difference is told: changed, added, removed" {
  echo '#define VALUE 4' >include/value.h
  echo 'b prefill' >table.bin
  echo '#define NEW 1' >src/new.h
  sed -i 's/#include "hello.h"/#include "new.h"\n#define HELLO 2/' src/hello.c
  refused
  [[ $output == *"changed: include/value.h (header): the lock has sha256 "*"the build read $(sha256sum include/value.h | cut -d' ' -f1) [locked]"* ]]
  [[ $output == *"changed: src/hello.c (source)"* ]]
  [[ $output == *"changed: table.bin (prefill)"* ]]
  [[ $output == *"added: src/new.h (header): the lock does not have it; sha256 is $(sha256sum src/new.h | cut -d' ' -f1) [locked]"* ]]
  [[ $output == *"removed: src/hello.h (header): the lock has it, this build did not read it [locked]"* ]]
  [[ $output == *"5 differences to moonshot.lock; if they are meant, ms-build lock makes a new one"* ]]
  ms-build -q lock system.toml
  ms-build -q --locked system.toml
}

@test "a comment is a change, and changed back it is none" {
  sed -i '1i // a comment' src/hello.c
  refused
  [[ $output == *"1 difference to moonshot.lock"* ]]
  sed -i 1d src/hello.c
  ms-build -q --locked system.toml
}

@test "another kernel: said so, before anything is compiled" {
  mkdir kernel
  cp build/probe/* kernel 2>/dev/null || :
  aarch64-linux-gnu-objcopy --add-section .extra=table.bin build/probe/kernel.elf kernel/kernel.elf
  cp src/hello.c broken
  echo 'this does not compile' >>src/hello.c
  refused --kernel kernel
  [[ $output == *"the lock was made with another kernel: probe for qemu-arm-virt with sha256 $(sha256sum build/probe/kernel.elf | cut -d' ' -f1); the one at hand has sha256 $(sha256sum kernel/kernel.elf | cut -d' ' -f1)"* ]]
  [[ $output == *"changed: @kernel/kernel.elf (kernel)"* ]]
  run ! grep -F 'hello.c:' <<<"$output"
}

@test "another system is told as that, and not as a hundred differences" {
  sed -i 's/priority = 100/priority = 101/' system.toml
  refused
  [[ $output == *"another system: the lock has spec_hash "* ]]
  [[ $output == *"1 difference to moonshot.lock"* ]]
}

@test "another compiler, with its version" {
  wrapper </dev/null
  refused
  [[ $output == *"changed: @toolchain/aarch64-linux-gnu-gcc (tool): the lock has sha256"* ]]
  # shellcheck disable=SC2016
  sed -i '2i case "$1" in --version) echo "my gcc 99"; exit ;; esac' "$BATS_TEST_TMPDIR/tools/aarch64-linux-gnu-gcc"
  refused
  [[ $output == *"changed: @toolchain/cc1 (tool): the lock has aarch64-linux-gnu-gcc ("*" with sha256 "*", the build my gcc 99 with "* ]]
}

@test "another toolkit" {
  cp -R "$MS_TOOLKIT" toolkit
  export MS_TOOLKIT="$PWD/toolkit"
  ms-build -q --locked system.toml
  echo '/* more */' >>toolkit/board/rt/rt.h
  refused
  [[ $output == *"changed: @toolkit/board/rt/rt.h (board)"* ]]
}

@test "a stage that knows nothing of locks does not get round one" {
  echo '// more' >>src/hello.c
  # shellcheck disable=SC2238
  printf '#!/bin/bash\nargs=()\nwhile [ $# -gt 0 ]; do case $1 in --lock) shift ;; *) args+=("$1") ;; esac; shift; done\nexec ms-link "${args[@]}"\n' >link
  chmod +x link
  run -1 ms-build --locked --stage link=./link system.toml
  [[ $output == *"changed: src/hello.c (source)"* ]]
}

@test "locks that are none" {
  good=$(cat moonshot.lock)
  while IFS='|' read -r edit want; do
    sed "$edit" <<<"$good" >moonshot.lock
    run -1 ms-build -q --locked system.toml
    [[ $output == *"$want"* ]] || { echo "$edit: $output"; exit 1; }
  done <<'END'
1,$d|no lock of schema
s/^schema.*/schema = "moonshot-lock\/2"/|no lock of schema moonshot-lock/1
/^schema/d|no lock of schema
/^spec_hash/d|the key "spec_hash" is missing
s/^spec_hash.*/spec_hash = "x"/|$.spec_hash
s/^spec_hash.*/spec_hash = 7/|$.spec_hash
s/^plan_hash/more = 1\nplan_hash/|unknown key "more"
s/^plan_hash/spec_hash = "x"\nplan_hash/|[toml]
0,/^size = .*/s//size = -1/|$.inputs[0].size
0,/^size = .*/s//size = 9223372036854775807/|the integer is beyond 2^53-1
0,/^size = .*/s//size = 1.5/|[toml]
0,/^kind = "kernel"/s//kind = "kernal"/|$.inputs[0].kind: unknown value
s/^kind = "tool"/kind = "toll"/|unknown value "toll"
s/^kind = "tool"/kind = "tool\\u0000"/|the string is no text
s/^\[kernel\]/[kernels]/|unknown key "kernels"
$a[[inputs]]|$.inputs
$a[[[|[toml]
0,/^sha256 = "\(.\)/s//sha256 = "\1\1/|$.kernel.sha256
s/^path = "@kernel\/kernel.dtb"/path = "@kernel\/kernel.elf"/|not sorted by path, each once
s/^size = 5/size = 6/|inputs_hash does not fit
END
  printf 'a = "\377"\n' >moonshot.lock
  run -1 ms-build -q --locked system.toml
  [[ $output == *"moonshot.lock:1:"*"[toml]"* ]]
  head -c 2000000 /dev/zero | tr '\0' '#' >moonshot.lock
  run -1 ms-build -q --locked system.toml
  [[ $output == *"moonshot.lock"* ]]
  rm moonshot.lock
  mkdir moonshot.lock
  run -3 ms-build -q --locked system.toml
}

@test "wrong calls" {
  while read -r words; do
    # shellcheck disable=SC2086 # words of a command line
    run -2 ms-build $words
  done <<'END'
plan --locked system.toml
validate --locked system.toml
verify --locked system.toml
lock --locked system.toml
build --lock-file x system.toml
lock --lock-file x -o y system.toml
--locked --lock-file= system.toml
END
}

@test "the page's example is a lock" {
  awk '/^\.\\" example: lock/ { on = 1; next } on && /^\.Bd/ { text = 1; next } /^\.Ed/ { text = 0; on = 0 } text' \
    "$MS_ROOT/man/moonshot-lock.5" >moonshot.lock
  run -1 ms-build --locked system.toml
  [[ $output == *"another system: the lock has spec_hash d6e84108"* ]]
  cmp <(sed -n 's/^\([a-z0-9_]*\) = .*/\1/p' moonshot.lock | sort -u) \
    <(sed -n '/^\.Ss/,/^\.Sh FILES/s/^\.It Cm \([a-z0-9_]*\)$/\1/p' "$MS_ROOT/man/moonshot-lock.5" | sort -u | grep -vx 'board\|kernel\|inputs')
}
