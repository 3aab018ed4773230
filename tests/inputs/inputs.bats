#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What a system was built from: what is recorded, under which names, and what is noticed when it
# changes on the way.
load ../lib
load project

setup_file() { built_once; }
setup() { copied; }

@test "each kind of input is recorded, once, sorted, with digest and size" {
  inputs >list
  for want in 'source src/hello.c' 'header src/hello.h' 'header include/value.h' \
    'prefill table.bin' 'kernel @kernel/kernel.elf' 'kernel @kernel/kernel.dtb' \
    'kernel @kernel/gen_config.json' 'kernel @kernel/platform_gen.json' \
    'board @toolkit/board/boot/start.S' 'board @toolkit/board/boot/boot.lds' \
    'board @toolkit/board/rt/rt.h' 'board @toolkit/board/root/root.lds' \
    'board @toolkit/board/pd/microkit.h' 'header @toolchain/include/stdint.h' \
    'library @toolchain/libgcc.a' 'tool @toolchain/aarch64-linux-gnu-gcc' 'tool @toolchain/cc1' \
    'tool @toolchain/as' 'tool @toolchain/collect2' 'tool @toolchain/ld'; do
    grep -qx "$want" list || { echo "no $want"; exit 1; }
  done
  for key in compiled_from packed_from linked_from inputs.files; do
    record -e ".$key | . == (unique_by(.path) | sort_by(.path))"
  done
  while read -r sha256 size path; do
    [ "$(sha256sum "$path" | cut -d' ' -f1)" = "$sha256" ]
    [ "$(stat -c %s "$path")" = "$size" ]
  done < <(record -r '.compiled_from[] | select(.path | startswith("@") | not) | "\(.sha256) \(.size) \(.path)"')
  sum=$(sha256sum "$(command -v aarch64-linux-gnu-gcc)" | cut -d' ' -f1)
  record -e --arg s "$sum" '.compiled_from[] | select(.path == "@toolchain/aarch64-linux-gnu-gcc")
    | .sha256 == $s and (.version | test("[0-9]+\\.[0-9]+"))'
}

@test "nothing that the build made itself is an input, and no path of this machine" {
  run ! grep -E ' (build/|/)' <(inputs)
  run ! grep -E '@system|@kernel/include' <(inputs)
  run ! grep -F "$BATS_TEST_TMPDIR" build/stages/07-ms-link.json
  run ! grep -F /usr/ <(jq '{inputs, compiled_from, packed_from, linked_from}' build/stages/07-ms-link.json)
}

@test "two folders, with and without a cache, a launcher and a place for the build: one record" {
  cp build/stages/07-ms-link.json first.json
  printf '#!/bin/sh\nexec "$@"\n' >launcher
  chmod +x launcher
  mkdir -p "$BATS_TEST_TMPDIR/else/where"
  project "$BATS_TEST_TMPDIR/else/where"
  cd "$BATS_TEST_TMPDIR/else/where"
  ms-build -q -B out --launcher ../../project/launcher system.toml
  cmp out/stages/07-ms-link.json ../../project/first.json
  rm -r out/stages out/cache/last-build
  ms-build -q -B out system.toml
  cmp out/stages/07-ms-link.json ../../project/first.json
}

@test "plan_hash does not depend on it, and ms-hash alone writes what it always wrote" {
  ms-parse system.toml | ms-plan | ms-hash >plain
  ms-parse system.toml | ms-plan | ms-hash --inputs >with
  cmp plain <(jq -cS 'del(.inputs)' with)
  ms-hash --inputs with | cmp - with
  [ "$(jq -r '.inputs.files[] | select(.path == "src/hello.c") | .kind' with)" = source ]
  [ "$(jq -r '.inputs.files[] | select(.path == "table.bin") | .kind' with)" = prefill ]
  run ! grep -F hello.h <(jq .inputs with)
  mkdir elsewhere
  (cd elsewhere && ms-hash --inputs -C .. plain) | cmp - with
}

@test "ms-hash --inputs compares a document with the files" {
  ms-hash --inputs -o /dev/null build/stages/07-ms-link.json
  echo '// more' >>src/hello.c
  run -1 ms-hash --inputs build/stages/07-ms-link.json
  [[ $output == *"src/hello.c changed since ms-hash read it: sha256 was "*" [input-changed]"* ]]
}

@test "records that differ in a file's size alone contradict each other" {
  # of ms-hash and the file; of two stages
  jq -cS '.inputs.files |= map(if .path == "src/hello.c" then .size += 1 else . end)' build/stages/03-ms-hash.json >larger
  run -1 ms-hash --inputs larger
  [[ $output == *"src/hello.c is recorded with one sha256 and two sizes, "*" bytes [input-size]"* ]]
  run -1 ms-compile larger
  [[ $output == *"src/hello.c is recorded with one sha256 and two sizes, "*" bytes [input-size]"* ]]
  jq -cS '.linked_from[0].size += 1 | .compiled_from += [.linked_from[0] | .size -= 1] | .compiled_from |= (unique_by(.path) | sort_by(.path)) |
    del(.inputs_hash)' build/stages/07-ms-link.json >larger
  run -1 ms-sbom larger
  [[ $output == *" is recorded with one sha256 and two sizes, "*" bytes [input-size]"* ]]
}

