#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What would end in silence is said before: --silence, and the rules of lib/host/drive/preflight.h.
load ../lib
load fakes

setup() {
  fake_project
  fake_qemu
  record
}

# record [JQ-ASSIGNMENT]: the last document, as far as it is looked at.
record() {
  jq -cS "${1:-.}" >link.json <<'EOT'
{"archive":{"kernel":{"cores":2,"debug":true,"gic_version":2,"hypervisor":true,"kind":"seL4",
 "max_untypeds":0,"mcs":false,"memory":[{"end":"0x60000000","start":"0x40000000"}],"pa_bits":40,
 "platform":"qemu-arm-virt","printing":true,"root_cnode_bits":12,
 "sha256":"0000000000000000000000000000000000000000000000000000000000000000"},"path":"build/system.cpio","entries":[]},
 "layout":{"root_task":"system"},
 "spec":{"memory_regions":[{"name":"uart","phys_addr":"0x9000000","size_bytes":4096},{"name":"ram","phys_addr":"0x50000000","size_bytes":4096}],
  "protection_domains":[{"name":"a","maps":[{"region":"uart"}]},{"name":"b","maps":[{"region":"ram"}]}]}}
EOT
}

boot() { ms-build -q "${FAKES[@]}" run "$@" </dev/null; }

@test "a machine that fits is booted, whatever else is asked of it" {
  boot spec.toml
  boot spec.toml -- -m 512M
  boot spec.toml -- -m 0.5G # nobody reads that but QEMU
  boot spec.toml -- -m size=1G,slots=2 -smp cpus=4 -machine virt -cpu max
  boot spec.toml -- -m 524288k -smp 2,sockets=1 -M virtualization=on
}

@test "one that does not is refused by the rule's name, before QEMU starts" {
  while IFS='|' read -r rule text words; do
    # shellcheck disable=SC2086 # words of a command line
    run --separate-stderr -1 boot spec.toml -- $words
    [[ $stderr == *"error: the "*"$text"*"(--silence $rule tries it) [$rule]" ]] || { echo "$words: $stderr"; return 1; }
    [ ! -e qemu.pid ]
    # shellcheck disable=SC2086 # words of a command line
    boot --silence "$rule" spec.toml -- $words
    rm qemu.pid
  done <<'EOT'
machine-memory|has 511 MiB of memory, the kernel was built for 512 MiB|-m 511
machine-memory|has 256 MiB of memory|-m 256M
machine-memory|has 256 MiB of memory|-m 4G -m size=256M
machine-cores|has 1 core, the kernel waits for 2|-smp 1
machine-cores|has 1 core, the kernel waits for 2|--smp cpus=1,maxcpus=4
machine-level|runs in EL2, and this machine starts in EL1|-machine virt,virtualization=off
machine-level|runs in EL2, and this machine starts in EL1|-M virtualization=false
EOT
}

@test "all that does not fit is told at once" {
  run --separate-stderr -1 boot spec.toml -- -m 1 -smp 1 -M virtualization=off
  [[ $stderr == *machine-level*machine-memory*machine-cores* ]]
}

@test "a kernel that cannot print, and nobody who has a device" {
  record '.archive.kernel.printing = false'
  run --separate-stderr -0 ms-build -q "${FAKES[@]}" spec.toml
  [ -z "$stderr" ]
  silent='.archive.kernel.printing = false | .spec.protection_domains[0].maps = []'
  record "$silent"
  run --separate-stderr -0 ms-build -q "${FAKES[@]}" spec.toml
  [ "$stderr" = "ms-build: warning: this kernel cannot print, and no protection domain maps a device's registers: nothing that the system does will be seen (--silence silent-system) [silent-system]" ]
  run --separate-stderr -0 ms-build -q --silence silent-system "${FAKES[@]}" spec.toml
  [ -z "$stderr" ]
  # the probe kernel, and what is the root task itself
  record "$silent | .archive.kernel.kind = \"probe\""
  run --separate-stderr -0 ms-build -q "${FAKES[@]}" spec.toml
  [ -z "$stderr" ]
  record "$silent | .layout.root_task = \"pd\""
  run --separate-stderr -0 ms-build -q "${FAKES[@]}" spec.toml
  [ -z "$stderr" ]
}

@test "with a device tree it is the console's registers that count" {
  printf '/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; u: serial@%s { reg = <0 0x%s 0 0x1000>; }; chosen { stdout-path = "/serial@%s"; }; };' \
    9040000 9040000 9040000 | dtc -q -O dtb -o tree.dtb
  mkdir build
  { printf 'archive:'; cat tree.dtb; } >build/system.cpio
  size=$(stat -c %s tree.dtb)
  tree=".archive.kernel.printing = false | .archive.entries = [{name: \"kernel.dtb\", offset: 8, size: $size}]"
  record "$tree"
  run --separate-stderr -0 ms-build -q "${FAKES[@]}" spec.toml
  [[ $stderr == *"maps the serial port's registers at 0x9040000: nothing"* ]]
  record "$tree | .spec.memory_regions[0].phys_addr = \"0x9040000\""
  run --separate-stderr -0 ms-build -q "${FAKES[@]}" spec.toml
  [ -z "$stderr" ]
  # a region that is named in words of that tree: the layout has found its address
  named="$tree | .spec.memory_regions[0] |= ({name, phys_addr: {dt: \"u\", reg: 0}})"
  record "$named | .devices = [{dt: \"u\", region: \"uart\", phys_addr: \"0x9040000\", size_bytes: 4096}]"
  run --separate-stderr -0 ms-build -q "${FAKES[@]}" spec.toml
  [ -z "$stderr" ]
  for odd in '[{region: "uart", phys_addr: "0x9050000", size_bytes: 4096}]' '[{irq: 33, pd: "a"}]' '7'; do
    record "$named | .devices = $odd"
    run --separate-stderr -0 ms-build -q "${FAKES[@]}" spec.toml
    [[ $stderr == *"maps the serial port's registers at 0x9040000: nothing"* ]]
  done
  # entries that lead nowhere
  for odd in '.offset = 99999' '.offset = -1' '.size = 1e15' '.size = "x"' '.offset = 0'; do
    record "$tree | .archive.entries[0] |= ($odd)"
    run --separate-stderr -0 ms-build -q "${FAKES[@]}" spec.toml
    [ -z "$stderr" ]
  done
}

@test "wrong calls" {
  run --separate-stderr -2 ms-build --silence pd-priority spec.toml
  [[ $stderr == *"--silence pd-priority: that is no rule that can be silenced"* ]]
  run -2 ms-build --silence
}

@test "on real kernels it is said in a build, and again when nothing has changed" {
  [ -n "${MS_KERNELS:-}" ] || skip "MS_KERNELS names no kernel builds"
  ms-build -q init demo
  cd demo
  said=0
  for kernel in ${MS_KERNELS//:/ }; do
    ms-build --kernel "$kernel" system.toml >out 2>first
    ms-build --kernel "$kernel" system.toml >again 2>second
    cmp out again
    grep -q '^verified   ' out
    if grep -q 'without a debug console' out; then
      grep -q '\[silent-system\]' first
      grep -q '\[silent-system\]' second
      said=1
    else
      run ! grep -q '\[silent-system\]' first
    fi
  done
  [ "$said" = 1 ] || skip "each kernel of MS_KERNELS can print"
}
