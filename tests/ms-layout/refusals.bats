#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-layout: what does not fit a kernel, a program or the memory; hostile tables and documents.
load ../lib
load ../layout

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  kernels
  root
  program a
}

# refused RULE TEXT [KIND]: ms-layout refuses system.toml, by that rule, saying that.
refused() {
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-layout --kernel "kernels/${3:-mcs}" doc.json
  [[ $stderr == *"$2"*"[$1]"* ]] || { echo "$stderr"; return 1; }
}

@test "interrupts that the kernel does not have, or keeps" {
  irq() {
    domain a 100 >system.toml
    printf '[[irq_delivery]]\nirq = %d\ntarget_pd = "a"\ntarget_channel = 1\n' "$1" >>system.toml
  }
  irq 200; refused irq-range "last one is 159"
  irq 27; refused irq-reserved "kernel's own timer" classic
  irq 26; refused irq-reserved "kernel's own timer"
  irq 27; refused irq-reserved "virtual machines"
  irq 25; refused irq-reserved "virtual machines"
  irq 3; refused irq-reserved "cores send"
  irq 159
  compiled system.toml | ms-layout --kernel kernels/mcs >/dev/null
}

@test "interrupts of a controller that is no GIC" {
  sed -i 's/"PLAT":/"PLAT_BCM2837":true,&/' kernels/classic/gen_config.json
  grep -q PLAT_BCM2837 kernels/classic/gen_config.json
  irq() {
    domain a 100 >system.toml
    printf '[[irq_delivery]]\nirq = %d\ntarget_pd = "a"\ntarget_channel = 1\n%s\n' "$@" >>system.toml
  }
  irq 3 ''; refused irq-reserved "kernel's own timer" classic
  irq 67 'trigger = "edge"'; refused irq-controller "edges are for a GIC" classic
  for n in 2 27 67; do
    irq $n ''
    compiled system.toml | ms-layout --kernel kernels/classic >/dev/null
  done
}

@test "what needs an MCS kernel, another core, or firmware calls" {
  domain a 100 'passive = true' >system.toml
  echo 'build = {root_task = "system"}' | cat - system.toml >t; mv t system.toml
  refused pd-mcs "passive" classic
  sed -i 's/passive = true/budget_us = 500/' system.toml
  refused pd-mcs "budget" classic
  sed -i 's/budget_us = 500/cpu = 1/' system.toml
  refused pd-cpu "core 1"
  sed -i 's/cpu = 1/smc = true/' system.toml
  refused pd-smc "ALLOW_SMC_CALLS" classic
}

@test "budgets and periods that the kernel cannot count" {
  domain a 100 'period_us = 36893488147420' >system.toml
  echo 'build = {root_task = "system"}' | cat - system.toml >t && mv t system.toml
  refused pd-time "period of 36893488147420 us; this kernel takes 20 to 36893488147419"
  sed -i 's/^period_us.*/period_us = 36893488147419/' system.toml
  compiled system.toml | ms-layout --kernel kernels/mcs >/dev/null
  # What the kernel states itself; a timer of whole megahertz; a longer way through the kernel.
  sed -i 's/"KERNEL_MCS":true/&,"KERNEL_STATIC_MAX_PERIOD_US":"3600000000"/' kernels/mcs/gen_config.json
  refused pd-time "takes 20 to 3600000000"
  sed -i 's/"KERNEL_STATIC_MAX_PERIOD_US":"[0-9]*"/"KERNEL_WCET_SCALE":"3"/; s/62500000/62000000/' kernels/mcs/gen_config.json
  compiled system.toml | ms-layout --kernel kernels/mcs >/dev/null
  sed -i 's/^period_us.*/budget_us = 59/' system.toml
  refused pd-time "takes 60 to 37191016277640225"
  sed -i '/^budget_us/d' system.toml
  printf '[[virtual_machines]]\nname = "g"\nparent = "a"\nvcpus = [{ id = 0 }]\nbudget_us = 20\n' >>system.toml
  refused pd-time "virtual machine g: a budget of 20 us"
}

