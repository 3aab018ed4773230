#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# lib/board/sel4 on real kernels: the root task of tests/boot/sel4 makes objects, maps memory,
# starts a thread, talks to it and takes its fault, and says what came of it.
load ../lib
load ../boot

@test "system calls and invocations do on real kernels what they say" {
  real_kernels
  need_kernels
  cp -R "$MS_ROOT/tests/boot/sel4" "$BATS_TEST_TMPDIR/sel4"
  cd "$BATS_TEST_TMPDIR/sel4"
  local tried=0
  for k in "${kernels[@]}"; do
    ms-build -q --kernel "$k" system.toml
    [ "$(jq -r .archive.kernel.printing build/stages/*-ms-cpio.json)" = true ] || continue
    run ms-build -q run --expect '^sel4: (passed|FAILED)' --timeout 60 --kernel "$k" system.toml </dev/null
    if [ "$status" -ne 0 ] || [[ $output != *'sel4: passed'* ]] || [[ $output == *'NOT OK'* ]]; then
      echo "$k"
      echo "$output"
      return 1
    fi
    tried=$((tried + 1))
  done
  [ "$tried" -gt 0 ] || skip "none of the builds prints"
}

# The guest of examples/virtual-machine calls its hypervisor instead of firmware, which seL4 hands to
# the monitor as an unknown system call.
@test "started in EL3, a guest's HVC reaches its monitor" {
  real_kernels
  need_kernels
  cp -R "$MS_ROOT/examples" "$BATS_TEST_TMPDIR"
  cd "$BATS_TEST_TMPDIR"
  local k tried=0
  sed -i 's/smc\t#0/hvc\t#0/' examples/virtual-machine/guest.S
  [ "$(grep -c 'hvc	#0' examples/virtual-machine/guest.S)" = 1 ]
  sed -i 's/case seL4_Fault_VCPUFault:/case seL4_Fault_UnknownSyscall: say("vmm: HVC\\n"); return seL4_False;\n&/' \
    examples/virtual-machine/vmm.c
  examples/virtual-machine/make-guest
  for k in "${kernels[@]}"; do
    ms-build -q --kernel "$k" examples/hello-world/system.toml
    jq -e '.archive.kernel | .hypervisor and .mcs and .printing and .platform == "qemu-arm-virt" and .gic_version == 2' \
      build/stages/*-ms-cpio.json >/dev/null || continue
    run ms-build -q run --expect '^vmm: HVC|FAILED' --timeout 90 --kernel "$k" \
      examples/virtual-machine/system.toml -- -machine virt,secure=on,virtualization=on
    [[ $status = 0 && $output == *'started in EL3'*'guest: switching off'*'vmm: HVC'* ]] ||
      { echo "$k"; echo "$output"; return 1; }
    tried=$((tried + 1))
  done
  [ "$tried" -gt 0 ] || skip "none of the builds is a hypervisor with MCS that prints"
}

@test "started in EL3, where nobody gave the interrupts away, they arrive all the same" {
  real_kernels
  need_kernels
  cp -R "$MS_ROOT/examples" "$BATS_TEST_TMPDIR"
  cd "$BATS_TEST_TMPDIR"
  local k machine tried=0
  for k in "${kernels[@]}"; do
    ms-build -q --kernel "$k" examples/timer/system.toml
    [ "$(jq -r '.archive.kernel | "\(.printing) \(.platform) \(.gic_version)"' build/stages/*-ms-cpio.json)" = \
      'true qemu-arm-virt 2' ] || continue
    machine=virt,secure=on
    [ "$(jq .archive.kernel.hypervisor build/stages/*-ms-cpio.json)" = false ] ||
      machine+=,virtualization=on
    run ms-build -q run --expect '^timer: (done|FAILED)' --timeout 90 --kernel "$k" \
      examples/timer/system.toml -- -machine "$machine"
    [[ $status = 0 && $output == *'started in EL3'*'timer: tick 3'*'timer: done'* ]] ||
      { echo "$k"; echo "$output"; return 1; }
    tried=$((tried + 1))
  done
  [ "$tried" -gt 0 ] || skip "none of the builds prints"
}
