#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-plan: golden cases, the argument vectors word for word, and what a plan may depend on.
load ../lib

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  cat >system.toml <<'END'
[[protection_domains]]
name = "client"
binary = "src/client.c"
priority = 1
stack_bytes = 65536
[[protection_domains]]
name = "start"
binary = "start.S"
priority = 2
[[protection_domains]]
name = "ready"
binary = "made/ready.elf"
priority = 3
[[memory_regions]]
name = "blob"
phys_addr = "0x50000000"
size_bytes = 4096
permissions = ["read"]
prefill_from = "data/blob.bin"
END
}

plan() { ms-parse "$@" | ms-plan; }
commands() { jq -r ".steps[$1].commands[$2] | join(\" \")"; }

@test "golden cases" {
  golden ms-plan "$BATS_TEST_DIRNAME/cases"
}

@test "one step per protection domain in declaration order, the root task, then the image" {
  plan system.toml >plan.json
  [ "$(jq -c '[.steps[] | [.kind, .name]]' plan.json)" = \
    '[["CompilePd","client"],["CompilePd","start"],["CompilePd","ready"],["CompileRoot","root-task"],["AssembleImage","system-image"]]' ]
  [ "$(jq -c '[.steps[].outputs]' plan.json)" = \
    '[["build/pd/client.elf"],["build/pd/start.elf"],["made/ready.elf"],["build/root/root.elf"],["build/system-image.bin"]]' ]
  [ "$(jq -c .steps[2].commands plan.json)" = '[]' ]
  [ "$(jq -c '.steps[4].inputs[:6]' plan.json)" = \
    '["build/pd/client.elf","build/pd/start.elf","made/ready.elf","build/root/root.elf","data/blob.bin","@kernel/kernel.elf"]' ]
}

@test "a protection domain that is the root task is compiled and linked with exactly these words" {
  head -5 system.toml | ms-parse | ms-plan >plan.json
  [ "$(jq -c '[.steps[].kind]' plan.json)" = '["CompilePd","AssembleImage"]' ]
  [ "$(jq '.steps[0].commands | length' plan.json)" = 2 ]
  diff - <(commands 0 0 <plan.json) <<'END'
aarch64-linux-gnu-gcc -c -std=gnu11 -O2 -nostdlib -nostartfiles -ffreestanding -static -no-pie -march=armv8-a -mgeneral-regs-only -fno-pie -fno-stack-protector -mno-outline-atomics -fno-asynchronous-unwind-tables -fno-ident -Werror=date-time -ffile-prefix-map=@project=. -ffile-prefix-map=build=build -ffile-prefix-map=@kernel=kernel -ffile-prefix-map=@toolkit=toolkit -Wall -I @kernel/include -I @toolkit/board/sel4 -frandom-seed=client -DMS_STACK_BYTES=65536 -MD -MF build/pd/client.d -MQ build/pd/client.o -o build/pd/client.o src/client.c
END
  diff - <(commands 0 1 <plan.json) <<'END'
aarch64-linux-gnu-gcc -nostdlib -nostartfiles -ffreestanding -static -no-pie -march=armv8-a -mgeneral-regs-only -Wl,--build-id=none -Wl,--fatal-warnings -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Xlinker --dependency-file -Xlinker build/pd/client.link.d -o build/pd/client.elf build/pd/client.o -lgcc
END
}

@test "a protection domain of a system is linked with the runtime, which is compiled once" {
  plan system.toml >plan.json
  diff - <(commands 0 0 <plan.json) <<'END'
aarch64-linux-gnu-gcc -c -std=gnu11 -O2 -nostdlib -nostartfiles -ffreestanding -static -no-pie -march=armv8-a -mgeneral-regs-only -fno-pie -fno-stack-protector -mno-outline-atomics -fno-asynchronous-unwind-tables -fno-ident -Werror=date-time -ffile-prefix-map=@project=. -ffile-prefix-map=build=build -ffile-prefix-map=@kernel=kernel -ffile-prefix-map=@toolkit=toolkit -Wall -I @toolkit/board/pd -I @kernel/include -I @toolkit/board/sel4 -frandom-seed=client -DMS_STACK_BYTES=65536 -MD -MF build/pd/client.d -MQ build/pd/client.o -o build/pd/client.o src/client.c
END
  runtime=$(jq -r '[.steps[0].commands[1:-1][] | .[index("-o") + 1]] | join(" ")' plan.json)
  diff - <(commands 0 -1 <plan.json) <<END
aarch64-linux-gnu-gcc -nostdlib -nostartfiles -ffreestanding -static -no-pie -march=armv8-a -mgeneral-regs-only -Wl,--build-id=none -Wl,--fatal-warnings -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Wl,--gc-sections -Wl,--defsym=pd_takes_messages=0 -T @toolkit/board/pd/pd.lds -Xlinker --dependency-file -Xlinker build/pd/client.link.d -o build/pd/client.elf build/pd/client.o $runtime -lgcc
END
  jq -e '.steps[0].commands[1:-1] == .steps[1].commands[1:-1]' plan.json
  for source in $(jq -r '.steps[0].inputs[] | select(startswith("@toolkit/"))' plan.json); do
    [ -e "$MS_TOOLKIT/${source#@toolkit/}" ]
  done
}

