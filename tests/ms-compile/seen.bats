#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Digests that are remembered from stage to stage: who believes them, and that they change no byte.
load ../lib

setup() {
  unset MAKEFLAGS MFLAGS MS_CC_LAUNCHER
  export MS_KERNEL=''
  cd "$BATS_TEST_TMPDIR" || return 1
  for pd in one two; do
    printf 'int value = %d;\nvoid init(void) { value++; }\nvoid notified(unsigned ch) { (void)ch; }\n' ${#pd} >$pd.c
    printf '[[protection_domains]]\nname = "%s"\nbinary = "%s.c"\npriority = 9\n' $pd $pd
  done >sources.toml
  ms-build -q sources.toml 2>/dev/null
  cp build/pd/*.elf .
  sed 's/\.c"/.elf"/' sources.toml >system.toml
  ms-parse system.toml | ms-plan | ms-hash >plan.json
}

# The memory as it would be had the files been digested long after their last change.
remember() { # [FILE SHA256]...
  {
    echo ms-seen/1
    while [ $# -gt 0 ]; do
      read -r dev ino size mode mtime ctime < <(stat -L -c '%d %i %s %f %.9Y %.9Z' "$1")
      printf '%d %d %d %o %s %s %s\n' "$dev" "$ino" "$size" 0x"$mode" "${mtime/./}" "${ctime/./}" "$2"
      shift 2
    done
  } >memory
  { cat memory && sha256sum memory | sed 's/^/end /; s/ .-//; s/  memory//'; } >build/cache/seen
}

digest() { sha256sum "$1" | cut -c1-64; }
# What a document says of archive and image is what the files hold.
says_so() { # PREFIX
  [ "$(jq -r .archive.sha256 "$1-6.json")" = "$(digest build/system.cpio)" ] &&
    [ "$(jq -r .archive.size "$1-6.json")" = "$(stat -c %s build/system.cpio)" ] &&
    [ "$(jq -r .image.sha256 "$1-7.json")" = "$(digest build/system-image.bin)" ]
}

line() { # PREFIX
  ms-compile plan.json >"$1-4.json"
  ms-layout "$1-4.json" >"$1-5.json" 2>/dev/null
  ms-cpio "$1-5.json" >"$1-6.json"
  ms-link "$1-6.json" >"$1-7.json"
}

forged=$(printf 'f%.0s' {1..64})

@test "a digest counts as long as the file stays as it was" {
  remember one.elf "$forged"
  ms-compile plan.json >out.json
  [ "$(jq -r '.artifacts[0].sha256' out.json)" = "$forged" ]
  [ "$(jq -r '.artifacts[1].sha256' out.json)" = "$(digest two.elf)" ]
  # Another file with the same times.
  cp -p one.elf copy; mv copy one.elf
  ms-compile plan.json >out.json
  [ "$(jq -r '.artifacts[0].sha256' out.json)" = "$(digest one.elf)" ]
  # Changed in place, the times set back: ctime tells.
  remember one.elf "$forged"
  cp -p one.elf old
  printf x | dd of=one.elf bs=1 seek=$(($(stat -c %s one.elf) - 1)) conv=notrunc status=none
  touch -r old one.elf
  ms-compile plan.json >out.json
  [ "$(jq -r '.artifacts[0].sha256' out.json)" = "$(digest one.elf)" ]
}

@test "with --lock and --hermetic everything is read, and older digests are gone" {
  ms-build -q lock system.toml 2>/dev/null
  remember one.elf "$forged"
  ms-compile --lock moonshot.lock plan.json >out.json
  [ "$(jq -r '.artifacts[0].sha256' out.json)" = "$(digest one.elf)" ]
  run -1 grep -q "$forged" build/cache/seen
  remember one.elf "$forged"
  run --separate-stderr ms-compile --hermetic plan.json
  [ "$status" = 0 ] || skip "no way to close a program off here"
  [ "$(jq -r '.artifacts[0].sha256' <<<"$output")" = "$(digest one.elf)" ]
}

@test "remembered or read: the same documents, the same image" {
  rm -f build/cache/seen
  line read
  cp build/system-image.bin read.bin
  files=()
  for file in *.elf build/*/*.elf build/probe/* build/loader/*.o build/cache/objects/*; do
    files+=("$file" "$(digest "$file")")
  done
  remember "${files[@]}"
  cp build/cache/seen before
  line remembered
  cp build/system-image.bin remembered.bin
  for i in 4 5 6 7; do cmp read-$i.json remembered-$i.json; done
  cmp read.bin remembered.bin
  # It was read: a wrong digest would have been noticed.
  remember one.elf "$forged"
  run -1 --separate-stderr ms-layout read-4.json
  # shellcheck disable=SC2154 # set by run
  [[ $stderr == *"one.elf: changed since it was compiled: sha256 $forged"* ]]
}

@test "an archive and an image with known digests: equal, changed in the middle, longer, shorter" {
  line first
  known=(build/system.cpio "$(digest build/system.cpio)" build/system-image.bin "$(digest build/system-image.bin)")
  remember "${known[@]}"
  line same
  says_so same
  cmp first-7.json same-7.json
  # The last program changes: the archive is equal up to there.
  printf 'int value = 7;\nvoid init(void) { value += 2; }\nvoid notified(unsigned ch) { (void)ch; }\n' >two.c
  ms-build -q sources.toml -B other 2>/dev/null
  cp other/pd/two.elf .
  line changed
  says_so changed
  run -1 cmp -s first-7.json changed-7.json
  # More behind the end, or less of it: written anew.
  for size in +100 -100; do
    truncate -s "$size" build/system.cpio
    remember build/system.cpio "$(digest build/system.cpio)"
    line again
    says_so again
    cmp changed-7.json again-7.json
  done
}

@test "ms-hash --remembered believes what is kept, ms-hash --inputs alone reads" {
  remember one.elf "$forged"
  ms-hash --inputs plan.json >read.json
  ms-hash --inputs --remembered plan.json >believed.json
  path='.inputs.files[] | select(.path == "one.elf") | .sha256'
  [ "$(jq -r "$path" read.json)" = "$(digest one.elf)" ]
  [ "$(jq -r "$path" believed.json)" = "$forged" ]
  run -2 ms-hash --remembered plan.json
  run -2 ms-hash --inputs -B build plan.json
}

@test "ms-build reads what a lock speaks for" {
  ms-build -q lock system.toml 2>/dev/null
  # The counter-check: without one it takes what is kept.
  remember one.elf "$forged"
  rm -f build/cache/last-build
  ms-build -q system.toml 2>/dev/null
  grep -q "$forged" build/stages/03-ms-hash.json
  remember one.elf "$forged"
  ms-build -q --locked system.toml 2>/dev/null
  run -1 grep -q "$forged" build/stages/*.json
}

@test "damaged, or no file at all: read as if there were none" {
  ms-compile plan.json >good.json
  for damage in 'echo >' 'printf ms-seen/1\\n >' 'head -c 100000 /dev/zero >'; do
    eval "$damage build/cache/seen"
    ms-compile plan.json | cmp good.json
  done
  rm -f build/cache/seen
  mkdir build/cache/seen
  ms-compile plan.json | cmp good.json
}
