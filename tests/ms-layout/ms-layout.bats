#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-layout: systems on kernels that look like seL4's; documents and tables; what does not fit.
load ../lib
load ../layout

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  kernels
}

# refused RULE [KIND]: ms-layout refuses system.toml, by that rule alone.
refused() {
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-layout --kernel "kernels/${2:-mcs}" doc.json
  [[ $stderr == *"[$1]"* ]] || { echo "$stderr"; return 1; }
}

# q FILTER: of layout.json's layout.
q() {
  jq -rc ".layout | $1" layout.json
}

laid_out() {
  compiled system.toml >doc.json
  ms-layout --kernel "kernels/${1:-mcs}" doc.json -o layout.json
}

@test "a PD that is the root task needs neither layout nor kernel" {
  program hello
  domain hello 100 >system.toml
  ms-parse system.toml | ms-plan | ms-hash | jq -cS --arg sha256 "$(sha256sum hello.elf | cut -d' ' -f1)" \
    '.artifacts = [{path: "hello.elf", step: "hello", sha256: $sha256, size: 1, entry: "0x0"}]' >doc.json
  ms-layout doc.json >out.json
  jq -cS . out.json | cmp - out.json
  [ "$(jq -c .layout out.json)" = '{"root_task":"pd"}' ]
  jq -cS 'del(.layout)' out.json | cmp - doc.json
  ms-layout <doc.json | cmp - out.json
  [[ $(ms-layout --report doc.json) == *"the root task itself"* ]]
}

@test "a document without artifacts, or with a layout already, is refused" {
  small
  ms-parse system.toml | ms-plan | ms-hash >doc.json
  run -1 --separate-stderr ms-layout --kernel kernels/mcs doc.json
  [[ $stderr == *artifacts* ]]
  laid_out
  run -1 --separate-stderr ms-layout --kernel kernels/mcs layout.json
  [[ $stderr == *layout* ]]
}

@test "wrong calls" {
  run -2 --separate-stderr ms-layout --decode --kernel x
  [[ $stderr == *"are for documents"* ]]
  run -2 ms-layout a b
  run -2 ms-layout --no-such
  run -3 ms-layout /nonexistent
  small
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-layout doc.json
  [[ $stderr == *"no kernel"* ]]
  run -3 ms-layout --kernel kernels/mcs doc.json -o /dev/full
}

# -- what is decided ---------------------------------------------------------------------

@test "the report of a small system, on both kinds of kernel" {
  small
  for kind in classic mcs; do
    laid_out "$kind"
    ms-layout --kernel "kernels/$kind" --report doc.json >report
    if [ "${MS_GOLDEN:-}" = write ]; then cp report "$BATS_TEST_DIRNAME/report-$kind"; fi
    diff -u "$BATS_TEST_DIRNAME/report-$kind" report
    ms-layout --decode --report build/system.table | cmp - <(sed -n '/^Physical memory/,$p' report)
  done
}

@test "how the kernel is configured beside the verified ones is recorded, and said" {
  small
  laid_out mcs
  ms-cpio --kernel kernels/mcs layout.json -o packed.json
  jq -e '.archive.kernel.verified_config | keys == ["date", "different", "differs", "nearest", "proved",
      "release", "source", "verdict"]
    and .verdict == "other-configuration" and .release == "16.0.0"
    and (.differs | length) == .different
    and ([.differs[] | select(.option == "PRINTING") | .here, .verified] == ["on", "off"])
    and ([.differs[] | select(.option == "PLAT").here] == ["qemu-arm-virt"])' packed.json
  ms-link -o linked.json packed.json
  [ "$(jq -c .archive.kernel linked.json)" = "$(jq -c .archive.kernel packed.json)" ]
  ms-layout --kernel kernels/mcs --report doc.json >report
  jq -r '.archive.kernel.verified_config.differs[] | .option' packed.json |
    while read -r option; do grep -q "^    $option  *here " report; done
  # no other verdict is taken
  jq -c '.archive.kernel.verified_config.verdict = "proved-correct"' packed.json >wrong.json
  run -1 --separate-stderr ms-link wrong.json
  [[ $stderr == *verified_config.verdict* ]]
}

