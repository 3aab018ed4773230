#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Systems of several protection domains on each real seL4 build that MS_KERNELS names (folders
# joined by ":"). A kernel that prints nothing is passed over: these domains speak through it.
load ../lib
load ../boot
load tree

setup() {
  real_kernels
  cp -R "$BATS_TEST_DIRNAME/systems" "$BATS_TEST_TMPDIR/"
  cd "$BATS_TEST_TMPDIR/systems" || exit 1
}

# boot EXPECT: the system in the working folder on every kernel that prints, the console in
# console.0, console.1, ...
boot() {
  local k n=0
  need_kernels
  for k in "${kernels[@]}"; do
    ms-build -q --kernel "$k" system.toml
    [ "$(jq .archive.kernel.printing build/stages/*-ms-cpio.json)" = true ] || continue
    echo "# $k"
    if ! ms-build -q --kernel "$k" run --expect "$1" --timeout 60 system.toml </dev/null >console 2>&1; then
      cat console
      return 1
    fi
    tr -d '\r' <console >"console.$n"
    n=$((n + 1))
  done
  [ "$n" -gt 0 ] || skip "none of the builds prints"
}

@test "ping-pong: notifications, put off and not, and calls with words in the IPC buffer" {
  cd ping-pong
  boot 'all rounds done'
  for c in console.*; do
    grep -A9 '^pong: init' "$c" | diff - <(printf '%s\n' 'pong: init' 'ping: init' 'ping: answered 0' \
      'ping: answered 1' 'ping: answered 2' 'ping: all rounds done')
  done
}

@test "a parent gets its child's faults, lets it go on, restarts and stops it; interrupts, id 62" {
  cd family
  boot 'clock: done'
  for c in console.*; do
    grep -A12 '^parent: init' "$c" | diff - <(printf '%s\n' 'parent: init' 'child: life 1' \
      'parent: fault of child 5, exception' 'parent: fault of child 5, address 5' 'child: life 2' \
      'parent: fault of child 5, address 5' 'child: life 3' 'parent: notified on 9' \
      'parent: child stopped' 'clock: init' 'clock: tick 1' 'clock: tick 2' 'clock: done')
  done
}

@test "a passive server on MCS kernels; on others it is refused" {
  need_kernels
  cd passive
  local mcs=()
  for k in "${kernels[@]}"; do
    if ms-build -q --kernel "$k" system.toml 2>err; then
      mcs+=("$k")
      [ "$(jq .archive.kernel.mcs build/stages/*-ms-cpio.json)" = true ]
    else
      [ "$(grep -c 'need.* an MCS kernel.*\[pd-mcs\]' err)" = 2 ] || { cat err; false; }
    fi
  done
  [ "${#mcs[@]}" -gt 0 ] || skip "none of the builds is for MCS"
  kernels=("${mcs[@]}")
  boot 'client: notified back'
  for c in console.*; do
    grep -A4 '^server: passive' "$c" | diff - <(printf '%s\n' 'server: passive' 'client: 42' \
      'client: notified with the answer' 'server: notified' 'client: notified back')
  done
}

@test "capabilities of others, in a CNode above the domain's own" {
  cd caps
  boot 'holder: done'
  for c in console.*; do
    grep -A8 '^worker: init' "$c" | diff - <(printf '%s\n' 'worker: init' 'holder: init' 'worker: works' \
      'holder: worker stopped' 'holder: nothing came of it' 'worker: works' 'holder: done')
  done
}

@test "domains, each in its turn, where the kernel is built for them; else they are refused" {
  need_kernels
  cd domains
  local able=()
  for k in "${kernels[@]}"; do
    if ms-build -q --kernel "$k" system.toml 2>err; then
      able+=("$k")
    else
      grep -q 'NUM_DOMAINS.*\[domain-kernel\]' err || { cat err; false; }
    fi
  done
  [ "${#able[@]}" -gt 0 ] || skip "none of the builds has more than one domain"
  kernels=("${able[@]}")
  boot 'monitor: modest: memory fault: cannot write 0x123'
  for c in console.*; do
    grep -A2 '^greedy: init' "$c" | diff - <(printf '%s\n' 'greedy: init' 'modest: init' 'modest: my turn')
  done
}

@test "two cores call each other, where the kernel has them; else they are refused" {
  need_kernels
  cd cores
  local able=()
  for k in "${kernels[@]}"; do
    if ms-build -q --kernel "$k" system.toml 2>err; then
      able+=("$k")
    else
      grep -q 'core 1 of a kernel for 1 \[pd-cpu\]' err || { cat err; false; }
    fi
  done
  [ "${#able[@]}" -gt 0 ] || skip "none of the builds is for more than one core"
  kernels=("${able[@]}")
  boot 'near: done'
}

@test "a region is filled with the device tree that the kernel hands on: header, every byte, zeroes" {
  need_kernels
  cd tree
  local able=() size tree k n=0
  for k in "${kernels[@]}"; do
    tree=$(with_tree "$k" "$BATS_TEST_TMPDIR/with-tree-${#able[@]}") || continue
    able+=("$tree")
    [ "$tree" != "$k" ] || continue
    run -1 --separate-stderr ms-build -q --kernel "$k" system.toml
    [[ $stderr == *"the kernel folder $k has no kernel.dtb"*'[region-bootinfo]'* ]]
  done
  [ "${#able[@]}" -gt 0 ] || skip "none of the builds has a device tree"
  kernels=("${able[@]}")
  boot 'tree: done'
  for k in "${kernels[@]}"; do
    ms-build -q --kernel "$k" system.toml
    [ "$(jq .archive.kernel.printing build/stages/*-ms-cpio.json)" = true ] || continue
    tree=$k/kernel.dtb
    [ -e "$tree" ] || tree=$k/support/kernel.dtb
    size=$(stat -c %s "$tree")
    grep -A6 '^tree: magic' "console.$n" | diff - <(printf 'tree: %s\n' 'magic is right' 'number 6' \
      "length $((size + 16))" "total size $size" \
      "sum $(od -An -v -tu1 -w1 "$tree" | awk '{ sum += $1 } END { print sum }')" 'behind it 0' 'done')
    n=$((n + 1))
  done
  [ "$n" -gt 0 ]
}
