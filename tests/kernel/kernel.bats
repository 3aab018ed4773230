#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Real seL4 builds (MS_KERNELS, folders joined by ":"): what the library makes of them. The
# library's own cases need no kernel: tests/unit/test-kernel.c.
load ../lib
load ../boot

setup() {
  tool="${MS_UNITS:-$MS_ROOT/build/host/unit}/test-kernel"
  real_kernels
  need_kernels
}

# The flags that a protection domain is compiled with.
target_cc() {
  aarch64-linux-gnu-gcc -O2 -std=gnu11 -Wall -Wextra -Werror -ffreestanding -nostdlib \
    -march=armv8-a -mgeneral-regs-only "$@"
}

@test "every kernel build opens" {
  for k in "${kernels[@]}"; do
    "$tool" open "$k" || { echo "$k"; exit 1; }
  done
}

@test "a kernel's header is the same bytes every time, and from every folder" {
  for k in "${kernels[@]}"; do
    "$tool" header "$k" >"$BATS_TEST_TMPDIR/a"
    (cd "$k" && LC_ALL=C.UTF-8 TZ=Asia/Tokyo "$tool" header .) >"$BATS_TEST_TMPDIR/b"
    cmp "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
  done
}

# The C compiler, not our reader of C, decides here what the kernel's own headers say.
@test "a kernel's numbers are those of its own headers" {
  local compared=0
  for k in "${kernels[@]}"; do
    for inc in "$k/libsel4/include" "$k/include"; do
      [ -e "$inc/sel4/sel4_arch/types_gen.h" ] || continue
      mkdir -p "$BATS_TEST_TMPDIR/ms"
      "$tool" header "$k" >"$BATS_TEST_TMPDIR/ms/kernel.h"
      {
        echo '#include <sel4/sel4.h>'
        echo '#include <ms/kernel.h>'
        "$tool" asserts "$k"
        echo '_Static_assert(MS_OBJECT_BITS_TCB == seL4_TCBBits, "TCB");'
        echo '_Static_assert(MS_OBJECT_BITS_VSPACE == seL4_VSpaceBits, "VSpace");'
        echo '_Static_assert(MS_OBJECT_BITS_NOTIFICATION == seL4_NotificationBits, "ntfn");'
        echo '_Static_assert(MS_KERNEL_USER_TOP - 1 == seL4_UserTop, "user top");'
      } >"$BATS_TEST_TMPDIR/numbers.c"
      target_cc -w -fsyntax-only -isystem "$inc" -I "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/numbers.c" || {
        echo "$k"
        exit 1
      }
      [ "$(grep -c _Static_assert "$BATS_TEST_TMPDIR/numbers.c")" -gt 80 ]
      compared=$((compared + 1))
    done
  done
  [ "$compared" -gt 0 ] || skip "none of the builds brings libsel4's headers"
}

@test "one wrong number in a kernel's own header is found" {
  local tried=0
  for k in "${kernels[@]}"; do
    [ -e "$k/include/sel4/syscall.h" ] || [ -e "$k/libsel4/include/sel4/syscall.h" ] || continue
    cp -R "$k" "$BATS_TEST_TMPDIR/copy"
    h=$(find "$BATS_TEST_TMPDIR/copy" -path '*sel4/syscall.h' | head -1)
    chmod u+w "$h"
    sed -i 's/\(seL4_SysYield = \)-[0-9]*/\1-77/' "$h"
    run "$tool" open "$BATS_TEST_TMPDIR/copy"
    rm -rf "$BATS_TEST_TMPDIR/copy"
    [ "$status" -eq 1 ]
    [[ $output == *"seL4_SysYield is -"*" by the configuration, but -77 in the build's headers"* ]]
    tried=$((tried + 1))
    [ "$tried" -lt 3 ] || break
  done
  [ "$tried" -gt 0 ] || skip "none of the builds brings libsel4's headers"
}
