#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# lib/board/sel4 and the programs that use it compile with the header of every kernel: ten
# made-up configurations always, real builds where MS_KERNELS names them.
load ../lib
load ../boot

setup() {
  tool="${MS_UNITS:-$MS_ROOT/build/host/unit}/test-kernel"
  cd "$BATS_TEST_TMPDIR" || exit 1
  "$tool" fixtures fixtures
  real_kernels
  kernels+=(fixtures/*)
}

# each COMMAND...: runs it once per kernel, with its header at inc/ms/kernel.h.
each() {
  local k
  mkdir -p inc/ms
  for k in "${kernels[@]}"; do
    "$tool" header "$k" >inc/ms/kernel.h
    "$@" || { echo "$k"; return 1; }
  done
}

strict=(-std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wundef -Wcast-align -Wcast-qual
  -Wstrict-prototypes -Wmissing-prototypes -Werror -ffreestanding -fkeep-inline-functions)

@test "every system call and invocation compiles warning-free for the board" {
  echo '#include <ms/sel4.h>' >all.c
  for o in -O0 -O2; do
    each aarch64-linux-gnu-gcc "${strict[@]}" "$o" -march=armv8-a -mgeneral-regs-only \
      -I inc -I "$MS_ROOT/lib/board/sel4" -c -o all.o all.c
    # Nothing of a C library is called, whatever the compiler makes of it.
    run aarch64-linux-gnu-nm -u all.o
    [ -z "$output" ]
  done
}

@test "each header stands alone" {
  for h in "$MS_ROOT"/lib/board/sel4/ms/*.h; do
    echo "#include <ms/${h##*/}>" >one.c
    each aarch64-linux-gnu-gcc "${strict[@]}" -I inc -I "$MS_ROOT/lib/board/sel4" -c -o one.o one.c
  done
}

@test "messages, boot information and invocations also compile on the host" {
  printf '#include <ms/%s.h>\n' bootinfo fault invoke message >host.c
  each "${CC:-gcc}" "${strict[@]}" -I inc -I "$MS_ROOT/lib/board/sel4" -c -o host.o host.c
}

@test "a debug call is not declared for a release kernel" {
  cat >put.c <<'C'
#include <ms/sel4.h>
void put(void);
void put(void) { sel4_debug_put_char('x'); }
C
  kernels=(fixtures/A)
  each aarch64-linux-gnu-gcc -ffreestanding -I inc -I "$MS_ROOT/lib/board/sel4" -c -o put.o put.c
  kernels=(fixtures/J)
  run each aarch64-linux-gnu-gcc -ffreestanding -Werror -I inc -I "$MS_ROOT/lib/board/sel4" -c -o put.o put.c
  [ "$status" -ne 0 ]
  [[ $output == *sel4_debug_put_char* ]]
}

@test "hello-world compiles for every kernel, silent on a release kernel" {
  local flags=(-O2 -nostdlib -nostartfiles -ffreestanding -static -no-pie -march=armv8-a
    -mgeneral-regs-only -Wall -Wextra -Werror -DMS_STACK_BYTES=65536)
  each aarch64-linux-gnu-gcc "${flags[@]}" -I inc -I "$MS_ROOT/lib/board/sel4" -o hello.elf \
    -Wl,--fatal-warnings "$MS_ROOT/examples/hello-world/hello.c"
  kernels=(fixtures/J)
  each aarch64-linux-gnu-gcc "${flags[@]}" -I inc -I "$MS_ROOT/lib/board/sel4" -o hello.elf \
    "$MS_ROOT/examples/hello-world/hello.c"
  run ! grep -q 'hello from seL4' hello.elf
}

# literal N PAGE: the text of a page's N-th literal display.
literal() {
  awk -v n="$1" '/^\.Bd -literal/ { i++; on = i == n; next } /^\.Ed/ { on = 0 } on' "$2"
}

@test "the examples of moonshot-kernel(5) are a kernel folder" {
  local page="$MS_ROOT/man/moonshot-kernel.5"
  literal 1 "$page" >fixtures/A/gen_config.json
  literal 2 "$page" >fixtures/A/platform_gen.yaml
  "$tool" open fixtures/A
  [ "$("$tool" record fixtures/A | jq -r '.memory[0].end')" = 0x80000000 ]
  # What the page shows is the least: without any one line the folder is refused.
  for key in $(jq -r 'del(.PRINTING, .DEBUG_BUILD) | keys[]' fixtures/A/gen_config.json); do
    literal 1 "$page" | jq "del(.$key)" >fixtures/A/gen_config.json
    run "$tool" open fixtures/A
    [ "$status" -eq 1 ] || { echo "accepted without $key"; return 1; }
  done
}

@test "moonshot-kernel(5) names every macro of the configuration and every key of the record" {
  local page="$MS_ROOT/man/moonshot-kernel.5"
  for name in $("$tool" header fixtures/A | sed -n 's/^#define MS_KERNEL_\([A-Z_0-9]*\) .*/\1/p'); do
    grep -qE "^\.Dv .*\b$name\b" "$page" || { echo "MS_KERNEL_$name"; return 1; }
  done
  for key in $("$tool" record fixtures/A | jq -r 'keys[]'); do
    grep -qE "^\.It Li .*\b$key\b" "$page" || { echo "$key"; return 1; }
  done
}

# The probe kernel has no header to read its numbers from: it is a kernel. What it says about
# itself in its folder must be what it does.
@test "the probe kernel serves the numbers that its configuration gives" {
  local probe="$MS_ROOT/lib/board/probe" tried=0
  cp "$probe/gen_config.json" "$probe/platform_gen.json" fixtures/A/
  "$tool" header fixtures/A >probe.h
  grep -qx '#define MS_KERNEL_PROBE 1' probe.h
  while read -r name number; do
    grep -qxE "#define MS_$name +$number" probe.h || { echo "$name is $number in user.c"; return 1; }
    tried=$((tried + 1))
  done < <(sed -nE 's/^#define ((SYS|LABEL)_[A-Z_]+) +(\(-[0-9]+\)|[0-9]+)$/\1 \3/p' "$probe/user.c" |
    sed 's/[()]/\\&/g')
  [ "$tried" -ge 5 ]
}