@test "the root task carries the table out, against a model of seL4" {
  small
  for kind in classic mcs; do
    laid_out "$kind"
    through_model "$kind"
    [ "$(jq -r '[.threads[].name] | join(" ")' model.json)" = "uart client other" ]
  done
}

@test "the same document in another folder gives the same bytes" {
  small
  laid_out
  mv layout.json first.json
  mkdir other
  cp -R ./*.elf rom.bin kernels other
  (cd other && ms-layout --kernel kernels/mcs ../doc.json) | cmp - first.json
}

@test "a table gives its document back, and the document its table" {
  small
  for kind in classic mcs; do
    laid_out "$kind"
    jq -cS .layout layout.json >want
    ms-layout --decode build/system.table | cmp - want
    ms-cpio --kernel "kernels/$kind" layout.json >packed.json
    cpio -i --quiet --to-stdout system.table <build/system.cpio | cmp - build/system.table
    ms-layout --decode <build/system.table | cmp - want
    [ "$(q .table.sha256)" = "$(sha256sum build/system.table | cut -d' ' -f1)" ]
    # Members lie where the layout has them.
    jq -c '.archive.entries[] | [.name, .offset, .size]' packed.json >entries
    jq -c 'def hex: ltrimstr("0x") | explode | reduce .[] as $c (0; . * 16 + ($c | if . > 96 then . - 87 else . - 48 end));
      .layout.ranges[] | select(.kind == "member") | (.start | hex) as $s | [.name, $s, (.end | hex) - $s]' layout.json |
      cmp - entries
  done
}

@test "slots, badges and rights are Microkit's, and no more than needed" {
  small
  laid_out
  [ "$(q '[.caps[] | select(.cnode == "pd/uart/cnode") | [.slot, .object, .badge, .rights]]')" = \
    '[[1,"pd/uart/endpoint","0x0",["read"]],[2,"monitor/endpoint","0x1",["write","grant-reply"]],[3,"pd/uart/vspace","0x0",["write","read","grant","grant-reply"]],[4,"pd/uart/reply","0x0",["write","read","grant","grant-reply"]],[11,"pd/other/notification","0x1",["write"]],[143,"irq/33","0x0",["write","read","grant","grant-reply"]]]' ]
  [ "$(q '[.caps[] | select(.cnode == "pd/client/cnode" and .slot > 4) | [.slot, .object, .badge, .rights]]')" = \
    '[[74,"pd/uart/endpoint","0x8000000000000000",["write","grant-reply"]]]' ]
  # Fault endpoints and the interrupt's notification are the root task's to hand over.
  [ "$(q '[.caps[] | select(.cnode | not) | [.name, .object, .badge]]')" = \
    '[["irq/33/signal","pd/uart/notification","0x20"],["pd/uart/fault","monitor/endpoint","0x1"],["pd/client/fault","monitor/endpoint","0x2"],["pd/other/fault","monitor/endpoint","0x3"]]' ]
  [ "$(q '[.threads[] | .cspace_data]')" = '["0x38","0x39","0x3c"]' ]
  laid_out classic
  [ "$(q '[.caps[] | select(.cnode == "pd/other/cnode" and .slot == 2) | [.object, .badge, .rights]]')" = \
    '[["monitor/endpoint","0x3",["write","grant-reply"]]]' ]
  [ "$(q '[.threads[] | .fault]')" = '[2,2,2]' ]
}

@test "caps of others lie in a CNode above, and no other CPtr changes" {
  root
  program a
  program b
  {
    domain a 100 'caps = [{kind = "tcb", pd = "b", slot = 2}, {kind = "sc", pd = "b", slot = 63}, {kind = "vspace", pd = "a", slot = 1}]'
    domain b 200
    printf '[[channels]]\nname = "c"\nend_a = "a"\nend_b = "b"\nkind = "notification"\n'
  } >system.toml
  laid_out
  [ "$(q '[.caps[] | select(.cnode == "pd/a/cspace") | [.slot, .object, .badge, .depth]]')" = \
    '[[0,"pd/a/cnode","0x36",6],[1,"pd/a/vspace","0x0",6],[2,"pd/b/tcb","0x0",6],[63,"pd/b/sched-context","0x0",6]]' ]
  [ "$(q '[.caps[] | select(.cnode == "pd/a/cnode" and .slot > 2) | [.slot, .object]]')" = \
    '[[3,"pd/a/vspace"],[10,"pd/b/notification"]]' ]
  [ "$(q '[.threads[] | [.cnode, .cspace_data]]')" = '[["pd/a/cspace","0x0"],["pd/b/cnode","0x3c"]]' ]
  through_model mcs
  ms-layout --kernel kernels/mcs --report doc.json >report
  grep -q '^    controls b (caps/pd/b/tcb)' report
  grep -q '^    controls the time of b' report
  grep -A1 'in the CNode above' report | grep -q '^       0  pd/a/cnode '
  sed -i 's/{kind = "sc", pd = "b", slot = 63}, //' system.toml
  laid_out classic
  through_model classic
}

@test "domains and their schedule, in the kernel's ticks" {
  root
  program a
  program b
  {
    domain a 100 'domain = "red"'
    domain b 200 'domain = "blue"'
    printf '[[domains]]\nname = "%s"\n' root red blue
    printf '[domain_schedule]\nstart_index = 2\nindex_shift = 1\n'
    echo 'entries = [{domain = "red", duration = 7, unit = "ticks"}, {end_marker = true}, {domain = "root", duration = 100, unit = "us"}, {domain = "blue", duration = 1, unit = "us"}]'
  } >system.toml
  compiled system.toml >doc.json
  run --separate-stderr -0 ms-layout --kernel kernels/mcs doc.json -o layout.json
  [[ $stderr == *"warning: a: its domain red has no turn: it will not run [domain-turn]"* ]]
  [ "$(q '[.domain_schedule[] | [.index, .domain, .duration]]')" = \
    '[[1,1,"0x7"],[2,0,"0x0"],[3,0,"0x186a"],[4,2,"0x3e"]]' ]
  [ "$(q '[.boot.schedule_start, (.threads[] | .domain)]')" = '[3,1,2]' ]
  through_model mcs
  ms-layout --kernel kernels/mcs --report doc.json >report
  grep -q '^b: priority 200, core 0, domain 2' report
  grep -A5 '^Domain schedule' report | diff - <(printf '%s\n' 'Domain schedule, which begins with entry 3' \
    '     1  domain 1 for 7 ticks' '     2  end of a round' '     3  domain 0 for 6250 ticks' \
    '     4  domain 2 for 62 ticks' '')
  sed -i '/^\[\[domains/,$d; /^domain = /d' system.toml
  laid_out
  [ "$(q '[.boot.schedule_start, .domain_schedule, .threads[0].domain]')" = '[null,[],null]' ]
}

@test "a kernel that measures threads: each domain has its own thread" {
  root
  program a
  domain a 100 'smc = false' >system.toml
  sed -i '1s/^/build = {root_task = "system"}\n/' system.toml
  laid_out
  [ "$(q '[.caps[] | select(.slot == 6)]')" = '[]' ]
  sed -i 's/"PRINTING":true/&,"ENABLE_BENCHMARKS":true/' kernels/mcs/gen_config.json
  laid_out
  [ "$(q '[.caps[] | select(.slot == 6) | [.cnode, .object]]')" = '[["pd/a/cnode","pd/a/tcb"]]' ]
}

@test "parents hold their children's threads and get their faults" {
  root
  program a
  program b "$(variable microkit_passive 1)" "$(variable kin 4)"
  {
    domain a 100 'parent = "b"' 'child_id = 7' 'setvar_id = "kin"'
    domain b 200 'passive = true'
  } >system.toml
  laid_out
  [ "$(q '[.caps[] | select(.object == "pd/a/tcb") | [.cnode, .slot]]')" = '[["pd/b/cnode",209]]' ]
  # One for the thread, one in its own slot 2.
  [ "$(q '[.caps[] | select(.name == "pd/a/fault") | [.cnode, .object, .badge]]')" = \
    '[[null,"pd/b/endpoint","0x4000000000000007"],["pd/a/cnode","pd/b/endpoint","0x4000000000000007"]]' ]
  [ "$(q '[.caps[] | select(.cnode == "pd/a/cnode" and .name == "pd/a/fault").slot]')" = '[2]' ]
  [ "$(q '[.caps[] | select(.slot == 5) | [.object, .badge, .rights]]')" = '[["monitor/endpoint","0x2",["write"]]]' ]
  [ "$(q '[.patches[] | [.name, .value, .size]] | sort')" = '[["kin","0x7",4],["microkit_passive","0x1",1]]' ]
  [ "$(q '[.monitor[] | .kind]')" = '["fault-endpoint","reply","tcb","tcb"]' ]
  through_model mcs
}

@test "symbols of a stripped program come from another file, which is recorded" {
  root
  program a "$(variable answer 8)" "$(variable microkit_name 64)" \
    '.globl __sel4_ipc_buffer_obj' '.set __sel4_ipc_buffer_obj, 0x300000'
  aarch64-linux-gnu-strip -o bare.elf a.elf
  aarch64-linux-gnu-objcopy --only-keep-debug a.elf names.elf
  PROGRAM=bare domain a 100 'setvars = [{symbol = "answer", value = 42}]' 'symbols_from = "names.elf"' >system.toml
  domain b 50 'setvars = [{symbol = "answer", value = 43}]' 'symbols_from = "names.elf"' |
    sed 's/b.elf/bare.elf/' >>system.toml
  ms-parse system.toml | ms-plan |
    jq -e '.steps[0] | .inputs == ["bare.elf", "names.elf"] and .outputs == .inputs'
  laid_out
  [ "$(q '[.patches[] | select(.name == "answer") | .value]')" = '["0x2a","0x2b"]' ]
  sed 's/^symbols_from.*//; s/^setvars.*//' system.toml >bare.toml
  compiled bare.toml >bare.json
  run --separate-stderr -0 ms-layout --kernel kernels/mcs bare.json
  [[ $stderr == *"warning: b: bare.elf has no symbols"*"[pd-symbols]"* ]]
  [ "$(q '[.threads[] | .ipc_vaddr]')" = '["0x300000","0x300000"]' ]
  [ "$(q '[.ranges[] | select(.kind == "member").name]')" = '["kernel.elf","rootserver","system.table","a.elf"]' ]
  printf x >>names.elf
  run --separate-stderr -1 ms-layout --kernel kernels/mcs doc.json
  [[ $stderr == *"names.elf: changed since it was compiled"* ]]
  jq -cS '.artifacts |= map(select(.path != "names.elf"))' doc.json >less.json
  run --separate-stderr -1 ms-layout --kernel kernels/mcs less.json
  [[ $stderr == *"the step a has no artifact"* ]]
}

