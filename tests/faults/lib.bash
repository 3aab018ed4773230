# SPDX-License-Identifier: BSD-2-Clause
# What the tests of faults share: a project with everything that the programs read, and the sweep that
# lets each of a program's calls fail in turn and judges what is left. Load it after lib.bash.
#
# MS_INJECT: tests/faults/inject.c as a program; MS_SHIM: tests/faults/shim.c as a library; MS_FAULTY: the
# programs, linked so that a library can be preloaded. `make check` and `make check-faults` make and set them.

load ../trust
: "${MS_INJECT=$MS_ROOT/build/host/faults/inject}" "${MS_SHIM=$MS_ROOT/build/host/faults/shim.so}"
: "${MS_FAULTY=$MS_ROOT/build/host/faults/programs}"

# needs_inject: skips where there is no injector, or the machine lets nobody trace.
needs_inject() {
  [ -x "$MS_INJECT" ] || skip "no injector (make check makes it, but for sanitizers)"
  "$MS_INJECT" write true 2>/dev/null || skip "this machine allows no ptrace with seccomp"
}

needs_shim() {
  [ -e "$MS_SHIM" ] && [ -x "$MS_FAULTY/ms-parse" ] || skip "no programs to preload a library into (make check makes them)"
}

# faults_project: in the working folder, `work`: a project of two domains with a prefilled region, its source
# newer than what lies in `b`, and in `f`, whose cache knows no compiler; `n`, built from that source; every
# document in `new`; keys and envelopes. `template` is its copy.
faults_project() {
  mkdir work
  cd work || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH MICROKIT_SDK
  echo '#define BALL 0' >ball.h
  printf '%s\n' '#include "ball.h"' '#include <microkit.h>' 'const char *text;' \
    'void init(void) { microkit_notify(BALL); }' \
    'void notified(microkit_channel channel) { microkit_notify(channel); }' >ping.c
  sed '/void init/s/microkit_notify(BALL);//' ping.c >pong.c
  cat >system.toml <<'END'
[[protection_domains]]
name = "ping"
binary = "ping.c"
priority = 100
maps = [{ region = "text", vaddr = "auto", setvar_vaddr = "text", permissions = ["read"] }]

[[protection_domains]]
name = "pong"
binary = "pong.c"
priority = 101

[[channels]]
name = "ball"
kind = "notification"
end_a = "ping"
end_b = "pong"

[[memory_regions]]
name = "text"
size_bytes = 4096
permissions = ["read"]
prefill_from = "text.txt"
END
  echo old >text.txt
  ms-build -q system.toml -B b 2>/dev/null
  export MS_KERNEL=$PWD/b/probe
  ms-build -q system.toml -B b 2>/dev/null
  echo new >text.txt
  echo 'const int newer = 1;' >>ping.c
  ms-build -q system.toml -B n 2>/dev/null
  cp -R n/stages new
  cp -R n unpacked
  cp b/system.cpio b/system-image.bin unpacked/
  cp -R n unlinked
  cp b/system-image.bin unlinked/
  cp -a b f
  rm f/cache/toolchain-*
  sed 's|"\(p[io]ng\)\.c"|"n/pd/\1.elf"|; s/"auto"/0x4000000/' system.toml >ready.toml
  ms-export -o system.system ready.toml
  ms-attest --spec system.toml -o statement.json new/07-ms-link.json
  new_key vendor ed25519
  new_key customer ed25519
  ms-sign --key vendor.pem -o one.dsse statement.json
  head -c 300000 /dev/zero | tr '\0' 'x' >big
  cd .. || return 1
  cp -a work template
}

