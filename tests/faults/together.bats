#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Many builds at once in one folder and one cache, and caches whose files were damaged on purpose.
#   MS_SWEEP: 0: in every way and each file, not in some
load ../lib

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH MICROKIT_SDK
  # The kernel is there already, so that what is compiled below is each system's own.
  printf '%s\n' 'int answer = 1;' 'void _start(void) { for (;;) answer++; }' >pd.c
  printf '[[protection_domains]]\nname = "pd"\nbinary = "pd.c"\npriority = 1\n' >1.toml
  ms-build -q -B first 1.toml
  export MS_KERNEL=$BATS_FILE_TMPDIR/first/probe
  # Four systems, of four sources, and what each gives alone.
  for n in 1 2 3 4; do
    printf '%s\n' "int answer = $n;" 'void _start(void) { for (;;) answer++; }' >"pd$n.c"
    printf '[[protection_domains]]\nname = "pd"\nbinary = "pd%d.c"\npriority = %d\n' "$n" "$n" >"$n.toml"
    ms-build -q -B "alone$n" "$n.toml"
  done
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
  export MS_KERNEL=$PWD/first/probe
  rm -rf b b[0-9]* image[0-9]* said[0-9]*
}

# join PID...: waits for all; fails when one did.
join() {
  local pid bad=0
  for pid in "$@"; do wait "$pid" || bad=1; done
  [ "$bad" -eq 0 ]
}

# same_image IMAGE N: it is what system N gives alone.
same_image() { cmp "$1" "alone$2/system-image.bin"; }

# no_litter FOLDER
no_litter() { [ -z "$(find "$1" -name '.ms-*' -o -name '*.tmp')" ] || { find "$1" -name '.ms-*' && return 1; }; }

@test "16 builds of one system in one folder" {
  local i pids=()
  for i in $(seq 16); do
    ms-build -q -B b 1.toml 2>"said$i" 3>&- &
    pids+=($!)
  done
  join "${pids[@]}" || { cat said*; false; }
  same_image b/system-image.bin 1
  ms-build verify -B b 1.toml
  no_litter b
}

@test "16 builds of four systems in one folder: each has its image, and the folder is of one of them" {
  local i n pids=()
  for i in $(seq 16); do
    n=$((i % 4 + 1))
    ms-build -q -B b -o "image$i" "$n.toml" 2>"said$i" 3>&- &
    pids+=($!)
  done
  join "${pids[@]}" || { cat said*; false; }
  for i in $(seq 16); do same_image "image$i" $((i % 4 + 1)); done
  # Whatever comes next is right, for each of them.
  for n in 1 2 3 4; do
    ms-build -q -B b "$n.toml"
    same_image b/system-image.bin "$n"
    ms-build verify -B b "$n.toml"
  done
  no_litter b
}

@test "16 builds with one cache and a folder each" {
  local i pids=()
  mkdir b
  cp -R alone1/cache b/cache
  for i in $(seq 16); do
    mkdir "b$i"
    ln -s ../b/cache "b$i/cache"
    ms-build -q -B "b$i" $((i % 4 + 1)).toml 2>"said$i" 3>&- &
    pids+=($!)
  done
  join "${pids[@]}" || { cat said*; false; }
  for i in $(seq 16); do same_image "b$i/system-image.bin" $((i % 4 + 1)); done
  no_litter b
}

@test "16 pipes without ms-build in one folder, of one system" {
  local i pids=()
  for i in $(seq 16); do
    (
      set -o pipefail
      ms-parse 2.toml | ms-plan | ms-hash --inputs | ms-compile -B b | ms-layout -B b | ms-cpio -B b | ms-link -B b >"image$i"
    ) 2>"said$i" 3>&- &
    pids+=($!)
  done
  join "${pids[@]}" || { cat said*; false; }
  for i in $(seq 16); do cmp "image$i" alone2/stages/07-ms-link.json; done
  same_image b/system-image.bin 2
  no_litter b
}

