#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Kernels for other boards than QEMU's virt: $MS_BOARDS names their folders, joined by ":". Each gets an
# image in every format, whose place, entry and headers are checked against the kernel's own files
# by other programs; boards that QEMU has are booted.
load ../lib

setup() {
  IFS=: read -ra boards <<<"${MS_BOARDS:-}"
  unset MS_KERNEL
  cp -R "$BATS_TEST_DIRNAME/boards/." "$BATS_TEST_TMPDIR"
  cd "$BATS_TEST_TMPDIR" || exit 1
}

# numbers FILE OFFSET BYTES: one little-endian number of a file
number() { od -An -t "u$3" -j "$2" -N "$3" --endian=little "$1" | tr -d ' '; }

# found DIR NAME...: the first of the files that a kernel folder has
found() {
  local dir=$1 name
  shift
  for name in "$@"; do
    [ ! -e "$dir/$name" ] || { echo "$dir/$name"; return; }
  done
}

# place: the map, "NAME START END" a line, in decimal
place() {
  jq -r '.image.memory_map[] | "\(.name) \(.start) \(.end)"' build/stages/*-ms-link.json |
    while read -r name start end; do echo "$name $((start)) $((end))"; done
}

# inside START END PLATFORM: all in one range of memory
inside() {
  jq -e --argjson from "$1" --argjson to "$2" \
    'any(.memory[]; .start <= $from and $to <= .end)' "$3" >/dev/null
}

check_place() { # KERNEL PLATFORM; sets entry
  local first last want previous=0 name start end
  read -r first last < <(aarch64-linux-gnu-readelf -lW "$1" | awk '$1 == "LOAD" { print $4, $6 }')
  entry=$(($(jq -r .image.entry build/stages/*-ms-link.json)))
  # 4 MiB above the kernel's block
  [ "$entry" = $((first / 0x200000 * 0x200000 + 0x400000)) ]
  while read -r name start end; do
    [ "$start" -ge "$previous" ]
    previous=$end
    [ "$name" = free ] || inside "$start" "$end" "$2"
    [ "$name" != kernel ] || [ "$start:$((end - start >= last))" = "$((first)):1" ]
    [ "$name" != loader ] || want=$start
  done < <(place)
  [ "$want" = "$entry" ]
}

check_formats() { # ENTRY
  local size
  size=$(stat -c %s build/system-image.raw)
  [ "$(($(aarch64-linux-gnu-readelf -hW build/system-image.bin | awk '/Entry point/ { print $4 }')))" = "$1" ]
  [ "$(number build/system-image.Image 8 8)" = 0 ]
  [ "$(number build/system-image.Image 16 8)" = "$size" ]
  [ "$(head -c 60 build/system-image.Image | tail -c 4 | od -An -t x1 | tr -d ' ')" = 41524d64 ]
  [ "$(fdtget -t x build/system-image.itb /images/loader load)" = "$(printf '%x %x' $(($1 >> 32)) $(($1 & 0xffffffff)))" ]
  dumpimage -T flat_dt -p 0 -o part build/system-image.itb >/dev/null
  cmp part build/system-image.raw
  tail -c +4097 build/system-image.efi | cmp - build/system-image.raw
  # PE: magic, machine, subsystem, size in memory
  [ "$(number build/system-image.efi 0 2) $(number build/system-image.efi 68 2)" = '23117 43620' ]
  [ "$(number build/system-image.efi 156 2) $(number build/system-image.efi 144 4)" = "10 $((size + 4096))" ]
}

@test "every board: an image in every format, where the kernel's own files want it" {
  [ "${#boards[@]}" -gt 0 ] || skip "MS_BOARDS names no kernel build"
  local k entry
  for k in "${boards[@]}"; do
    echo "# $k"
    ms-build -q --kernel "$k" --format elf --format raw --format image --format fit --format efi \
      system.toml
    check_place "$(found "$k" elf/sel4.elf bin/kernel.elf kernel.elf)" \
      "$(found "$k" platform_gen.json support/platform_gen.json gen_headers/plat/machine/platform_gen.json)"
    check_formats "$entry"
  done
}

@test "boards that QEMU has: booted, to the last answer" {
  [ "${#boards[@]}" -gt 0 ] || skip "MS_BOARDS names no kernel build"
  local k format booted=0
  for k in "${boards[@]}"; do
    echo "# $k"
    # The console is found by the build's device tree, which a Microkit SDK has not.
    [ -n "$(found "$k" kernel.dtb support/kernel.dtb)" ] || continue
    # QEMU starts ELF files for the Raspberry Pi on four cores at once, in EL3.
    format=elf
    [[ $k != *rpi3* ]] || format=image
    run ms-build -q run --kernel "$k" --format $format --timeout 90 \
      --expect 'boards: (all answers|FAIL)' system.toml
    [[ $output != *'QEMU cannot run this'* ]] || continue
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *'boards: all answers'* ]]
    booted=$((booted + 1))
  done
  [ "$booted" -gt 0 ] || skip "no build of MS_BOARDS is for a board that QEMU has"
}

@test "the Raspberry Pi 3, which has no GIC: an interrupt comes, and comes again" {
  local k
  for k in "${boards[@]}"; do
    [[ $k == *rpi3* ]] || continue
    run -0 ms-build -q run --kernel "$k" --format image --timeout 90 --expect 'ticks: 3' ticks.toml
    [[ $output == *'ticks: 3'* ]]
    return
  done
  skip "no build of MS_BOARDS is for the Raspberry Pi 3"
}
