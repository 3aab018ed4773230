#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-link: from a packed document to an image; what is refused, what is not done twice. Whether
# images boot is for tests/boot.
load ../lib
load ../image

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  flat_kernel kernel
  mkdir project
  cd project || return 1
  pd hello
  toml hello >system.toml
  compiled system.toml | ms-cpio --kernel ../kernel -o doc.json
  # Linked once; the tests work in copies and find the objects in the cache.
  ms-link doc.json >linked.json
}

setup() {
  cp -R "$BATS_FILE_TMPDIR/project" "$BATS_TEST_TMPDIR/project"
  cp -R "$BATS_FILE_TMPDIR/kernel" "$BATS_TEST_TMPDIR/kernel"
  cd "$BATS_TEST_TMPDIR/project" || return 1
}

# edit JQ-FILTER...: doc.json changed by hand
edit() { jq -cS "$@" doc.json; }

# repack NAME=FILE...: build/system.cpio packed by hand, and a document that fits it
repack() {
  ms-cpio --pack --align 4096 "$@" -o build/system.cpio
  take_list
}

# take_list: by-hand.json, the document that fits build/system.cpio
take_list() {
  ms-cpio --list build/system.cpio >list
  jq -cS --slurpfile list list '.archive.entries = [$list[0].entries[] | del(.mode)]
    | .archive.sha256 = $list[0].sha256 | .archive.size = $list[0].size' doc.json >by-hand.json
}

@test "golden cases" {
  golden ms-link "$BATS_TEST_DIRNAME/cases"
}

@test "a document gets an image, and nothing else changes" {
  jq -cS 'del(.image, .linked_from, .inputs_hash)' linked.json | cmp - doc.json
  jq -e --arg sum "$(sha256sum build/system-image.bin | cut -d' ' -f1)" \
    --argjson size "$(stat -c %s build/system-image.bin)" \
    '.image | .path == "build/system-image.bin" and .format == "elf" and .sha256 == $sum
      and .size == $size and .entry == "0x40400000"' linked.json
}

@test "the image is a static AArch64 file of segments alone" {
  aarch64-linux-gnu-readelf -hW build/system-image.bin >header
  grep -q 'Class: *ELF64' header
  grep -q 'Machine: *AArch64' header
  grep -q 'Type: *EXEC' header
  grep -q 'Entry point address: *0x40400000' header
  grep -q 'Number of section headers: *0' header
  # What the document says is what readelf sees.
  aarch64-linux-gnu-readelf -lW build/system-image.bin | awk '$1 == "LOAD" {
    print $3, $4, $5, $6 }' | while read -r line; do
    # shellcheck disable=SC2086 # four numbers
    printf '0x%x 0x%x %d %d\n' $line
  done >seen
  jq -r '.image.segments[] | "\(.vaddr) \(.paddr) \(.filesz) \(.memsz)"' linked.json >said
  [ -s seen ]
  cmp seen said
}

@test "the archive lies in the image, on a page" {
  address=$(aarch64-linux-gnu-nm build/loader/loader.elf | awk '$3 == "archive_start" { print $1 }')
  [ $((0x$address % 4096)) = 0 ]
  aarch64-linux-gnu-objcopy -O binary -j ._archive_cpio build/loader/loader.elf section
  cmp -n "$(stat -c %s build/system.cpio)" section build/system.cpio
}

@test "nothing changed: nothing is run, nothing is written" {
  # (What is remembered of files' digests is written anew now and then.)
  stamps() { find build -type f -not -name 'toolchain-*' -not -name seen -printf '%p %i %T@\n' | sort; }
  stamps >before
  ms-link doc.json >again.json
  cmp linked.json again.json
  stamps | diff before -
  # The counter-check: a changed archive is linked again.
  repack kernel.elf=../kernel/kernel.elf kernel.dtb=../kernel/kernel.dtb rootserver=hello.elf
  ms-link by-hand.json >third.json
  run -1 cmp linked.json third.json
}

