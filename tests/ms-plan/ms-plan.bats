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

@test "one step per protection domain in declaration order, then the image" {
  plan system.toml >plan.json
  [ "$(jq -c '[.steps[] | [.kind, .name]]' plan.json)" = \
    '[["CompilePd","client"],["CompilePd","start"],["CompilePd","ready"],["AssembleImage","system-image"]]' ]
  [ "$(jq -c '[.steps[].outputs]' plan.json)" = \
    '[["build/pd/client.elf"],["build/pd/start.elf"],["made/ready.elf"],["build/system-image.bin"]]' ]
  [ "$(jq -c .steps[2].commands plan.json)" = '[]' ]
  [ "$(jq -c '.steps[3].inputs[:5]' plan.json)" = \
    '["build/pd/client.elf","build/pd/start.elf","made/ready.elf","data/blob.bin","@kernel/kernel.elf"]' ]
}

@test "a protection domain is compiled and linked with exactly these words" {
  plan system.toml >plan.json
  diff - <(commands 0 0 <plan.json) <<'END'
aarch64-linux-gnu-gcc -c -std=gnu11 -O2 -nostdlib -nostartfiles -ffreestanding -static -no-pie -march=armv8-a -mgeneral-regs-only -fno-pie -fno-stack-protector -mno-outline-atomics -fno-asynchronous-unwind-tables -fno-ident -Werror=date-time -ffile-prefix-map=@project=. -ffile-prefix-map=build=build -ffile-prefix-map=@kernel=kernel -ffile-prefix-map=@toolkit=toolkit -Wall -I @kernel/include -I @toolkit/board/sel4 -frandom-seed=client -DMS_STACK_BYTES=65536 -MD -MF build/pd/client.d -MQ build/pd/client.o -o build/pd/client.o src/client.c
END
  diff - <(commands 0 1 <plan.json) <<'END'
aarch64-linux-gnu-gcc -nostdlib -nostartfiles -ffreestanding -static -no-pie -march=armv8-a -mgeneral-regs-only -Wl,--build-id=none -Wl,--fatal-warnings -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Xlinker --dependency-file -Xlinker build/pd/client.link.d -o build/pd/client.elf build/pd/client.o -lgcc
END
}

@test "the image: one compile per loader source, one for the table, one link" {
  plan system.toml >plan.json
  jq -r '.steps[3].inputs[] | select(test("^@toolkit/.*\\.[cS]$"))' plan.json >sources
  jq -r '.steps[3].commands[] | select(index("-c")) | last' plan.json >compiled
  { cat sources; echo build/loader/archive.S; } | diff - compiled
  jq -r '.steps[3].commands[] | select(index("-c")) | .[index("-o") + 1]' plan.json >objects
  [ "$(sort objects | uniq -d)" = "" ]
  jq -r '.steps[3].commands[-1][] | select(test("\\.o$"))' plan.json | diff objects -
  while read -r source; do [ -e "$MS_TOOLKIT/${source#@toolkit/}" ]; done <sources
  [[ "$(commands 3 -1 <plan.json)" == *" -T @toolkit/board/boot/boot.lds "*" -o build/loader/loader.elf "* ]]
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
  mkdir -p build src && touch src/client.c build/x
  MS_KERNEL=/nonexistent plan system.toml | cmp - plan.json
  mkdir -p sub/dir && (cd sub/dir && plan ../../system.toml) | cmp - plan.json
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
