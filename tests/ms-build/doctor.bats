#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-build doctor: what is missing, with programs that only have versions.
load ../lib

setup() {
  unset MS_KERNEL MICROKIT_SDK
  cd "$BATS_TEST_TMPDIR" || exit 1
  DOCTOR=$(command -v ms-build)
  mkdir path
  version aarch64-linux-gnu-gcc 12.2.0
  version aarch64-linux-gnu-ld 'GNU ld (GNU Binutils for Debian) 2.40'
  version qemu-system-aarch64 'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)'
}

version() {
  rm -f "path/$1"
  printf '#!/bin/sh\necho "%s"\n' "$2" >"path/$1"
  chmod +x "path/$1"
}

doctor() { env PATH="$PWD/path" "$DOCTOR" doctor "$@"; }

# The finding of that name: state, needed.
finding() { jq -r --arg name "$1" '.findings[] | select(.name == $name) | "\(.state) \(.needed)"' doctor.json; }

@test "all that is needed is there" {
  run --separate-stderr -0 doctor
  [ -z "$stderr" ]
  [[ $output == *"ok       compiler       $PWD/path/aarch64-linux-gnu-gcc, 12.2.0"* ]]
  [[ $output == *"ok       qemu           $PWD/path/qemu-system-aarch64, 7.2.22"* ]]
  [[ $output == *"missing  mkimage        no program mkimage in PATH"*"(optional) writes images for U-Boot"*"u-boot-tools"* ]]
  [[ $output == *"note     kernel         none named"* ]]
}

@test "the toolkit is the programs beside ms-build and the sources beside their folder, unless MS_TOOLKIT names some" {
  mkdir -p own/bin own/lib/board other/board
  cp "$DOCTOR" own/bin/
  for p in import parse plan hash compile layout cpio link; do
    ln -s ms-build "own/bin/ms-$p"
  done
  DOCTOR=$PWD/link
  ln -s own/bin/ms-build link
  (unset MS_TOOLKIT && doctor) >found
  grep -x "ok       toolkit        $PWD/own/bin and $PWD/own/lib" found
  MS_TOOLKIT=other doctor >found
  grep -x "ok       toolkit        $PWD/own/bin and $PWD/other" found
  rm own/bin/ms-link
  run -1 doctor
  [[ $output == *"missing  toolkit        not in $PWD/own/bin: ms-link"* ]]
}

@test "each thing that is missing is named with what mends it" {
  while read -r program name package; do
    mv "path/$program" aside
    run -1 doctor
    [[ $output == *"missing  $name "*"-> "*"$package"* ]]
    doctor --format json >doctor.json || :
    [ "$(finding "$name")" = "missing true" ]
    jq -e '.schema == "ms-doctor/1" and (.good | not)' doctor.json
    mv aside "path/$program"
  done <<'EOT'
aarch64-linux-gnu-gcc compiler gcc-aarch64-linux-gnu
aarch64-linux-gnu-ld linker binutils-aarch64-linux-gnu
qemu-system-aarch64 qemu qemu
EOT
}

@test "versions that are too old, programs that do not run" {
  version aarch64-linux-gnu-gcc 8.3.0
  run -1 doctor
  [[ $output == *"wrong    compiler "*" is 8.3.0, and 10.0 or later is needed"* ]]
  version aarch64-linux-gnu-gcc 10.0
  version aarch64-linux-gnu-ld 'GNU ld 2.34'
  run -1 doctor
  [[ $output == *"wrong    linker "*" is 2.34, and 2.35 or later"* ]]
  printf '#!/bin/sh\nexit 5\n' >path/aarch64-linux-gnu-ld
  run -1 doctor
  [[ $output == *"wrong    linker "*"does not run (exit 5)"* ]]
  version aarch64-linux-gnu-ld 'a linker'
  run -0 doctor
  [[ $output == *"ok       linker "*"of unknown version"* ]]
}

@test "the build folder" {
  run -0 doctor -B out/of/way
  [[ $output == *"ok       build-folder   out/of/way can be written to"* ]]
  [ ! -e out ]
  : >file
  run -1 doctor -B file/build
  [[ $output == *"wrong    build-folder   file is no folder"* ]]
  run -1 doctor -B /proc/build
  [[ $output == *"wrong    build-folder   /proc cannot be written to"* ]]
  [ -z "$(find . -name 'ms-doctor*')" ]
}

