#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-build debug: gdb on the probe kernel, and on each real seL4 build that MS_KERNELS names
# (folders joined by ":"). Whoever has no gdb-multiarch passes over what needs it.
load ../lib
load ../boot

setup() {
  real_kernels
  unset MICROKIT_SDK
  cp -R "$MS_ROOT/examples" "$BATS_TEST_TMPDIR/"
  cd "$BATS_TEST_TMPDIR" || exit 1
  export TMPDIR=$BATS_TEST_TMPDIR/tmp
  mkdir tmp
}

need_gdb() { command -v gdb-multiarch >/dev/null || skip "no gdb-multiarch (Debian's package of that name)"; }

# debug [OPTION...] SPEC GDB-COMMAND...: what gdb and the console said, without carriage returns.
debug() {
  local words=() commands=(-nx -batch)
  while [[ $1 != *.toml ]]; do words+=("$1"); shift; done
  words+=("$1")
  shift
  for c in "$@"; do commands+=(-ex "$c"); done
  timeout -k 5 120 ms-build -q debug "${words[@]}" -- "${commands[@]}" </dev/null >out 2>&1 || {
    echo "exit $?"
    cat out
    return 1
  }
  tr -d '\r' <out >console
}

# symbol FILE NAME: its address, as gdb prints it.
symbol() { printf '0x%x' "0x$(aarch64-linux-gnu-nm "$1" | awk -v n="$2" '$3 == n { print $1 }')"; }

@test "a breakpoint in the only protection domain, on the probe kernel" {
  need_gdb
  debug examples/hello-world/system.toml 'break-in hello hello' continue 'printf "at %#lx\n", $pc' 'info symbol $pc'
  grep -qxF "at $(symbol build/pd/hello.elf hello)" console
  grep -qF 'hello in section .text' console
  # it stopped there: nothing was printed before, all of it when gdb had let go
  [ "$(grep -n '^at 0x' console | cut -d: -f1)" -gt "$(grep -nF 'entering the root task' console | cut -d: -f1)" ]
  [ -z "$(ls tmp)" ]
}

@test "loader and probe kernel are known by name, at their addresses" {
  need_gdb
  debug examples/hello-world/system.toml 'hbreak probe_main' 'info symbol $pc' continue 'info symbol $pc' 'backtrace 1'
  grep -qE '^_start in section' console
  grep -qE '^probe_main(\+[0-9]+)? in section' console
}

@test "a breakpoint in a domain's init is hit by that domain alone, on real kernels" {
  need_gdb
  need_kernels
  for k in "${kernels[@]}"; do
    echo "# $k"
    debug --kernel "$k" examples/ping-pong/system.toml 'break-in ping init' 'break-in-root kernel_invoke' \
      continue 'info symbol $pc' 'delete 2' continue 'printf "at %#lx\n", $pc' 'info symbol $pc' which-pd \
      'break-in pong notified' continue 'printf "at %#lx\n", $pc' which-pd
    # Both have an init, at the same address; pong's is run first, as its priority is higher.
    [ "$(symbol build/pd/ping.elf init)" = "$(symbol build/pd/pong.elf init)" ]
    grep -E '^(at |[a-z_]+ in section|address space: (ping|pong))' console |
      sed 's/ in section.*//' | uniq | diff - <(printf '%s\n' kernel_invoke 'address space: ping' \
        "at $(symbol build/pd/ping.elf init)" init 'address space: ping' 'address space: pong' \
        "at $(symbol build/pd/pong.elf notified)" 'address space: pong')
  done
}

@test "source lines of a ready-made program with debug information" {
  need_gdb
  cp examples/hello-world/hello.c .
  ms-build -q examples/hello-world/system.toml
  flags=$(jq -r '.steps[0].commands[0] | map(select(startswith("-f") or startswith("-m"))) | .[]' \
    build/stages/02-ms-plan.json | grep -v prefix-map)
  # shellcheck disable=SC2086
  aarch64-linux-gnu-gcc -g -O0 -static -nostdlib -no-pie $flags -I build/kernel/include -I "$MS_TOOLKIT/board/sel4" \
    -DMS_STACK_BYTES=65536 -Wl,--build-id=none -o ready.elf hello.c
  printf '[[protection_domains]]\nname = "my-pd.1"\nbinary = "ready.elf"\npriority = 100\n' >system.toml
  line=$(grep -n 'print("hello from' hello.c | cut -d: -f1)
  debug system.toml "break-in my-pd.1 hello.c:$line" continue 'info source'
  grep -qF "hello.c:$line" console
  grep -qF 'Current source file is hello.c' console
}

@test "names of folders that gdb would split" {
  need_gdb
  debug -B "a b'c\"" examples/hello-world/system.toml 'info symbol hello' 'pd hello' 'info symbol hello'
  grep -qF 'hello in section .text' console
}

@test "--no-gdb starts QEMU alone and says how gdb is called; nothing runs before gdb lets it" {
  run --separate-stderr -124 ms-build debug --no-gdb --timeout 1 examples/hello-world/system.toml </dev/null
  [ -z "$output" ]
  [[ $stderr == *"gdb        gdb-multiarch -q -x build/debug.gdb -ex 'target remote $TMPDIR/ms-debug."*"/gdb'"* ]]
  [ -z "$(ls tmp)" ]
  # the same script each time
  cp build/debug.gdb first
  run -124 ms-build debug --no-gdb --timeout 1 --gdb-port 1 examples/hello-world/system.toml </dev/null ||
    [[ $output == *"Address already in use"* || $output == *"Permission denied"* ]]
  cmp first build/debug.gdb
}

@test "a missing gdb is said, with its package; gdb's failure is ours" {
  mkdir path
  ln -s "$(command -v qemu-system-aarch64)" "$(dirname "$(command -v aarch64-linux-gnu-gcc)")"/aarch64-linux-gnu-* path/
  ms-build -q examples/hello-world/system.toml
  run --separate-stderr -3 env PATH="$PWD/path" "$(command -v ms-build)" -q debug examples/hello-world/system.toml
  [[ $stderr == *"no program gdb-multiarch"*"--no-gdb"* ]]
  printf '#!/bin/sh\nexit 7\n' >path/gdb-multiarch
  chmod +x path/gdb-multiarch
  PATH="$PWD/path:$PATH" run --separate-stderr -3 ms-build -q debug examples/hello-world/system.toml
  [[ $stderr == *"gdb failed (exit 7)"* ]]
  [ -z "$(ls tmp)" ]
}

@test "options that belong to debug, and those that do not" {
  run -2 ms-build --no-gdb examples/hello-world/system.toml
  [[ $output == *"belong to the verb debug"* ]]
  run -2 ms-build run --gdb-port 1234 examples/hello-world/system.toml
  run -2 ms-build debug --gdb-port 0 examples/hello-world/system.toml
  run -2 ms-build debug --expect x examples/hello-world/system.toml
  run -2 ms-build debug --dry-run examples/hello-world/system.toml
}
