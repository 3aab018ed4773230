#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Malformed ready programs and impossible systems in a system description of Microkit: each ends
# the build with an error that says what is wrong where, soon.
load ../lib
load ../layout

setup_file() {
  # What does not change from build to build is compiled once.
  export MALFORMED=$BATS_FILE_TMPDIR/project
  mkdir "$MALFORMED"
  cd "$MALFORMED" || return 1
  kernels
  program good "$(variable x 8)"
  system >good.system
  ms-build -q --kernel kernels/mcs good.system
}

setup() {
  cd "$MALFORMED" || return 1
}

# system [INSIDE [BESIDE]]: a PD with the program $PROGRAM.elf and what else is in and beside it.
system() {
  printf '<system>\n<protection_domain name="pd">\n<program_image path="%s.elf"/>\n%s\n</protection_domain>\n%s\n</system>\n' \
    "${PROGRAM:-good}" "${1:-}" "${2:-}"
}

# refused TEXT RULE: ms-build refuses a.system with one error of that rule that holds the text, and
# makes no image.
refused() {
  rm -f build/system-image.bin
  run -1 --separate-stderr timeout 60 ms-build -q --kernel kernels/mcs a.system
  [[ $stderr == *"error: "* && $stderr == *"$1"*"[$2]"* ]] || { echo "$stderr"; return 1; }
  [ ! -e build/system-image.bin ]
}

