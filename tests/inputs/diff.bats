#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-build diff: why two builds are not the same.
load ../lib
load project

setup_file() { built_once; }
setup() {
  copied
  cp -R build "$BATS_TEST_TMPDIR/old"
  old=$BATS_TEST_TMPDIR/old
}

differ() { run -1 ms-build diff "$@"; }
# The differences as "KIND WHERE [INPUT]" lines.
told() { ms-build diff --json "$@" | jq -r '.differences[] | "\(.kind) \(.where)\(if .input then " < " + .input else "" end)"'; }

@test "the same build, document, image: no word, 0" {
  for pair in "$old build" "$old/system-image.bin build/system-image.bin" "$old build/system-image.bin" \
    "$old/stages/07-ms-link.json build" "$old/pd/hello.elf build/pd/hello.elf"; do
    # shellcheck disable=SC2086 # two words
    run --separate-stderr -0 ms-build diff $pair
    [ -z "$output" ]
    [ -z "$stderr" ]
  done
  [ "$(ms-build diff --json "$old" build)" = "{\"a\":\"$old\",\"b\":\"build\",\"differences\":[],\"schema\":\"ms-diff/1\"}" ]
}

@test "a changed source: the input, the symbol that grew, its section, the source that made it" {
  sed -i 's/value++;/value++; value ^= 3;/' src/hello.c
  ms-build -q system.toml
  told "$old" build >list || :
  grep -qx 'input src/hello.c' list
  grep -qx 'symbol init of hello.elf < src/hello.c' list
  grep -q '^section .text of hello.elf' list
  [ "$(sed -n '1p' list)" = "input src/hello.c" ]
  differ "$old/system-image.bin" build/system-image.bin
  [[ $output == "- $old/system-image.bin"$'\n'"+ build/system-image.bin"$'\n'"input src/hello.c"* ]]
  [[ $output == *"symbol init of hello.elf, from byte "*", made by src/hello.c"* ]]
}

@test "the offset is that of the byte in the first file" {
  sed -i 's/VALUE + HELLO/VALUE + HELLO + 1/' src/hello.c
  ms-build -q system.toml
  at=$(ms-build diff --json "$old" build | jq '[.differences[] | select(.kind == "symbol") | .offset][0]') || :
  told "$old" build | grep -qx 'symbol value of hello.elf < src/hello.c'
  [ "$(od -An -tu1 -j "$at" -N 1 "$old/system-image.bin" | tr -d ' ')" = 8 ]
  [ "$(od -An -tu1 -j "$at" -N 1 build/system-image.bin | tr -d ' ')" = 9 ]
}

@test "a changed header is named beside the source that took it in" {
  echo '#define VALUE 4' >include/value.h
  ms-build -q system.toml
  told "$old" build >list || :
  grep -qx 'input include/value.h' list
  grep -qx 'symbol value of hello.elf < src/hello.c, with include/value.h' list
}

@test "a prefill, a board source, the kernel" {
  cp -R "$MS_TOOLKIT" toolkit
  export MS_TOOLKIT="$PWD/toolkit"
  echo 'A prefill' >table.bin
  sed -i 's/^void boot_main(.*/&/; /^_Noreturn void boot_stop/,/^{/s/^{/{ __asm__ volatile("nop");/' toolkit/board/boot/*.c
  cp -R build/probe kernel
  aarch64-linux-gnu-objcopy --add-section .extra=table.bin kernel/kernel.elf
  echo '/* */' >>toolkit/board/boot/main.c
  ms-build -q --kernel kernel system.toml
  told "$old" build >list || :
  grep -qx 'input table.bin' list
  grep -qx 'bytes table < table.bin' list
  grep -qx 'input @kernel/kernel.elf' list
  grep -q '^kernel kernel.sha256' list
  grep -qx 'input @toolkit/board/boot/main.c' list
}

@test "two plans: fields of the specification, steps, words of commands" {
  ms-build plan system.toml >a.json
  sed -i 's/priority = 100/priority = 99\nstack_bytes = 65536\ndefines = ["X=1"]/' system.toml
  cat >>system.toml <<'END'
[[protection_domains]]
name = "other"
binary = "src/other.c"
END
  ms-build plan system.toml >b.json
  told a.json b.json >list || :
  grep -qx 'spec spec.protection_domains\[hello\].priority' list
  grep -qx 'spec spec.protection_domains\[other\]' list
  grep -qx 'step other' list
  grep -qx 'argument build/pd/hello.o' list
  ms-build diff --json a.json b.json | jq -e '.differences[] | select(.kind == "argument")
    | (.b | contains("-DX=1"))' || [ "${PIPESTATUS[1]}" -eq 0 ]
  run ! grep '^input' list
  # a specification against a plan
  ms-parse system.toml >spec.json
  ms-build diff --json a.json spec.json >/dev/null || [ $? -eq 1 ]
}

@test "another order is told as that; a replaced domain is not" {
  for names in "a b c" "c a b" "a d c"; do
    for n in $names; do printf '[[protection_domains]]\nname = "%s"\nbinary = "src/%s.c"\n' "$n" "$n"; done |
      ms-parse | ms-plan >"${names// /}.json"
  done
  told abc.json cab.json >list || :
  grep -qx 'spec spec.protection_domains: their order' list
  told abc.json adc.json >list || :
  run ! grep -F order list
  grep -qx 'spec spec.protection_domains\[b\]' list
  grep -qx 'spec spec.protection_domains\[d\]' list
  grep -qx 'step d' list
}

