#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-verify --project, --kernel, --toolchain and --rebuild: the files at hand, and a build of one's own.
load ../lib
load ../trust

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
  new_delivery
}

setup() {
  mkdir "$BATS_TEST_TMPDIR/work"
  cp -R "$BATS_FILE_TMPDIR"/* "$BATS_TEST_TMPDIR/work"
  cd "$BATS_TEST_TMPDIR/work" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
}

both() { ms-verify --trust vendor.pub --trust customer.pub --threshold 2 "$@"; }

found() { grep -qE "^$1 +$2 +.*$3" <<<"$output" || { echo "no line: $1 $2 $3"; echo "$output"; return 1; }; }

@test "all inputs at hand are compared" {
  run -0 --separate-stderr both --project source --kernel source/build/probe --toolchain system.dsse.json
  found ok inputs '2 files of the project'
  found ok inputs 'files of the toolkit'
  found ok inputs '4 files of the kernel build'
  found ok inputs 'files of the compiler'
}

@test "what is not at hand is said" {
  run -0 --separate-stderr both --project source system.dsse.json
  found 'not checked' inputs '4 files of the kernel build \(--kernel DIR\)'
  found 'not checked' inputs 'files of the compiler \(--toolchain\)'
  run -0 --separate-stderr both system.dsse.json
  found 'not checked' inputs '2 files of the project \(--project DIR\)'
}

@test "a header that was changed after the build, one that is gone, one that is no file" {
  echo '#define NUMBER 2' >source/src/number.h
  run -1 --separate-stderr both --project source system.dsse.json
  found FAILED input 'src/number.h is another'
  found FAILED inputs '1 of 2 files of the project differ'
  rm source/src/number.h
  run -1 --separate-stderr both --project source system.dsse.json
  found FAILED input 'src/number.h: No such file'
  mkfifo source/src/number.h
  run -1 --separate-stderr timeout 20 ms-verify --trust vendor.pub --project source system.dsse.json
  found FAILED input 'src/number.h: Invalid argument'
}

@test "another toolkit, another kernel, another compiler" {
  mkdir other
  cp -R "$MS_TOOLKIT"/{board,both} other
  echo '/* */' >>other/board/boot/main.c
  MS_TOOLKIT=$PWD/other run -1 --separate-stderr both --project source system.dsse.json
  found FAILED input '@toolkit/board/boot/main.c is another'
  cp -R source/build/probe kernel
  echo >>kernel/gen_config.json
  run -1 --separate-stderr both --kernel kernel system.dsse.json
  found FAILED input '@kernel/gen_config.json is another'
  run -1 --separate-stderr both --kernel source/src system.dsse.json
  found FAILED inputs 'is no kernel build'
  mkdir bin
  printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v aarch64-linux-gnu-gcc)" >bin/aarch64-linux-gnu-gcc
  chmod +x bin/aarch64-linux-gnu-gcc
  PATH=$PWD/bin:$PATH run -1 --separate-stderr both --toolchain system.dsse.json
  found FAILED input '@toolchain/aarch64-linux-gnu-gcc'
}

@test "--rebuild: the same bytes" {
  rm -rf source/build
  run -0 --separate-stderr both --image system-image.bin --project source --rebuild again --summary vsa.json system.dsse.json
  found ok rebuild 'the same image, byte for byte'
  found ok rebuild 'from the same inputs'
  cmp again/system-image.bin system-image.bin
  [ ! -e source/build ]
  jq -e '.predicate.verifiedLevels == ["SLSA_BUILD_LEVEL_1", "MOONSHOT_REBUILT"]' vsa.json
}

