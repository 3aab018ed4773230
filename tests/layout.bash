# SPDX-License-Identifier: BSD-2-Clause
# What the tests of ms-layout share: kernel folders that look like seL4's, programs, documents of
# systems. Load it after lib.bash.
export KERNELS=${MS_KERNELS:-${MS_KERNEL:-}} # real builds, for tests that ask for them
unset MS_KERNEL MS_KERNELS
MS_UNITS="${MS_UNITS:-$MS_ROOT/build/host/unit}"
MODELS="${MODELS:-$MS_UNITS/../model}"

# kernels: kernels/classic and kernels/mcs in the working folder.
kernels() {
  "$MS_UNITS/test-boot" fixtures kernels
}

# program NAME [ASSEMBLER...]: NAME.elf, a program of a page of code, a page of constants and
# data that begins on a page of its own. What the further lines say goes into its data.
program() {
  local name=$1
  shift
  cat >program.lds <<'END'
ENTRY(_start)
PHDRS { text PT_LOAD FLAGS(5); rodata PT_LOAD FLAGS(4); data PT_LOAD FLAGS(6); }
SECTIONS {
	. = 0x200000;
	.text : { *(.text) } :text
	. = ALIGN(4096);
	.rodata : { *(.rodata) } :rodata
	. = ALIGN(4096);
	.data : { *(.data) } :data
	.bss : { *(.bss) } :data
	/DISCARD/ : { *(.note*) }
}
END
  printf '%s\n' '.globl _start' '_start: b _start' '.section .rodata' '.asciz "constant"' \
    '.data' '.quad 1' "$@" '.section .note.GNU-stack, "", %progbits' >"$name.S"
  aarch64-linux-gnu-gcc -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
    -Wl,-z,max-page-size=4096 -T program.lds -o "$name.elf" "$name.S"
}

# variable NAME BYTES: the lines that define a variable in the bss.
variable() {
  printf '.globl %s\n.type %s, %%object\n.size %s, %s\n.bss\n.balign 8\n%s: .skip %s\n.data\n' \
    "$1" "$1" "$1" "$2" "$1" "$2"
}

# root: root.elf, which stands for the root task.
root() {
  printf '%s\n' '.globl _start' '_start: b _start' '.section .note.GNU-stack, "", %progbits' >root.S
  aarch64-linux-gnu-gcc -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-Ttext=0x10000000 \
    -Wl,-z,max-page-size=4096 -o root.elf root.S
}

# domain NAME PRIORITY [LINE...]: a PD with the program NAME.elf, as TOML.
domain() {
  printf '[[protection_domains]]\nname = "%s"\nbinary = "%s.elf"\npriority = %d\nstack_bytes = 8192\n' \
    "$1" "${PROGRAM:-$1}" "$2"
  shift 2
  printf '%s\n' "$@"
}

# region NAME BYTES [LINE...]: a memory region, as TOML.
region() {
  printf '[[memory_regions]]\nname = "%s"\ncaching = "cached"\npermissions = ["read", "write"]\n' "$1"
  [ "$2" = 0 ] || printf 'size_bytes = %d\n' "$2"
  shift 2
  printf '%s\n' "$@"
}

# compiled FILE.toml: the document as ms-compile leaves it, for PDs that are ready ELF files and
# root.elf as the root task.
compiled() {
  local doc
  doc=$(ms-parse "$1" | ms-plan | jq -c '
    def step: {kind: "CompileRoot", name: "root-task", description: "ready", inputs: ["root.elf"],
      outputs: ["root.elf"], commands: []};
    .steps |= map(select(.kind != "CompileRoot")) | .steps |= .[:-1] + [step] + .[-1:]' | ms-hash) || return
  jq -r '.steps[] | select(.kind != "AssembleImage") | .name + " " + .outputs[]' <<<"$doc" |
    while read -r step path; do
      printf '{"step":"%s","path":"%s","sha256":"%s","size":%d,"entry":"0x0"}\n' "$step" "$path" \
        "$(sha256sum "$path" | cut -d' ' -f1)" "$(stat -c %s "$path")"
    done >artifacts
  jq -cS --slurpfile artifacts artifacts '.artifacts = $artifacts' <<<"$doc"
}

# small: system.toml and its files: a driver with an interrupt, a client that calls it, and a
# third with the client's program; shared, prefilled, fixed and large memory.
small() {
  root
  program uart "$(variable microkit_name 64)" "$(variable ring_address 8)" "$(variable dma_address 8)"
  program client "$(variable rom_bytes 8)"
  head -c 5000 /dev/zero | tr '\0' r >rom.bin
  {
    domain uart 200 'maps = [{region = "ring", vaddr = 0x4000000, setvar_vaddr = "ring_address"}, {region = "device", vaddr = 0x5000000}]' \
      'setvars = [{symbol = "dma_address", region_paddr = "dma"}]'
    domain client 100 'maps = [{region = "ring", permissions = ["read"]}, {region = "rom", setvar_prefill_size = "rom_bytes"}, {region = "large"}]'
    PROGRAM=client domain other 50
    printf '[[channels]]\nname = "%s"\nend_a = "uart"\nend_b = "%s"\nkind = "%s"\n' \
      requests client ppc events other notification
    region ring 16384
    region dma 16384
    region large 4194304
    region rom 0 'prefill_from = "rom.bin"'
    printf '[[memory_regions]]\nname = "device"\ncaching = "device-memory"\npermissions = ["read", "write"]\nsize_bytes = 4096\nphys_addr = 0x9000000\n'
    printf '[[irq_delivery]]\nirq = 33\ntarget_pd = "uart"\ntarget_channel = 5\n'
  } >system.toml
}

# through_model KIND: packs layout.json and runs the root task on it against the model of seL4,
# which compares what there is afterwards with the table.
through_model() {
  ms-cpio --kernel "kernels/$1" layout.json -o packed.json
  "$MODELS/$1" build/system.cpio \
    "$(jq -r '.layout.ranges[] | select(.kind == "memory" and .name == "archive").start' layout.json)" \
    "$(jq -r '.archive.kernel.memory[0].start' packed.json)" \
    "$(jq -r '.archive.kernel.memory[0].end' packed.json)" >model.json
}
