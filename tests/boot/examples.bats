#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The examples: each is checked, planned and compiled without a kernel, and booted on every real
# seL4 build that MS_KERNELS names (folders joined by ":"), release builds too: each has a
# protection domain that drives the serial port itself. hello-world has a file of its own.
load ../lib
load ../boot
load tree

setup_file() {
  cp -R "$MS_ROOT/examples" "$BATS_FILE_TMPDIR/"
}

setup() {
  real_kernels
  machine=()
  cd "$BATS_FILE_TMPDIR" || exit 1
}

# boot KERNEL EXAMPLE EXPECT INPUT: builds and boots an example (EXAMPLE/FILE.toml: not its system.toml)
# until a line matches; what came over the serial port is in $output. Further arguments of QEMU are in
# the array machine.
boot() {
  local kernel=$1 example=$2 expect=$3 input=$4
  [[ $example == *.toml ]] || example=$example/system.toml
  echo "# $example on $kernel"
  run ms-build -q run -B "$BATS_TEST_TMPDIR/build" --kernel "$kernel" --expect "$expect" \
    --timeout 120 "examples/$example" -- "${machine[@]}" < <(printf '%b' "$input")
  output=${output//$'\r'/}
  if [ "$status" -ne 0 ] || [[ $output == *FAILED* ]]; then
    echo "exit $status"
    echo "$output"
    return 1
  fi
}

# own_time: the machine's clocks count its instructions, so that a busy host changes nothing.
own_time() {
  machine=(-icount "shift=3,sleep=off" -rtc "clock=vm")
}

# on_all EXAMPLE EXPECT INPUT TEXT...: boots it on every kernel; each shows the texts in order.
on_all() {
  local example=$1 expect=$2 input=$3 k
  shift 3
  need_kernels
  for k in "${kernels[@]}"; do
    boot "$k" "$example" "$expect" "$input" || return 1
    in_order "$@" || return 1
  done
}

# chain SUBJECT...: the digests of a ledger with these entries, one a line. An entry is its number
# (64 bits, little-endian), the subject in 56 bytes, and the digest before.
chain() {
  local previous number=0 subject
  previous=$(printf '00%.0s' {1..32})
  for subject in "$@"; do
    number=$((number + 1))
    previous=$({
      printf '%b' "\\x$(printf %02x "$number")\\0\\0\\0\\0\\0\\0\\0"
      printf %s "$subject"
      head -c $((56 - ${#subject})) /dev/zero
      printf '%b' "$(fold -w 2 <<<"$previous" | sed 's/^/\\x/' | tr -d '\n')"
    } | sha256sum | cut -d' ' -f1)
    echo "$previous"
  done
}

# heads SUBJECT...: the same as the examples print them.
heads() {
  mapfile -t head < <(chain "$@" | sed -E 's/^0*/0x/; s/^(0x.{16}).*/\1/')
}

@test "every example becomes an image without a seL4 at hand; what needs MCS is refused" {
  local spec want count=0
  unset MS_KERNEL
  for spec in examples/*/system.toml; do
    echo "# $spec"
    run -0 ms-parse --check "$spec"
    [ -z "$output" ] || { echo "$output"; return 1; }
    ms-build plan "$spec" >"$BATS_TEST_TMPDIR/plan.json"
    run -0 ms-compile -B "$BATS_TEST_TMPDIR/build" -o "$BATS_TEST_TMPDIR/compiled.json" \
      "$BATS_TEST_TMPDIR/plan.json"
    [[ $output != *warning:* ]] || { echo "$output"; return 1; }
    case $spec in
    */passive-server/*) want=pd-mcs ;;
    */virtual-machine/*) want=vm-hypervisor ;;
    *) want= ;;
    esac
    run "-$((${#want} > 0))" ms-build -q -B "$BATS_TEST_TMPDIR/build" "$spec"
    [ -z "$want" ] || [[ $output == *"[$want]"* ]] || { echo "$output"; return 1; }
    [ -e "$(dirname "$spec")/README.md" ] || [ "$spec" = examples/hello-world/system.toml ]
    count=$((count + 1))
  done
  [ "$count" -ge 12 ]
}

@test "sixty-three: its system.toml is what make-system makes" {
  examples/sixty-three/make-system | cmp - examples/sixty-three/system.toml
  [ "$(ms-parse examples/sixty-three/system.toml | jq '.protection_domains | length')" = 63 ]
}

@test "os-mediakit: each assertion refuses a system that breaks it" {
  local spec=examples/os-mediakit/system.toml
  channel() { # FROM TO KIND
    printf '\n[[channels]]\nname = "more"\nend_a = "%s"\nend_b = "%s"\nkind = "%s"\n' "$@"
    [ "$3" = ppc ] || echo 'notify_b = false'
  }
  refused() { # WHAT, with the system as input
    ms-parse --check - >"$BATS_TEST_TMPDIR/out" 2>&1 && return 1
    grep -q "$1" "$BATS_TEST_TMPDIR/out" || { cat "$BATS_TEST_TMPDIR/out"; return 1; }
  }
  { cat "$spec"; channel marketing-pd service-fs-pd ppc; } | refused 'marketing-pd'
  { cat "$spec"; channel proofreader-pd mediakit-root notification; } | refused 'proofreader-pd'
  { cat "$spec"; channel mediakit-root system-ledger-pd ppc; } | refused 'mediakit-root'
  sed 's/^name = "knowledge-pd"$/&\nmaps = [{region = "disk"}]/' "$spec" | refused 'knowledge-pd'
  sed 's/^name = "marketing-pd"$/&\nmaps = [{region = "ledger", permissions = ["read"]}]/' "$spec" |
    refused 'marketing-pd'
}

@test "root-task on every kernel" {
  on_all root-task '^root-task: (done|FAILED)' '' 'root-task: root CNode of 2^' \
    'a page is made from untyped memory' 'it was all zero, and holds what is written to it' \
    'its signal arrives with the badge' 'root-task: done'
}

@test "ping-pong on every kernel" {
  on_all ping-pong '^ping-pong: (done|FAILED)' '' ' call round trips in a second, ' \
    ' signal round trips in a second, ' 'ping-pong: done'
}

@test "shared-ring on every kernel: the text of the image, all of it" {
  on_all shared-ring '^shared-ring: (done|FAILED)' '' "$(cat examples/shared-ring/text.txt)" \
    "shared-ring: $(wc -c <examples/shared-ring/text.txt) bytes, 7 lines, through a ring of 4096 bytes" \
    'shared-ring: done'
}

@test "watchdog on every kernel: three faults, three restarts" {
  on_all watchdog '^watchdog: done' '' 'watchdog: watching' \
    'child 3 faulted: no memory at 0xdead000; restarted' \
    'child 3 faulted: an instruction that does not exist; restarted' \
    'child 3 faulted: an unknown system call; restarted' \
    'the worker is well after 3 restarts' 'watchdog: done'
}

@test "sixty-three on every kernel" {
  on_all sixty-three '^sixty-three: done' '' '1000 rounds of 63 nodes, 63000 signals' \
    'sixty-three: done'
}

@test "uart-echo on every kernel: what is typed, edited and answered" {
  on_all uart-echo '^that is too large' \
    'sum 40 2\rreverse hellpq\b\0177o\recho it works\r\rnonsense\rsum 18446744073709551615 1\r' \
    'uart-echo: type help' $'> sum 40 2\n42' $'\nolleh\n' $'\nit works' 'no such command: nonsense' \
    'that is too large'
}

@test "uart-echo by the names of the device tree: the same archive, and what it answers" {
  need_kernels
  local k name tree found=0
  for k in "${kernels[@]}"; do
    tree=$(with_tree "$k" "$BATS_TEST_TMPDIR/with-tree-$found") || continue
    if [ "$tree" != "$k" ]; then
      run -1 ms-build -q -B "$BATS_TEST_TMPDIR/build" --kernel "$k" examples/uart-echo/device-tree.toml
      [[ $output == *"has no kernel.dtb"* ]] || return 1
    fi
    for name in system device-tree; do
      ms-build -q -B "$BATS_TEST_TMPDIR/$name" --kernel "$tree" "examples/uart-echo/$name.toml"
    done
    cmp "$BATS_TEST_TMPDIR"/{system,device-tree}/system.cpio
    boot "$tree" uart-echo/device-tree.toml '^42' 'sum 40 2\r' || return 1
    in_order 'uart-echo: type help' $'> sum 40 2\n42' || return 1
    found=$((found + 1))
  done
  [ "$found" != 0 ] || skip "no kernel of MS_KERNELS has a device tree"
}

@test "passive-server on every kernel with MCS; others refuse it at build time" {
  need_kernels
  local k
  for k in "${kernels[@]}"; do
    if MS_KERNEL=$k ms-build -q -B "$BATS_TEST_TMPDIR/hello" examples/hello-world/system.toml &&
      [ "$(jq .archive.kernel.mcs "$BATS_TEST_TMPDIR"/hello/stages/*-ms-cpio.json)" = false ]; then
      run -1 ms-build -q -B "$BATS_TEST_TMPDIR/build" --kernel "$k" examples/passive-server/system.toml
      in_order 'counter: a passive PD needs an MCS kernel' || return 1
      continue
    fi
    boot "$k" passive-server '^passive-server: (done|FAILED)' '' || return 1
    in_order "1000 calls on the client's time" 'totals 500500 and 2000' || return 1
  done
}

@test "virtual-machine: its guest.bin is what make-guest makes" {
  examples/virtual-machine/make-guest "$BATS_TEST_TMPDIR/guest.bin"
  cmp "$BATS_TEST_TMPDIR/guest.bin" examples/virtual-machine/guest.bin
}

@test "virtual-machine on every hypervisor with MCS; others refuse it at build time" {
  need_kernels
  local k kind
  for k in "${kernels[@]}"; do
    MS_KERNEL=$k ms-build -q -B "$BATS_TEST_TMPDIR/hello" examples/hello-world/system.toml
    kind=$(jq -c '.archive.kernel | [.hypervisor, .mcs]' "$BATS_TEST_TMPDIR"/hello/stages/*-ms-cpio.json)
    if [ "$kind" != '[true,true]' ]; then
      run -1 ms-build -q -B "$BATS_TEST_TMPDIR/build" --kernel "$k" examples/virtual-machine/system.toml
      [[ $output == *"[vm-hypervisor]"* || $output == *"[pd-mcs]"* ]] || { echo "$output"; return 1; }
      continue
    fi
    boot "$k" virtual-machine '^vmm: done|FAILED' '' || return 1
    in_order 'vmm: starting the guest' 'guest: first life' 'vmm: stopped the guest at 0x40000' \
      'guest: second life' 'vmm: its vectors are at 0x40000800; interrupt 42' \
      'guest: interrupted, as I was told' 'vmm: its interrupt is done' 'guest: switching off' \
      'vmm: the guest is off' || return 1
  done
}

@test "timer on every kernel" {
  own_time
  on_all timer '^timer: (done|FAILED)' '' 'timer: alarm set' 'timer: tick 1, the clock moved on' \
    'timer: tick 2, the clock moved on' 'timer: tick 3, the clock moved on' 'timer: done'
}

@test "os-mediakit on every kernel: requests go down to the ledger and come back" {
  local head
  heads welcome about welcome nothing drawings
  on_all os-mediakit 'LEDGER, PROOF TEXT' \
    'GET /\rGET /about\rGET /internal-plans\rGET /nothing\rPROOF the the end\rGET drawings\rGET /drawings\rLEDGER\rwhat\r' \
    'os-mediakit: six domains are up' \
    $'> GET /\n200\nMediaKit publishes' "ledger: 1 entries, head ${head[0]}" \
    $'> GET /about\n200\nMediaKit publishes' "ledger: 3 entries, head ${head[2]}" \
    $'> GET /internal-plans\n403' $'> GET /nothing\n404\n' "ledger: 4 entries, head ${head[3]}" \
    $'202\n> GET drawings\n400' $'> GET /drawings\n200\nDrawings' \
    "ledger: 5 entries, head ${head[4]}" $'> LEDGER\n200\n' "ledger: 5 entries, head ${head[4]}" \
    $'> what\n400'
}

@test "os-totebox on every kernel: heartbeats, two restarts, four documents in the ledger" {
  local head titles
  mapfile -t titles <examples/os-totebox/intake.txt
  heads "${titles[@]}"
  own_time
  on_all os-totebox '^os-totebox: (done|FAILED)' '' \
    "beat 1: 6 of 6 answered; ledger: 1 entries, head ${head[0]}" \
    "beat 2: 5 of 6 answered; ledger: 2 entries, head ${head[1]}" \
    'service-bim is silent, started again' 'service-bim failed, started again' \
    "beat 3: 6 of 6 answered; ledger: 3 entries, head ${head[2]}" \
    "beat 6: 6 of 6 answered; ledger: 4 entries, head ${head[3]}" 'os-totebox: done'
}