@test "one change of every command is told once" {
  ms-parse system.toml | ms-plan >a.json
  jq -c '.steps[].commands[] |= map(if . == "-O2" then "-O1" else . end)' a.json >b.json
  ms-build diff --json a.json b.json >got || :
  jq -e '[.differences[] | select(.kind == "argument")] | length == 1 and .[0].a == "-O2" and .[0].b == "-O1" and .[0].more > 20' got
  differ a.json b.json
  [[ $output == *"argument build/"*" more"* ]]
}

@test "names and documents that belong to another build are not believed" {
  sed -i 's/value++;/value += 100;/' src/hello.c
  ms-build -q system.toml
  cp build/system-image.bin alone.bin
  told "$old/system-image.bin" alone.bin >list || :
  run ! grep '^input' list
  grep -q '^section segment r-x at 0x[0-9a-f]* of hello.elf' list
  cp "$old/pd/hello.elf" build/pd/hello.elf
  told "$old" build >list || :
  grep -q '^input src/hello.c' list
  grep -q '^section segment r-x at 0x[0-9a-f]* of hello.elf' list
}

@test "files that are neither: bytes, and what cannot be compared" {
  echo one >one
  echo two >two
  told one two >list || :
  [ "$(cat list)" = "bytes the file" ]
  ms-build plan system.toml >plan.json
  run -1 ms-build diff one plan.json
  [[ $output == *"of it only the image is at hand"* ]]
  run -3 ms-build diff missing two
  echo '{"schema":"x"}' >x
  run -1 ms-build diff x two
  [[ $output == *"no document ms-plan/1 or ms-spec/1"* ]]
  echo '{' >x
  run -1 ms-build diff x two
  mkdir empty
  run -1 ms-build diff empty two
  mkfifo pipe
  run -1 ms-build diff pipe two
  for words in diff "diff one" "diff one two three" "diff --locked one two" "--json system.toml"; do
    # shellcheck disable=SC2086 # words of a command line
    run -2 ms-build $words
  done
}

@test "images that differ in the archive's own bytes alone are different" {
  at=$(($(grep -aboE '070701[0-9a-fA-F]{104}kernel.elf' build/system-image.bin | head -1 | cut -d: -f1) + 6 + 8 * 5 + 7)) # a time's last digit
  printf 7 | dd of=build/system-image.bin bs=1 seek="$at" conv=notrunc status=none
  differ "$old/system-image.bin" build/system-image.bin
  [[ $output == *"bytes the file, from byte $at on"* ]]
}

@test "control characters of a document do not reach the terminal, nor does half a character" {
  # ESC, and U+009B, which begins a sequence as well; then a character across the end of what is shown.
  jq -c --arg a $'\e[2J\xc2\x9b2J' --arg b "$(printf 'x%.0s' {1..399})€€" '.spec.build.board = $a | .spec.build.config = $b
    | (.steps[].commands[][] | select(. == "src/hello.c")) |= $a' build/stages/07-ms-link.json >bad.json
  differ "$old/stages/07-ms-link.json" bad.json
  [[ $output == *'+ \x1b[2J\xc2\x9b2J'* && $output == *"xxx..."* ]]
  LC_ALL=C run ! grep -qP '[\x00-\x08\x0e-\x1f]|\xc2[\x80-\x9f]' <<<"$output"
  iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null
}

@test "a pipe in the place of a program, or of an object, is not waited for" {
  sed -i 's/value++;/value++; value ^= 3;/' src/hello.c
  ms-build -q system.toml
  for name in pd/hello.elf pd/hello.o; do
    mv "$old/$name" "$BATS_TEST_TMPDIR/saved"
    mkfifo "$old/$name"
    run -1 timeout 60 ms-build diff "$old" build
    [[ $output == *"hello.elf"* ]]
    rm "$old/$name"
    mv "$BATS_TEST_TMPDIR/saved" "$old/$name"
  done
}

@test "damaged images and programs: never more than a difference" {
  sed -i 's/value++;/value += 100;/' src/hello.c
  ms-build -q system.toml
  size=$(stat -c %s "$old/pd/hello.elf")
  for at in 16 32 40 48 54 56 58 60 62 64 80 96 120 $((size - 900)) $((size - 700)) $((size - 400)) $((size - 200)) $((size - 40)); do
    for byte in '\000' '\377' '\177'; do
      cp "$old/pd/hello.elf" bad.elf
      # shellcheck disable=SC2059 # an escape is meant
      printf "$byte$byte" | dd of=bad.elf bs=1 seek="$at" conv=notrunc status=none
      run timeout 10 ms-build diff bad.elf build/pd/hello.elf
      [ "$status" -eq 1 ]
    done
  done
  for cut in 10 63 64 100 1000; do
    head -c "$cut" "$old/system-image.bin" >cut.bin
    run -1 timeout 10 ms-build diff cut.bin build/system-image.bin
  done
  for change in '.steps = 7' '.spec = []' '.steps[0].commands = [[1]]' '.compiled_from = [7, {}]' '.archive.entries = {}' \
    '.archive.entries[0].name = null' 'del(.steps[0].name)' '.layout = "x"' '.spec.protection_domains[0].name = 5'; do
    jq -c "$change" build/stages/07-ms-link.json >bad.json
    run -1 timeout 10 ms-build diff "$old/stages/07-ms-link.json" bad.json
    run -1 timeout 10 ms-build diff bad.json "$old/stages/07-ms-link.json"
  done
  jq -c 'del(.archive.entries[0].sha256)' build/stages/07-ms-link.json >bad.json
  run -0 ms-build diff bad.json bad.json
}