@test "a guest: its address space, a thread and a VCPU for each CPU, its parent's capabilities" {
  root
  program vmm "$(variable cpu 8)"
  program other
  head -c 100 /dev/zero | tr '\0' g >kernel.bin
  {
    domain vmm 200 'maps = [{region = "ram", vaddr = 0x40000000}]'
    domain other 50
    printf '[[virtual_machines]]\nname = "guest"\nparent = "vmm"\npriority = 90\nbudget_us = 100\nperiod_us = 400\n'
    printf '%s\n' 'vcpus = [{ id = 0 }, { id = 5, setvar_id = "cpu" }]' \
      'maps = [{region = "ram", vaddr = 0x40000000, permissions = ["read", "write", "execute"]}, {region = "shared"}]'
    region ram 4194304 'prefill_from = "kernel.bin"' | sed 's/\["read", "write"\]/["read", "write", "execute"]/'
    region shared 4096
    printf '[[assertions]]\nonly = ["vmm"]\nmay_map = "shared"\n'
  } >system.toml
  laid_out
  [ "$(q '[.threads[] | select(.vcpu) | [.pd, .tcb, .vcpu, .cnode, .vspace, .fault, .priority, .parent, .flags, .ipc_frame]]')" = \
    "$(for id in 0 5; do
      printf '["guest/vcpu-%d","vm/guest/vcpu-%d/tcb","vm/guest/vcpu-%d/vcpu","vm/guest/vcpu-%d/cnode","vm/guest/vspace","vm/guest/vcpu-%d/fault",90,1,[],null]\n' \
        "$id" "$id" "$id" "$id" "$id"
    done | jq -sc .)" ]
  [ "$(q '[.threads[] | select(.vcpu) | [.budget_us, .period_us, .sc_badge]]')" = '[[100,400,"0x100"],[100,400,"0x101"]]' ]
  # Microkit's slots and badges; faults go to the endpoint on which the parent receives.
  [ "$(q '[.caps[] | select(.cnode == "pd/vmm/cnode" and .slot > 265) | [.slot, .object]]')" = \
    '[[266,"vm/guest/vcpu-0/tcb"],[271,"vm/guest/vcpu-5/tcb"],[330,"vm/guest/vcpu-0/vcpu"],[335,"vm/guest/vcpu-5/vcpu"]]' ]
  [ "$(q '[.caps[] | select(.name | test("vcpu-./fault")) | [.object, .badge, .rights]]')" = \
    '[["pd/vmm/endpoint","0x4000000000000000",["write","grant-reply"]],["pd/vmm/endpoint","0x4000000000000005",["write","grant-reply"]]]' ]
  [ "$(q '[.caps[] | select(.cnode == "pd/vmm/cnode" and .slot == 1).object]')" = '["pd/vmm/endpoint"]' ]
  # The guest has the regions and nothing else; what fills them is written back to memory.
  [ "$(q '[.maps[] | select(.vspace == "vm/guest/vspace") | [.name, .vaddr, .page_bits, .pages]]')" = \
    '[["vm/guest/region/ram","0x40000000",21,2],["vm/guest/region/shared","0x200000",12,1]]' ]
  [ "$(q '[.fills[] | select(.name == "region/ram").flags]')" = '[["execute","clean"]]' ]
  [ "$(q '[.patches[] | select(.name == "cpu") | [.value, .size]]')" = '[["0x5",8]]' ]
  through_model mcs
  ms-layout --kernel kernels/mcs --report doc.json >report
  grep -A1 '^virtual machine guest, whose faults go to vmm$' report | grep -q '^  guest/vcpu-0: priority 90, core 0, budget 100 of 400 us$'
  ms-layout --decode build/system.table | cmp - <(jq -cS .layout layout.json)
  # What a guest may do counts as its parent's.
  sed -i 's/only = \["vmm"\]/only = ["other"]/' system.toml
  run -1 --separate-stderr ms-parse system.toml
  [[ $stderr == *"'vmm' maps 'shared'"* ]]
}

