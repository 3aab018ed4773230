#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-build run: how QEMU is called and ended, with programs that stand in for QEMU and the stages.
load ../lib
load fakes

setup() {
  fake_project
  fake_qemu
  record
}

# record [JQ-ASSIGNMENT]: the document that ms-link writes, as far as run reads it.
record() {
  jq -cS "${1:-.}" >link.json <<'EOT'
{"archive":{"kernel":{"cores":1,"debug":true,"gic_version":2,"hypervisor":false,"kind":"probe",
 "max_untypeds":0,"mcs":false,"memory":[{"end":"0x60000000","start":"0x40000000"}],"pa_bits":40,
 "platform":"qemu-arm-virt","printing":true,"root_cnode_bits":12,
 "sha256":"0000000000000000000000000000000000000000000000000000000000000000"}}}
EOT
}

boot() { ms-build -q "${FAKES[@]}" run "$@"; }

# True when process $(cat qemu.pid) is gone.
gone() { ! kill -0 "$(cat qemu.pid)" 2>/dev/null; }

@test "QEMU gets the machine, the console, the image and what follows --" {
  boot spec.toml -- -d int -no-shutdown </dev/null
  [ "$(tr '\n' ' ' <qemu.args)" = "-machine virt -cpu cortex-a53 -smp 1 -m 512M -nic none -display none -monitor none -serial stdio -no-reboot -kernel build/system-image.bin -d int -no-shutdown " ]
  boot -o other.bin spec.toml </dev/null
  [[ "$(tr '\n' ' ' <qemu.args)" == *" -kernel other.bin " ]]
}

@test "without --expect it ends when QEMU does" {
  run --separate-stderr -0 boot spec.toml
  [ "$output" = "powering off" ]
  GUEST_EXIT=1 run --separate-stderr -3 boot spec.toml
  [[ $stderr == *"QEMU failed (exit 1)"* ]]
}

@test "--expect ends with 0 at the match, and QEMU is gone" {
  GUEST=hello run --separate-stderr -0 boot --expect '^hello world$' spec.toml
  [[ $output == *"hello world"* ]]
  gone
  GUEST=prompt run --separate-stderr -0 boot --expect 'login: $|login: ' spec.toml
  gone
}

@test "--expect ends with 1 when QEMU ends first" {
  run --separate-stderr -1 boot --expect 'hello' spec.toml
  [ "$output" = "powering off" ]
  [[ $stderr == *"QEMU ended (exit 0) before"* ]]
  # ... but not when the last words match, with or without an end of line
  run -0 boot --expect '^powering off$' spec.toml
}

@test "--timeout ends with 124, and QEMU is gone" {
  GUEST=hello run --separate-stderr -124 boot --expect 'never' --timeout 1 spec.toml
  [[ $stderr == *"within 1 s"* ]]
  gone
  GUEST=hello run --separate-stderr -124 boot --timeout 1 spec.toml
  gone
  GUEST=flood run -124 bash -c 'ms-build -q "$@" run --timeout 1 spec.toml >/dev/null' _ "${FAKES[@]}"
  gone
}

@test "a QEMU that ignores SIGTERM is killed" {
  GUEST=stubborn run -0 boot --expect ready spec.toml
  gone
}

@test "what QEMU says is passed on, but not that we ended it" {
  GUEST=chatty run --separate-stderr -0 boot --expect ready spec.toml
  [ "$stderr" = "a word of QEMU's" ]
  gone
}

@test "a reader that goes away ends it, QEMU too" {
  GUEST=flood run -3 bash -c 'set -o pipefail; ms-build -q "$@" run spec.toml | head -1' _ "${FAKES[@]}"
  [[ $output == *"standard output: Broken pipe"* ]]
  gone
  GUEST=flood run -3 bash -c 'ms-build -q "$@" run spec.toml >/dev/full' _ "${FAKES[@]}"
  gone
}

@test "a signal ends QEMU too" {
  for signal in TERM:143 INT:130 KILL:137; do
    rm -f qemu.pid
    GUEST=prompt env --default-signal=INT ms-build -q "${FAKES[@]}" run spec.toml </dev/null >out 3>&- &
    driver=$!
    for _ in $(seq 500); do
      [ -s qemu.pid ] && grep -q login out && break
      sleep 0.02
    done
    kill "-${signal%:*}" "$driver"
    got=0
    wait "$driver" || got=$?
    [ "$got" -eq "${signal#*:}" ]
    for _ in $(seq 500); do
      gone && break
      sleep 0.02
    done
    gone
  done
}

@test "what is typed reaches the guest, unless it is the specification" {
  echo typed | GUEST="cat" run -0 boot --expect '^typed$' spec.toml
  GUEST="cat" run -1 bash -c 'ms-build -q "$@" run --expect ^typed - <<<typed' _ "${FAKES[@]}"
  # a closed stdin is no input either
  GUEST="cat" run -1 bash -c 'ms-build -q "$@" run --expect . spec.toml <&-' _ "${FAKES[@]}"
}

@test "a build that fails is not booted" {
  FAKE_EXIT=link:1 run -1 boot spec.toml
  [ ! -e qemu.pid ]
}

@test "a record that QEMU cannot be called with is refused" {
  record '.archive.kernel.platform = "rpi4"'
  run --separate-stderr -1 boot spec.toml
  [[ $stderr == *"QEMU cannot run this: the kernel is built for rpi4"* ]]
  record 'del(.archive)'
  run --separate-stderr -1 boot spec.toml
  record '.archive.kernel.cores = "many"'
  run --separate-stderr -1 boot spec.toml
  [ ! -e qemu.pid ]
}

@test "a missing QEMU is said, with the package that has it" {
  for f in sh cat sleep; do ln -s "$(command -v "$f")" path/; done
  rm path/qemu-system-aarch64
  run --separate-stderr -3 env PATH="$PWD/path" "$(command -v ms-build)" -q "${FAKES[@]}" run spec.toml
  [[ $stderr == *"no program qemu-system-aarch64"*"qemu-system-arm"* ]]
}

@test "a kernel without a debug console is pointed out, and what kernel it is is said" {
  record '.archive.kernel |= (.kind = "seL4" | .printing = false | .mcs = true | .debug = false)'
  run --separate-stderr -0 ms-build "${FAKES[@]}" run spec.toml
  [[ $stderr == *"kernel     seL4, EL1, MCS, release, without a debug console"* ]]
  [[ $stderr == *"note: this kernel has no debug console"* ]]
  record '.archive.kernel |= (.kind = "seL4" | .hypervisor = true)'
  run --separate-stderr -0 ms-build "${FAKES[@]}" run spec.toml
  [[ $stderr == *"kernel     seL4, EL2, debug" ]]
  [[ $stderr != *"note: "* ]]
}

@test "the result goes to stderr, the console alone to stdout" {
  run --separate-stderr -0 ms-build "${FAKES[@]}" run spec.toml
  [ "$output" = "powering off" ]
  [[ $stderr == *"the probe kernel, which is not seL4"* ]]
}
