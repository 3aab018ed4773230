# SPDX-License-Identifier: BSD-2-Clause
# What tests of device trees share. Load it after lib.bash.

# with_tree KERNEL FOLDER: prints a kernel folder that has a device tree: KERNEL itself, or FOLDER, made of a
# Microkit SDK's folder for QEMU's machine and that machine's own tree. Fails where neither can be had.
with_tree() {
  if [ -e "$1/kernel.dtb" ] || [ -e "$1/support/kernel.dtb" ]; then
    echo "$1"
    return
  fi
  jq -e .PLAT_QEMU_ARM_VIRT "$1/include/kernel/gen_config.json" >/dev/null 2>&1 || return 1
  mkdir -p "$2"
  ln -sfn "$1"/* "$2/"
  timeout 60 qemu-system-aarch64 -machine "virt,virtualization=on,dumpdtb=$2/whole.dtb" -cpu cortex-a53 -m 2G \
    -display none -nic none >/dev/null 2>&1
  # QEMU leaves most of a MiB free behind it.
  dtc -q -I dtb -O dtb -o "$2/kernel.dtb" "$2/whole.dtb"
  echo "$2"
}