@test "pages of one program: read-only ones are shared, written ones are not" {
  small
  laid_out
  maps() { q "[.maps[] | select(.name == \"pd/$1/$2\") | .frames]"; }
  [ "$(maps client code)" = '["client.elf+0x1000"]' ]
  [ "$(maps other code)" = '["client.elf+0x1000"]' ]
  [ "$(maps client data)" = '["pd/client/program"]' ]
  [ "$(maps other data)" = '["pd/other/program"]' ]
  [ "$(maps uart data)" = '["uart.elf+0x3000"]' ]
  # What the archive has behind a program is not to be seen.
  [ "$(q '[.fills[] | select(.frame == "uart.elf+0x3000") | .flags]')" = '[["zero"]]' ]
  [ "$(q '[.fills[] | select(.frame == "rom+0x1000") | [.at, .size, .flags]]')" = '[[904,3192,["zero"]]]' ]
}

@test "pages are as large as sizes and addresses allow, or as page_bytes says" {
  root
  program a "$(variable big 5000000)"
  maps() {
    {
      domain a 100 "maps = [{region = \"r\", vaddr = $1}]" | sed 's/stack_bytes.*/stack_bytes = 16777216/'
      region r "$2" "${3:-}"
    } >system.toml
    laid_out
    q '[.maps[] | select(.name == "pd/a/region/r") | [.page_bits, .pages]]'
  }
  [ "$(maps 0x10000000 4194304)" = '[[21,2]]' ]
  [ "$(maps 0x10001000 4194304)" = '[[12,1024]]' ]
  [ "$(maps 0x10000000 4198400)" = '[[12,1025]]' ]
  [ "$(maps 0x10000000 4194304 'page_bytes = 4096')" = '[[12,1024]]' ]
  # A device of whole GiB, where RAM is not.
  [ "$(maps 0x40000000 1073741824 'phys_addr = 0x100000000')" = '[[30,1]]' ]
  # Stack and large variables, too: their ends are small pages.
  [ "$(q '[.maps[] | select(.name == "pd/a/stack") | .page_bits] | unique')" = '[12,21]' ]
  [ "$(q '[.maps[] | select(.name == "pd/a/data" and .page_bits == 21) | .pages]')" = '[1]' ]
  through_model mcs
}

