#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What ms-build shows: the status line on a terminal, colours, messages of failing compiles.
load ../lib
load fakes

setup_file() {
  cc -D_GNU_SOURCE -o "$BATS_FILE_TMPDIR/pty" "$BATS_TEST_DIRNAME/pty.c"
}

setup() {
  unset NO_COLOR CLICOLOR CLICOLOR_FORCE
  export TERM=xterm
  fake_project
}

pty() { "$BATS_FILE_TMPDIR/pty" "$@"; }

# A stage that tells what it does: each argument is an event, "sleep N" or "wait FILE".
teller() { # NAME WORD...
  local name=$1
  shift
  rm -f "$name" # a link to what it stands in for
  {
    echo '#!/bin/bash'
    echo 'cat >/dev/null'
  # shellcheck disable=SC2016,SC2028 # expanded by the script
    printf '%s\n' 'tell() { printf "%s\n" "$1" >&"${MS_EVENTS%%:*}"; }'
    echo "tell '{\"event\":\"steps\",\"count\":3}'"
    printf '%s\n' "$@"
    echo 'echo "{}"'
  } >"$name"
  chmod +x "$name"
}

start() { echo "tell '{\"event\":\"start\",\"id\":$1,\"step\":\"$2\",\"output\":\"$3\",\"command\":[\"cc\",\"a b\"]}'"; }
finish() { echo "tell '{\"event\":\"end\",\"id\":$1,\"status\":\"$4\",\"step\":\"$2\",\"output\":\"$3\"}'"; }

# A teller waits for the file that pty makes once something was shown.
await() { echo "until [ -e $1 ]; do sleep 0.02; done"; }

@test "the line counts stages and steps, and says what runs" {
  teller compile "$(start 0 hello build/pd/hello.o)" "$(await a)" "$(start 1 two build/two.o)" "$(await b)" \
    "$(finish 1 two build/two.o "done")" "$(await c)" "$(finish 0 hello build/pd/hello.o "done")" "$(finish 2 x build/x.o cached)"
  # of several the oldest
  run -0 pty 80 'wait=[3/10] ms-compile: hello: build/pd/hello.o' make=a 'wait=[3/10] ms-compile: hello: build/pd/hello.o (2 running' make=b \
    'wait=[4/10] ms-compile: hello: build/pd/hello.o' make=c -- ms-build "${FAKES[@]}" --stage compile=./compile spec.toml
  [[ $output == *$'\r\033[K[9/10] ms-link\r\033[K'* ]]
  # and at the end no line is left but what it came to
  [[ $output == *$'\r\033[Kdone in '*' s: 2 made, 1 from the cache'*$'\r\n''image '* ]]
  [[ $output != *"not reached"* ]]
}

@test "what takes long is shown with its time" {
  teller compile "$(start 0 hello build/pd/hello.o)" "$(await a)" "$(finish 0 hello build/pd/hello.o "done")"
  run -0 pty 80 'wait=[3/10] ms-compile: hello: build/pd/hello.o (1.' make=a -- ms-build "${FAKES[@]}" --stage compile=./compile spec.toml
  [[ $output != *"not reached"* ]]
}

@test "it is never wider than the terminal, and follows its size" {
  teller compile "$(start 0 hello build/pd/0123456789012345678901234567890123456789.o)" "$(await a)"
  run -0 pty 40 "wait=[3/10] ms-compile: hello: build/pd/01.." size=60 "wait=build/pd/0123456789012345678901.." size=20 \
    "wait=[3/10] ms-compile.." make=a -- ms-build "${FAKES[@]}" --stage compile=./compile spec.toml
  [[ $output != *"not reached"* ]]
  # one column wide is no line
  run -0 pty 2 -- ms-build "${FAKES[@]}" spec.toml
  [[ $output != *"[0"* ]]
  # nor is the line that says what it came to
  teller compile "$(start 0 hello build/pd/hello.o)" "$(finish 0 hello build/pd/hello.o "done")"
  run -0 pty 20 -- ms-build "${FAKES[@]}" --stage compile=./compile spec.toml
  [[ $output =~ (done in [^$'\r']*)$'\r\n' ]]
  [ "${#BASH_REMATCH[1]}" -eq 19 ]
  [[ ${BASH_REMATCH[1]} == *.. ]]
}

@test "characters of more than one byte are cut whole" {
  teller compile "$(start 0 hell build/pd/ääääääääääääääääääääääääääääääääää.o)" "$(await a)"
  run -0 pty 40 $'wait=\033[K[3/10] ms-compile: hell: build/pd/äää..\r' make=a -- ms-build "${FAKES[@]}" --stage compile=./compile spec.toml
  [[ $output != *"not reached"* ]]
}