@test "16 reports and graphs of two systems into two files" {
  local i n pids=()
  for n in 1 2; do
    ms-report -o "page$n" "alone$n/stages/07-ms-link.json"
    ms-graph --format svg -o "picture$n" "alone$n/stages/07-ms-link.json"
  done
  run ! cmp -s page1 page2
  for i in $(seq 16); do
    n=$((i % 2 + 1))
    ms-report -o page "alone$n/stages/07-ms-link.json" 2>"said$i" 3>&- &
    pids+=($!)
    ms-graph --format svg -o picture "alone$n/stages/07-ms-link.json" 2>>"said$i" 3>&- &
    pids+=($!)
  done
  join "${pids[@]}" || { cat said*; false; }
  # Whole, and of one of the two.
  cmp -s page page1 || cmp page page2
  cmp -s picture picture1 || cmp picture picture2
  no_litter .
}

# ways FEW -- ALL: the ways that are tried.
ways() {
  local all="$*"
  if [ "${MS_SWEEP:-1}" = 0 ]; then echo "${all#* -- }"; else echo "${all% -- *}"; fi
}

# damage WAY FILE: FILE is no longer what it was.
damage() {
  local other
  case $1 in
  empty) : >"$2" ;;
  half) truncate -s "$(($(stat -c %s "$2") / 2))" "$2" ;;
  bit)
    # One bit of a byte in its middle, by what it is now.
    local at=$(($(stat -c %s "$2") / 2)) byte
    byte=$(od -An -tu1 -j "$at" -N 1 "$2")
    # shellcheck disable=SC2059
    printf "\\$(printf %o $((byte ^ 4)))" | dd of="$2" bs=1 seek="$at" conv=notrunc status=none
    ;;
  longer) echo more >>"$2" ;;
  folder) rm "$2" && mkdir "$2" ;;
  link) rm "$2" && ln -s /etc/passwd "$2" ;;
  loop) rm "$2" && ln -s "$(basename "$2")" "$2" ;;
  pipe) rm "$2" && mkfifo "$2" ;;
  other)
    for other in "$(dirname "$2")"/*; do
      [ "$other" = "$2" ] || [ ! -f "$other" ] || break
    done
    [ "$other" = "$2" ] || cp --remove-destination "$other" "$2"
    ;;
  esac
}

@test "damaged files of the cache are noticed and made again" {
  local way f
  cp -R alone3 whole
  for way in $(ways bit folder pipe other -- empty half bit longer folder link loop pipe other); do
    rm -rf b
    cp -R whole b
    # The objects are needed: what they are kept for is gone.
    rm -rf b/pd b/loader b/system-image.bin
    while read -r f; do damage "$way" "$f"; done < <(find b/cache -type f | sort)
    timeout 60 ms-build -q -B b 3.toml 2>said3 || { echo "$way: $?"; cat said3; return 1; }
    same_image b/system-image.bin 3 || { echo "$way"; return 1; }
    # They are whole again: each object has the bytes that its name says.
    for f in b/cache/objects/*; do
      [ "$(sha256sum <"$f" | cut -d' ' -f1)" = "$(basename "$f")" ] || { echo "$way: $f"; return 1; }
    done
    rm -rf b/pd b/loader b/system-image.bin
    ms-build -q -B b 3.toml
    same_image b/system-image.bin 3 || { echo "$way: the next build"; return 1; }
  done
}

@test "one damaged file of the cache at a time" {
  local way f
  while read -r f; do
    for way in half folder; do
      rm -rf b
      cp -R alone3 b
      rm -rf b/pd b/loader b/system-image.bin
      damage "$way" "b/$f"
      timeout 60 ms-build -q -B b 3.toml 2>said3 || { echo "$f $way: $?"; cat said3; return 1; }
      same_image b/system-image.bin 3 || { echo "$f $way"; return 1; }
    done
  done < <(cd alone3 && find cache -type f | sort | awk -v n="$(if [ "${MS_SWEEP:-1}" = 0 ]; then echo 4; else echo 40; fi)" 'NR % n == 1' && echo cache/last-build)
}

@test "damaged outputs and documents in the build folder" {
  local way f
  for way in $(ways half bit -- empty half bit longer link loop other); do
    rm -rf b
    cp -R alone3 b
    for f in b/pd/pd.o b/pd/pd.elf b/system.cpio b/system-image.bin b/stages/07-ms-link.json b/loader/archive.o; do
      [ ! -e "$f" ] || damage "$way" "$f"
    done
    timeout 60 ms-build -q -B b 3.toml 2>said3 || { echo "$way: $?"; cat said3; return 1; }
    same_image b/system-image.bin 3 || { echo "$way"; return 1; }
    ms-build verify -B b 3.toml >said4 || { echo "$way: not verified"; return 1; }
  done
}