@test "virtual machines: on hypervisors, on cores that there are, in the guest's addresses" {
  guest() { # LINE...
    domain a 100
    printf '[[virtual_machines]]\nname = "guest"\nparent = "a"\n'
    printf '%s\n' "$@"
  }
  guest 'vcpus = [{ id = 0 }]' >system.toml
  refused vm-hypervisor "guest: this kernel is no hypervisor" classic
  guest 'vcpus = [{ id = 0 }]' 'budget_us = 500' >system.toml
  refused pd-mcs "virtual machine guest: a budget" classic
  guest 'vcpus = [{ id = 0 }, { id = 1, cpu = 1 }]' >system.toml
  refused pd-cpu "virtual machine guest: core 1"
  guest 'vcpus = [{ id = 0, setvar_id = "cpu" }]' >system.toml
  refused setvar-symbol "no symbol cpu"
  {
    guest 'vcpus = [{ id = 0 }]' 'maps = [{region = "r", vaddr = 0xfffffff000}, {region = "r", vaddr = 0x0}]'
    region r 8192
  } >system.toml
  refused map-user-space "guest: region/r"
}

@test "domains: what the kernel cannot do, in its settings' names" {
  in_domain() { # ID ENTRIES [KEY]
    domain a 100 'domain = "d"'
    printf '[[domains]]\nname = "d"\nid = %d\n[domain_schedule]\nentries = [%s]\n%s\n' "$1" "$2" "${3:-}"
  }
  local turn='{domain = "d", duration = 5, unit = "us"}' many
  in_domain 1 "$turn" >system.toml; refused domain-kernel "NUM_DOMAINS 1" classic
  in_domain 16 "$turn" >system.toml; refused domain-kernel "NUM_DOMAINS is 16"
  many=$(yes "$turn," | head -98)
  in_domain 15 "$many $turn" >system.toml
  compiled system.toml | ms-layout --kernel kernels/mcs >/dev/null
  in_domain 15 "$many $turn" 'index_shift = 1' >system.toml
  refused domain-kernel "NUM_DOMAIN_SCHEDULES is 100"
  in_domain 1 "{end_marker = true}, $turn" 'start_index = 1' >system.toml
  refused domain-kernel "entry 0"
  in_domain 1 '{domain = "d", duration = 9007199254740991, unit = "us"}' >system.toml
  refused domain-kernel "2^56-1"
  sed -i 's/"NUM_DOMAINS":"1"/"NUM_DOMAINS":"4"/' kernels/classic/gen_config.json
  in_domain 1 '{domain = "d", duration = 3000, unit = "us"}' >system.toml
  refused domain-kernel "TIMER_TICK_MS 2" classic
  sed -i 's/"TIMER_TICK_MS":"2"/"NO":"2"/' kernels/classic/gen_config.json
  refused domain-kernel "state its TIMER_TICK_MS" classic
}

@test "caps: of what the kernel has, and for programs that know of them" {
  domain a 100 'caps = [{kind = "sc", pd = "a", slot = 1}]' >system.toml
  refused pd-mcs "scheduling context" classic
  program a '.globl __sel4_ipc_buffer_obj' '.set __sel4_ipc_buffer_obj, 0x300000'
  refused pd-caps "before 2.3.0"
}

@test "memory: not enough of it, or none at an address" {
  mapped() {
    domain a 100 'maps = [{region = "r", vaddr = 0x10000000}]' >system.toml
    region r "$@" >>system.toml
  }
  mapped 4294967296; refused memory "2048 LargePage"
  [[ $stderr == *"the largest pieces are 0x"* ]]
  mapped 2147483648 'page_bytes = 4096'; refused memory "SmallPage"
  mapped 4096 'phys_addr = 0x60001000' && refused region-address "the kernel" classic || true
  mapped 4096 'phys_addr = 0x60100000'; refused region-address "the kernel"
  mapped 4096 'phys_addr = 0x60441000'; refused region-address "the archive"
  mapped 4096 'phys_addr = 0x8000000'; refused region-address "devices"
  mapped 4096 'phys_addr = 0xbf800000'; refused region-address "own objects"
}

