#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What ms-layout foresees of a kernel's boot, against the BootInfo that each real kernel of
# MS_KERNELS leaves in memory: every slot, every untyped. Release kernels are silent, so QEMU is
# asked for the page.
load ../lib
load ../boot

setup() {
  real_kernels
  tools="${MS_UNITS:-$MS_ROOT/build/host/unit}"
  cd "$BATS_TEST_TMPDIR" || exit 1
  mkdir examples
  cp -R "$MS_ROOT/examples/hello-world" examples
}

# range NAME: start and end of a line of the image's memory map; 0 0 without one.
range() {
  jq -r --arg name "$1" '[.image.memory_map[] | select(.name == $name)][0] //
    {start: 0, end: 0} | "\(.start) \(.end)"' build/stages/*-ms-link.json
}

foreseen() { # KERNEL
  local user virt
  user=$(range rootserver)
  cpio -i --quiet --to-stdout rootserver <build/system.cpio >root.elf
  virt=$(aarch64-linux-gnu-readelf -lW root.elf | awk '$1 == "LOAD" { print $3; exit }')
  # shellcheck disable=SC2046,SC2086
  printf '%s\n' "$1" $user "$((virt & ~4095))" $(range dtb)
}

@test "slots and untypeds of every real kernel are those that are foreseen" {
  need_kernels
  for k in "${kernels[@]}"; do
    echo "# $k"
    ms-build -q --kernel "$k" examples/hello-world/system.toml
    mapfile -t boot < <(foreseen "$k")
    mapfile -t machine < <("$tools/test-kernel" qemu "$k")
    where=$("$tools/test-boot" where "${boot[@]}")
    { sleep 4; echo "pmemsave $where 4096 info"; sleep 1; echo quit; } |
      timeout 30 qemu-system-aarch64 "${machine[@]}" -display none -serial null -monitor stdio \
        -kernel build/system-image.bin >/dev/null
    "$tools/test-boot" compare "${boot[@]}" info
  done
}
