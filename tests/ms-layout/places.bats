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

@test "variables, programs, capabilities" {
  # the symbol is not there, too small, or set where the program has no memory
  {
    printf '[build]\nroot_task = "system"\n'
    domain a 100 'maps = [{ region = "far", vaddr = 0x4000000, setvar_vaddr = "none", setvar_size = "too_small" }]' \
      'setvars = [{ symbol = "small", region_paddr = "far" }, { symbol = "none_too", value = 7 }]'
    PROGRAM=a domain b 50 'parent = "a"' 'child_id = 3' 'setvar_id = "no_child"'
    region far 0x1000
    printf '[[irq_delivery]]\nirq = 40\ntarget_pd = "a"\nsetvar_id = "no_irq"\n'
  } >system.toml
  program a "$(variable small 4)" "$(variable too_small 3)" "$(variable microkit_irqs 4)"
  compiled system.toml >doc.json
  lay classic
  told 8:61 setvar-symbol
  told 8:83 setvar-size
  told 9:23 setvar-size
  told 9:67 setvar-symbol
  told 17:13 setvar-symbol
  told 27:13 setvar-symbol
  told 5:10 setvar-size # of the program itself: where the program is named
  # the program
  program a
  sed 's/= ALIGN(4096)/= ALIGN(16)/' program.lds >close.lds
  aarch64-linux-gnu-gcc -nostdlib -static -no-pie -Wl,--build-id=none -T close.lds -o a.elf a.S
  sed -i '/setvar/d; s/^maps.*//' system.toml
  compiled system.toml >doc.json
  lay classic
  told 5:10 segment-page
  cp doc.json before.json
  printf 'no program' >a.elf
  compiled system.toml >doc.json
  lay classic
  told 5:10 elf
  cp before.json doc.json
  lay classic
  told 5:10 artifact-changed
}

@test "domains and their schedule" {
  {
    printf '[build]\nroot_task = "system"\n'
    domain a 100 'domain = "one"'
    printf '[[domains]]\nname = "one"\nid = 200\n'
    printf '[domain_schedule]\nindex_shift = 90\n'
    printf '[[domain_schedule.entries]]\ndomain = "one"\nduration = 3\nunit = "us"\n'
    printf '[[domain_schedule.entries]]\nend_marker = true\n%.0s' {1..12}
  } >system.toml
  compiled system.toml >doc.json
  lay classic
  told 10:8 domain-kernel # a kernel without domains
  lay mcs
  told 11:6 domain-kernel # the id
  told 13:15 domain-kernel # more entries than the kernel has
  sed -i 's/^id = 200/id = 3/; s/^index_shift = 90/index_shift = 2/' system.toml
  compiled system.toml >doc.json
  sed -i.whole 's/,"TIMER_FREQUENCY":"62500000"//' kernels/mcs/gen_config.json
  lay mcs
  told 17:8 domain-kernel # the duration in us
  mv kernels/mcs/gen_config.json.whole kernels/mcs/gen_config.json
  compiled system.toml >doc.json
  run -0 --separate-stderr ms-layout --kernel kernels/mcs --spec system.toml doc.json
  grep -q '^system.toml:12:1: warning: domain 0 has no turn.* \[domain-turn\]$' <<<"$stderr" || { echo "$stderr"; return 1; }
}

@test "a prefill that does not fit, a program without symbols, a map below the stack" {
  head -c 5000 /dev/zero >rom.bin
  {
    printf '[build]\nroot_task = "system"\n'
    domain a 100 'maps = [{ region = "rom", vaddr = 0x4000000 }, { region = "low", vaddr = "0xffffffa000" }]'
    region rom 4096 'prefill_from = "rom.bin"'
    region low 4096
  } >system.toml
  compiled system.toml >doc.json
  lay mcs
  told 14:16 prefill
  sed -i 's/^size_bytes = 4096$/size_bytes = 8192/' system.toml
  aarch64-linux-gnu-strip a.elf
  compiled system.toml >doc.json
  run --separate-stderr ms-layout --kernel kernels/mcs --spec system.toml doc.json
  grep -q '^system.toml:5:10: warning: .* \[pd-symbols\]$' <<<"$stderr" || { echo "$stderr"; return 1; }
}

@test "a system in XML: line and column there, found through the search paths too" {
  mkdir -p out
  program uart "$(variable small 4)"
  mv uart.elf out/
  cat >board.system <<'END'
<system>
    <memory_region name="r" size="0x1000" phys_addr="0x8000000" />
    <protection_domain name="uart" cpu="9">
        <program_image path="uart.elf" />
        <map mr="r" vaddr="0x4000000" setvar_vaddr="none" />
        <setvar symbol="small" region_paddr="r" />
    </protection_domain>
</system>
END
  ms-import --search-path out board.system >system.toml
  compiled system.toml >doc.json
  lay classic board.system
  [[ $stderr == *"ms-layout: error: uart: core 9"* ]]
  run -1 --separate-stderr ms-layout --kernel kernels/classic --spec board.system --search-path out doc.json
  at() { grep -q "^board.system:$1: error: .* \[$2\]$" <<<"$stderr" || { echo "$stderr"; return 1; }; }
  at 3:40 pd-cpu
  sed -i 's/ cpu="9"//' board.system
  ms-import --search-path out board.system >system.toml
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-layout --kernel kernels/classic --spec board.system --search-path out doc.json
  at 5:52 setvar-symbol
  at 6:24 setvar-size
  run -2 ms-layout --search-path out doc.json
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