@test "^C leaves a clean line, and nothing running" {
  export FAKE_HANG=compile
  run pty 80 'wait=[3/7] ms-compile' 'type=^C' -- ms-build "${FAKES[@]}" spec.toml
  [ "$status" -eq 130 ]
  # the terminal's own ^C may come before or behind
  [[ $output == *$'\r\033[K'*([^[]) || $output == *$'\r\033[K^C' ]]
  for _ in $(seq 200); do
    [ ! -e compile.pid ] || kill -0 "$(cat compile.pid)" 2>/dev/null || break
    sleep 0.02
  done
  run ! kill -0 "$(cat compile.pid)"
}

@test "what a stage says stands above the line, whole" {
  for color in never always; do
    rm -f a b
    teller compile 'printf "half of " >&2' "$(await a)" 'echo "a line" >&2' "$(await b)"
    # a line that is to be coloured is shown when it has ended
    half='wait=half of '
    [ "$color" = never ] || half='wait=[3/10] ms-compile'
    run -0 pty 80 "$half" make=a $'wait=a line\r\n[3/10] ms-compile' make=b -- ms-build --color $color "${FAKES[@]}" --stage compile=./compile spec.toml
    [[ $output == *$'\r\033[Khalf of a line\r\n[3/10] ms-compile'* && $output != *"not reached"* ]]
  done
}

@test "a terminal that cannot overwrite gets plain lines" {
  TERM=dumb run -0 pty 80 -- ms-build "${FAKES[@]}" spec.toml
  [[ $output != *$'\033'* && $output == *$'[1/7] ms-parse\r\n[2/7] ms-plan'* ]]
}

# Is it coloured?
colored() {
  [[ $output == *$'a.c:1:2: \033[1;31merror:\033[0m text [-Wx]'* && $output == *$'\033[1;31mms-build: error:'* ]]
}

@test "colours: the terminal, NO_COLOR, CLICOLOR, CLICOLOR_FORCE, --color" {
  printf '#!/bin/sh\necho "a.c:1:2: error: text [-Wx]" >&2\nexit 1\n' >says
  chmod +x says
  cmd=("${FAKES[@]}" --stage compile=./says spec.toml)
  while read -r want where words; do
    # shellcheck disable=SC2086 # assignments and options
    if [ "$where" = pty ]; then
      run "$BATS_FILE_TMPDIR/pty" 80 -- env $words ms-build "${cmd[@]}"
    else
      run env $words ms-build "${cmd[@]}"
    fi
    got=0
    colored || got=1
    [ "$got" = "$want" ] || { echo "$want $where $words"; echo "$output"; return 1; }
    [ "$want" = 0 ] || [[ $output != *$'\033[1;'* ]]
  done <<'EOT'
0 pty A=
1 pipe A=
1 pty NO_COLOR=1
0 pty NO_COLOR=
1 pty CLICOLOR=0
0 pty CLICOLOR=1
1 pipe CLICOLOR=1
0 pipe CLICOLOR_FORCE=1
1 pipe CLICOLOR_FORCE=0
0 pty CLICOLOR=0 CLICOLOR_FORCE=1
1 pty CLICOLOR_FORCE=1 NO_COLOR=1
1 pty TERM=dumb
EOT
  run ms-build --color=always "${cmd[@]}"
  colored
  NO_COLOR=1 run ms-build --color=always "${cmd[@]}"
  colored
  run pty 80 -- ms-build --color=never "${cmd[@]}"
  [[ $output != *$'\033[1;'* ]]
  run --separate-stderr -2 ms-build --color=sometimes "${cmd[@]}"
  [[ $stderr == *"--color takes auto, always or never"* ]]
}

@test "what a stage leaves behind is not waited for" {
  printf '#!/bin/sh\ncat >/dev/null\nsleep 300 >/dev/null 3>&- &\necho $! >left\necho "{}"\n' >leaves
  chmod +x leaves
  run -0 ms-build -q "${FAKES[@]}" --stage link=./leaves spec.toml
  kill "$(cat left)"
}

# A project whose programs do not compile.
project() {
  cat >system.toml <<'EOT'
[[protection_domains]]
name = "one"
binary = "one.c"
priority = 1

[[protection_domains]]
name = "two"
binary = "two.c"
priority = 2
EOT
  for i in one two; do
    for n in $(seq 60); do echo "int ${i}_$n = missing_${i}_$n;"; done >$i.c
  done
}

@test "a failing compile: its own words first, whole and unmixed, then the step and its command" {
  project
  run --separate-stderr -1 ms-build -j 2 system.toml
  printf '%s\n' "${stderr_lines[@]}" >lines
  # of each source one block, in which every message stands
  grep -o 'missing_[a-z]*_[0-9]*' lines | uniq | sed 's/_[0-9]*$//' | uniq >blocks
  [ "$(sort blocks | uniq -c | awk '{ print $1 }' | sort -u)" = 1 ]
  [ "$(grep -c "one.c:[0-9]*:[0-9]*: error: " lines)" = 60 ]
  [[ $stderr == *"one.c:60:"*"ms-compile: error: one: build/pd/one.o: aarch64-linux-gnu-gcc ended with 1 [compile]"*"note: to repeat it: aarch64-linux-gnu-gcc -c "* ]]
  [[ ${stderr_lines[-1]} == "ms-build: error: stage ms-compile failed (exit 1)" ]]
  # The command does it again.
  grep -h 'note: to repeat it: .* one.c$' lines | sed 's/.*repeat it: //' >again
  run -1 sh again
  [[ $output == *"one.c:60:"* ]]
}

@test "-v shows the commands, what they took, and what came from the cache" {
  printf 'void _start(void) { for (;;) ; }\n' >one.c
  printf '[[protection_domains]]\nname = "one"\nbinary = "one.c"\npriority = 1\n' >system.toml
  run --separate-stderr -0 ms-build -v system.toml
  [[ $stderr == *$'\n  one: 0.'*" s: aarch64-linux-gnu-gcc -c "*" one.c"$'\n'* ]]
  [[ $stderr == *$'\ndone in '*" made, 0 from the cache"* ]]
  rm build/cache/last-build
  run --separate-stderr -0 ms-build -v system.toml
  [[ $stderr == *$'\n  one: build/pd/one.o: cached\n'* && $stderr == *": 0 made, "* ]]
  rm build/cache/last-build
  run --separate-stderr -0 ms-build system.toml
  [[ $stderr == *"[4/7] ms-compile: 0 made, "*" from the cache"* ]]
}