@test "a value that the program has already is not set, any other is" {
  # given NAME VALUE: a variable with a value of its own, behind others.
  given() { printf '.globl %s\n.type %s, %%object\n.size %s, 8\n.balign 8\n%s: .quad %s\n' "$1" "$1" "$1" "$1" "$2"; }
  root
  program a "$(given cleared 5)" "$(given kept 7)" "$(given changed 8)" "$(variable zero 8)" "$(variable one 8)"
  domain a 100 'setvars = [{symbol = "cleared", value = 0}, {symbol = "kept", value = 7}, {symbol = "changed", value = 9}, {symbol = "zero", value = 0}, {symbol = "one", value = 1}]' >system.toml
  laid_out
  [ "$(q '[.patches[] | [.name, .value, .size]] | sort')" = '[["changed","0x9",8],["cleared","0x0",8],["one","0x1",8]]' ]
  through_model mcs
}

@test "addresses that are chosen keep clear of everything" {
  root
  program a "$(variable here 8)" "$(variable there 8)"
  {
    domain a 100 'maps = [{region = "x", setvar_vaddr = "here"}, {region = "y", vaddr = 0x205000}, {region = "z", setvar_vaddr = "there"}]'
    region x 8192
    region y 4096
    region z 2097152
  } >system.toml
  laid_out
  # Program to 0x204000, a page of nothing, not enough room before y.
  [ "$(q '[.maps[] | select(.name | test("region")) | [.name, .vaddr]] | sort')" = \
    '[["pd/a/region/x","0x207000"],["pd/a/region/y","0x205000"],["pd/a/region/z","0x400000"]]' ]
  [ "$(q '[.patches[] | [.name, .value]] | sort')" = '[["here","0x207000"],["there","0x400000"]]' ]
}