@test "a lost image comes back, with the same bytes, wherever it is built" {
  sum=$(sha256sum <build/system-image.bin)
  rm build/system-image.bin
  ms-link doc.json >/dev/null
  [ "$sum" = "$(sha256sum <build/system-image.bin)" ]
  printf x >>build/system-image.bin
  ms-link doc.json >/dev/null
  [ "$sum" = "$(sha256sum <build/system-image.bin)" ]
  mkdir -p ../a/deeper/folder
  cp -R hello.elf system.toml ../a/deeper/folder
  cd ../a/deeper/folder
  (umask 077 && compiled system.toml | ms-cpio --kernel ../../../kernel |
    TZ=Asia/Tokyo LANG=C.UTF-8 ms-link -j 1 >/dev/null)
  [ "$sum" = "$(sha256sum <build/system-image.bin)" ]
}

@test "--format: what is not one, or twice the same, is a wrong call" {
  run -2 ms-link --format rwa doc.json
  [[ $output == *'there is no format "rwa"; did you mean "raw"?'* ]]
  run -2 ms-link --format raw --format elf --format raw doc.json
  [[ $output == *'the format "raw" is given twice'* ]]
}

@test "--format: the first one is the image, the others lie beside it" {
  ms-link --format elf doc.json | cmp - linked.json
  cp build/system-image.bin elf
  ms-link --format raw --format elf --image raw doc.json >formats.json
  cmp build/system-image.elf elf
  [ "$(head -c 4 raw | od -An -t x1 | tr -d ' ')" = 10000014 ] # b . + 64
  jq -e --arg raw "$(sha256sum <raw | cut -d' ' -f1)" --arg elf "$(sha256sum <elf | cut -d' ' -f1)" \
    '.image | .format == "raw" and .sha256 == $raw and .path == "build/system-image.bin"
      and .files == [{format: "elf", path: "build/system-image.elf", sha256: $elf,
                      size: .files[0].size}]' formats.json
}

@test "--image, -B, -C and -o" {
  mv build ../elsewhere
  cd ..
  ms-link -C project -B ../elsewhere --image ../out/image.elf -o ../linked.json doc.json
  cmp out/image.elf elsewhere/system-image.bin
  cd project
  cmp linked.json ../linked.json
  run -3 --separate-stderr ms-link -B ../elsewhere --image doc.json/image doc.json
  [ -z "$output" ]
}

@test "--no-verify is one bit of the table" {
  table() {
    address=$(aarch64-linux-gnu-nm build/loader/loader.elf | awk '$3 == "handoff_table" { print $1 }')
    start=$(aarch64-linux-gnu-nm build/loader/loader.elf | awk '$3 == "image_start" { print $1 }')
    aarch64-linux-gnu-objcopy -O binary -j .text build/loader/loader.elf text
    tail -c +$((0x$address - 0x$start + 1)) text | head -c 280
  }
  table >with
  ms-link --no-verify doc.json >/dev/null
  table >without
  cmp -l with without >differ || true
  [ "$(wc -l <differ)" = 1 ]
  # Flags are the second word of the table's second quad; HANDOFF_VERIFY is 4.
  awk '{ exit !($1 == 13 && $2 - $3 == 4) }' differ
}

@test "--map shows memory from end to end, and links nothing" {
  rm -r build/loader build/system-image.bin
  ms-link --map doc.json >map
  [ ! -e build/loader ]
  [ ! -e build/system-image.bin ]
  awk 'NR == 2 && $1 != "0x0000000040000000" { bad = 1 }
    NR > 2 && $1 != end { bad = 1 }
    { end = $2; names = names " " $NF }
    END { exit bad || end != "0x0000000080000000" ||
      names != " name kernel dtb free rootserver free loader free objects free" }' map
  ms-link --map -o map2 doc.json
  cmp map map2
  # The document says the same.
  awk 'NR > 1 { print $NF, $1, $2 }' map | sed 's/0x0*/0x/g' >lines
  jq -r '.image.memory_map[] | "\(.name) \(.start) \(.end)"' linked.json | cmp - lines
}

