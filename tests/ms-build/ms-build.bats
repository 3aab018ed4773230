#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-build as a driver, with stages that only pretend; tests/pipeline has the real ones.
load ../lib
load fakes

setup() {
  fake_project
}

build() { ms-build "${FAKES[@]}" "$@"; }

# Names of what lies in build/stages, in one line.
stages() { (cd build/stages && echo ./*) | sed 's|\./||g'; }

@test "wrong calls end with 2 and say what is wrong" {
  while read -r words; do
    # shellcheck disable=SC2086 # words of a command line
    run --separate-stderr -2 ms-build $words
    [ -z "$output" ]
    [[ $stderr == "ms-build: error: "* ]]
  done <<'EOT'

build
verify
run -- -s
a.toml b.toml
a.toml -- b.toml
plan a.toml b.toml
run a.toml b.toml -- -s
--no-such-option a.toml
-j 0 a.toml
-j x a.toml
-j
--stage nothing=x a.toml
--stage compile a.toml
--stage compile= a.toml
--stage =x a.toml
--filter prase=x a.toml
--expect x a.toml
--timeout 3 build a.toml
run --timeout 0 a.toml
run --format efi a.toml
run --expect ( a.toml
-q -v a.toml
plan --dry-run a.toml
EOT
  run -2 ms-build -B '' a.toml
  run -2 ms-build -o '' a.toml
  run -2 ms-build ''
}

@test "a misspelt stage is answered with the nearest one" {
  run -2 ms-build --stage complie=x a.toml
  [[ $output == *'did you mean "compile"'* ]]
}

@test "formats are looked at before anything is built, but not those of a stand-in" {
  while IFS='|' read -r words message; do
    # shellcheck disable=SC2086 # words of a command line
    run --separate-stderr -2 ms-build $words spec.toml
    [ "$stderr" = "ms-build: error: $message" ] || { echo "$words: $stderr"; exit 1; }
  done <<'EOT'
--format elv|--format: there is no format "elv"; did you mean "elf"?
--format raw --format raw|--format: the format "raw" is given twice
--fit-key keys/vendor|--fit-key is for --format fit
EOT
  [ ! -e build ]
  build -q --format own spec.toml
  grep -qx own link.args
}

@test "a misspelt verb is answered with the nearest one, where no file has that name" {
  run --separate-stderr -2 ms-build bild a.toml
  [ "$stderr" = 'ms-build: error: there is no verb "bild"; did you mean "build"?' ]
  run --separate-stderr -2 ms-build doctr
  [ "$stderr" = 'ms-build: error: there is no verb "doctr"; did you mean "doctor"?' ]
  run --separate-stderr -2 ms-build remake a.toml
  [ "$stderr" = 'ms-build: error: there is no verb "remake" (--help shows them)' ]
  run --separate-stderr -2 ms-build a.toml b.toml
  [ "$stderr" = 'ms-build: error: more than one SPEC: b.toml (--help shows the usage)' ]
  cp spec.toml bild
  run -0 build bild
}

@test "a word that is no option is named, wherever it stands" {
  while IFS='|' read -r words message; do
    # shellcheck disable=SC2086 # words of a command line
    run --separate-stderr -2 ms-build $words
    [ "$stderr" = "ms-build: error: $message" ] || { echo "$words: $stderr"; exit 1; }
  done <<'EOT'
a.toml --frob|unknown option --frob (--help lists the options)
a.toml --kernal=x -q|unknown option --kernal; did you mean --kernel? (--help lists the options)
a.toml -qZ|unknown option -Z (--help lists the options)
--quiet=5 a.toml|option --quiet takes no argument
a.toml --hermetic=1|option --hermetic takes no argument
--version=1|option --version takes no argument
--lock a.toml|option --lock can be --locked or --lock-file
a.toml -o|option -o needs an argument (--help lists the options)
EOT
}

@test "help is a verb, alone and with another; a file of that name is ./help" {
  ms-build --help >want
  echo 'no specification' >help
  for words in help 'help doctor' 'help help' '-q help run' 'help build --'; do
    # shellcheck disable=SC2086
    ms-build $words >got
    cmp want got
  done
  moonshot-toolkit help | cmp - want
  run --separate-stderr -1 ms-build ./help
  [[ $stderr == *"help:1:"* ]]
  run --separate-stderr -1 ms-build validate help
  [[ $stderr == *"help:1:"* ]]
  run --separate-stderr -2 ms-build help buidl
  [ "$stderr" = 'ms-build: error: there is no verb "buidl"; did you mean "build"?' ]
  run --separate-stderr -2 ms-build help ./help
  [ "$stderr" = 'ms-build: error: help takes nothing but a verb: ./help' ]
  run --separate-stderr -2 ms-build help run debug
  [ "$stderr" = 'ms-build: error: help takes nothing but a verb: debug' ]
  run --separate-stderr -2 ms-build help run -- -m
  [ "$stderr" = 'ms-build: error: help takes nothing but a verb: -m' ]
}

@test "--help and --version go to stdout" {
  run --separate-stderr -0 ms-build --help
  [[ $output == "usage: ms-build "* && -z $stderr ]]
  run --separate-stderr -0 ms-build --version
  [[ $output == "ms-build (moonshot-toolkit) "* && -z $stderr ]]
}

@test "each stage gets the document of the one before, and all are kept" {
  run --separate-stderr -0 build spec.toml
  [ "$(stages)" = "01-ms-parse.json 02-ms-plan.json 03-ms-hash.json 04-ms-compile.json 05-ms-layout.json 06-ms-cpio.json 07-ms-link.json" ]
  before=parse
  i=1
  for s in plan hash compile layout cpio link; do
    cmp "$s.in" "build/stages/0$i-ms-$before.json"
    grep -q "\"stage\":\"$before\"" "$s.in"
    before=$s
    i=$((i + 1))
  done
  [ "${lines[0]}" = "image      build/system-image.bin" ]
}

@test "options reach the stages that take them, and only those" {
  ms-build -q "${FAKES[@]}" -B out/b --kernel k -j 2 --launcher l -o i.bin spec.toml
  args() { tr '\n' ' ' <"$1.args"; }
  [ "$(args parse)" = "spec.toml " ]
  [ "$(args plan)" = " " ]
  [ "$(args hash)" = "--inputs --remembered -B out/b " ]
  [ "$(args compile)" = "-B out/b --kernel k -j 2 --launcher l " ]
  [ "$(args layout)" = "-B out/b --kernel k --spec spec.toml " ]
  [ "$(args cpio)" = "-B out/b --kernel k " ]
  [ "$(args link)" = "-B out/b -j 2 --launcher l --image i.bin " ]
  [ -e out/b/stages/07-ms-link.json ]
  [ ! -e build ]
  build -q --format raw --format elf spec.toml
  [ "$(args link)" = "--format raw --format elf " ]
}

@test "MS_CC_LAUNCHER stands for --launcher, for every stage that compiles" {
  MS_CC_LAUNCHER="ccache x" ms-build -q "${FAKES[@]}" spec.toml
  grep -qx 'ccache x' compile.args
  grep -qx 'ccache x' link.args
  MS_CC_LAUNCHER="env" ms-build -q "${FAKES[@]}" --launcher option spec.toml
  grep -qx option link.args
  MS_CC_LAUNCHER='' ms-build -q "${FAKES[@]}" spec.toml
  [ -z "$(cat link.args)" ]
}

@test "a specification that looks like an option stays one" {
  cp spec.toml ./-x
  build -q -- -x
  [ "$(cat parse.args)" = "$(printf '%s\n' -- -x)" ]
}

@test "the build folder is the specification's output_dir, which must stay in the project" {
  FAKE_DIR=some/where build -q spec.toml
  [ -e some/where/stages/07-ms-link.json ]
  for dir in /tmp/x ../x a/../../x ''; do
    FAKE_DIR=$dir run --separate-stderr -1 build spec.toml
    [[ $stderr == *"the build folder \"$dir\" "* ]]
  done
  ln -s / out
  FAKE_DIR=out/tmp run --separate-stderr -1 build spec.toml
  [[ $stderr == *"leads out of the project"* ]]
}

@test "-C is where everything else is relative to" {
  mkdir -p a
  mv parse plan hash compile layout cpio link spec.toml a
  build -q -C a spec.toml
  [ -e a/build/stages/07-ms-link.json ]
  run -3 build -C nowhere spec.toml
}

@test "a failing stage is named with its code, which is passed on; later ones get nothing" {
  for code in 1 2 3 77; do
    FAKE_EXIT=compile:$code run --separate-stderr "-$code" build spec.toml
    [[ $stderr == *"compile: this is why"* ]]
    [[ $stderr == *"ms-build: error: stage ms-compile failed (exit $code)" ]]
    [ -z "$output" ]
    [ "$(stages)" = "01-ms-parse.json 02-ms-plan.json 03-ms-hash.json" ]
    [ ! -s cpio.in ]
  done
}

@test "every stage can be the one that fails" {
  for s in parse plan hash compile layout cpio link; do
    FAKE_EXIT=$s:1 run -1 build spec.toml
    [[ $output == *"stage ms-$s failed (exit 1)"* ]]
  done
}

@test "a stage that dies of a signal is named with it" {
  printf '#!/bin/sh\ncat >/dev/null\nkill -SEGV $$\n' >dies
  chmod +x dies
  run -139 build --stage hash=./dies spec.toml
  [[ $output == *"stage ms-hash failed (signal 11)"* ]]
}

@test "documents of an earlier run do not stay beside those of a failed one" {
  build -q spec.toml
  FAKE_EXIT=hash:1 run -1 build spec.toml
  [ "$(stages)" = "01-ms-parse.json 02-ms-plan.json" ]
  build -q spec.toml
  : >build/stages/notes.txt
  build -q --no-save-stages spec.toml
  [ "$(stages)" = notes.txt ]
}

@test "a missing program is the system's fault, and nothing runs" {
  run --separate-stderr -3 build --stage link=./nowhere spec.toml
  [[ $stderr == *"stage ms-link: no program ./nowhere"* ]]
  [ ! -e parse.args ]
  run -3 build --stage link=no-such-program-in-path spec.toml
  printf '#!/no/such/interpreter\n' >broken
  chmod +x broken
  run --separate-stderr -3 build --stage link=./broken spec.toml
  [[ $stderr == *"stage ms-link: cannot start ./broken"* ]]
}

@test "a stage may be named with or without ms-; the last --stage wins" {
  cp "$BATS_TEST_DIRNAME/fake" other
  build -q --stage ms-plan=false --stage ms-plan=./other spec.toml
  grep -q '"stage":"other"' build/stages/02-ms-plan.json
}

@test "a stage that writes no document, or one without end, is refused" {
  FAKE_SILENT=plan run -3 build spec.toml
  [[ $output == *"stage ms-plan wrote no document"* ]]
  FAKE_BIG=plan run -3 build spec.toml
  [[ $output == *"stage ms-plan wrote more than 67108864 bytes"* ]]
}

@test "a stage that does not read its document, or reads and writes at once, does not block" {
  printf '#!/bin/sh\nexec echo "{}"\n' >deaf
  chmod +x deaf
  printf '#!/bin/sh\nhead -c 3000000 /dev/zero | tr "\\0" x\n' >large
  chmod +x large
  printf '#!/bin/sh\nexec cat\n' >through
  chmod +x through
  build -q --stage plan=./large --stage hash=./through --stage compile=./deaf spec.toml
  [ "$(stat -c %s build/stages/03-ms-hash.json)" = 3000000 ]
}

@test "filters stand behind their stage, in order, and their documents are kept" {
  printf '#!/bin/sh\nsed s/plan/PLAN/\n' >upper
  printf '#!/bin/sh\nsed s/PLAN/twice/\n' >twice
  chmod +x upper twice
  run --separate-stderr -0 build --filter plan=./upper --filter ms-plan=./twice spec.toml
  [[ $stderr == *"[3/9] upper"* ]]
  grep -q '"stage":"twice"' hash.in
  [ "$(stages)" = "01-ms-parse.json 02-ms-plan.json 03-upper.json 04-twice.json 05-ms-hash.json 06-ms-compile.json 07-ms-layout.json 08-ms-cpio.json 09-ms-link.json" ]
  run -1 build --filter parse=false spec.toml
  [[ $output == *"filter false failed (exit 1)"* ]]
}

@test "plan prints the hashed plan and writes nothing" {
  run --separate-stderr -0 build plan spec.toml
  [ "$output" = '{"build":{"output_dir":"build"},"stage":"hash"}' ]
  [ -z "$stderr" ]
  [ ! -e build ]
  [ ! -e compile.args ]
}

@test "validate runs the first stage alone" {
  build validate spec.toml
  [ ! -e parse.args ]
  FAKE_CHECK=1 run -1 build validate spec.toml
}

@test "stdout that cannot be written to is an error" {
  run -3 bash -c 'ms-build "$@" >/dev/full' _ "${FAKES[@]}" plan spec.toml
  [[ $output == *"standard output"* ]]
  run -3 bash -c 'ms-build "$@" >/dev/full' _ "${FAKES[@]}" spec.toml
  run -3 bash -c 'ms-build "$@" >&-' _ "${FAKES[@]}" plan spec.toml
}

@test "closed descriptors do no harm" {
  run -0 bash -c 'ms-build -q "$@" <&-' _ "${FAKES[@]}" spec.toml
  run -0 bash -c 'ms-build -q "$@" >&-' _ "${FAKES[@]}" spec.toml
  run -0 bash -c 'ms-build -q "$@" 2>&-' _ "${FAKES[@]}" spec.toml
  cmp build/stages/06-ms-cpio.json link.in
}

@test "the specification on stdin reaches the first stage, which gets no operand" {
  printf '#!/bin/sh\necho "$#"\ncat\n' >reader
  chmod +x reader
  build -q --stage parse=./reader -B build - <spec.toml
  [ "$(cat build/stages/01-ms-parse.json)" = "$(printf '0\nx = 1')" ]
}

@test "no progress with -q, plain lines without a terminal, commands with -v" {
  run --separate-stderr -0 build -q spec.toml
  [ -z "$output$stderr" ]
  run --separate-stderr -0 build spec.toml
  [ "${stderr_lines[0]}" = "[1/7] ms-parse" ]
  [ "${#stderr_lines[@]}" -eq 7 ]
  run --separate-stderr -0 build -v -j 2 spec.toml
  [ "${stderr_lines[3]}" = "[4/7] ./compile -j 2" ]
}

@test "on a terminal one line is overwritten, and NO_COLOR is honoured" {
  command -v script >/dev/null || skip "no script(1)"
  export FAKE_EXIT=hash:1 TERM=xterm
  cmd="ms-build $(printf '%q ' "${FAKES[@]}") spec.toml"
  run script -qec "$cmd" /dev/null
  [ "$status" -eq 1 ]
  [[ $output == *$'[0/7] ms-parse\r\033[K[1/7] ms-plan\r\033[K[2/7] ms-hash\r\033[K'* ]]
  [[ $output == *$'\033[1;31mms-build: error: stage ms-hash failed'* ]]
  # What the stage says does not end up behind the status line.
  [[ $output == *$'\r\033[Khash: this is why'* ]]
  NO_COLOR=1 run script -qec "$cmd" /dev/null
  [[ $output != *$'\033[1;31m'* ]]
  [[ $output == *'stage ms-hash failed (exit 1)'* ]]
  TERM=dumb run script -qec "$cmd" /dev/null
  [[ $output != *$'\033'* ]]
}

# Waits until file $1 is there.
appears() {
  for _ in $(seq 500); do
    [ -e "$1" ] && return 0
    sleep 0.02
  done
  return 1
}

# Waits until process $1 is gone.
gone() {
  for _ in $(seq 500); do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.02
  done
  return 1
}

@test "a signal ends the stages too, and ms-build dies of it" {
  for signal in TERM:143 HUP:129 KILL:137; do
    rm -f compile.pid
    FAKE_HANG=compile env --default-signal=HUP ms-build -q "${FAKES[@]}" spec.toml 3>&- &
    driver=$!
    appears compile.pid
    kill "-${signal%:*}" "$driver"
    got=0
    wait "$driver" || got=$?
    [ "$got" -eq "${signal#*:}" ]
    gone "$(cat compile.pid)"
    [ "$(stages)" = "01-ms-parse.json 02-ms-plan.json 03-ms-hash.json" ]
  done
}

@test "of two builds in one folder the second waits" {
  FAKE_HANG="link" ms-build -q "${FAKES[@]}" spec.toml 3>&- &
  first=$!
  appears link.pid
  ms-build "${FAKES[@]}" spec.toml >out 2>err 3>&- &
  second=$!
  for _ in $(seq 500); do
    grep -q waiting err && break
    sleep 0.02
  done
  grep -qx 'ms-build: note: waiting for another build in build' err
  kill "$first"
  wait "$second"
  [ "$(stages)" = "01-ms-parse.json 02-ms-plan.json 03-ms-hash.json 04-ms-compile.json 05-ms-layout.json 06-ms-cpio.json 07-ms-link.json" ]
}

@test "moonshot-toolkit is the same program" {
  run -0 moonshot-toolkit "${FAKES[@]}" plan spec.toml
  [ "$output" = '{"build":{"output_dir":"build"},"stage":"hash"}' ]
}
