#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The image in every format that boot loaders take, loaded by them under QEMU; the probe kernel is
# the judge. Firmware that is not installed skips its test and says so.
load ../lib
load ../boot

setup_file() {
  export KERNELS=${MS_KERNELS:-${MS_KERNEL:-}}
  export WORK=$BATS_FILE_TMPDIR
  unset MS_KERNEL
  cd "$WORK" || exit 1
  cp "$MS_ROOT/tests/boot/loader/root.c" .
  printf '[[protection_domains]]\nname = "root"\nbinary = "root.c"\npriority = 1\n' >root.toml
  ms-build -q --format elf --format raw --format image --format efi root.toml
}

setup() {
  cd "$WORK" || exit 1
}

# machine OPTIONS WORD...: a machine that powers itself off in time; its console is in $output.
machine() {
  local options=$1
  shift
  run timeout 90 qemu-system-aarch64 -machine "virt$options" -cpu cortex-a53 -m 2G -nic none \
    -nographic "$@" </dev/null
  output=${output//$'\r'/}
  [ "$status" -eq 0 ] || { echo "$output"; echo "QEMU ended with $status"; return 1; }
}

booted() {
  shows 'terms of the hand-off checked'
  shows 'root: memory is whole'
  shows 'probe: the root task asked for a halt'
  [[ $output != *FAIL* ]]
}

@test "raw: loaded where it was linked for, it stays there" {
  machine '' -device loader,file=build/system-image.raw,addr=0x40400000,cpu-num=0
  [[ $output != *moved* ]]
  booted
}

@test "raw: loaded elsewhere it moves, also over itself, up and down" {
  local at
  for at in 0x60000000 0x401a0000 0x403ff000 0x40401000 0x40432000; do
    echo "# $at"
    machine '' -device "loader,file=build/system-image.raw,addr=$at,cpu-num=0"
    shows "moonshot loader: loaded at $at, moved to 0x40400000"
    booted
  done
}

@test "raw: it moves in EL2 too" {
  machine ,virtualization=on -device loader,file=build/system-image.raw,addr=0x50000000,cpu-num=0
  shows 'started in EL2'
  shows 'loaded at 0x50000000, moved to 0x40400000'
  booted
}

@test "raw: every byte that memory would hold from the ELF file, and nothing else" {
  local kind paddr memsz start=0x40400000 end=0
  while read -r kind _ _ paddr _ memsz _; do
    if [ "$kind" = LOAD ] && [ $((paddr + memsz)) -gt $((end)) ]; then end=$((paddr + memsz)); fi
  done < <(readelf -lW build/loader/loader.elf)
  # whole pages, none too many
  [ "$(stat -c %s build/system-image.raw)" -eq $(((end - start + 4095) / 4096 * 4096)) ]
  aarch64-linux-gnu-objcopy -O binary build/loader/loader.elf flat
  cmp -n "$(stat -c %s flat)" flat build/system-image.raw
  tail -c +$(($(stat -c %s flat) + 1)) build/system-image.raw | tr -d '\0' >rest
  [ ! -s rest ]
}

@test "image: the header of an arm64 Linux Image, which QEMU takes as a kernel" {
  # magic at byte 56; text_offset 0; image_size; flags: little-endian, 4 KiB pages, anywhere
  [ "$(od -An -c -j 56 -N 4 build/system-image.Image | tr -d ' ')" = 'ARMd' ]
  [ "$(od -An -t u8 -j 8 -N 8 build/system-image.Image | tr -d ' ')" = 0 ]
  [ "$(od -An -t u8 -j 16 -N 8 build/system-image.Image | tr -d ' ')" = \
    "$(stat -c %s build/system-image.Image)" ]
  [ "$(od -An -t u8 -j 24 -N 8 build/system-image.Image | tr -d ' ')" = 10 ]
  # Behind the header it is the raw image.
  cmp -i 64 build/system-image.Image build/system-image.raw
  machine '' -kernel build/system-image.Image
  shows 'loaded at 0x40200000, moved to 0x40400000'
  booted
  machine ,virtualization=on -kernel build/system-image.Image
  shows 'started in EL2'
  booted
}

@test "efi: an application that EDK2's firmware starts, in EL1 and EL2" {
  local firmware=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd options
  [ -e $firmware ] || skip "no EFI firmware for QEMU: Debian's package qemu-efi-aarch64 has it"
  mkdir -p esp/EFI/BOOT
  cp build/system-image.efi esp/EFI/BOOT/BOOTAA64.EFI
  for options in '' ,virtualization=on,acpi=off; do
    machine "$options" -bios $firmware -drive file=fat:rw:esp,format=raw,if=virtio
    shows ', moved to 0x40400000'
    booted
  done
}

@test "a format's file depends on nothing but the ELF file" {
  mkdir -p other/place
  cp root.c root.toml other/place
  cd other/place
  ms-build -q -j 1 --format image --format efi --format raw -o here root.toml
  cmp here ../../build/system-image.Image
  cmp build/system-image.efi ../../build/system-image.efi
  cmp build/system-image.raw ../../build/system-image.raw
  jq -e '.image.format == "image" and .image.path == "build/system-image.bin"
    and [.image.files[].format] == ["efi", "raw"]' build/stages/07-ms-link.json
  [ "$(jq -r '.image.files[0].sha256' build/stages/07-ms-link.json)" = \
    "$(sha256sum <build/system-image.efi | cut -d' ' -f1)" ]
}

@test "ms-build verify looks at every file; run boots what QEMU can load" {
  ms-build verify root.toml >checked
  grep -q '^ok  *file build/system-image.efi ' checked
  printf x >>build/system-image.efi
  run -1 ms-build verify root.toml
  [[ $output == *'FAILED   file build/system-image.efi'* || $output == *'build/system-image.efi: sha256 is'* ]]
  local format
  for format in raw image; do
    ms-build -q run --format $format --timeout 60 --expect 'asked for a halt' root.toml
  done
}

@test "real kernels, as Image by QEMU and as application by EFI firmware" {
  [ -n "$KERNELS" ] || skip "MS_KERNELS names no kernel build"
  local firmware=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd kernels kernel words
  cp -R "$MS_ROOT/tests/boot/boards/." .
  IFS=: read -ra kernels <<<"$KERNELS"
  for kernel in "${kernels[@]}"; do
    echo "# $kernel"
    ms-build -q -B real --kernel "$kernel" --format image --format efi system.toml
    jq -e '.archive.kernel.printing' real/stages/06-ms-cpio.json >/dev/null || continue
    ms-build -q run -B real --kernel "$kernel" --format image --timeout 90 \
      --expect 'boards: all answers are right' system.toml
    [ -e $firmware ] || continue
    ms-build -q -B real --kernel "$kernel" --format efi system.toml
    mkdir -p esp/EFI/BOOT
    cp real/system-image.bin esp/EFI/BOOT/BOOTAA64.EFI
    mapfile -t words < <("${MS_UNITS:-$MS_ROOT/build/host/unit}/test-kernel" qemu "$kernel")
    timeout 60 qemu-system-aarch64 "${words[@]}" -nographic -bios $firmware \
      -drive file=fat:rw:esp,format=raw,if=virtio </dev/null >console &
    local qemu=$! i
    for ((i = 0; i < 110; i++)); do
      ! grep -aq 'boards: all answers are right' console || break
      sleep 0.5
    done
    kill "$qemu" 2>/dev/null || true
    wait "$qemu" || true
    grep -aq 'boards: all answers are right' console || { cat console; return 1; }
  done
}
