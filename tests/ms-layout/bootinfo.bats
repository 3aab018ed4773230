#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-layout: regions that are filled with the device tree that the kernel hands on.
load ../lib
load ../layout

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  kernels
  # a tree of 5,000 bytes and some
  printf '/dts-v1/;\n/ { text = "%s"; };\n' "$(head -c 5000 /dev/zero | tr '\0' x)" >board.dts
  dtc -q -O dtb -o kernels/mcs/kernel.dtb board.dts
  cp kernels/mcs/kernel.dtb kernels/classic/
  bytes=$(($(stat -c %s kernels/mcs/kernel.dtb) + 16))
}

# tree BYTES [LINE...]: a system whose region has the tree; 0 bytes: no size is said.
tree() {
  root
  program uart "$(variable tree_bytes 8)"
  {
    printf '[build]\nroot_task = "system"\n'
    domain uart 100 'maps = [{region = "tree", vaddr = 0x4000000, setvar_size = "tree_bytes"}]'
    region tree "$1" 'prefill_bootinfo = "fdt"' "${@:2}"
  } >system.toml
  compiled system.toml >doc.json
}

fills() { jq -c '[.layout.fills[] | select(.name == "region/tree") | [.frame, .source, .at, .size]]' layout.json; }

@test "as large as the tree and its header; the root task carries it out against a model of seL4" {
  for kind in mcs classic; do
    tree 0
    ms-layout --kernel "kernels/$kind" doc.json -o layout.json
    [ "$(jq .layout.boot.tree_size layout.json)" = "$bytes" ]
    [ "$(fills)" = "[[\"region/tree[0]\",\"bootinfo/fdt+0x0\",0,4096],[\"region/tree[1]\",\"bootinfo/fdt+0x1000\",0,$((bytes - 4096))]]" ]
    through_model "$kind"
    # the way back, and the same again
    ms-layout --decode build/system.table >decoded.json
    cmp <(jq -cS .layout.fills layout.json) <(jq -cS '.fills // .layout.fills' decoded.json)
  done
}

@test "a size that is given: zeroes behind the tree, or an error" {
  tree 2097152 'page_bytes = 2097152'
  ms-layout --kernel kernels/mcs doc.json -o layout.json
  [ "$(fills)" = "[[\"region/tree\",\"bootinfo/fdt+0x0\",0,$bytes]]" ]
  through_model mcs
  tree 4096
  run -1 --separate-stderr ms-layout --kernel kernels/mcs doc.json
  [[ $stderr == *"region tree: the device tree of this kernel and the header of 16 bytes before it are $bytes bytes; it has room for 4096 [region-bootinfo]"* ]]
}

@test "seen past the caches it is written back; device memory cannot have it" {
  tree 8192
  sed -i 's/^caching = "cached"$/caching = "uncached"/' system.toml
  compiled system.toml >doc.json
  ms-layout --kernel kernels/mcs doc.json -o layout.json
  [ "$(jq -c '[.layout.fills[] | select(.name == "region/tree").flags] | unique' layout.json)" = '[["clean"]]' ]
  through_model mcs
  sed -i 's/"uncached"/"device-memory"/' system.toml
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-layout --kernel kernels/mcs doc.json
  [[ $stderr == *"device memory cannot be prefilled [region-prefill]"* ]]
}

@test "a kernel folder without a device tree is told of" {
  rm kernels/mcs/kernel.dtb
  tree 0
  run -1 --separate-stderr ms-layout --kernel kernels/mcs doc.json
  [[ $stderr == *"region tree: the kernel folder kernels/mcs has no kernel.dtb"*"[region-bootinfo]"* ]]
  # where nobody maps it, nothing is filled
  sed -i '/^maps/d' system.toml
  compiled system.toml >doc.json
  dtc -q -O dtb -o kernels/mcs/kernel.dtb board.dts
  ms-layout --kernel kernels/mcs doc.json -o layout.json
  [ "$(jq .layout.boot.tree_size layout.json)" = null ]
  [ "$(fills)" = '[]' ]
}

@test "a board folder of a Microkit SDK gives the tree that was put there" {
  mkdir -p sdk/include/kernel sdk/elf
  cp kernels/mcs/gen_config.json sdk/include/kernel/
  cp kernels/mcs/kernel.elf sdk/elf/sel4.elf
  tree 0
  run -1 --separate-stderr ms-layout --kernel sdk doc.json
  [[ $stderr == *"sdk has no kernel.dtb"* ]]
  cp kernels/mcs/kernel.dtb sdk/
  ms-layout --kernel sdk doc.json -o layout.json
  [ "$(jq .layout.boot.tree_size layout.json)" = "$bytes" ]
}