# scenario NAME: sets `command` (words), `outputs` (files that it makes or replaces), and `touched`: all
# that it may change, files and folders.
scenario() {
  touched=(out)
  case $1 in
  parse) command=(ms-parse -o out system.toml) outputs=(out) ;;
  parse-pipe) command=(ms-parse --format toml system.toml) outputs=() ;;
  plan) command=(ms-plan -o out new/01-ms-parse.json) outputs=(out) ;;
  hash) command=(ms-hash --inputs -o out new/02-ms-plan.json) outputs=(out) ;;
  compile) command=(ms-compile -j1 -B b -o out new/03-ms-hash.json) outputs=(out b/pd/ping.o b/pd/ping.elf) touched=(out b) ;;
  compile-new) command=(ms-compile -j1 -B f -o out new/03-ms-hash.json) outputs=(out f/pd/ping.o f/pd/ping.elf) touched=(out f) ;;
  compile-same) command=(ms-compile -j1 -B n -o out new/03-ms-hash.json) outputs=(out n/pd/ping.o n/pd/ping.elf) touched=(out n) ;;
  layout) command=(ms-layout -B n -o out new/04-ms-compile.json) outputs=(out) ;;
  cpio) command=(ms-cpio -B unpacked -o out new/05-ms-layout.json) outputs=(out unpacked/system.cpio) touched=(out unpacked) ;;
  cpio-pack) command=(ms-cpio --pack -o out big=big text=text.txt) outputs=(out) ;;
  cpio-list) command=(ms-cpio --list n/system.cpio) outputs=() ;;
  link) command=(ms-link -j1 -B unlinked -o out new/06-ms-cpio.json) outputs=(out unlinked/system-image.bin) touched=(out unlinked) ;;
  build) command=(ms-build -q -j1 -B b system.toml) outputs=(b/system-image.bin b/system.cpio b/stages/07-ms-link.json b/pd/ping.elf) touched=(b) ;;
  build-cold) command=(ms-build -q -j1 -B c system.toml) outputs=(c/system-image.bin c/system.cpio c/stages/07-ms-link.json c/pd/ping.elf) touched=(c) ;;
  build-same) command=(ms-build -q -B n system.toml) outputs=(n/system-image.bin n/system.cpio n/stages/07-ms-link.json) touched=(n) ;;
  validate) command=(ms-build validate system.toml) outputs=() ;;
  lock) command=(ms-build lock -q -B n system.toml) outputs=(moonshot.lock) touched=(moonshot.lock n) ;;
  diff) command=(ms-build diff unlinked n) outputs=() ;;
  import) command=(ms-import -o out system.system) outputs=(out) ;;
  export) command=(ms-export -o out ready.toml) outputs=(out) ;;
  attest) command=(ms-attest --spec system.toml -o out new/07-ms-link.json) outputs=(out) ;;
  sign) command=(ms-sign --key vendor.pem -o out --bundle out.bundle statement.json) outputs=(out out.bundle) touched=(out out.bundle) ;;
  sign-more) command=(ms-sign --key customer.pem -o one.dsse one.dsse) outputs=(one.dsse) touched=(one.dsse) ;;
  verify) command=(ms-verify --trust vendor.pub --project . --image n/system-image.bin one.dsse) outputs=() ;;
  sbom) command=(ms-sbom -o out new/07-ms-link.json) outputs=(out) ;;
  report) command=(ms-report -o out new/07-ms-link.json) outputs=(out) ;;
  report-trust) command=(ms-report --envelope one.dsse --trust vendor.pub --image n/system-image.bin --spec system.toml -o out new/07-ms-link.json) outputs=(out) ;;
  graph) command=(ms-graph --format svg -o out new/07-ms-link.json) outputs=(out) ;;
  graph-pipe) command=(ms-graph new/05-ms-layout.json) outputs=() ;;
  *) echo "no scenario $1" && return 1 ;;
  esac
}

# Those of one program, and those in which ms-build starts others.
# shellcheck disable=SC2034
PROGRAMS="parse parse-pipe plan hash compile compile-new compile-same layout cpio cpio-pack cpio-list link diff import export
  attest sign sign-more verify sbom report report-trust graph graph-pipe"
# shellcheck disable=SC2034
BUILDS="build build-same validate lock"

