#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Which kernel is taken: an option, variables, and folders of a Microkit SDK by board and
# configuration. The SDKs are made here, of the probe kernel's files.
load ../lib

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL
  cp "$MS_ROOT/examples/hello-world/hello.c" .
  system '' >first.toml
  ms-build -q first.toml
  sdk first-sdk qemu_virt_aarch64/debug qemu_virt_aarch64/release zcu102/debug
  sdk second-sdk rpi4b_1gb/debug
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL MICROKIT_SDK
}

# system LINES: a system with these lines in [build]
system() {
  printf '[build]\n%b\n[[protection_domains]]\nname = "hello"\nbinary = "hello.c"\npriority = 1\n' "$1"
}

# sdk DIR BOARD/CONFIG...: an SDK; the kernels differ in how many untypeds they can list
sdk() {
  local dir=$1 number=200 folder
  shift
  for folder; do
    number=$((number + 1))
    folder=$dir/board/$folder
    mkdir -p "$folder/elf" "$folder/include/kernel"
    cp build/probe/kernel.elf "$folder/elf/sel4.elf"
    cp build/probe/platform_gen.json "$folder"
    jq ".MAX_NUM_BOOTINFO_UNTYPED_CAPS = \"$number\"" build/probe/gen_config.json \
      >"$folder/include/kernel/gen_config.json"
  done
}

# takes NUMBER LINES [OPTION...]: the kernel with that number is taken
takes() {
  local number=$1
  system "$2" >system.toml
  shift 2
  rm -rf out
  run -0 ms-build -B out "$@" system.toml
  run -0 jq .archive.kernel.max_untypeds out/stages/06-ms-cpio.json
  [ "$output" = "$number" ]
}

# refuses LINES TEXT... : no kernel is found, and the message says this
refuses() {
  system "$1" >system.toml
  shift
  run -1 ms-build -q -B out system.toml
  local text
  for text; do
    [[ $output == *"$text"* ]] || { echo "$output"; echo "lacks: $text"; return 1; }
  done
}

@test "the board and configuration of the system, in the SDK that it names" {
  takes 201 'sdk = "first-sdk"\nboard = "qemu_virt_aarch64"'
  takes 202 'sdk = "first-sdk"\nboard = "qemu_virt_aarch64"\nconfig = "release"'
  takes 203 'sdk = "first-sdk"\nboard = "zcu102"'
}

@test "MICROKIT_SDK, behind [build] sdk; MS_KERNEL before both; --kernel before all" {
  export MICROKIT_SDK=$PWD/second-sdk
  takes 201 'board = "rpi4b_1gb"'
  takes 203 'sdk = "first-sdk"\nboard = "zcu102"'
  export MS_KERNEL=first-sdk/board/qemu_virt_aarch64/release
  takes 202 'sdk = "first-sdk"\nboard = "zcu102"'
  takes 203 'board = "none"' --kernel first-sdk/board/zcu102/debug
}

@test "an SDK's own folder for --kernel and MS_KERNEL" {
  takes 203 'board = "zcu102"' --kernel first-sdk
  MS_KERNEL=$PWD/second-sdk takes 201 'board = "rpi4b_1gb"'
}

@test "another board, another kernel, also for a build that has nothing else to do" {
  takes 203 'sdk = "first-sdk"\nboard = "zcu102"'
  system 'sdk = "first-sdk"\nboard = "qemu_virt_aarch64"' >system.toml
  ms-build -q -B out system.toml
  [ "$(jq .archive.kernel.max_untypeds out/stages/06-ms-cpio.json)" = 201 ]
  # A variable that came meanwhile is seen, and so is one that went.
  MS_KERNEL=second-sdk/board/rpi4b_1gb/debug ms-build -q -B out system.toml
  jq -e '.archive.kernel.max_untypeds == 201' out/stages/06-ms-cpio.json
  system 'board = "zcu102"' >system.toml
  MICROKIT_SDK=first-sdk ms-build -q -B out system.toml
  [ "$(jq .archive.kernel.max_untypeds out/stages/06-ms-cpio.json)" = 203 ]
  ms-build -q -B out system.toml
  [ "$(jq .archive.kernel.max_untypeds out/stages/06-ms-cpio.json)" = 230 ]
}

@test "what is not there is named, with what there is" {
  refuses 'sdk = "first-sdk"\nboard = "zcu120"' \
    'no board "zcu120" ([build] board) in first-sdk/board; it has qemu_virt_aarch64, zcu102' \
    'did you mean "zcu102"?'
  refuses 'sdk = "first-sdk"\nboard = "zcu102"\nconfig = "release"' \
    'no configuration "release" ([build] config) in first-sdk/board/zcu102; it has debug'
  refuses 'sdk = "no-sdk"' '[build] sdk: no Microkit SDK is in no-sdk: there is no folder no-sdk/board'
  MICROKIT_SDK=/nowhere refuses '' 'MICROKIT_SDK: no Microkit SDK is in /nowhere'
  mkdir -p empty/board
  MICROKIT_SDK=empty refuses '' 'no board "qemu-arm-virt" ([build] board) in empty/board; it has none'
}

@test "the sdk is no part of the plan but as the specification says it" {
  system 'board = "zcu102"' >system.toml
  ms-build plan system.toml >planned
  MICROKIT_SDK=$PWD/first-sdk ms-build plan system.toml | cmp - planned
}
