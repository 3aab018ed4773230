#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-cpio: the format byte by byte, other programs as readers and writers, hostile names and
# archives, and the stage from a compiled document to build/system.cpio.
load ../lib
load ../image

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

# -- by hand -----------------------------------------------------------------------------

@test "golden cases" {
  golden ms-cpio "$BATS_TEST_DIRNAME/cases"
}

@test "every byte of a small archive is as cpio(5) says" {
  printf hello >f
  ms-cpio --pack a=f -o got
  {
    printf '070701%08X%08X%08X%08X%08X%08X%08X' 0 0x81a4 0 0 1 0 5
    printf '%08X%08X%08X%08X%08X%08X' 0 0 0 0 2 0
    printf 'a\0hello\0\0\0'
    printf '070701%08X%08X%08X%08X%08X%08X%08X' 0 0 0 0 1 0 0
    printf '%08X%08X%08X%08X%08X%08X' 0 0 0 0 11 0
    printf 'TRAILER!!!\0\0\0\0'
  } >want
  cmp got want
}

@test "GNU cpio and bsdcpio extract every member" {
  printf 1 >one
  : >empty
  head -c 5001 /dev/urandom >odd
  pd elf
  ms-cpio --pack one=one empty=empty dir/odd=odd x.elf=elf.elf last=odd -o a.cpio
  for reader in cpio bsdcpio; do
    mkdir "$reader"
    (cd "$reader" && "$reader" -idm --quiet <../a.cpio 2>err || "$reader" -idm <../a.cpio)
    cmp one "$reader/one"
    cmp empty "$reader/empty"
    cmp odd "$reader/dir/odd"
    cmp elf.elf "$reader/x.elf"
    cmp odd "$reader/last"
    [ "$(stat -c '%a %h' "$reader/one")" = "644 1" ]
  done
  cpio -it --quiet <a.cpio >names
  printf '%s\n' one empty dir/odd x.elf last | cmp - names
}

@test "an archive depends on names and bytes alone" {
  mkdir a b
  printf x >a/f
  printf x >b/f
  chmod 4750 b/f
  touch -d 2001-01-01 b/f
  (cd a && ms-cpio --pack n=f -o out)
  (umask 077 && cd b && TZ=Asia/Tokyo ms-cpio --pack n=f -o out)
  cmp a/out b/out
}

@test "ELF files lie on pages, others on four bytes, --align moves all" {
  pd elf
  printf x >f
  ms-cpio --pack a=f b.elf=elf.elf c=f -o a.cpio
  ms-cpio --list a.cpio | jq -e '.entries[1].offset % 4096 == 0 and .entries[2].offset % 4 == 0
    and .entries[2].offset % 4096 != 0'
  ms-cpio --pack --align 512 a=f b=f c=elf.elf -o a.cpio
  ms-cpio --list a.cpio | jq -e '[.entries[].offset % 512] == [0, 0, 0]'
}

@test "a large member is streamed" {
  case $MS_BIN in *asan*) skip "AddressSanitizer needs address space of its own" ;; esac
  truncate -s 200M large
  (ulimit -v 65536 && ms-cpio --pack large=large -o a.cpio && ms-cpio --list a.cpio >list)
  jq -e '.entries[0].size == 209715200' list
}

@test "a member of 4 GiB is an error that names it" {
  truncate -s 4294967296 huge || skip "no sparse files here"
  run -1 --separate-stderr ms-cpio --pack big=huge -o a.cpio
  [[ $stderr == *'member "big": 4294967296 bytes; the format holds at most 4294967295'* ]]
  [ ! -e a.cpio ]
}

@test "nothing is left of an archive that could not be written" {
  printf x >f
  run -1 ms-cpio --pack a=f ../b=f -o a.cpio
  run -3 ms-cpio --pack a=f b=missing -o a.cpio
  run -1 ms-cpio --pack a=f b=/dev/zero -o a.cpio
  mkfifo fifo
  run -1 ms-cpio --pack a=fifo -o a.cpio
  run -3 ms-cpio --pack a=f -o missing/../f/a.cpio
  [ "$(find . -name '*.tmp' -o -name a.cpio | wc -l)" = 0 ]
}

@test "--list reads what GNU cpio and bsdcpio write" {
  mkdir -p d/sub
  printf one >d/one
  printf two >d/sub/two
  (cd d && printf 'one\nsub\nsub/two\n' | cpio -o -H newc --quiet) >gnu.cpio
  (cd d && printf 'one\nsub\nsub/two\n' | bsdcpio -o -H newc --quiet) >bsd.cpio
  for archive in gnu bsd; do
    ms-cpio --list $archive.cpio >list
    jq -e '[.entries[].name] == ["one", "sub", "sub/two"]' list
    jq -e --arg sum "$(sha256sum <d/sub/two | cut -d' ' -f1)" '.entries[2].sha256 == $sum' list
    jq -e --arg sum "$(sha256sum <$archive.cpio | cut -d' ' -f1)" \
      '.sha256 == $sum and .schema == "ms-archive/1"' list
    ms-cpio --list <$archive.cpio | cmp - list
  done
}

