#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Programs that are linked with somebody else's library: the two forms that there are since
# Microkit 1.3, made of a library of our own (tests/boot/abi), on every kernel that MS_KERNELS
# names; and what MS_MICROKIT_PDS holds.
load ../lib
load ../boot

setup() {
  real_kernels
  cp -R "$BATS_TEST_DIRNAME/abi" "$BATS_TEST_TMPDIR/"
  cd "$BATS_TEST_TMPDIR/abi" || exit 1
}

# programs [OPTION...]: *.elf for the kernel whose headers lie in build/kernel.
programs() {
  local name
  for name in caller server child; do
    aarch64-linux-gnu-gcc "$@" -O2 -Wall -Wextra -Werror -ffreestanding -mgeneral-regs-only -mstrict-align \
      -fno-stack-protector -fno-pic -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
      -I build/kernel/include -I "$MS_TOOLKIT/board/sel4" -T program.lds -o "$name.elf" "$name.c" library.c
  done
}

# on_all TOML OPTION...: the system on every kernel that prints; what it said is in console.0...
on_all() {
  local toml=$1 k n=0
  shift
  need_kernels
  for k in "${kernels[@]}"; do
    ms-build -q --kernel "$k" header.toml
    [ "$(jq .archive.kernel.printing build/stages/*-ms-cpio.json)" = true ] || continue
    programs "$@"
    echo "# $k"
    if ! ms-build -q --kernel "$k" run --expect 'caller: done' --timeout 60 "$toml" </dev/null >console 2>&1; then
      cat console
      return 1
    fi
    tr -d '\r' <console >"console.$n"
    n=$((n + 1))
  done
  [ "$n" -gt 0 ] || skip "none of the builds prints"
}

begin() {
  printf '%s\n' 'server: begins' "server: knows the ring's address" 'child: begins' 'child: life 1' 'server: child faulted' \
    'child: begins' 'child: life 2' 'server: child faulted' 'child: begins' 'child: life 3' 'server: child faulted' \
    'caller: begins' 'caller: answer of 6 words: 2, 21' 'server: notified on 2'
}

@test "programs with their IPC buffer at a symbol and the stack at the end of user space" {
  on_all system.toml -DOLD
  for c in console.*; do
    sed -n '/^server: begins/,$p' "$c" | diff - <(begin; echo 'caller: done')
  done
  jq -e '.layout.threads | all(.ipc_vaddr | test("^0x20[0-9]000$"))' build/stages/*-ms-layout.json
}

@test "programs with the IPC buffer in the last page, and caps in a CNode above" {
  sed '0,/^stack_bytes/s//caps = [{ kind = "tcb", pd = "server", slot = 63 }]\n&/' system.toml >caps.toml
  on_all caps.toml
  for c in console.*; do
    sed -n '/^server: begins/,$p' "$c" | diff - <(begin; printf '%s\n' 'caller: server stopped' 'server: notified on 2' 'caller: done')
  done
  jq -e '.layout.threads[0] | .cspace_data == "0x0" and .cnode == "pd/caller/cspace"' build/stages/*-ms-layout.json
}

# What a user has built with Microkit's SDK: MS_MICROKIT_PDS is a folder of folders, each with a
# system description NAME.system, the programs and files that it names, and in NAME.kernel the
# board folder of the SDK that they were built with (else: the only one of MS_KERNELS). Where there is NAME.expect,
# each of its lines must come from the console, in that order.
@test "systems of MS_MICROKIT_PDS say what they are expected to" {
  [ -n "${MS_MICROKIT_PDS:-}" ] || skip "MS_MICROKIT_PDS names no folder"
  local system name kernel last seen=0
  for system in "$MS_MICROKIT_PDS"/*/*.system; do
    name=${system%.system}
    [ -e "$name.expect" ] || continue
    kernel=${kernels[0]:-}
    [ ! -e "$name.kernel" ] || kernel=$(cat "$name.kernel")
    last=$(tail -n 1 "$name.expect")
    rm -rf work
    cp -R "${system%/*}" work
    echo "# $system on $kernel"
    (cd work && ms-build -q --kernel "$kernel" run --expect "^$(sed 's/[][\.*^$/()|{}+?]/\\&/g' <<<"$last")\$" \
      --timeout 60 "${system##*/}" </dev/null) >console 2>&1 || { cat console; return 1; }
    tr -d '\r' <console | awk -v expect="$name.expect" '
      BEGIN { while ((getline line <expect) > 0) want[n++] = line }
      at < n && $0 == want[at] { at++ }
      END { if (at < n) { print "missing: " want[at]; exit 1 } }'
    seen=$((seen + 1))
  done
  [ "$seen" -gt 0 ] || { echo "no NAME.system with a NAME.expect in $MS_MICROKIT_PDS"; return 1; }
}