@test "addresses: overlaps, outside user space, on no page" {
  at() {
    domain a 100 "maps = [{region = \"r\", vaddr = $1}]" >system.toml
    region r "${2:-4096}" "${3:-}" >>system.toml
  }
  at 0x200000; refused map-overlap "program"
  at 0xfffffff000; refused map-overlap "ipc-buffer"
  at 0xffffffe000; refused map-overlap "guard page"
  at 0xffffffd000; refused map-overlap "stack"
  at 0x10000000000; refused map-user-space "ends at 0x10000000000"
  at 0x10001000 2097152 'page_bytes = 2097152' && refused "region-page" "" || true
}

@test "the page below the stack: of our own programs nobody's, of others' by an address only" {
  domain a 100 'maps = [{region = "r", vaddr = 0xffffffb000}]' >system.toml
  region r 4096 >>system.toml
  compiled system.toml >ready.json
  run --separate-stderr -0 ms-layout --kernel kernels/mcs ready.json
  [[ $stderr == "ms-layout: warning: a: region/r at 0xffffffb000..0xffffffc000 reaches its stack:"*"[map-guard]" ]]
  mkdir -p build/pd; cp a.elf build/pd/a.elf
  sed -i 's/"a.elf"/"a.c"/' system.toml
  refused map-overlap "guard page"
}

@test "the stack ends where the program's own library has it" {
  top() { compiled system.toml | ms-layout --kernel kernels/mcs | jq -r '.layout.threads[0] | .sp + " " + .stack_bottom'; }
  domain a 100 >system.toml
  echo 'smc = false' >>system.toml
  region r 4096 >>system.toml
  [ "$(top)" = "0xffffffe000 0xffffffc000" ]
  program a '.globl __sel4_ipc_buffer_obj' '.set __sel4_ipc_buffer_obj, 0x300000'
  [ "$(top)" = "0x10000000000 0xffffffe000" ]
}

@test "programs: symbols, segments" {
  vars() { domain a 100 "$1" >system.toml && region r 4096 >>system.toml; }
  vars 'setvars = [{symbol = "none", value = 1}]'; refused setvar-symbol "no symbol none"
  program a "$(variable small 2)" "$(variable odd 3)"
  vars 'setvars = [{symbol = "small", value = 65536}]'; refused setvar-size "does not fit"
  vars 'setvars = [{symbol = "odd", value = 1}]'; refused setvar-size "3 bytes"
  vars 'setvars = [{symbol = "small", region_paddr = "r"}]'; refused setvar-size "needs 8"
  program a '.balign 8' 'twice: .quad 1' '.set other, twice' '.type other, %object'
  printf '%s\n' '.data' 'twice: .quad 2' '.section .note.GNU-stack, "", %progbits' >b.S
  aarch64-linux-gnu-gcc -nostdlib -static -no-pie -Wl,--build-id=none -T program.lds -o a.elf a.S b.S
  vars 'setvars = [{symbol = "twice", value = 1}]'; refused setvar-symbol "more than one symbol twice"
  aarch64-linux-gnu-strip -o bare.elf a.elf
  aarch64-linux-gnu-objcopy --only-keep-debug a.elf names.elf
  PROGRAM=bare domain a 100 'setvars = [{symbol = "twice", value = 1}]' >system.toml
  refused setvar-symbol "no symbol twice"
  PROGRAM=bare domain a 100 'setvars = [{symbol = "twice", value = 1}]' 'symbols_from = "names.elf"' >system.toml
  refused setvar-symbol "more than one symbol twice"
  program a "$(variable microkit_irqs 4)"
  vars ''; refused setvar-size "microkit_irqs"
  program a '.globl __sel4_ipc_buffer_obj' '.set __sel4_ipc_buffer_obj, 0x300010'
  vars ''; refused ipc-buffer "0x300010"
  program a '.globl __sel4_ipc_buffer_obj' '.set __sel4_ipc_buffer_obj, 0x202000'
  vars ''; refused map-overlap "ipc-buffer"
  program a '.globl __sel4_ipc_buffer_obj' '.set __sel4_ipc_buffer_obj, 0x300000'
  vars ''
  compiled system.toml | ms-layout --kernel kernels/mcs | jq -e '.layout.threads[0].ipc_vaddr == "0x300000"'
  sed 's/= ALIGN(4096)/= ALIGN(16)/' program.lds >close.lds
  aarch64-linux-gnu-gcc -nostdlib -static -no-pie -Wl,--build-id=none -T close.lds -o a.elf a.S
  vars ''; refused segment-page "share the page"
}