@test "a file that the plan names and that is missing, a folder, or outside, is refused by ms-hash" {
  ms-parse system.toml | ms-plan >plan
  rm src/hello.c table.bin
  mkdir table.bin
  run -1 ms-hash --inputs plan
  [[ $output == *"protection domain 'hello': src/hello.c: No such file or directory [input]"* ]]
  [[ $output == *"memory region 'table': table.bin is no file [input]"* ]]
  ln -s /etc/hostname src/hello.c
  run -1 ms-hash --inputs plan
  [[ $output == *"src/hello.c leads out of the project by a symbolic link [input-outside]"* ]]
  run -2 ms-hash --inputs --print plan_hash plan
  run -2 ms-hash --inputs --verify plan
}

@test "a source that changed between being hashed and being compiled is refused, with both digests" {
  ms-parse system.toml | ms-plan | ms-hash --inputs >hashed
  then=$(sha256sum src/hello.c | cut -d' ' -f1)
  echo 'int more;' >>src/hello.c
  now=$(sha256sum src/hello.c | cut -d' ' -f1)
  run -1 ms-compile --kernel build/probe hashed
  [[ $output == *"src/hello.c changed since ms-hash read it: sha256 was $then, is $now [input-changed]"* ]]
  run ! grep -F compiled_from <<<"$output"
}

@test "a prefill that changed between being hashed and being packed is refused" {
  echo 'A prefill' >table.bin
  run -1 ms-cpio --kernel build/probe build/stages/05-ms-layout.json
  [[ $output == *"table.bin changed since ms-hash read it"* ]]
}

@test "a board source that changed before the link is refused; so is the archive's kernel" {
  cp -R "$MS_TOOLKIT" toolkit
  export MS_TOOLKIT="$PWD/toolkit"
  echo '/* more */' >>toolkit/board/boot/start.S
  cp build/system-image.bin before
  run -1 ms-link build/stages/06-ms-cpio.json
  [[ $output == *"@toolkit/board/boot/start.S changed since ms-hash read it"* ]]
  cmp before build/system-image.bin
  cp -R build/probe kernel
  sed -i 's/"MAX_NUM_NODES": *"1"/"MAX_NUM_NODES":  "1"/' kernel/gen_config.json
  echo >>kernel/gen_config.json
  run -1 ms-cpio --kernel kernel build/stages/05-ms-layout.json
  [[ $output == *"@kernel/gen_config.json changed since ms-compile read it"* ]]
}

@test "a header that changed after it was compiled is noticed by whoever reads it next" {
  both=$(record -r '[.compiled_from[].path] - ([.compiled_from[].path] - [.linked_from[].path]) | map(select(endswith(".h") and startswith("@toolkit")))[0]')
  [ -n "$both" ]
  jq -cS --arg h "$both" '.compiled_from |= map(if .path == $h then .sha256 = ("0" * 64) else . end)' \
    build/stages/06-ms-cpio.json >packed
  run -1 ms-link packed
  [[ $output == *"$both changed since ms-compile read it: sha256 was 0000"* ]]
}

@test "a source that the compiler itself changes while it runs" {
  # shellcheck disable=SC2016
  wrapper <<'END'
case $last in src/hello.c) echo "/* $RANDOM$RANDOM */" >>src/hello.c ;; esac
END
  cp build/system-image.bin before
  run -1 ms-build system.toml
  [[ $output == *"src/hello.c changed while it was being compiled"* ]]
  cmp before build/system-image.bin
}

@test "a header that one compile reads before it changes, and another after" {
  cat >>system.toml <<'END'
[[protection_domains]]
name = "other"
binary = "src/other.c"
include_dirs = ["include"]
priority = 99
END
  sed 's/hello\.h/hello.h/' src/hello.c >src/other.c
  sleep 0.01
  # shellcheck disable=SC2016
  wrapper <<'END'
case $last in src/other.c)
  i=0
  until [ -e build/pd/hello.o ] || [ $((i += 1)) -gt 500 ]; do sleep 0.02; done
  [ -e changed ] || echo '#define VALUE 4' >include/value.h
  : >changed ;;