@test "--list refuses every truncation, and other formats" {
  printf hello >f
  ms-cpio --pack a=f bb=f -o a.cpio
  size=$(stat -c %s a.cpio)
  for ((n = 0; n < size; n += 7)); do
    head -c "$n" a.cpio >short
    run -1 ms-cpio --list short
  done
  printf 'f\n' | cpio -o -H odc --quiet >odc.cpio
  run -1 --separate-stderr ms-cpio --list odc.cpio
  [[ $stderr == "ms-cpio: error: odc.cpio: at byte 0: not a newc header [archive-format]" ]]
  run -1 ms-cpio --list /dev/zero
  run -3 ms-cpio --list missing
}

@test "output that cannot be written is a failure" {
  printf x >f
  ms-cpio --pack a=f -o a.cpio
  run -3 bash -c 'ms-cpio --list a.cpio >/dev/full'
  run -3 bash -c 'ms-cpio --list a.cpio >&-'
  run -3 bash -c 'ms-cpio --list <&-'
}

# -- the stage ---------------------------------------------------------------------------

# A project with one PD and its document doc.json, a kernel in ../kernel.
project() {
  flat_kernel kernel
  mkdir project
  cd project || return 1
  pd hello
  toml hello >system.toml
  compiled system.toml >doc.json
}

@test "a document gets an archive, and nothing else changes" {
  project
  ms-cpio --kernel ../kernel doc.json >out.json
  jq -cS 'del(.archive, .packed_from)' out.json | cmp - doc.json
  [ "$(jq -r .archive.path out.json)" = build/system.cpio ]
  sum=$(sha256sum build/system.cpio | cut -d' ' -f1)
  jq -e --arg sum "$sum" --argjson size "$(stat -c %s build/system.cpio)" \
    '.archive.sha256 == $sum and .archive.size == $size' out.json
  jq -e '[.archive.entries[].name] == ["kernel.elf", "kernel.dtb", "rootserver"]' out.json
  jq -e '.archive.entries[0].offset % 4096 == 0 and .archive.entries[2].offset % 4096 == 0' out.json
  jq -e '.archive.kernel.kind == "probe" and .archive.kernel.memory[0].end == "0x80000000"' out.json
  # The list by hand and the document agree.
  ms-cpio --list build/system.cpio | jq -cS '[.entries[] | del(.mode)]' >list
  jq -cS .archive.entries out.json | cmp - list
}

@test "kernel and programs are reduced to what is loaded" {
  project
  ms-cpio --kernel ../kernel doc.json >out.json
  mkdir x
  (cd x && cpio -id --quiet <../build/system.cpio)
  cmp x/kernel.dtb ../kernel/kernel.dtb
  aarch64-linux-gnu-readelf -S x/kernel.elf | grep -q 'There are no sections'
  # 100 bytes, 20,000 zeroes, 100 bytes, bss: two pieces, which cover the same memory.
  aarch64-linux-gnu-readelf -lW x/kernel.elf | awk '$1 == "LOAD"' >segments
  [ "$(wc -l <segments)" = 2 ]
  [ "$(stat -c %s x/kernel.elf)" -lt 16384 ]
  [ "$(stat -c %s ../kernel/kernel.elf)" -gt 20000 ]
  entry() { aarch64-linux-gnu-readelf -h "$1" | grep Entry; }
  [ "$(entry x/kernel.elf)" = "$(entry ../kernel/kernel.elf)" ]
}

@test "the same archive again is left alone" {
  project
  ms-cpio --kernel ../kernel doc.json >a.json
  before=$(stat -c '%i %y' build/system.cpio)
  ms-cpio --kernel ../kernel <doc.json >b.json
  [ "$before" = "$(stat -c '%i %y' build/system.cpio)" ]
  cmp a.json b.json
}

@test "symbols of a kernel do not change the archive" {
  project
  ms-cpio --kernel ../kernel doc.json | jq -r .archive.sha256 >a
  aarch64-linux-gnu-strip ../kernel/kernel.elf
  ms-cpio --kernel ../kernel doc.json | jq -r .archive.sha256 >b
  cmp a b
}

@test "-B, -C, -o and MS_KERNEL" {
  project
  cd ..
  MS_KERNEL=$PWD/kernel ms-cpio -C project -B other/place -o out.json doc.json
  [ -e project/other/place/system.cpio ]
  jq -e '.archive.path == "build/system.cpio"' project/out.json
}