@test "prefills that do not fit, and device memory" {
  head -c 9000 /dev/zero >fill
  domain a 100 'maps = [{region = "r", vaddr = 0x10000000}]' >system.toml
  region r 8192 'prefill_from = "fill"' >>system.toml
  refused prefill "do not fit"
  sed -i 's/8192/12288/; s/"cached"/"device-memory"/' system.toml
  domain a 100 'maps = [{region = "r", vaddr = 0x10000000}]' >/dev/null
  refused region-prefill "device memory"
}

@test "an image that this kernel's root CNode or memory cannot take" {
  # 15 MiB of programs fit a CNode of 2^12 slots, 16 MiB do not.
  program a "$(printf '.fill 15000000, 1, 1')"
  domain a 100 >system.toml
  region r 4096 >>system.toml
  compiled system.toml | ms-layout --kernel kernels/classic >/dev/null
  program a "$(printf '.fill 16700000, 1, 1')"
  refused root-slots "4096 slots" classic
  compiled system.toml | ms-layout --kernel kernels/mcs >/dev/null
}

# -- hostile input -----------------------------------------------------------------------

@test "a file that is no table is refused, whatever its bytes" {
  for make in 'printf x' 'true' 'head -c 5000 /dev/urandom'; do
    $make >table
    run -1 --separate-stderr ms-layout --decode table
    [[ $stderr == *"[table]"* ]]
  done
}

@test "a table with any byte changed or missing ends with 0 or 1" {
  small
  compiled system.toml | ms-layout --kernel kernels/mcs >/dev/null
  size=$(stat -c %s build/system.table)
  for ((at = 0; at < size; at += 61)); do
    cp build/system.table t
    printf '\377' | dd of=t bs=1 seek="$at" conv=notrunc status=none
    status=0
    ms-layout --decode t >/dev/null 2>&1 || status=$?
    [ "$status" -le 1 ] || { echo "byte $at: $status"; return 1; }
    head -c "$at" build/system.table >t
    run -1 ms-layout --decode t
  done
}

@test "a layout that breaks an assertion is not packed, even with the right digest" {
  small
  printf '[[assertions]]\nnever = "other"\nmaps = "ring"\n[[assertions]]\nnever = "client"\nsignals = "uart"\n' >>system.toml
  compiled system.toml | ms-layout --kernel kernels/mcs >layout.json
  ms-cpio --kernel kernels/mcs layout.json >/dev/null
  doctored() { # FILTER MESSAGE
    jq -cS "$1" layout.json >changed.json
    run -1 --separate-stderr ms-cpio --kernel kernels/mcs changed.json
    [[ $stderr =~ which\ has\ sha256\ ([0-9a-f]{64}) ]]
    jq -cS --arg sha256 "${BASH_REMATCH[1]}" '.layout.table.sha256 = $sha256' changed.json >doctored.json
    run -1 --separate-stderr ms-cpio --kernel kernels/mcs doctored.json
    [[ $stderr == *"$2"*"[assertion-layout]"* ]] || { echo "$stderr"; return 1; }
  }
  doctored '.layout.maps |= map(if .name == "pd/client/region/ring" then .vspace = "pd/other/vspace" else . end)' \
    "'other' maps 'ring'"
  doctored '.layout.caps |= map(if .name == "channel/requests" then .object = "pd/uart/notification" else . end)' \
    "'client' signals 'uart'"
}