@test "sources, folders, macros, libraries and symbols of a protection domain" {
  cat >>system.toml <<'END'
[[protection_domains]]
name = "large"
binary = "large.c"
priority = 9
sources = ["lib/part.c", "other/part.c", "lib/part.S"]
include_dirs = ["include", "lib"]
defines = ["FAST", "LEVEL=2"]
libs = ["lib/liba.a", "lib/libb.a"]
maps = [{ region = "blob", setvar_vaddr = "blob_address", setvar_prefill_size = "blob_bytes" }]
setvars = [{ symbol = "seed", value = 7 }]
[[protection_domains]]
name = "child"
binary = "start.S"
priority = 8
parent = "large"
child_id = 4
setvar_id = "child_id"
[[channels]]
name = "call"
end_a = "large"
end_b = "client"
kind = "notification"
setvar_id_a = "channel_a"
setvar_id_b = "channel_b"
[[irq_delivery]]
irq = 40
target_pd = "large"
target_channel = 9
setvar_id = "irq_id"
END
  plan system.toml >plan.json
  [ "$(jq -c '.steps[3].inputs[:6]' plan.json)" = \
    '["large.c","lib/part.c","other/part.c","lib/part.S","lib/liba.a","lib/libb.a"]' ]
  [[ $(commands 3 2 <plan.json) == *" -I @toolkit/board/sel4 -I include -I lib -frandom-seed=large -DMS_STACK_BYTES="*" -DFAST -DLEVEL=2 "*" -o build/pd/large/other/part.c.o other/part.c" ]]
  link=$(commands 3 -1 <plan.json)
  [[ $link == *" -Wl,--defsym=pd_takes_messages=1 -Wl,--undefined=blob_address -Wl,--undefined=blob_bytes -Wl,--undefined=seed -Wl,--undefined=channel_a -Wl,--undefined=irq_id -Wl,--undefined=child_id "* ]]
  [[ $link == *" build/pd/large.o build/pd/large/lib/part.c.o build/pd/large/other/part.c.o build/pd/large/lib/part.S.o build/runtime/"* ]]
  [[ $link == *".o -Wl,--start-group lib/liba.a lib/libb.a -lgcc -Wl,--end-group" ]]
  [[ $(commands 0 -1 <plan.json) == *" -Wl,--undefined=channel_b "* ]]
}

@test "the root task: one compile per source, one link" {
  plan system.toml >plan.json
  jq -r '.steps[3].inputs[] | select(test("\\.[cS]$"))' plan.json >sources
  jq -r '.steps[3].commands[] | select(index("-c")) | last' plan.json | diff sources -
  jq -r '.steps[3].commands[] | select(index("-c")) | .[index("-o") + 1]' plan.json >objects
  jq -r '.steps[3].commands[-1][] | select(test("\\.o$"))' plan.json | diff objects -
  [[ "$(commands 3 -1 <plan.json)" == *" -T @toolkit/board/root/root.lds "*" -o build/root/root.elf "* ]]
}

@test "the image: one compile per loader source, one for the table, one link" {
  plan system.toml >plan.json
  jq -r '.steps[4].inputs[] | select(test("^@toolkit/.*\\.[cS]$"))' plan.json >sources
  jq -r '.steps[4].commands[] | select(index("-c")) | last' plan.json >compiled
  { cat sources; echo build/loader/archive.S; } | diff - compiled
  jq -r '.steps[4].commands[] | select(index("-c")) | .[index("-o") + 1]' plan.json >objects
  [ "$(sort objects | uniq -d)" = "" ]
  jq -r '.steps[4].commands[-1][] | select(test("\\.o$"))' plan.json | diff objects -
  while read -r source; do [ -e "$MS_TOOLKIT/${source#@toolkit/}" ]; done <sources
  [[ "$(commands 4 -1 <plan.json)" == *" -T @toolkit/board/boot/boot.lds "*" -o build/loader/loader.elf "* ]]
}

@test "no word of a plan is a path of this machine" {
  plan system.toml >plan.json
  run jq -r '.steps[] | .inputs[], .outputs[], .commands[][]' plan.json
  [[ "$output" != *"$BATS_TEST_TMPDIR"* && "$output" != *"$MS_ROOT"* ]]
  run grep -E '(^|=)/' <<<"$output"
  [ "$status" -eq 1 ]
}

@test "the spec is copied as it is, and the document is canonical" {
  plan system.toml >plan.json
  ms-parse system.toml | jq -cS . | diff - <(jq -cS .spec plan.json)
  diff plan.json <(jq -cS . plan.json)
}

@test "where the build folder is and what is there changes nothing" {
  plan system.toml >plan.json
  mkdir -p build src
  touch src/client.c build/x
  MS_KERNEL=/nonexistent plan system.toml | cmp - plan.json
  mkdir -p sub/dir
  (cd sub/dir && plan ../../system.toml) | cmp - plan.json
}

@test "-o writes the same, completely or not at all" {
  ms-parse -o spec.json system.toml
  ms-plan -o plan.json spec.json
  ms-plan <spec.json | cmp - plan.json
  head -c 100 spec.json >half.json
  run -1 --separate-stderr ms-plan -o other.json half.json
  [ ! -e other.json ]
  run -3 --separate-stderr ms-plan -o no/such/folder/plan.json spec.json
  run -3 --separate-stderr bash -c 'ms-plan spec.json >/dev/full'
  run -3 --separate-stderr bash -c 'ms-plan <&-'
}