esac
END
  rm -f build/pd/hello.o
  run ms-build -j 2 system.toml
  # Compiled again, both of them, or refused; never an image of two halves.
  if [ "$status" -eq 0 ]; then
    [ "$(record -r '[.compiled_from[] | select(.path == "include/value.h") | .sha256] | unique | length')" = 1 ]
    [ "$(record -r '.compiled_from[] | select(.path == "include/value.h") | .sha256')" = "$(sha256sum include/value.h | cut -d' ' -f1)" ]
  else
    [ "$status" -eq 1 ]
    [[ $output == *"include/value.h changed during the build"* ]]
  fi
}

@test "names of headers: beside the project, by links, with dots, by an absolute path" {
  mkdir ../shared real
  echo '#define SHARED 1' >../shared/shared.h
  echo '#define REAL 1' >real/real.h
  ln -s ../real/real.h include/linked.h
  ln -s ../shared outside
  echo '#define ABSOLUTE 1' >"$BATS_TEST_TMPDIR/absolute.h"
  {
    echo '#include "../../shared/shared.h"'
    echo '#include "../src/../include/value.h"'
    echo '#include <linked.h>'
    echo "#include \"$BATS_TEST_TMPDIR/absolute.h\""
  } >src/more.h
  sed -i '1i #include "more.h"' src/hello.c
  ms-build -q system.toml
  inputs >list
  grep -qx 'header @project/../shared/shared.h' list
  grep -qx 'header include/value.h' list
  grep -qx 'header include/linked.h' list
  grep -qx "header @project/../absolute.h" list || grep -qx "header @system$BATS_TEST_TMPDIR/absolute.h" list
  run ! grep -F /../include list
}

@test "a name that no document can hold is refused" {
  printf '#define BAD 1\n' >"$(printf 'src/b\377d.h')"
  { printf '#include "b\377d.h"\n'; cat src/hello.c; } >new
  mv new src/hello.c
  run -1 ms-build system.toml
  [[ $output == *"not UTF-8"*"[input-name]"* ]]
}

@test "records that contradict each other, lists out of shape: refused by name" {
  for change in '.linked_from |= map(if .path == "@toolkit/board/rt/rt.h" then .sha256 = ("0" * 64) else . end)' \
    '.inputs_hash = ("0" * 64)' 'del(.packed_from)' '.compiled_from[0].kind = "x"' \
    '.compiled_from = {}' '.packed_from[0].size = -1' '.linked_from[0].more = 1'; do
    jq -cS "$change" build/stages/07-ms-link.json >bad.json
    run -1 ms-build lock --stage link="$BATS_TEST_DIRNAME/give" system.toml
    [[ $output == *"error: "* ]]
    [ ! -e moonshot.lock ]
  done
}

@test "files that assembler embeds are recorded, in C, in headers and in .S; a changed one is seen" {
  echo 'a blob' >blob.bin
  echo 'more' >include/found.bin
  echo '.byte 1' >src/part.inc
  printf '%s\n' '__asm__(".section .rodata\n.incbin \"blob.bin\"\n.text");' >>src/hello.h
  printf '.section .rodata\n.include "src/part.inc"\n.incbin "found.bin"\n.section .note.GNU-stack, "", %%progbits\n' >src/data.S
  sed -i 's/^priority = 100/&\nsources = ["src\/data.S"]/' system.toml
  ms-build -q system.toml
  inputs >list
  for path in blob.bin include/found.bin src/part.inc; do
    grep -q " $path\$" list || { cat list; exit 1; }
    [ "$(record -r --arg p "$path" '.compiled_from[] | select(.path == $p) | .sha256')" = "$(sha256sum $path | cut -d' ' -f1)" ]
  done
  run ! grep -E '/tmp|embedded|\.s$' list
  [ "$(find . -name '*.embedded.*')" = "" ]
  ms-build -q lock system.toml
  ms-build -q --locked system.toml
  echo 'A blob' >blob.bin
  run -1 ms-build --locked system.toml
  [[ $output == *"changed: blob.bin (binary)"* ]]
}

@test "they are, too, where no text has the directive's name" {
  echo 'a blob' >blob.bin
  printf '%s\n' '__asm__(".section .rodata\n.inc" "bin \"blob.bin\"\n.text");' >>src/hello.h
  printf '%s\n' '__attribute__((section(".other,\"a\"\n\t.i\156cbin \"more.bin\" //"))) const int hidden = 1;' >>src/hello.c
  echo 'more' >more.bin
  ms-build -q system.toml
  for path in blob.bin more.bin; do
    [ "$(record -r --arg p "$path" '.compiled_from[] | select(.path == $p) | .sha256')" = "$(sha256sum $path | cut -d' ' -f1)" ]
  done
  ms-build -q lock system.toml
  echo 'A blob' >blob.bin
  run -1 ms-build --locked system.toml
  [[ $output == *"changed: blob.bin (binary)"* ]]
  ms-build -q system.toml
  grep -qr 'A blob' build/pd
  [ "$(find . -name '*.tmp')" = "" ]
}
