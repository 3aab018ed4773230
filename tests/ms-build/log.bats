#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-build --log json: the events, of our stages and of others'.
load ../lib
load fakes

setup() {
  fake_project
  printf 'void _start(void) { for (;;) ; }\n' >one.c
  printf '[[protection_domains]]\nname = "one"\nbinary = "one.c"\npriority = 1\n' >system.toml
}

build() { ms-build "${FAKES[@]}" "$@"; }

# Every line of the log is an object with an event, and nothing else stands there.
is_log() { jq -ce 'select(.event and (.at_ms >= 0))' "$1" | wc -l | grep -qx "$(wc -l <"$1" | tr -d ' ')"; }

@test "of a build with stages that tell nothing" {
  build --log json spec.toml >out 2>log
  is_log log
  [ "$(jq -r .event log | uniq -c | tr -s ' \n' ' ')" = " 1 build-start 1 stage-start 1 stage-end 1 stage-start 1 stage-end 1 stage-start 1 stage-end 1 stage-start 1 stage-end 1 stage-start 1 stage-end 1 stage-start 1 stage-end 1 stage-start 1 stage-end 1 build-end " ]
  jq -se '.[0] | .schema == "ms-log/1" and .spec == "spec.toml" and .stages == 7' log
  jq -se '.[1] | .stage == "ms-parse" and .number == 1 and .command == ["./parse", "spec.toml"]' log
  jq -se '.[2] | .status == 0 and .duration_ms >= 0' log
  jq -se '.[-1] | .status == 0 and (.unchanged | not) and .image == "build/system-image.bin"' log
  grep -q '^image ' out
}

@test "of real stages: steps, with what was cached" {
  ms-build --log json system.toml >out 2>log
  is_log log
  jq -se 'map(select(.event == "step-start" and .step == "one")) | length == 2 and .[0].output == "build/pd/one.o"
    and .[0].command[-1] == "one.c" and .[0].stage == "ms-compile"' log
  jq -se 'map(select(.event == "step-end" and .step == "one")) | length == 2
    and all(.status == "done" and (.cached | not) and .duration_ms >= 0)' log
  jq -se '.[-1] | .steps_run > 2 and .steps_cached == 0 and (.plan_hash | length == 64)' log
  rm build/cache/last-build
  ms-build --log json:second.json system.toml >out 2>err
  is_log second.json
  grep -q 'ms-link: 0 made' err
  jq -se 'map(select(.event == "step-end")) | length > 2 and all(.cached and .duration_ms == 0)' second.json
  jq -se 'map(select(.event == "step-start")) == []' second.json
  # nothing to do at all
  ms-build --log json:third.json system.toml
  jq -se '.[0].event == "build-start" and .[-1].unchanged and .[-1].status == 0' third.json
  # never in documents
  run ! grep -r duration build/stages
}

@test "messages: of our stages, with their place and rule" {
  sed -i 's/priority = 1/priority = 300/' system.toml
  run -1 ms-build --log json system.toml
  printf '%s\n' "${lines[@]}" >log
  is_log log
  jq -se 'map(select(.event == "message"))[0] | .stage == "ms-parse" and .file == "system.toml" and .line == 4 and .col == 12
    and .severity == "error" and .rule == "pd-priority" and (.text | length > 5)' log
  jq -se 'map(select(.event == "message"))[-1].text == "stage ms-parse failed (exit 1)"' log
  jq -se '.[-1] | .event == "build-end" and .status == 1 and (has("image") | not)' log
  # The same beside the text for people.
  run --separate-stderr -1 ms-build --log json:file system.toml
  [[ $stderr == *"system.toml:4:12: error: "* ]]
  jq -se 'map(select(.event == "message" and .rule == "pd-priority")) | length == 1' file
}

@test "messages: of compilers, with their step" {
  printf '#warning "look here"\nint x = missing;\n' >one.c
  run -1 ms-build --log json system.toml
  printf '%s\n' "${lines[@]}" >log
  is_log log
  jq -se 'map(select(.event == "message" and .step == "one")) | .[0].severity == "warning" and .[0].file == "one.c"
    and .[0].line == 1 and .[0].rule == "-Wcpp" and .[1].line == 2 and .[1].col == 9' log
  jq -se 'map(select(.event == "step-end" and .step == "one"))
    | map(.status) == ["failed", "skipped"]' log
}