@test "kernels that do not fit, SDKs that are none" {
  mkdir k
  run -1 doctor --kernel k
  [[ $output == *"wrong    kernel         --kernel k: see the errors above"* ]]
  MS_KERNEL=k run -1 doctor
  [[ $output == *"MS_KERNEL k"* ]]
  MICROKIT_SDK=$PWD/k run -1 doctor
  [[ $output == *"there is no folder board"* ]]
  mkdir k/board
  MICROKIT_SDK=$PWD/k run -0 doctor
}

# A kernel folder, with a device tree that is the board's; the probe kernel's will do.
probe() {
  printf 'void _start(void) { for (;;) ; }\n' >one.c
  printf '[[protection_domains]]\nname = "one"\nbinary = "one.c"\npriority = 1\n' >system.toml
  ms-build -q system.toml
}

tree() { # SED-SCRIPT
  dtc -q -I dtb -O dts build/probe/kernel.dtb | sed "$1" >x.dts
  dtc -q -O dtb -o x.dtb x.dts
}

@test "--dtb: the kernel's own tree fits" {
  probe
  run -0 doctor --kernel build/probe --dtb build/probe/kernel.dtb
  [[ $output == *"ok       memory "*"ok       uart           pl011@9000000 at 0x9000000"*"ok       interrupts     GICv"*"ok       cores "* ]]
  [[ $output != *compiler* ]]
}

@test "--dtb: every difference is named, with what it would do" {
  probe
  tree ''
  grep -E 'memory|reg = |cpu@|compatible' x.dts
  # less memory
  tree '/memory@/,/};/s/reg = .*/reg = <0x00 0x40000000 0x00 0x8000000>;/'
  run -1 doctor --kernel build/probe --dtb x.dtb
  [[ $output == *"wrong    memory         the kernel takes 0x40000000..0x"*" for RAM; the tree has none at 0x48000000"*"stops with an abort"* ]]
  # more is no fault
  tree '/memory@/,/};/s/reg = .*/reg = <0x00 0x40000000 0x02 0x00000000>;/'
  run -0 doctor --kernel build/probe --dtb x.dtb
  [[ $output == *"note     memory "* ]]
  # memory of the firmware
  tree 's|^\tcpus {|\treserved-memory { #address-cells = <2>; #size-cells = <2>; ranges; fw@41000000 { reg = <0 0x41000000 0 0x10000>; }; };\n&|'
  run -1 doctor --kernel build/probe --dtb x.dtb
  [[ $output == *"wrong    reserved       the tree reserves 0x41000000..0x41010000, which the kernel takes for RAM"$'\n'* ]]
  # the console elsewhere
  tree 's/pl011@9000000/pl011@9040000/; /pl011@9040000 {/,/};/s/reg = .*/reg = <0x00 0x9040000 0x00 0x1000>;/'
  run -1 doctor --kernel build/probe --dtb x.dtb
  [[ $output == *"wrong    uart           the kernel's console is pl011@9000000 at 0x9000000, the tree's is pl011@9040000 at 0x9040000"* ]]
  # another controller
  tree '/interrupt-controller@\|intc@/,/};/s/compatible = .*/compatible = "arm,gic-v3";/'
  run -1 doctor --kernel build/probe --dtb x.dtb
  [[ $output == *"wrong    interrupts     the kernel is built for a GICv2, the tree has a GICv3"* ]]
  # no cores
  tree 's/device_type = "cpu"/device_type = "dsp"/'
  run -1 doctor --kernel build/probe --dtb x.dtb
  [[ $output == *"wrong    cores          the kernel waits for 1 core, the tree has 0"* ]]
}

