#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# examples/hello-world under QEMU: on the probe kernel always, on each real seL4 build that
# MS_KERNELS names (folders joined by ":"), with what its configuration lets be seen.
load ../lib
load ../boot

setup() {
  real_kernels
  cd "$BATS_TEST_TMPDIR" || exit 1
  mkdir examples
  cp -R "$MS_ROOT/examples/hello-world" examples/
  spec=examples/hello-world/system.toml
}

# boot EXPECT [WORD...]: builds and boots hello-world; the console is in $output.
boot() {
  local expect=$1
  shift
  run ms-build -q run --expect "$expect" --timeout 60 "$@" </dev/null
  output=${output//$'\r'/}
}

# kernel_fact KEY: a value of the last build's record of its kernel.
kernel_fact() { jq -r ".archive.kernel.$1" build/stages/*-ms-cpio.json; }

# What a kernel of this configuration shows, on a machine made for it or (further words) another.
boot_seL4() {
  local k=$1
  shift
  echo "# $k $*"
  ms-build -q --kernel "$k" "$spec"
  if [ "$(kernel_fact printing)" = true ]; then
    boot 'hello from seL4 rootserver' --kernel "$k" "$spec" "$@"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    in_order 'Booting all finished, dropped to user space' 'hello from seL4 rootserver'
  else # silent from its entry on
    boot 'entering the kernel in EL' --kernel "$k" "$spec" "$@"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
  fi
}

@test "hello-world on the probe kernel" {
  boot 'hello from seL4 rootserver' "$spec"
  [ "$status" -eq 0 ] || { echo "$output"; return 1; }
  in_order 'not seL4' 'hello from seL4 rootserver'
}

@test "hello-world on every real kernel; one for release is entered, and silent" {
  need_kernels
  for k in "${kernels[@]}"; do
    boot_seL4 "$k"
  done
}

@test "a kernel for EL1 is entered from EL2 as well" {
  need_kernels
  local tried=0
  for k in "${kernels[@]}"; do
    ms-build -q --kernel "$k" "$spec"
    [ "$(kernel_fact hypervisor)" = false ] || continue
    boot_seL4 "$k" -- -machine virtualization=on
    tried=$((tried + 1))
  done
  [ "$tried" -gt 0 ] || skip "none of the builds is for EL1"
}

@test "a kernel for EL2 on a machine without EL2 stops with a line on the console" {
  need_kernels
  local tried=0
  for k in "${kernels[@]}"; do
    ms-build -q --kernel "$k" "$spec"
    [ "$(kernel_fact hypervisor)" = true ] || continue
    run -1 ms-build run --kernel "$k" "$spec" -- -machine virtualization=off
    [[ $output == *'[machine-level]'* ]]
    boot 'needs EL2' --kernel "$k" --silence machine-level "$spec" -- -machine virtualization=off
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ $output != *'hello from'* ]]
    tried=$((tried + 1))
  done
  [ "$tried" -gt 0 ] || skip "none of the builds is for EL2"
}