@test "messages: of programs that know nothing of events" {
  printf '#!/bin/sh\ncat >/dev/null\nprintf "%%s\\n" "x.toml:7: warning: odd [my-rule]" "just words" "  note: not one" "ms-own: error: e" >&2\nprintf "no end" >&2\necho "{}"\n' >says
  chmod +x says
  for to in json json:log; do
    build --log "$to" --stage plan=./says spec.toml 2>err >out
    [ "$to" != json ] || mv err log
    is_log log
    jq -se 'map(select(.stage == "ms-plan" and (.event == "message" or .event == "output")))
      | .[0].file == "x.toml" and .[0].line == 7 and .[0].rule == "my-rule" and .[0].text == "odd"
      and .[1].text == "just words" and .[2].event == "output" and .[3].file == "" and .[3].text == "e"
      and .[4].text == "no end"' log
  done
  grep -q 'just words' err
}

@test "a stage that tells nonsense is not believed" {
  cat >liar <<'EOT'
#!/bin/bash
cat >/dev/null
fd=${MS_EVENTS%%:*}
while read -r line; do printf '%s\n' "$line" >&"$fd"; done <<'END'
nonsense
{"event":"steps","count":-1}
{"event":"steps","count":1e9}
{"event":"start"}
{"event":"start","id":1,"step":"s","output":"o","command":"x"}
{"event":"start","id":1,"step":"s","output":"o","command":[1]}
{"event":"end","id":7,"step":"s","output":"o","status":"fine"}
{"event":"end","id":-7,"step":"s","output":"o","status":"done"}
{"event":"message","severity":"loud","file":"","line":1,"col":1,"rule":"","text":""}
{"event":"build-end","status":0}
[]
{"event":"start","id":3,"step":"\u001b[31m","output":"o","command":[]}
{"event":"start","id":3,"step":"again","output":"o","command":[]}
{"event":"end","id":99,"step":"never begun","output":"o","status":"done"}
END
head -c 6000000 /dev/zero | tr '\0' x >&"$fd"
echo '{}'
EOT
  chmod +x liar
  build --log json:log --stage plan=./liar spec.toml 2>err
  is_log log
  jq -se 'map(select(.stage == "ms-plan") | .event) == ["stage-start", "step-start", "step-end", "stage-end"]' log
  run ! grep -q $'\033' log
  build -v --stage plan=./liar spec.toml 2>err
  run ! grep -q $'\033' err
}

@test "a log of a build that is ended says so" {
  FAKE_HANG=compile ms-build --log json:log "${FAKES[@]}" spec.toml 3>&- &
  driver=$!
  for _ in $(seq 500); do
    [ -e compile.pid ] && break
    sleep 0.02
  done
  kill "$driver"
  got=0
  wait "$driver" || got=$?
  [ "$got" = 143 ]
  tail -1 log | jq -e '.event == "build-end" and .interrupted'
}

@test "wrong calls, and a log that cannot be written" {
  for words in '--log xml' '--log json:' '--log=' '--log json plan' '--log json -n' '--log json validate'; do
    # shellcheck disable=SC2086 # words of a command line
    run --separate-stderr -2 build $words spec.toml
    [[ $stderr == *"--log"* ]]
  done
  run --separate-stderr -3 build --log json:no/where spec.toml
  [[ $stderr == *"--log json:no/where: No such file"* ]]
  run -0 build -q --log json:/dev/full spec.toml
}

@test "the console of run stays alone on stdout" {
  mkdir path
  ln -s "$BATS_TEST_DIRNAME/fake-qemu" path/qemu-system-aarch64
  jq -cn '{archive:{kernel:{cores:1,debug:true,gic_version:2,hypervisor:false,kind:"probe",max_untypeds:0,mcs:false,
    memory:[{end:"0x60000000",start:"0x40000000"}],pa_bits:40,platform:"qemu-arm-virt",printing:true,root_cnode_bits:12,
    sha256:("0"*64)}}}' >link.json
  export FAKE_LINK=$PWD/link.json
  PATH="$PWD/path:$PATH" GUEST=chatty build --log json run --expect ready spec.toml >out 2>log </dev/null
  [ "$(cat out)" = ready ]
  is_log log
  jq -se 'map(select(.stage == "qemu"))[0].text == "a word of QEMU'"'"'s"' log
}
