#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-layout --spec: messages about the system say where it is written.
load ../lib
load ../layout

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  kernels
  root
  program a
  cat >system.toml <<'END'
[build]
root_task = "system"
[[protection_domains]]
name = "a"
binary = "a.elf"
priority = 1
cpu = 9
maps = [{ region = "regs", vaddr = 0x200000 }, { region = "far", vaddr = "0x800000000000" }]
[[memory_regions]]
name = "regs"
phys_addr = 0x8000000
size_bytes = 4096
permissions = ["read"]
[[memory_regions]]
name = "far"
size_bytes = 4096
permissions = ["read"]
[[irq_delivery]]
irq = 27
target_pd = "a"
END
}

# told WHERE RULE: stderr has a message there by that rule.
told() {
  grep -q "^system.toml:$1: error: .* \[$2\]$" <<<"$stderr" || { echo "$stderr"; return 1; }
}

lay() { run -1 --separate-stderr ms-layout --kernel "kernels/$1" --spec "${2:-system.toml}" doc.json; }

@test "cores, interrupts, maps, addresses" {
  compiled system.toml >doc.json
  lay classic
  told 7:7 pd-cpu
  told 19:7 irq-reserved
  sed -i '/^cpu/d; s/^irq = 27/irq = 40/' system.toml
  compiled system.toml >doc.json
  lay classic
  told 7:36 map-overlap
  told 7:74 map-user-space
  sed -i 's/0x200000/0x4000000/; s/"0x800000000000"/"auto"/' system.toml
  compiled system.toml >doc.json
  lay classic
  told 10:13 region-address
}

@test "what the device tree does not have; rules that its numbers break" {
  printf '/dts-v1/; / { #address-cells = <1>; #size-cells = <1>; s@9000000 { reg = <0x9000000 0x1000>; }; };\n' |
    dtc -q -O dtb -o kernels/classic/kernel.dtb
  sed -i '/^cpu/d; s/^irq = 27/irq = { dt = "\/s" }/; s/0x200000/0x4000000/; s/"0x800000000000"/"auto"/' system.toml
  compiled system.toml >doc.json
  lay classic
  told 18:7 device-tree
  sed -i '/^\[\[irq/,$d; s/^phys_addr = .*/phys_addr = { dt = "\/s" }/' system.toml
  sed -i 's/^name = "far"/&\nphys_addr = 0x9000000/' system.toml
  compiled system.toml >doc.json
  lay classic
  told 15:13 region-overlap
}

@test "another system's text, none, or no TOML: the message without a place" {
  compiled system.toml >doc.json
  sed 's/priority = 1/priority = 2/' system.toml >other.toml
  for text in other.toml nowhere.toml; do
    lay classic "$text"
    [[ $stderr == *"ms-layout: error: a: core 9"* ]] || { echo "$stderr"; return 1; }
    [[ $stderr != *toml:* ]]
  done
  run -2 ms-layout --decode --spec system.toml table
}
