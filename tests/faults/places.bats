#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Outputs where there is no room or no right to write, no descriptor left, and nobody at the other end.
# shellcheck disable=SC2015,SC2103,SC2034
load ../lib
load lib

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  faults_project
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
  rm -rf work
  cp -a template work
  unset SOURCE_DATE_EPOCH MICROKIT_SDK
  export MS_KERNEL=$PWD/work/b/probe
}

# mounted COMMAND...: runs it (a function of this file, too) where a file system can be mounted.
mounted() {
  local user=()
  [ "$(id -u)" = 0 ] || user=(--user --map-root-user)
  unshare "${user[@]}" --mount mount -t tmpfs -o size=64k none /mnt 2>/dev/null || skip "no file system can be mounted here"
  # declare -f: what is there, functions and the paths that they use, goes to the shell inside.
  {
    declare -f
    declare -p MS_ROOT MS_BIN PATH WRITERS
    echo "set -e; $*"
  } >inside
  unshare "${user[@]}" --mount bash inside
}

# The scenarios with one output that can be put elsewhere.
WRITERS="parse plan hash layout import export attest sign sbom cpio-pack report graph"

# elsewhere FOLDER: the output of `command` goes there.
elsewhere() {
  local i
  for i in "${!command[@]}"; do
    case ${command[i]} in out | out.bundle) command[i]=$1/${command[i]} ;; esac
  done
}

# room KB: what is left of the file system at work/full.
room() {
  local all
  rm -f work/full/filler
  all=$(($(stat -f -c '%a' work/full) * $(stat -f -c '%S' work/full) / 1024))
  [ "$all" -le "$1" ] || head -c "$(((all - $1) * 1024))" /dev/zero >work/full/filler
}

on_full_disk() {
  local name kb status command outputs touched tried=0
  mkdir -p work/full
  mount -t tmpfs -o size=2m none work/full
  for name in $WRITERS; do
    scenario "$name"
    wanted "$name"
    elsewhere full
    for kb in 0 4 8 100 1500; do
      rm -f work/full/out*
      [ "$kb" = 1500 ] || echo old >work/full/out
      room "$kb"
      status=0
      (cd work && "${command[@]}" 2>../stderr) || status=$?
      case $status in
      0) cmp work/full/out "want/$name/out" ;;
      3) { cmp -s work/full/out <(echo old) || cmp work/full/out "want/$name/out"; } && grep -q 'No space' stderr ;;
      *) false ;;
      esac || { echo "$name with $kb KiB left: status $status"; cat stderr; return 1; }
      [ -z "$(find work/full -name '.ms-*')" ] || { echo "$name left a temporary file"; return 1; }
      [ "$status" = 0 ] || tried=$((tried + 1))
    done
    [ "$status" = 0 ] || { echo "$name: 1500 KiB do not suffice"; return 1; }
  done
  [ "$tried" -gt 10 ]
}

@test "a full disk: the old file stays, whole, or the new one is complete" {
  mounted on_full_disk
}

build_on_full_disk() {
  local kb status built=0 refused=0
  mkdir -p work/full
  mount -t tmpfs -o size=8m none work/full
  for kb in 8000 0 64 100 200 400 600 900 8000; do
    room "$kb"
    status=0
    (cd work && ms-build -q -B full/b system.toml 2>../stderr) || status=$?
    case $status in
    0)
      cmp work/full/b/system-image.bin work/n/system-image.bin || return 1
      [ "$built" -gt 0 ] || echo '/* another build */' >>work/ping.c
      built=$((built + 1))
      ;;
    3 | 1)
      grep -q 'No space left' stderr || { cat stderr; return 1; }
      [ "$status" = 3 ] || grep -q 'ended with' stderr || { cat stderr; return 1; }
      refused=$((refused + 1))
      ;;
    *) cat stderr && return 1 ;;
    esac
    rm -rf work/full/b/pd
  done
  echo "built $built, refused $refused"
  [ "$built" -ge 2 ]
  [ "$refused" -ge 1 ]
}

@test "a build on a full disk: an error that says so, and the next build with room gives the same bytes" {
  mounted build_on_full_disk
}