@test "without a kernel it says what is missing" {
  project
  run -1 --separate-stderr ms-cpio doc.json
  [[ $stderr == *"no kernel: neither --kernel, MS_KERNEL, [build] sdk nor MICROKIT_SDK names one"* ]]
  mkdir build
  mv ../kernel build/probe
  ms-cpio doc.json | jq -e '.archive.kernel.kind == "probe"'
}

@test "an artifact that has changed is refused" {
  project
  printf x >>hello.elf
  run -1 --separate-stderr ms-cpio --kernel ../kernel doc.json
  [[ $stderr == *"hello.elf: changed since it was compiled"*"[artifact-changed]"* ]]
  [ ! -e build/system.cpio ]
  rm hello.elf
  run -3 ms-cpio --kernel ../kernel doc.json
}

@test "a document without artifacts is refused" {
  project
  ms-parse system.toml | ms-plan | ms-hash >early.json
  run -1 ms-cpio --kernel ../kernel early.json
  jq -cS '.artifacts[0].step = "other"' doc.json >wrong.json
  run -1 ms-cpio --kernel ../kernel wrong.json
  jq -cS '.artifacts[0].path = "../hello.elf"' doc.json >wrong.json
  run -1 ms-cpio --kernel ../kernel wrong.json
  : >empty
  run -1 ms-cpio --kernel ../kernel empty
}

@test "a system without a layout is refused: nothing would start its domains" {
  project
  pd second
  toml hello second >system.toml
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-cpio --kernel ../kernel doc.json
  [[ $stderr == *"the document has no layout; a system goes through ms-layout first [layout]"* ]]
  [ -z "$output" ]
  [ ! -e build/system.cpio ]
}

# A domain that is its own root task may have regions: they only fill the archive.
own_root() { printf '[build]\nroot_task = "pd"\n' >>system.toml; }

# region NAME SIZE PREFILL: appends a memory region to system.toml
region() {
  printf '[[memory_regions]]\nname = "%s"\nphys_addr = %s\nsize_bytes = %s\nprefill_from = "%s"\n%s\n' \
    "$1" "0x5$((n = ${n:-0} + 1))000000" "$2" "$3" 'permissions = ["read"]' >>system.toml
}

@test "prefills are packed under their region's name, on pages" {
  project
  printf data >blob
  region table 4096 blob
  own_root
  compiled system.toml | ms-cpio --kernel ../kernel >out.json
  jq -e '.archive.entries[3] | .name == "table" and .size == 4 and .offset % 4096 == 0' out.json
}

@test "prefills that are too long, lead outside or are missing are refused" {
  project
  head -c 4097 /dev/zero >blob
  ln -s /etc/passwd link
  region long 4096 blob
  region outside 65536 link
  own_root
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-cpio --kernel ../kernel doc.json
  [[ $stderr == *"blob: 4097 bytes do not fit the memory region long of 4096 [prefill]"* ]]
  [[ $stderr == *"link: lies outside the project, where symbolic links lead [prefill]"* ]]
  toml hello >system.toml
  region gone 4096 missing
  own_root
  compiled system.toml >doc.json
  run -3 ms-cpio --kernel ../kernel doc.json
}

@test "damaged kernels and device trees are refused" {
  project
  cp -R ../kernel good
  for size in 0 20 63 64 100 200 5000; do
    head -c "$size" good/kernel.elf >../kernel/kernel.elf
    run -1 ms-cpio --kernel ../kernel doc.json
  done
  cp good/kernel.elf ../kernel/kernel.elf
  for size in 0 7 39 40 100; do
    head -c "$size" good/kernel.dtb >../kernel/kernel.dtb
    run -1 ms-cpio --kernel ../kernel doc.json
  done
  [ ! -e build/system.cpio ]
  # What lies behind the tree is no part of it.
  { cat good/kernel.dtb; head -c 5000 /dev/zero; } >../kernel/kernel.dtb
  ms-cpio --kernel ../kernel doc.json | jq -e --argjson size "$(stat -c %s good/kernel.dtb)" \
    '.archive.entries[1].size == $size'
}

@test "a real kernel loses its symbols and its pages of zeroes" {
  IFS=: read -ra kernels <<<"${KERNELS:-}"
  [ "${#kernels[@]}" -gt 0 ] || skip "MS_KERNELS names no kernel build"
  project
  for k in "${kernels[@]}"; do
    ms-cpio --kernel "$k" doc.json >out.json
    jq -e '.archive.entries[0].size < 300000 and .archive.kernel.kind == "seL4"' out.json
  done
}