@test "--dry-run prints the plan's commands and does nothing" {
  rm -r build
  ms-link --dry-run doc.json >commands
  [ "$(wc -l <commands)" = "$(jq '.steps[-1].commands | length' doc.json)" ]
  grep -q '^aarch64-linux-gnu-gcc .* -o build/loader/loader.elf ' commands
  [ ! -e build ]
}

@test "an archive that is not the document's is refused" {
  cp build/system.cpio good
  for damage in 'printf x >>build/system.cpio' ': >build/system.cpio' \
    'printf x | dd of=build/system.cpio bs=1 seek=5000 conv=notrunc status=none'; do
    cp good build/system.cpio
    eval "$damage"
    run -1 --separate-stderr ms-link doc.json
    [[ $stderr == *"not the archive of the document"*"[archive-changed]"* ]]
    [ -z "$output" ]
  done
  rm build/system.cpio
  run -3 ms-link doc.json
}

@test "a document that was changed by hand is refused" {
  zeroes=$(printf '0%.0s' {1..64})
  refused() { # rule filter
    edit "$2" >changed.json
    run -1 --separate-stderr ms-link changed.json
    [[ $stderr == *"[$1]"* ]] || { echo "$2: $stderr"; return 1; }
    [ -z "$output" ]
  }
  refused archive-changed ".archive.sha256 = \"$zeroes\""
  refused archive-entries ".archive.entries[0].sha256 = \"$zeroes\""
  refused archive-entries '.archive.entries[1].name = "other"'
  refused archive-entries '.archive.entries[2].offset += 4'
  refused archive-entries '.archive.entries[2].size = 4294967295'
  refused archive-entries 'del(.archive.entries[2])'
  refused archive-path '.archive.path = "build/other.cpio"'
  refused kernel-memory '.archive.kernel.memory = [{start: "0x50000000", end: "0x60000000"}]'
  refused memory-regions '.archive.kernel.memory[0].end = "0x40000000"'
  refused memory-regions '.archive.kernel.memory[0].end = "0xffffffffffffffff"'
  refused kernel-level '.archive.kernel.hypervisor = true'
  refused kernel-config '.archive.kernel.cores = 200'
  refused kernel-config '.archive.kernel.pa_bits = 42'
  refused root-slots '.archive.kernel.root_cnode_bits = 5'
  refused loader-memory '.archive.kernel.memory[0].end = "0x40200000"'
  [ "$(jq -r .plan_hash doc.json)" != "$zeroes" ]
  edit ".plan_hash = \"$zeroes\"" >changed.json
  run -1 ms-link changed.json
  edit '.steps[-1].commands[0][0] = "false"' >changed.json
  run -1 ms-link changed.json
  edit 'del(.archive)' >changed.json
  run -1 ms-link changed.json
  edit '.archive.more = 1' >changed.json
  run -1 ms-link changed.json
  sha256sum <build/system-image.bin | cut -d' ' -f1 >sum
  [ "$(cat sum)" = "$(jq -r .image.sha256 linked.json)" ]
}