on_read_only() {
  local name status command outputs touched
  mkdir -p work/ro
  mount -t tmpfs -o size=2m none work/ro
  echo old >work/ro/out
  mount -o remount,ro work/ro
  for name in $WRITERS; do
    scenario "$name"
    wanted "$name"
    elsewhere ro
    status=0
    (cd work && "${command[@]}" 2>../stderr) || status=$?
    [ "$status" = 3 ] && grep -q 'Read-only file system' stderr || { echo "$name: $status"; cat stderr; return 1; }
    cmp work/ro/out <(echo old)
  done
  status=0
  (cd work && ms-build -q -B ro/b system.toml 2>../stderr) || status=$?
  [ "$status" = 3 ]
  grep -q 'Read-only file system' stderr
}

@test "a read-only file system" {
  mounted on_read_only
}

@test "a folder that may not be written, a file that may not" {
  local name command outputs touched
  for name in parse sign cpio-pack; do
    scenario "$name"
    wanted "$name"
    rm -rf work/out work/closed
    # A file's own mode is about its bytes: they are replaced, not changed.
    echo old >work/out
    chmod 444 work/out
    (cd work && "${command[@]}")
    cmp work/out "want/$name/out"
    [ "$(id -u)" != 0 ] || continue
    mkdir work/closed
    echo old >work/closed/out
    chmod 555 work/closed
    elsewhere closed
    cd work
    run -3 "${command[@]}"
    cd ..
    [[ $output == *"Permission denied"* ]]
    cmp work/closed/out <(echo old)
    chmod 755 work/closed
  done
}

@test "no descriptor is free, and few are" {
  [ -z "${SANITIZE:-}" ] || skip "sanitized programs need descriptors to start"
  local name n status command outputs touched
  for name in parse plan hash layout cpio cpio-list link import attest sign verify sbom validate build-same report-trust graph; do
    scenario "$name"
    wanted "$name"
    for n in 3 4 5 6 8; do
      reset
      status=0
      (cd work && ulimit -n "$n" && exec "${command[@]}") >stdout 2>stderr || status=$?
      # A compiler that cannot be told apart from one that finds a fault.
      [ "$status" != 1 ] || ! grep -q 'compile]' stderr || status=3
      why=$(judge "$name" "$status") || { echo "$name with $n descriptors: $status: $why"; cat stderr; return 1; }
      [ "$n" -gt 3 ] || [ "$status" = 3 ] || { echo "$name did without a descriptor"; return 1; }
    done
  done
}

@test "standard output is closed, or full" {
  local name command outputs touched
  for name in parse-pipe cpio-list verify graph-pipe; do
    scenario "$name"
    cd work
    for to in '>&-' '>/dev/full'; do
      run -3 bash -c "exec \"\$@\" $to" bash "${command[@]}"
      [[ $output == *"standard output"* ]] || { echo "$name $to: $output"; return 1; }
    done
    cd ..
  done
  for program in "$MS_BIN"/ms-[a-z]*; do
    [ -x "$program" ] || continue
    run -3 bash -c '"$1" --help >/dev/full' bash "$program"
    run -3 bash -c '"$1" --version >&-' bash "$program"
  done
  # What is not needed is not missed.
  (cd work && ms-parse -o out system.toml >&- 2>&-)
  scenario parse; wanted parse; cmp work/out want/parse/out
}

@test "standard error is closed: the exit code says it" {
  cd work
  run -3 bash -c 'ms-parse none.toml 2>&-'
  run -3 bash -c 'ms-parse none.toml 2>/dev/full'
  [ -z "$output" ]
}

@test "nobody reads: the signal ends the program, or an error does where it is ignored" {
  local name command outputs touched
  mkfifo pipe
  for name in parse-pipe cpio-list verify graph-pipe; do
    scenario "$name"
    cd work
    run -141 bash -c 'exec 8<>../pipe 9>../pipe 8<&-; exec "$@" >&9' bash "${command[@]}"
    run -3 bash -c 'trap "" PIPE; exec 8<>../pipe 9>../pipe 8<&-; exec "$@" >&9' bash "${command[@]}"
    [[ $output == *"Broken pipe"* ]] || { echo "$name: $output"; return 1; }
    cd ..
  done
  cd work
  # ms-build itself survives a stage that does not read.
  run bash -c 'ms-parse system.toml | true; ms-build plan system.toml | head -c 10 | wc -c'
  [ "$output" = 10 ]
}
