#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The loader under QEMU, with the probe kernel as its judge: every way in, every way to be wrong.
# A machine that does not power itself off in time fails the test.
load ../lib
load ../boot

setup_file() {
  export WORK=$BATS_FILE_TMPDIR
  unset MS_KERNEL
  cd "$WORK" || exit 1
  cp "$MS_ROOT/tests/boot/loader/root.c" .
  printf '[[protection_domains]]\nname = "root"\nbinary = "root.c"\npriority = 1\n' >root.toml
  ms-build -q root.toml
  "${CC:-cc}" -std=c11 -Wall -Wextra -I "$MS_TOOLKIT" -o forge \
    "$MS_ROOT/tests/boot/loader/forge.c" "$MS_TOOLKIT/both/newc.c"
}

setup() {
  cd "$WORK" || exit 1
  image=build/system-image.bin
}

# boot IMAGE [MACHINE-OPTIONS [WORD...]]: the console is in $output. Ends by itself or fails.
boot() {
  local image=$1 machine=${2:-}
  shift
  [ $# -eq 0 ] || shift
  run timeout 60 qemu-system-aarch64 -machine "virt$machine" -cpu cortex-a53 -m 2G -nic none \
    -nographic -kernel "$image" "$@" </dev/null
  output=${output//$'\r'/}
  [ "$status" -eq 0 ] || { echo "$output"; echo "QEMU ended with $status"; return 1; }
}

# The hand-off was right and the root task ran to its end.
booted() {
  shows 'moonshot loader: entering the kernel in EL'
  shows 'It is NOT seL4'
  shows 'terms of the hand-off checked'
  lacks 'FAIL'
  shows 'root: memory is whole'
  shows 'root: boot info is there'
  shows 'probe: the root task asked for a halt'
}

# stops TEXT CHANGE...: the changed image stops with that line, before the kernel is entered.
stops() {
  local text=$1
  shift
  ./forge "$image" spoilt.bin "$@"
  boot spoilt.bin
  shows "moonshot loader: error: $text"
  shows 'moonshot loader: stopped'
  lacks 'entering the kernel'
}

@test "started in EL1" {
  boot "$image"
  shows 'started in EL1, arm,pl011'
  shows 'entering the kernel in EL1'
  booted
}

@test "started in EL2, it goes down to EL1" {
  boot "$image" ,virtualization=on
  shows 'started in EL2, arm,pl011'
  shows 'entering the kernel in EL1'
  booted
}

@test "started in EL2 with a GICv3, whose registers EL1 must be given" {
  boot "$image" ,virtualization=on,gic-version=3 -cpu max
  booted
}

# watch TEXT MACHINE-OPTIONS [WORD...]: boots the image, and stops QEMU from outside once TEXT was
# on the console: nobody answers a power-off where there is no firmware.
watch() {
  local text=$1 options=$2 fifo line
  shift 2
  fifo=$BATS_TEST_TMPDIR/console
  rm -f "$fifo"
  mkfifo "$fifo"
  timeout 60 qemu-system-aarch64 -machine "virt$options" -cpu cortex-a53 -m 2G -nic none \
    -nographic -kernel "$image" "$@" </dev/null >"$fifo" 2>&1 3>&- &
  local pid=$!
  output=
  while IFS= read -r line; do
    output+=${line//$'\r'/}$'\n'
    [[ $line != *"$text"* ]] || break
  done <"$fifo"
  kill "$pid" 2>/dev/null || true
  wait "$pid" || true
}

@test "started in EL3, with EL2 and without, with a GICv2 and a GICv3" {
  local options
  for options in ,secure=on{,\,virtualization=on}{,\,gic-version=3}; do
    watch 'asked for a halt' "$options"
    shows 'started in EL3'
    booted
  done
}

@test "cores that started by themselves and are not wanted stop it" {
  watch 'loader: stopped' ,secure=on -smp 3
  shows 'moonshot loader: error: 3 cores started at once, the kernel takes 1'
  lacks 'entering the kernel'
}

@test "it says what it does" {
  boot "$image"
  shows 'the kernel in this image is the probe kernel, not seL4'
  shows 'moonshot loader: digests are right (SHA-256, by the processor)'
  shows 'moonshot loader: kernel at 0x40000000..0x40'
  shows 'moonshot loader: device tree at 0x40'
  shows 'moonshot loader: root task at 0x40'
}

@test "wrong digests stop it" {
  stops 'the digest of kernel.elf is wrong' flip=kernel.elf:4500
  stops 'the digest of kernel.dtb is wrong' flip=kernel.dtb:70
  stops 'the digest of rootserver is wrong' flip=rootserver:4100
}

@test "missing, renamed and moved members stop it" {
  stops 'the archive has no member kernel.elf' rename=kernel.elf:x
  stops 'the archive has no member kernel.dtb' rename=kernel.dtb:x
  stops 'the archive has no member rootserver' rename=rootserver:x
  stops 'kernel.elf is not where the hand-off table says' kernel.offset+=4
  stops 'rootserver is not where the hand-off table says' root.size+=-1
  stops 'kernel.dtb is not where the hand-off table says' dtb.size+=-1
  stops 'there is no rootserver' root.size=0
}

@test "a damaged archive stops it" {
  stops 'the archive is damaged: not a newc header' magic=rootserver
  stops 'the archive has 0x' archive_size+=-4
}

@test "a wrong hand-off table stops it" {
  stops 'the hand-off table is of another version' version=2
  stops 'the hand-off table has unknown flags' flags+=16
  stops 'a member lies outside the archive' root.offset=0xfffffffffffff000
  stops 'the image runs at 0x40400000' image_start+=0x1000
  stops 'the root task'\''s entry lies outside the root task' user_entry+=0x1000000
  stops 'the user image'\''s virtual range wraps or is not whole pages' pv_offset+=1
  stops 'kernel.elf is not the kernel that the hand-off table describes' kernel_entry+=4
  stops 'rootserver is not the root task that the hand-off table describes' user_entry+=4
  stops 'the kernel'\''s virtual address is not one of EL1'\''s upper half' kernel_virt=0x40000000
}

@test "a table that is none stops it; firmware's device tree gives the console" {
  ./forge "$image" spoilt.bin magic+=1
  boot spoilt.bin
  shows 'moonshot loader: error: this is not a hand-off table'
}

@test "overlaps stop it" {
  stops 'the loader'\''s image overlaps the root task' \
    root_start=0x40401000 root_end=0x40420000 user_start=0x40401000 user_end=0x40420000
  stops 'the loader'\''s image overlaps the kernel' kernel_end=0x40401000 dtb_start=0x40401000 \
    user_start=0x40500000 root_start=0x40500000 user_end=0x40510000 root_end=0x40510000
  stops 'the DTB is not on the page after the kernel' dtb_start+=0x1000
}

@test "more cores than the machine has stop it" {
  stops 'the kernel wants 2 cores, the device tree has 1' cores=2
}

@test "without the archive's console the one of firmware's tree is used" {
  ./forge "$image" spoilt.bin flags=8 text=stdout-path:stdout-junk
  boot spoilt.bin
  shows 'started in EL1, arm,pl011'
  booted
}

@test "a malformed device tree stops it before anything is copied" {
  # the token after the root node's name
  ./forge "$image" spoilt.bin flags=8 flip=kernel.dtb:67
  boot spoilt.bin
  shows 'moonshot loader: error: kernel.dtb: malformed'
}

@test "without digests a spoilt kernel is the probe's to find" {
  ./forge "$image" spoilt.bin flags=8 \
    text=$'\xef\xcd\xab\x89\x67\x45\x23\x01:\xef\xcd\xab\x89\x67\x45\x23\x02'
  boot spoilt.bin
  lacks 'digests'
  shows "probe: FAIL the kernel's bytes arrived"
  shows 'probe: 1 terms of the hand-off do not hold; stopped'
  lacks 'root:'
}

# variant NAME VIRT PHYS HYPERVISOR RAM: the probe kernel linked elsewhere, as a kernel folder.
variant() {
  local folder=kernel-$1 objects=() o
  mkdir -p "$folder"
  for o in build/probe/obj/*.o; do
    [ "$(basename "$o")" = tree.o ] || objects+=("$o")
  done
  aarch64-linux-gnu-gcc -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
    -Wl,-z,norelro -Wl,--no-warn-rwx-segments -T "$MS_TOOLKIT/board/probe/probe.lds" \
    -Wl,--defsym=PROBE_VIRT="$2" -Wl,--defsym=PROBE_PHYS="$3" -o "$folder/kernel.elf" "${objects[@]}"
  jq ".ARM_HYPERVISOR_SUPPORT = $4" build/probe/gen_config.json >"$folder/gen_config.json"
  jq ".memory[0].start = $(($5))" build/probe/platform_gen.json >"$folder/platform_gen.json"
  cp build/probe/kernel.dtb "$folder/"
  cp -R build "build-$1" # nothing but the kernel changes: nothing is compiled again
  ms-build -q -B "build-$1" --kernel "$folder" root.toml
}

@test "a kernel for EL2 runs in EL2, and stops where there is none" {
  variant hyp 0x8060000000 0x60000000 true 0x60000000
  boot build-hyp/system-image.bin ,virtualization=on
  shows 'entering the kernel in EL2'
  shows 'CPTR_EL2 traps nothing'
  booted
  boot build-hyp/system-image.bin
  shows 'moonshot loader: error: the kernel is a hypervisor and needs EL2, but this is EL1'
  lacks 'entering the kernel'
}

@test "a kernel between 2 MiB boundaries" {
  variant odd 0xffffff8040001000 0x40001000 false 0x40001000
  boot build-odd/system-image.bin
  shows "the kernel's first page is mapped to 0x40001000"
  booted
}

@test "a kernel at the top of the address space" {
  variant top 0xffffffffc0000000 0x40000000 false 0x40000000
  boot build-top/system-image.bin ,virtualization=on
  shows 'virtual 0xffffffffc0000000'
  booted
}

@test "a kernel for EL2 whose addresses differ within a GiB" {
  variant far 0xffc0000000 0x60000000 true 0x60000000
  boot build-far/system-image.bin ,virtualization=on
  booted
}