@test "an archive packed by hand with wrong members is refused" {
  refused() { # rule member...
    local rule=$1
    shift
    repack "$@"
    run -1 --separate-stderr ms-link by-hand.json
    [[ $stderr == *"[$rule]"* ]] || { echo "$*: $stderr"; return 1; }
  }
  k=../kernel/kernel.elf d=../kernel/kernel.dtb r=hello.elf
  refused archive-entries kernel.elf=$k kernel.dtb=$d
  refused archive-entries rootserver=$r kernel.elf=$k
  refused archive-entries kernel.elf=$k other=$r
  refused archive-entries
  head -c 1000 $k >short
  refused elf kernel.elf=short kernel.dtb=$d rootserver=$r
  : >short
  refused archive-entries kernel.elf=short kernel.dtb=$d rootserver=$r
  refused elf kernel.elf=$k kernel.dtb=$d rootserver=$d
  head -c 100 $d >short
  refused dtb kernel.elf=$k kernel.dtb=short rootserver=$r
  { cat $d; printf 'more'; } >long
  refused dtb kernel.elf=$k kernel.dtb=long rootserver=$r
  # As a shared object it could not be placed.
  printf '\003' | dd of=hello.elf bs=1 seek=16 conv=notrunc status=none
  refused elf kernel.elf=$k kernel.dtb=$d rootserver=hello.elf
}

@test "an archive that is not where the layout has it is refused" {
  pd other
  toml hello other >system.toml
  ms-build -q -B build system.toml
  cp build/stages/06-ms-cpio.json doc.json
  mkdir member
  ms-cpio --list build/system.cpio | jq -r '.entries[] | "\(.name) \(.offset) \(.size)"' >entries
  while read -r name offset size; do
    tail -c +$((offset + 1)) build/system.cpio | head -c "$size" >"member/$name"
  done <entries
  first="kernel.elf=member/kernel.elf kernel.dtb=member/kernel.dtb rootserver=member/rootserver"
  last="hello.elf=member/hello.elf other.elf=member/other.elf"
  refused() { # text member...
    local text=$1
    shift
    repack "$@"
    run -1 --separate-stderr ms-link by-hand.json
    [ "$stderr" = "ms-link: error: $text [layout]" ] || { echo "$*: $stderr"; return 1; }
  }
  # shellcheck disable=SC2086 # several words each
  {
    refused "the archive's kernel.dtb is not where the layout has it" \
      $first system.table=member/system.table $last
    refused "the archive has no system.table" $first $last
  }
  # A table between two words, behind four or eight bytes of something else.
  for size in 4 8; do
    head -c "$size" /dev/zero >filler
    # shellcheck disable=SC2086
    ms-cpio --pack $first filler=filler system.table=member/system.table $last -o build/system.cpio
    take_list
    [ $(($(jq '.entries[] | select(.name == "system.table").offset' list) % 8)) = 0 ] || break
  done
  run -1 --separate-stderr ms-link by-hand.json
  [ "$stderr" = "ms-link: error: the archive's system.table does not lie at a multiple of 8 bytes [layout]" ]
}

@test "of a system each page of the archive takes a slot of the root CNode, too" {
  pd other '.data' '.fill 0x200000, 1, 1'
  toml hello other >system.toml
  ms-build -q -B build system.toml
  cp build/stages/06-ms-cpio.json doc.json
  slots=$(($(jq .layout.boot.empty_slot doc.json) + 2))
  [ "$slots" -gt 512 ]
  [ "$slots" -le 1024 ]
  edit '.archive.kernel.root_cnode_bits = 10' | ms-link -o /dev/null
  edit '.archive.kernel.root_cnode_bits = 9' >small.json
  run -1 --separate-stderr ms-link small.json
  pages=$(jq .layout.boot.image_pages doc.json)
  [[ $stderr == *"the $pages pages of archive and root task and $((slots - pages)) other capabilities need more than the 512 slots"*"[root-slots]"* ]]
}

@test "impossible placements name ranges and the nearest address" {
  run -1 --separate-stderr ms-link --image-start 0x40000000 doc.json
  [[ $stderr == *"the loader image 0x40000000.."*"does not fit"*"the nearest address that would do is 0x40200000 [loader-memory]"* ]]
  run -1 --separate-stderr ms-link --image-start 0x40401000 doc.json
  [[ $stderr == *"not a multiple of 2 MiB"* ]]
  edit '.archive.kernel.memory[0].start = "0x48000000"' >elsewhere.json
  run -1 --separate-stderr ms-link elsewhere.json
  [[ $stderr == *"the kernel 0x40000000.."*" lies outside its memory (0x48000000..0x80000000); the nearest address that would do is 0x48000000 [kernel-memory]"* ]]
  pd hello '.bss' '.space 0x1000000'
  compiled system.toml | ms-cpio --kernel ../kernel >large.json
  run -1 --separate-stderr ms-link large.json
  [[ $stderr == *"other capabilities need more than the 4096 slots"*"[root-slots]"* ]]
}