@test "--rebuild of a hermetic build is hermetic, and the builder another one" {
  status=0
  ms-build -q --hermetic -C source system.toml 2>err || status=$?
  [ "$status" -ne 3 ] || skip "$(head -1 err)"
  [ "$status" -eq 0 ]
  ms-attest -C source --spec system.toml -o "$PWD/hermetic.json" "$(record "$PWD/source/build")"
  [ "$(jq -r .predicate.runDetails.builder.id hermetic.json)" = urn:moonshot-toolkit:builder:v1:hermetic ]
  ms-sign --key vendor.pem hermetic.json | ms-sign --key customer.pem -o hermetic.dsse.json
  cp source/build/system-image.bin .
  run -0 --separate-stderr both --image system-image.bin --project source --rebuild again hermetic.dsse.json
  found ok rebuild 'the same image, byte for byte'
  jq -e .image.hermetic again/stages/*-ms-link.json
}

@test "--rebuild of a build whose headers lie in the project's own folder" {
  sed -i 's/^include_dirs.*/include_dirs = ["."]/' source/system.toml
  mkdir source/config
  mv source/src/number.h source/config
  sed -i 's,"number.h","config/number.h",' source/src/hello.c
  ms-build -q lock -C source system.toml
  ms-build -q --locked -C source system.toml
  ms-attest -C source --spec system.toml -o "$PWD/own.json" "$(record "$PWD/source/build")"
  ms-sign --key vendor.pem own.json | ms-sign --key customer.pem -o own.dsse.json
  run -0 --separate-stderr both --image source/build/system-image.bin --project source --rebuild again own.dsse.json
  found ok rebuild 'the same image, byte for byte'
  found ok inputs '2 files of the project'
  echo '#define NUMBER 2' >source/config/number.h
  run -1 --separate-stderr both --project source own.dsse.json
  found FAILED input 'config/number.h is another'
}

@test "--rebuild: other bytes, and which input made them" {
  echo '#define NUMBER 2' >source/src/number.h
  run -1 --separate-stderr both --image system-image.bin --project source --rebuild again system.dsse.json
  found FAILED rebuild 'the statement is of'
  found note rebuild 'input src/number.h: was sha256'
  # where, by what the build here knows of its programs
  found note rebuild 'symbol answer of rootserver, from byte [0-9]+ on, made by src/hello.c'
  found note rebuild 'section .data of rootserver'
  run -1 --separate-stderr both --image system-image.bin --project source --record last.json --rebuild anew system.dsse.json
  found note rebuild 'symbol answer of rootserver, .* made by src/hello.c, with src/number.h'
}

@test "--rebuild: an input that is not read, and one that is read anew, change no bytes" {
  echo '/* nothing */' >source/src/more.h
  sed -i '1i #include "more.h"' source/src/hello.c
  run -1 --separate-stderr both --image system-image.bin --project source --rebuild again system.dsse.json
  found FAILED input 'src/hello.c is another'
  found ok rebuild 'the same image'
  found note rebuild 'input src/more.h: read here, not by the builder'
  found note rebuild 'inputs that differ: 2'
}

@test "--rebuild: a folder that is there, a build that fails" {
  mkdir again
  run -1 --separate-stderr both --project source --rebuild again system.dsse.json
  found FAILED rebuild 'is there already'
  echo 'not C' >source/src/hello.c
  run -1 --separate-stderr both --project source --rebuild new system.dsse.json
  found FAILED rebuild 'the build failed with 1'
}

@test "--rebuild with another specification file of the same system" {
  { echo '# spelled otherwise'; cat source/system.toml; } >mine.toml
  rm source/system.toml
  run -0 --separate-stderr both --image system-image.bin --spec mine.toml --project source --rebuild again system.dsse.json
  found ok rebuild 'the same image'
}

@test "images of every format are looked into and built again" {
  for format in raw image efi; do
    ms-build -q -C source -B "$format" --format "$format" system.toml
    ms-attest -C source --spec system.toml -o "$PWD/$format.json" "$PWD/$(record "source/$format")"
    run -0 --separate-stderr ms-verify --unsigned --image "source/$format/system-image.bin" --project source --rebuild "again-$format" "$format.json"
    found ok members '3 members'
    found ok loader ''
    found ok rebuild 'the same image'
  done
}

@test "--rebuild without the kernel that the image was built with says what to name" {
  cp -R source/build/probe kernel
  jq -c '.RETYPE_FAN_OUT_LIMIT = "128"' source/build/probe/gen_config.json >kernel/gen_config.json
  ms-build -q -C source -B other --kernel "$PWD/kernel" system.toml
  ms-attest -C source --spec system.toml -o "$PWD/other.json" "$PWD/$(record source/other)"
  run -0 --separate-stderr ms-verify --unsigned --project source --rebuild again other.json
  found note rebuild 'the kernel is another: --kernel names the build to take'
  run -0 --separate-stderr ms-verify --unsigned --kernel kernel --project source --rebuild anew other.json
  found ok rebuild 'from the same inputs'
}