# poke NAME OFFSET HEX...: NAME.elf is good.elf with other bytes there.
poke() {
  cp good.elf "$1.elf"
  local name=$1 bytes
  shift
  while [ $# -gt 0 ]; do
    # shellcheck disable=SC2001 # every two digits
    bytes=$(sed 's/../\\x&/g' <<<"$2")
    # shellcheck disable=SC2059 # the bytes are the format
    printf "$bytes" | dd of="$name.elf" bs=1 seek="$1" conv=notrunc status=none
    shift 2
  done
}

# Offsets in good.elf: its program headers follow the header; the third one is the data's.
data=$((64 + 2 * 56))
all=ffffffffffffffff

elf() { # TEXT RULE: for a PD with wrong.elf
  PROGRAM=wrong system >a.system
  refused "$1" "$2"
}

@test "the system that the others are made from is right" {
  system >a.system
  ms-build -q --kernel kernels/mcs a.system
  [ -s build/system-image.bin ]
}

@test "files that are no programs, or are cut" {
  local n
  : >wrong.elf; elf "pd: wrong.elf is no static AArch64 executable: file is shorter" output-elf
  head -c 5000 /dev/zero >wrong.elf; elf "wrong.elf is no static AArch64 executable: not an ELF file" output-elf
  for n in 3 16 63 64 100 "$data" "$(($(stat -c %s good.elf) / 2))"; do
    head -c "$n" good.elf >wrong.elf
    elf "pd: wrong.elf is no static AArch64 executable: " output-elf
  done
  rm wrong.elf
  PROGRAM=wrong system >a.system
  rm -f build/system-image.bin
  run --separate-stderr ms-build -q --kernel kernels/mcs a.system
  [ "$status" -ne 0 ]
  [[ $stderr == *"wrong.elf: No such file"* ]]
}

@test "programs for other machines" {
  poke wrong 4 01; elf "wrong.elf is no static AArch64 executable: not a 64-bit ELF file" output-elf
  poke wrong 5 02; elf "not little-endian" output-elf
  poke wrong 18 3e00; elf "not for AArch64" output-elf
  poke wrong 18 f300; elf "not for AArch64" output-elf
  poke wrong 16 0100; elf "not a static executable" output-elf
  poke wrong 16 0300; elf "not a static executable" output-elf
  poke wrong 6 02; elf "wrong.elf" output-elf
}

@test "headers that lie" {
  local value
  poke wrong 32 c0ffffffffffffff; elf "bad program headers" output-elf
  poke wrong 56 ffff; elf "bad program headers" output-elf
  poke wrong 56 0000; elf "bad program headers" output-elf
  poke wrong 54 0100; elf "bad program headers" output-elf
  poke wrong 24 f0ffffffffffffff; elf "entry point outside" output-elf
  for value in $all 00f0ffffffffffff 0000000000000080 0000000000010000; do
    poke wrong $((data + 8)) "$value"; elf "a segment lies outside the file" output-elf
    poke wrong $((data + 32)) "$value"; elf "a segment lies outside the file" output-elf
  done
  poke wrong $((data + 40)) $all; elf "a segment lies outside the file or the address space" output-elf
  poke wrong $((data + 40)) 0000000000000000; elf "a segment lies outside" output-elf
  poke wrong 64 04000000 120 04000000 "$data" 04000000; elf "nothing to load" output-elf
  # The section headers are where the symbols are found.
  for value in 40,f0ffffffffffffff 60,ffff; do
    poke wrong "${value%,*}" "${value#*,}"
    PROGRAM=wrong system '<map mr="r" vaddr="0x10000000" setvar_vaddr="x"/>' \
      '<memory_region name="r" size="0x1000"/>' >a.system
    refused "pd: wrong.elf has no symbol x" setvar-symbol
  done
}

@test "segments that overlap, share a page, or are as large as the address space" {
  local value
  poke wrong $((data + 16)) 0000200000000000; elf "two segments overlap" output-elf
  poke wrong $((64 + 56 + 16)) 0008200000000000 $((64 + 56 + 8)) 0018000000000000
  elf "pd: two segments of wrong.elf share the page at 0x200000" segment-page
  # Each of these took a page table for every GiB once.
  for value in 0000000000000001 0000000000800000 0000000000000040 0000000000000080; do
    poke wrong $((data + 40)) "$value"; elf "pd: a segment of wrong.elf, 0x" map-user-space
  done
  poke wrong $((data + 40)) 0000000040000000; elf "do not fit" memory
  poke wrong $((data + 16)) 00f0ffffffffff7f; elf "pd: a segment of wrong.elf, 0x10 bytes at 0x7ffffffffffff000, lies outside user space" map-user-space
}

@test "programs of impossible size take no memory to refuse" {
  if [[ $MS_BIN == *asan* ]]; then skip "the sanitizers need more address space than is allowed here"; fi
  local value
  root
  for value in 0000000000000080 0000000000000001 0000000040000000; do
    poke wrong $((data + 40)) $value
    PROGRAM=wrong system >a.system
    ms-import a.system >a.toml
    compiled a.toml >doc.json
    run -1 --separate-stderr bash -c 'ulimit -v 65536; exec timeout 20 ms-layout --kernel kernels/mcs doc.json'
    [[ $stderr =~ error:\ .*(wrong\.elf|program) ]]
  done
}

@test "sizes of regions, from none to 2^64" {
  local size
  sized() { system '<map mr="r" vaddr="0x10000000"/>' "<memory_region name=\"r\" size=\"$1\"/>" >a.system; }
  for size in 0 1 0xfff 0x1001 0x20_0000_0000_0000 0x7fff_ffff_ffff_f000; do
    sized "$size"; refused "a.system:6:30: error: size_bytes of memory region 'r' is $((${size//_/}))" region-size
  done
  sized 0xffff_ffff_ffff_f000; refused 'a.system:6:30: error: size="0xffff_ffff_ffff_f000": the number is too large' wrong-value
  sized 0x1_0000_0000_0000_0000; refused "a.system:6:30: error: " wrong-value
  sized 0x1f_ffff_ffff_f000; refused "a.system:4:19: error: map 'r' of protection domain 'pd' begins at 0x10000000" map-range
  sized 0x100_0000_0000; refused "pd: region/r at 0x10000000..0x10010000000 lies outside user space" map-user-space
  sized 0xf0_0000_0000; refused "region/r: 491513 LargePage of 0x200000 bytes" memory
}

@test "maps over code, data, stack and what lies above them" {
  at() { system "<map mr=\"r\" vaddr=\"$1\"/>" '<memory_region name="r" size="0x1000"/>' >a.system; }
  at 0x200000; refused "pd: region/r at 0x200000..0x201000 overlaps program (good.elf) at 0x200000..0x203000" map-overlap
  at 0x202000; refused "overlaps program" map-overlap
  at 0xffffffc000; refused "pd: region/r at 0xffffffc000..0xffffffd000 overlaps stack" map-overlap
  at 0xfffffff000; refused "overlaps ipc-buffer" map-overlap
  at 0x100_0000_0000; refused "lies outside user space, which ends at 0x10000000000" map-user-space
  at 0x1_0000_0000_0000; refused "a.system:4:19: error: " map-range
  at 0x200800; refused "a.system:4:19: error: vaddr of map 'r' of protection domain 'pd' is 0x200800" map-address
}

@test "interrupts: no such number, the kernel's own, other cores'" {
  irq() { system "<irq irq=\"$1\" id=\"1\"/>" >a.system; }
  irq 26; refused "a.system:4:10: error: pd: interrupt 26 is the kernel's own timer" irq-reserved
  irq 0; refused "pd: interrupt 0 is one that cores send to each other" irq-reserved
  irq 200; refused "pd: interrupt 200: this kernel's last one is 159" irq-range
  irq 1020; refused "a.system:4:10: error: irq of an interrupt is 1020; it must be 0 to 1019" irq-number
  irq 18446744073709551615; refused 'a.system:4:10: error: irq="18446744073709551615": the number is too large' wrong-value
  irq -1; refused "a.system:4:10: error: " wrong-value
}

@test "files that regions are filled with" {
  filled() { system '<map mr="r" vaddr="0x10000000"/>' "<memory_region name=\"r\" prefill_path=\"$1\" $2/>" >a.system; }
  : >empty
  head -c 5000 good.elf >five
  filled empty; refused "empty: a prefill is a file of 1 byte to 4 GiB" prefill
  filled five 'size="0x1000"'; refused "a.system:6:38: error: five: 5000 bytes do not fit the memory region r of 4096" prefill
  filled none; refused "none: No such file" input
  # Shorter than its region by more than a page, which Microkit's tool does not survive.
  filled five 'size="0x4000"'
  ms-build -q --kernel kernels/mcs a.system
}

@test "what the search paths hold is looked at each time, and nothing is started for the same" {
  mkdir -p first second
  cp good.elf second/found.elf
  PROGRAM=found system >a.system
  build() { ms-build -v --kernel kernels/mcs --search-path first --search-path second a.system >out 2>log; }
  build
  grep -q '^\[8/8\]' log
  build
  grep -qx 'nothing has changed' log
  [ "$(jq -r .spec.protection_domains[0].binary build/stages/08-ms-link.json)" = second/found.elf ]
  # One that comes to stand before it is the one.
  cp good.elf first/found.elf
  build
  [ "$(jq -r .spec.protection_domains[0].binary build/stages/08-ms-link.json)" = first/found.elf ]
  build
  grep -qx 'nothing has changed' log
  rm first/found.elf second/found.elf
  run -1 --separate-stderr build
  grep -q 'a.system:3:21: error: path="found.elf": there is no such file in first, second, the project root \[file-missing\]' log
}

@test "a warning about the system is said once, by the stage that reads it" {
  system '' '<memory_region name="r" size="0x1000"/>' >a.system
  ms-build -q --kernel kernels/mcs a.system 2>said
  [ "$(grep -c "mapped by nobody" said)" = 1 ]
  grep -q "^a.system:6:21: warning: memory region 'r' is mapped by nobody \[region-unmapped\]$" said
}

@test "a link in @project/build that leads out of the project is refused" {
  mkdir -p build
  rm -f build/linked.bin build/linked.elf
  ln -s /etc/passwd build/linked.bin
  system '<map mr="r" vaddr="0x10000000"/>' '<memory_region name="r" prefill_path="linked.bin"/>' >a.system
  run -1 --separate-stderr ms-build -q --kernel kernels/mcs --search-path build a.system
  [[ $stderr == *"build/linked.bin leads out of the project by a symbolic link"* ]]
  cp good.elf "$BATS_TEST_TMPDIR/outside.elf"
  ln -s "$BATS_TEST_TMPDIR/outside.elf" build/linked.elf
  PROGRAM=linked system >a.system
  run -1 --separate-stderr ms-build -q --kernel kernels/mcs --search-path build a.system
  [[ $stderr == *"build/linked.elf leads out of the project by a symbolic link"* ]]
  rm build/linked.bin build/linked.elf
}