@test "other placements" {
  ms-link --image-start 0x48000000 doc.json | jq -e '.image.entry == "0x48000000"'
  # A root task that does not fit below the loader goes above it.
  pd hello '.bss' '.space 0x400000'
  compiled system.toml | ms-cpio --kernel ../kernel | ms-link >out.json
  jq -e '.image.entry == "0x40400000"
    and ([.image.memory_map[].name] | index("loader") < index("rootserver"))' out.json
  # A larger kernel moves the loader.
  flat_kernel ../wide -Wl,--defsym=PROBE_PHYS=0x40000000
  sed -i 's/\.space 100, 2/.space 5000000, 2/' ../wide/kernel.S
  aarch64-linux-gnu-gcc -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
    -T "$MS_TOOLKIT/board/probe/probe.lds" -o ../wide/kernel.elf ../wide/kernel.S
  pd hello
  compiled system.toml | ms-cpio --kernel ../wide | ms-link | jq -e '.image.entry == "0x40600000"'
}

@test "files of the project do not get into the image" {
  sum=$(jq -r .image.sha256 linked.json)
  rm -r build/loader build/cache
  printf 'IMAGE_START = 0x50000000;\n' >place.ld
  printf 'not the archive' >system.cpio
  [ "$(ms-link doc.json | jq -r .image.sha256)" = "$sum" ]
}

@test "a folder with blanks and quotes in its name" {
  sum=$(jq -r .image.sha256 linked.json)
  odd=$'../it\'s a "folder"'
  mv build "$odd"
  rm -r "$odd/loader" "$odd/cache"
  [ "$(ms-link -B "$odd" doc.json | jq -r .image.sha256)" = "$sum" ]
}

@test "a failing compiler is shown under its step and leaves no image" {
  rm -r build/loader build/cache build/system-image.bin
  cp -R "$MS_TOOLKIT" ../toolkit
  chmod -R u+w ../toolkit
  printf '#error this loader is broken\n' >>../toolkit/board/boot/main.c
  MS_TOOLKIT=$PWD/../toolkit run -1 --separate-stderr ms-link doc.json
  [[ $stderr == *"this loader is broken"* ]]
  [ ! -e build/system-image.bin ]
  [ -z "$output" ]
}

@test "without a compiler it says which program is missing" {
  rm -r build/loader build/cache
  mkdir bin
  run -3 --separate-stderr env PATH="$PWD/bin" "$MS_BIN/ms-link" doc.json
  [[ $stderr == *"aarch64-linux-gnu-gcc"* ]]
}

@test "output that cannot be written is a failure" {
  run -3 bash -c 'ms-link doc.json >/dev/full'
  run -3 bash -c 'ms-link doc.json >&-'
  run -3 bash -c 'ms-link --map doc.json >/dev/full'
}

@test "images of real kernels lie where the kernel's own rules want them" {
  IFS=: read -ra kernels <<<"${KERNELS:-}"
  [ "${#kernels[@]}" -gt 0 ] || skip "MS_KERNELS names no kernel build"
  for k in "${kernels[@]}"; do
    compiled system.toml | ms-cpio --kernel "$k" | ms-link >out.json
    jq -e '.image.size <= 350000' out.json
    start=$(jq -r '.image.memory_map[] | select(.name == "kernel") | .start' out.json)
    [ $(($(jq -r .image.entry out.json))) = $((start + 0x400000)) ]
  done
}