@test "the physical address that a setvar gets is the region's, in a row" {
  root
  program a "$(variable where 8)"
  {
    domain a 100 'maps = [{region = "dma", vaddr = 0x10001000}]' 'setvars = [{symbol = "where", region_paddr = "dma"}]'
    region dma 3145728
  } >system.toml
  laid_out classic
  pieces=$(q '[.objects[] | select(.name | test("region/dma")) | [.paddr, .count]]')
  [ "$(jq 'map(.[1]) | add' <<<"$pieces")" = 768 ]
  [ "$(q '.patches[0].value')" = "$(jq -r '.[0][0]' <<<"$pieces")" ]
  # Each piece begins where the one before ends.
  jq -e 'def hex: ltrimstr("0x") | explode | reduce .[] as $c (0; . * 16 + ($c | if . > 96 then . - 87 else . - 48 end));
    [range(1; length) as $i | (.[$i][0] | hex) == (.[$i - 1][0] | hex) + .[$i - 1][1] * 4096] | all' <<<"$pieces"
  through_model classic
}

@test "what is seen past the caches is copied, and written back; what is not stays in the archive" {
  root
  program a "$(variable where 8)"
  program b
  head -c 5000 /dev/zero | tr '\0' f >fill.bin
  {
    domain a 100 'maps = [{region = "plain"}, {region = "uncached"}, {region = "mixed"}, {region = "large"}]' \
      'setvars = [{symbol = "where", region_paddr = "dma"}]'
    domain b 100 'maps = [{region = "mixed", cached = false}]'
    region plain 0 'prefill_from = "fill.bin"'
    region uncached 0 'prefill_from = "fill.bin"' | sed 's/"cached"/"uncached"/'
    region mixed 0 'prefill_from = "fill.bin"'
    region large 2097152 'prefill_from = "fill.bin"' 'page_bytes = 2097152' | sed 's/"cached"/"uncached"/'
    region dma 0 'prefill_from = "fill.bin"'
  } >system.toml
  for kind in classic mcs; do
    laid_out "$kind"
    [ "$(q '[.fills[] | select(.name | test("region/")) | [.name, .flags, .page_bits]] | unique')" = \
      '[["region/dma",["clean"],12],["region/large",["clean"],21],["region/mixed",["clean"],12],["region/plain",["zero"],12],["region/uncached",["clean"],12]]' ]
    through_model "$kind"
    # Every page: two of three regions, the large one.
    [ "$(jq '[.layout.fills[] | select(.flags == ["clean"])] | length' layout.json)" = 7 ]
  done
}