@test "--dtb: memory that the tree reserves, and what lies there" {
  probe
  tree 's|^/dts-v1/;|&\n/memreserve/ 0x41000000 0x1000;\n/memreserve/ 0x100000 0x1000;\n/memreserve/ 0x40000000 0x8000000;|'
  fdtdump x.dtb 2>/dev/null | grep -q memreserve
  run -0 doctor --kernel build/probe --dtb x.dtb
  [[ $output == *"note     reserved       the tree reserves 0x41000000..0x41001000 (/memreserve/), which the kernel takes for RAM"$'\n'* ]]
  [[ $output == *"0x40000000..0x48000000 (/memreserve/), which the kernel takes for RAM; there lies: kernel, dtb, rootserver, loader"$'\n'*"may refuse"* ]]
  [[ $output != *0x100000.* && $output == *"ok       memory "* ]]
  # no image, and that of another kernel: the kernel alone
  run -0 doctor -B none --kernel build/probe --dtb x.dtb
  [[ $output == *"takes for RAM; there lies: kernel"$'\n'* ]]
  jq -c '.archive.kernel.sha256 |= (.[1:] + "0")' build/stages/07-ms-link.json >other
  cp other build/stages/07-ms-link.json
  run -0 doctor --kernel build/probe --dtb x.dtb
  [[ $output == *"takes for RAM; there lies: kernel"$'\n'* ]]
  # a node says the same, and more
  tree 's|^/dts-v1/;|&\n/memreserve/ 0x40000000 0x1000;|
    s|^\tcpus {|\treserved-memory { #address-cells = <2>; #size-cells = <2>; ranges; fw@40000000 { no-map; reg = <0 0x40000000 0 0x10000>; }; };\n&|'
  run -1 doctor --kernel build/probe --dtb x.dtb
  [[ $output == *"wrong    reserved       the tree reserves 0x40000000..0x40010000, which the kernel takes for RAM; there lies: kernel"$'\n'* ]]
  [[ $output != *memreserve* ]]
  # a block without an end, one that lies outside, one that is not aligned
  size=$(stat -c %s build/probe/kernel.dtb)
  for offset in $((size / 8 * 8)) $((size + 8)) 44 4294967288; do
    cp build/probe/kernel.dtb odd.dtb
    printf '%b' "$(printf '\\x%02x' $((offset >> 24)) $((offset >> 16 & 255)) $((offset >> 8 & 255)) $((offset & 255)))" |
      dd of=odd.dtb bs=1 seek=16 conv=notrunc 2>/dev/null
    run --separate-stderr -1 doctor --kernel build/probe --dtb odd.dtb
    [ "$stderr" = "odd.dtb: error: no device tree: the block of memory reservations has no end [dtb]" ]
  done
}

@test "--dtb: hostile trees are clean errors" {
  probe
  size=$(stat -c %s build/probe/kernel.dtb)
  for n in 0 1 39 40 100 $((size / 2)) $((size - 1)); do
    head -c "$n" build/probe/kernel.dtb >cut.dtb
    run --separate-stderr -1 doctor --kernel build/probe --dtb cut.dtb
    [[ $stderr == "cut.dtb: error: no device tree: "*"[dtb]" ]]
  done
  head -c 5000000 /dev/zero >long.dtb
  run -1 doctor --kernel build/probe --dtb long.dtb
  run -3 doctor --kernel build/probe --dtb missing.dtb
  # bytes that are not what they were: fits or not, never more
  for at in $(seq 56 37 "$size"); do
    cp build/probe/kernel.dtb odd.dtb
    printf '\377' | dd of=odd.dtb bs=1 seek="$at" conv=notrunc 2>/dev/null
    run doctor --kernel build/probe --dtb odd.dtb
    [ "$status" -le 1 ] || { echo "$at: $status $output"; return 1; }
  done
}

@test "--dtb on real kernels: each one's own tree fits it" {
  [ -n "${MS_KERNELS:-}" ] || skip "MS_KERNELS names no kernel builds"
  for kernel in ${MS_KERNELS//:/ }; do
    for tree in "$kernel"/support/kernel.dtb "$kernel"/kernel.dtb; do
      [ ! -e "$tree" ] || doctor --kernel "$kernel" --dtb "$tree"
    done
  done
}

@test "wrong calls" {
  run -2 doctor operand
  run -2 doctor --dtb x.dtb
  run -2 doctor --format xml
  run -2 ms-build --dtb x.dtb spec.toml
}
