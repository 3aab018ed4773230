#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-layout: registers and interrupts by the names of the kernel's device tree, on kernels that look
# like seL4's, with trees that dtc makes.
load ../lib
load ../layout

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  kernels
  cat >board.dts <<'END'
/dts-v1/;
/ {
	#address-cells = <2>;
	#size-cells = <2>;
	interrupt-parent = <&gic>;
	aliases { serial0 = "/soc/bus@2000/serial@9000000"; away = "/nowhere"; };
	chosen { stdout-path = "serial0:115200n8"; };
	gic: intc@8000000 {
		compatible = "arm,cortex-a15-gic";
		interrupt-controller;
		#interrupt-cells = <3>;
		reg = <0 0x8000000 0 0x10000>;
	};
	gpc: gpc {
		compatible = "fsl,imx8mq-gpc", "fsl,imx7d-gpc";
		interrupt-controller;
		#interrupt-cells = <3>;
	};
	soc {
		compatible = "simple-bus";
		#address-cells = <1>;
		#size-cells = <1>;
		interrupt-parent = <&gpc>;
		ranges = <0 0 0x9000000 0x100000>;
		bus@2000 {
			#address-cells = <1>;
			#size-cells = <1>;
			ranges = <0x9000000 0 0x10000>;
			serial@9000000 {
				reg = <0x9000000 0x1000>, <0x9002200 0x200>, <0x9020000 4>, <0x9001000 0>;
				interrupts = <0 1 4>, <0 2 1>, <1 13 8>, <0 988 4>, <2 5 4>, <0 3 0>;
			};
		};
	};
	timer@9030000 {
		reg = <0 0x9030000 0 0x1800>;
		interrupts-extended = <&gic 0 40 4>, <&odd 7>, <&gic 0 41 2>;
	};
	odd: odd { compatible = "acme,odd"; #interrupt-cells = <1>; interrupt-controller; };
	nexus: nexus { #interrupt-cells = <1>; interrupt-map = <1 &gic 0 50 4>; };
	pci@9040000 { interrupt-parent = <&nexus>; interrupts = <1>; reg = <0 0x9040000 0 0x1000>; };
	masked: masked { #interrupt-cells = <1>; interrupt-map-mask = <0 7>; interrupt-map = <0 0 1 &gic 0 50 4>; };
	behind-masked { interrupt-parent = <&masked>; interrupts = <1>; };
	cut: cut { #interrupt-cells = <1>; interrupt-map = <0 0 1 &gic 0 50>; };
	behind-cut { interrupt-parent = <&cut>; interrupts = <1>; };
	bus@c000000 { /* as on Arm's Versatile Express: numbers of the board, which its bus maps */
		compatible = "simple-bus";
		#address-cells = <2>;
		#size-cells = <1>;
		ranges = <0 0 0 0x9000000 0x100000>;
		#interrupt-cells = <1>;
		interrupt-map-mask = <0 0 63>;
		interrupt-map = <0 0 5 &gic 0 50 4>, <0 0 6 &gpc 0 51 1>, <0 0 7 &second 9 2>;
		board {
			#address-cells = <2>;
			#size-cells = <1>;
			ranges;
			serial@3000 { reg = <0 0x3000 0x1000>; interrupts = <5>, <6>, <7>, <8>, <0x45>; };
		};
	};
	second: second { #address-cells = <1>; #interrupt-cells = <1>; interrupt-map = <8 2 &gic 0 1 4>, <9 2 &gic 0 52 1>; };
	host@e000000 { /* as PCI has it: which card it is decides, too */
		#address-cells = <3>;
		#size-cells = <2>;
		#interrupt-cells = <1>;
		interrupt-map-mask = <0x1800 0 0 7>;
		interrupt-map = <0 0 0 1 &gic 0 60 4>, <0x800 0 0 1 &gic 0 61 4>;
		card@1 { reg = <0x10800 0 0 0 0>; interrupts = <1>; };
		nowhere { interrupts = <1>; };
	};
	lost { interrupt-parent = <0x7777>; interrupts = <0 1 4>; };
	loop_a: loop-a { compatible = "fsl,imx7d-gpc"; #interrupt-cells = <3>; interrupt-parent = <&loop_b>; };
	loop_b: loop-b { compatible = "fsl,imx7d-gpc"; #interrupt-cells = <3>; interrupt-parent = <&loop_a>; };
	looped { interrupt-parent = <&loop_a>; interrupts = <0 1 4>; };
	torn { interrupts = <0 1>; };
	isolated { #address-cells = <1>; #size-cells = <1>; inner@10 { reg = <0x10 0x10>; }; };
	dark { };
};
END
  dtc -q -O dtb -o kernels/mcs/kernel.dtb board.dts
  cp kernels/mcs/kernel.dtb kernels/classic/
}

# device REG IRQ [LINE...]: a system in which a driver has that register and that interrupt, as TOML values; further
# lines go to the region.
device() {
  root
  program uart
  {
    printf '[build]\nroot_task = "system"\n'
    domain uart 100 'maps = [{region = "registers", vaddr = 0x4000000}]'
    printf '[[memory_regions]]\nname = "registers"\ncaching = "device-memory"\npermissions = ["read", "write"]\nphys_addr = %s\n' "$1"
    printf '%s\n' "${@:3}"
    [ -z "$2" ] || printf '[[irq_delivery]]\nirq = %s\ntarget_pd = "uart"\n' "$2"
  } >system.toml
  compiled system.toml >doc.json
}

lay() { ms-layout --kernel kernels/mcs doc.json -o layout.json; }

# refused TEXT: by the rule device-tree, with that text.
refused() {
  run -1 --separate-stderr ms-layout --kernel kernels/mcs doc.json
  [[ $stderr == *"$1"*"[device-tree]"* ]] || { echo "$stderr"; return 1; }
}

@test "words and numbers give the same layout" {
  device '{ dt = "/soc/bus@2000/serial@9000000" }' '{ dt = "/soc/bus@2000/serial@9000000" }'
  lay
  cp build/system.table words.table
  [ "$(jq -c .layout.irqs layout.json)" != null ]
  jq -e '.devices == [
    {region: "registers", dt: "/soc/bus@2000/serial@9000000", index: 0, node: "/soc/bus@2000/serial@9000000",
     phys_addr: "0x9000000", size_bytes: 4096, offset: 0},
    {pd: "uart", dt: "/soc/bus@2000/serial@9000000", index: 0, node: "/soc/bus@2000/serial@9000000",
     irq: 33, trigger: "level"}]' layout.json
  words=$(jq -r .spec_hash layout.json)
  device 0x9000000 33 'size_bytes = 4096'
  lay
  cmp words.table build/system.table
  jq -e 'has("devices") | not' layout.json
  [ "$(jq -r .spec_hash layout.json)" != "$words" ]
}

@test "an alias, the console, a name without its address; and what a report says" {
  for name in serial0 stdout-path /soc/bus/serial /soc/bus@2000/serial@9000000; do
    device "{ dt = \"$name\" }" "{ dt = \"$name\" }"
    lay
    [ "$(jq -r '.devices[1] | .irq, .node' layout.json | xargs)" = "33 /soc/bus@2000/serial@9000000" ]
    ms-layout --kernel kernels/mcs --report doc.json >report
    grep -q '^  uart: interrupt 0 of .* is 33, level$' report
  done
  grep -q '^From the device tree$' report
}

@test "registers inside pages: the pages, and where in them" {
  device '{ dt = "serial0", reg = 1 }' ''
  lay
  jq -e '.devices[0] | .phys_addr == "0x9002200" and .size_bytes == 512 and .offset == 512' layout.json
  jq -e '[.layout.objects[] | select(.name == "region/registers") | .paddr, .count] == ["0x9002000", 1]' layout.json
  ms-layout --kernel kernels/mcs --report doc.json | grep -q '512 bytes into the region$'
  device '{ dt = "/timer" }' ''
  lay
  jq -e '[.layout.objects[] | select(.name == "region/registers[0..1]") | .paddr, .count] == ["0x9030000", 2]' layout.json
  # a size that was given stays, with a warning where it is too much
  device '{ dt = "/timer" }' '' 'size_bytes = 4096'
  lay
  jq -e '[.layout.objects[] | select(.name == "region/registers").count] == [1]' layout.json
  device '{ dt = "/timer" }' '' 'size_bytes = 12288'
  run -0 --separate-stderr lay
  [[ $stderr == *"goes past register 0 of /timer"*"[device-tree]"* ]]
}

@test "triggers are the tree's, unless they are said" {
  while read -r node index irq trigger; do
    device 0x9000000 "{ dt = \"$node\", index = $index }" 'size_bytes = 4096'
    lay
    [ "$(jq -r '.layout.irqs[] | "\(.irq) \(.trigger)"' layout.json)" = "$irq $trigger" ]
  done <<'END'
serial0 0 33 level
serial0 1 34 edge
serial0 2 29 level
serial0 5 35 level
/timer 0 72 level
/timer 2 73 edge
END
  device 0x9000000 '{ dt = "serial0", index = 0 }' 'size_bytes = 4096'
  echo 'trigger = "edge"' >>system.toml
  compiled system.toml >doc.json
  lay
  [ "$(jq -r '.layout.irqs[0].trigger, .devices[0].trigger' layout.json | xargs)" = "edge edge" ]
}

@test "interrupts through the maps of buses" {
  while read -r node index irq trigger; do
    device 0x9000000 "{ dt = \"$node\", index = $index }" 'size_bytes = 4096'
    lay
    [ "$(jq -r '.layout.irqs[] | "\(.irq) \(.trigger)"' layout.json)" = "$irq $trigger" ]
  done <<'END'
/bus/board/serial 0 82 level
/bus/board/serial 1 83 edge
/bus/board/serial 2 84 edge
/bus/board/serial 4 82 level
/host/card 0 93 level
/host/nowhere 0 92 level
END
}

@test "what the tree does not have, or not in a way that can be followed" {
  while IFS='|' read -r reg irq text; do
    device "$reg" "$irq" "$([ "${reg:0:1}" = '{' ] || echo size_bytes = 4096)"
    refused "$text" || { echo "$reg $irq"; return 1; }
  done <<'END'
{ dt = "/soc/bus/serail" }||memory region registers: the device tree has no node /soc/bus/serail (/soc/bus is there)
{ dt = "/nothing" }||the device tree has no node /nothing
{ dt = "serial9" }||the device tree has no alias serial9
{ dt = "away" }||the device tree has no alias away
{ dt = "/dark" }||/dark has no registers (reg)
{ dt = "/" }||/ has no registers
{ dt = "serial0", reg = 4 }||has no register 4: it has 4
{ dt = "serial0", reg = 2 }||register 2 of /soc/bus@2000/serial@9000000 is none that the processor can address
{ dt = "serial0", reg = 3 }||has no size
{ dt = "/isolated/inner" }||is none that the processor can address: a bus above it does not translate it (ranges)
0x9000000|{ dt = "/dark" }|interrupt 0 of /dark, of uart: /dark has no interrupts
0x9000000|{ dt = "serial0", index = 6 }|has no interrupt 6: it has 6
0x9000000|{ dt = "serial0", index = 3 }|is shared interrupt 988; a GIC has 988
0x9000000|{ dt = "serial0", index = 4 }|is of type 2
0x9000000|{ dt = "/timer", index = 1 }|goes to /odd, which is no GIC
0x9000000|{ dt = "/timer", index = 3 }|has no interrupt 3
0x9000000|{ dt = "/pci" }|the interrupt-map of /nexus is malformed
0x9000000|{ dt = "/behind-masked" }|the interrupt-map-mask of /masked is malformed
0x9000000|{ dt = "/behind-cut" }|the interrupt-map of /cut is malformed
0x9000000|{ dt = "/bus/board/serial", index = 3 }|interrupt 3 of /bus@c000000/board/serial@3000 is in no row of the interrupt-map of /bus@c000000
0x9000000|{ dt = "/lost" }|no interrupt controller can be found for /lost
0x9000000|{ dt = "/looped" }|does not lead to a GIC
0x9000000|{ dt = "/torn" }|the interrupts of /torn are malformed
END
}

@test "rules are asked of the numbers that were found" {
  device '{ dt = "serial0" }' '{ dt = "serial0" }'
  printf '[[irq_delivery]]\nirq = 33\ntarget_pd = "uart"\n' >>system.toml
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-layout --kernel kernels/mcs doc.json
  [[ $stderr == *"interrupt 33 is delivered twice"* ]]
  device '{ dt = "serial0" }' ''
  printf '[[memory_regions]]\nname = "also"\npermissions = ["read"]\nphys_addr = 0x9000000\nsize_bytes = 4096\n' >>system.toml
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-layout --kernel kernels/mcs doc.json
  [[ $stderr == *"overlaps"* ]]
  # the interrupt controller is the kernel's
  device '{ dt = "/intc" }' ''
  run -1 --separate-stderr ms-layout --kernel kernels/mcs doc.json
  [[ $stderr == *"[region-address]"* ]]
}

@test "a kernel without a device tree is told of by name" {
  rm kernels/mcs/kernel.dtb
  device '{ dt = "serial0" }' ''
  refused "the kernel folder kernels/mcs has no kernel.dtb"
}

@test "ms-cpio looks again" {
  device '{ dt = "serial0" }' '{ dt = "serial0" }'
  lay
  ms-cpio --kernel kernels/mcs layout.json -o packed.json
  ms-link packed.json -o linked.json
  [ "$(jq -c .devices linked.json)" = "$(jq -c .devices layout.json)" ]
  jq -c '.devices[0].phys_addr = "0x9001000"' layout.json >wrong.json
  run -1 --separate-stderr ms-cpio --kernel kernels/mcs wrong.json
  [[ $stderr == *"devices are not what"*"[device-tree]"* ]]
  jq -c 'del(.devices)' layout.json >wrong.json
  run -1 ms-cpio --kernel kernels/mcs wrong.json
}

@test "every truncation and many a changed byte of a tree: found or refused, never a crash" {
  device '{ dt = "serial0" }' '{ dt = "/timer" }'
  cp kernels/mcs/kernel.dtb whole.dtb
  size=$(stat -c %s whole.dtb)
  for ((at = 40; at < size; at += 61)); do
    cp whole.dtb kernels/mcs/kernel.dtb
    printf '\377' | dd of=kernels/mcs/kernel.dtb bs=1 seek="$at" conv=notrunc status=none
    run ms-layout --kernel kernels/mcs doc.json -o /dev/null
    [ "$status" -le 1 ] || { echo "byte $at: $status"; return 1; }
    head -c "$at" whole.dtb >kernels/mcs/kernel.dtb
    run -1 ms-layout --kernel kernels/mcs doc.json
  done
}