# reset: the project as it was.
reset() {
  local name
  for name in "${touched[@]}"; do
    rm -rf "work/$name"
    [ ! -e "template/$name" ] || cp -a "template/$name" "work/$name"
  done
}

# wanted SCENARIO: runs it undisturbed, once, and keeps what it makes in want/SCENARIO.
wanted() {
  local want="$PWD/want/$1" out
  [ ! -e "$want" ] || return 0
  mkdir -p "$want"
  reset
  (cd work && "${command[@]}" >"$want/stdout" 2>"$want/stderr") || return 1
  for out in "${outputs[@]}"; do
    mkdir -p "$want/$(dirname "$out")"
    cp "work/$out" "$want/$out" || return 1
  done
}

# is_new SCENARIO OUTPUT, is_old OUTPUT: a file is as the undisturbed run makes it, as it was before.
is_new() { cmp -s "work/$2" "want/$1/$2"; }
is_old() {
  # A run's documents are of that run: those of an earlier one may go before its own are there.
  case $1 in */stages/*) [ -e "work/$1" ] || return 0 ;; esac
  if [ -e "template/$1" ]; then cmp -s "work/$1" "template/$1"; else [ ! -e "work/$1" ]; fi
}

# pristine: all that the run may change has the names and contents of before. The next run is then the undisturbed one, and
# nothing is to be reset.
pristine() {
  local name
  for name in "${touched[@]}"; do
    if [ -d "template/$name" ]; then
      diff -rq --no-dereference "work/$name" "template/$name" >/dev/null 2>&1 || return 1
    elif [ -e "template/$name" ]; then
      cmp -s "work/$name" "template/$name" || return 1
    else
      [ ! -e "work/$name" ] || return 1
    fi
  done
}

# judge SCENARIO STATUS: what a disturbed run has left in `work`. Says what is wrong.
judge() {
  local out litter
  case $2 in
  0)
    cmp -s stdout "want/$1/stdout" || { echo "done, but standard output differs"; return 1; }
    for out in "${outputs[@]}"; do
      is_new "$1" "$out" || { echo "done, but $out differs"; return 1; }
    done
    ;;
  3 | 137)
    for out in "${outputs[@]}"; do
      is_new "$1" "$out" || is_old "$out" || { echo "$out is neither the old nor the new one"; return 1; }
    done
    ;;
  *)
    echo "ended with $2"
    return 1
    ;;
  esac
  if [ "$2" != 137 ]; then
    litter=$(find work \( -name '*.tmp' -o -name '.ms-*' \) -print -quit)
    [ -z "$litter" ] || { rm -f "$litter" && echo "left $litter"; return 1; }
    [ "$2" = 0 ] || [ -s stderr ] || { echo "said nothing"; return 1; }
  fi
  ! pristine || return 0
  (cd work && "${command[@]}" >../stdout 2>../stderr) || { echo "the next run ended with $?"; return 1; }
  cmp -s stdout "want/$1/stdout" || { echo "the next run's standard output differs"; return 1; }
  for out in "${outputs[@]}"; do
    is_new "$1" "$out" || { echo "after the next run, $out differs"; return 1; }
  done
}

# disturbed CLASS WHAT N: runs the command; its status in `status` (124: it waits for something); `report` has what was counted and hit.
disturbed() {
  status=0
  rm -f report
  case $1 in
  malloc)
    (
      export LD_PRELOAD=$MS_SHIM MS_FAULT_PROGRAM=${command[0]} MS_FAULT_N=$3 MS_FAULT_REPORT=$PWD/report
      [ "$2" = ENOMEM ] || export MS_FAULT_ON=1
      cd work && exec timeout 120 "$MS_FAULTY/${command[0]}" "${command[@]:1}" >../stdout 2>../stderr
    ) || status=$?
    ;;
  *)
    local only=(-p ms-)
    [ "$2" != kill ] || only=()
    (cd work && exec timeout 120 "$MS_INJECT" "${only[@]}" -e "$2" -n "$3" -r ../report "$1" "${command[@]}" >../stdout 2>../stderr) || status=$?
    ;;
  esac
}

# sweep SCENARIO CLASS WHAT MOST: lets calls of the class fail, each in a run of its own: every one, with
# MOST > 0 so many, evenly spread, or with MOST < 0 so many, the last ones. Prints each run that went wrong; fails when there was one.
sweep() {
  local name=$1 class=$2 what=$3 most=$4 status count hit step=1 first n wrong=0 why command outputs touched
  scenario "$name" || return 1
  wanted "$name" || { echo "$name: fails undisturbed"; cat "want/$name/stderr"; return 1; }
  if [ "$most" -ne 0 ]; then
    reset
    disturbed "$class" "$what" 0
    read -r count hit <report
    [ "$count" -gt 0 ] || return 0
  fi
  [ "$most" -le 0 ] || step=$(((count + most - 1) / most))
  first=$((1 + (step - 1) / 2))
  [ "$most" -ge 0 ] || [ $((count + most)) -lt 1 ] || first=$((count + most + 1))
  for ((n = first; ; n += step)); do
    pristine || reset
    disturbed "$class" "$what" "$n"
    [ -e report ] || echo "0 died" >report
    read -r count hit <report
    [ "$hit" != - ] || break
    if ! why=$(judge "$name" "$status"); then
      wrong=$((wrong + 1))
      [ "$wrong" -le 3 ] || continue
      echo "$name: $class $n ($hit) $what: status $status: $why"
      head -3 stderr
    fi
  done
  [ "$wrong" -le 3 ] || echo "$name: $class $what: $((wrong - 3)) more"
  [ "$most" -ne 0 ] || echo "# $name: $class $what: $((n - first)) runs, $wrong wrong" >&3
  swept=$((${swept:-0} + n / step))
  [ "$wrong" -eq 0 ]
}

# sweeps CLASS WHAT SCENARIO...: all of them, and says what was wrong with each.
sweeps() {
  local class=$1 what=$2 name bad=0
  shift 2
  for name in "$@"; do
    sweep "$name" "$class" "$what" "${MS_SWEEP:-1}" || bad=1
  done
  [ "$bad" -eq 0 ]
}

# from_the_first SCENARIO MOST: no allocation succeeds from the first on, from the second on, …: each is hit and ends the run.
from_the_first() {
  local name=$1 n status count hit bad=0 why command outputs touched
  scenario "$name"
  wanted "$name" || { echo "$name: fails undisturbed"; return 1; }
  reset
  for ((n = 1; n <= $2; n++)); do
    disturbed malloc on "$n"
    read -r count hit <report || hit=-
    why="no allocation was hit, or not noticed"
    if [ "$status ${count:+$hit}" = "3 malloc" ] && why=$(judge "$name" 3); then continue; fi
    echo "$name: malloc $n on: status $status: $why"
    bad=1
  done
  [ "$bad" -eq 0 ]
}

# some ALL SCENARIO...: in a full sweep the words of ALL (of those, MS_SCENARIOS, where it is set), else the scenarios.
some() {
  local all=$1 name
  shift
  [ "${MS_SWEEP:-1}" = 0 ] || { echo "$*"; return; }
  for name in $all; do
    case " ${MS_SCENARIOS-$name} " in *" $name "*) echo "$name" ;; esac
  done
}

# What setup_file and setup do where the injector is needed.
injected_project() {
  cd "$BATS_FILE_TMPDIR" || return 1
  [ -x "$MS_INJECT" ] || return 0
  faults_project && echo "$PATH" >path
}

injected_test() {
  needs_inject
  cd "$BATS_FILE_TMPDIR" || return 1
  unset SOURCE_DATE_EPOCH MICROKIT_SDK
  PATH=$(<path) # what is known of a compiler is known for a PATH
  export MS_KERNEL=$PWD/work/b/probe
}