@test "a layout that was changed by hand is not packed, or not linked" {
  small
  compiled system.toml | ms-layout --kernel kernels/mcs >layout.json
  changed() {
    jq -cS "$1" layout.json >changed.json
    run -1 --separate-stderr ms-cpio --kernel kernels/mcs changed.json
    [[ $stderr == *"[layout]"* ]] || { echo "$1: $stderr"; return 1; }
  }
  changed '.layout.caps[3].slot = 12'
  changed '.layout.caps[3].rights = ["fly"]'
  changed '.layout.maps[0].frames = "nowhere"'
  changed '.layout.objects[0].name = "x[0..99999999]"'
  changed '.layout.objects[0].size_bits = 99'
  changed '.layout.objects = 7'
  changed 'del(.layout.boot.work_bits)'
  changed '.layout.table.size = 1e9'
  changed '.layout.table.sha256 = (.layout.table.sha256 | ascii_upcase)'
  # What the table does not hold is seen when its document is made from it.
  ms-cpio --kernel kernels/mcs layout.json >packed.json
  ms-link --map packed.json >/dev/null
  run -1 --separate-stderr ms-link --image-start 0x60800000 --map packed.json
  [[ $stderr == *"ms-layout has decided"* ]]
  jq -cS '.layout.caps[3].comment = "harmless"' packed.json >changed.json
  run -1 --separate-stderr ms-link --map changed.json
  [[ $stderr == *"[layout]"* ]]
}

@test "a document in another form of JSON is packed and linked to the same bytes" {
  small
  compiled system.toml | ms-layout --kernel kernels/mcs >layout.json
  ms-cpio --kernel kernels/mcs layout.json >packed.json
  ms-link --map packed.json >map
  jq . layout.json | ms-cpio --kernel kernels/mcs | cmp - packed.json
  jq . packed.json | ms-link --map | cmp - map
  # keys in another order, and characters that need no escapes with them
  jq -c 'to_entries | reverse | from_entries | .layout |= (to_entries | reverse | from_entries)' layout.json |
    sed 's|pd/client/tcb|pd\\u002fclient/tcb|' >odd.json
  run ! cmp -s layout.json odd.json
  ms-cpio --kernel kernels/mcs odd.json | cmp - packed.json
  # what is no JSON inside is said, and nothing is packed
  for edit in 's/"count":1,/"count":01,/' 's/"layout":{/"layout":{"boot":1,/' 's/"layout":{/"layout":{,/'; do
    sed "$edit" layout.json >broken.json
    run -1 --separate-stderr ms-cpio --kernel kernels/mcs broken.json
    [[ $stderr == *"[json]"* ]] || { echo "$edit: $stderr"; return 1; }
    sed 's/"root_task":"system"/"root_task" : "system"/' broken.json >broken2.json
    run -1 --separate-stderr ms-cpio --kernel kernels/mcs broken2.json
    [[ $stderr == *"[json]"* ]] || { echo "$edit: $stderr"; return 1; }
  done
  # a system is not packed as the single domain that another layout is for
  jq -cS '.layout = {"root_task": "pd"}' layout.json >other.json
  run -1 --separate-stderr ms-cpio --kernel kernels/mcs other.json
  [[ $stderr == *"none of a system"*"[layout]"* ]]
}

@test "an archive for another kernel, or with another prefill, is refused" {
  small
  compiled system.toml | ms-layout --kernel kernels/mcs >layout.json
  run -1 --separate-stderr ms-cpio --kernel kernels/classic layout.json
  [[ $stderr == *"[layout]"* ]]
  head -c 4000 /dev/zero >rom.bin
  run -1 --separate-stderr ms-cpio --kernel kernels/mcs layout.json
  [[ $stderr == *"[layout]"* ]]
}

@test "a program in the last page of all addresses" {
  domain top 100 >system.toml
  domain other 100 | sed 's/other.elf/a.elf/' >>system.toml
  # Rounded up to a page, its end would be 0.
  printf '%s\n' 'ENTRY(_start)' 'PHDRS { text PT_LOAD FLAGS(5); top PT_LOAD FLAGS(4); }' \
    'SECTIONS { . = 0x200000; .text : { *(.text) } :text' \
    '. = 0xfffffffffffff000; .rodata : { *(.rodata) } :top /DISCARD/ : { *(.note*) *(.data) } }' >top.lds
  aarch64-linux-gnu-gcc -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 -T top.lds -o top.elf a.S
  refused map-user-space "top: a segment of top.elf, 0x"
}