@test "memory at a physical address, in RAM and beyond" {
  root
  program a
  {
    domain a 100 'maps = [{region = "ram", vaddr = 0x10000000}, {region = "more", vaddr = 0x20000000}, {region = "uart", vaddr = 0x30000000}]'
    region ram 16384 'phys_addr = 0x61003000'
    region more 2097152 'phys_addr = 0x61200000'
    region uart 4096 'phys_addr = 0x9000000' | sed s/cached/device-memory/
  } >system.toml
  laid_out
  [ "$(q '[.objects[] | select(.name | test("^region")) | [.name, .paddr]]')" = \
    '[["region/uart","0x9000000"],["region/ram[0..3]","0x61003000"],["region/more","0x61200000"]]' ]
  # What is cleared for them serves the other objects: beside the device only the work CNode has
  # memory of its own.
  [ "$(q '[.untypeds[] | .paddr]')" = '["0x9000000","0x61000000","0xbfc09000"]' ]
  through_model mcs
}

@test "ms-layout(5) lists every key, ms-layout(1) every rule" {
  small
  laid_out
  for key in $(q '[.. | objects | keys[]] | unique[]'); do
    grep -qE "^\.(It )?Cm (.* , )?$key( |$)" "$MS_ROOT/man/ms-layout.5" || { echo "$key"; return 1; }
  done
  # The first word among the arguments of what reports.
  cat "$MS_ROOT"/lib/host/layout/{assign,document,encode,finish,judge,layout,machines,members,patches,regions,space,spaces,system}.c |
    tr '\n' ' ' | grep -oE '\b(ms_report|ms_maker_error|ms_maker_error_at|ERROR_AT)\([^;"]*"[a-z][a-z-]*",' |
    sed 's/.*"\(.*\)",/\1/' | sort -u >rules
  [ "$(wc -l <rules)" -gt 15 ]
  while read -r rule; do
    grep -qE "^\.It Bq (.* , )?$rule( |$)" "$MS_ROOT/man/ms-layout.1" || { echo "$rule"; return 1; }
  done <rules
}
