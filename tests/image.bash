# SPDX-License-Identifier: BSD-2-Clause
# What the tests of ms-cpio and ms-link share: a small kernel folder, a small project, and its
# documents. Load it after lib.bash.
export KERNELS=${MS_KERNELS:-${MS_KERNEL:-}} # real builds, for tests that ask for them
unset MS_KERNEL MS_KERNELS

# flat_kernel DIR [LINKER-OPTION...]: a flat kernel folder. Its kernel does nothing, has a page of
# zeroes in its middle and 1 MiB of bss, and lies where seL4 does on qemu-arm-virt.
flat_kernel() {
  local dir=$1
  shift
  mkdir -p "$dir"
  cat >"$dir/kernel.S" <<'END'
	.section .text.start, "ax"
	.globl _start
_start:	b _start
	.section .data, "aw"
	.space 100, 1
	.space 20000
	.space 100, 2
	.section .note.GNU-stack, "", %progbits
END
  aarch64-linux-gnu-gcc -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
    "$@" -T "$MS_TOOLKIT/board/probe/probe.lds" -o "$dir/kernel.elf" "$dir/kernel.S"
  aarch64-linux-gnu-gcc -mbig-endian -c -I "$MS_TOOLKIT" -o "$dir/tree.o" \
    "$MS_TOOLKIT/board/probe/tree.S"
  aarch64-linux-gnu-objcopy -O binary -j .dtb "$dir/tree.o" "$dir/kernel.dtb"
  cp "$MS_TOOLKIT/board/probe/gen_config.json" "$MS_TOOLKIT/board/probe/platform_gen.json" "$dir"
}

# pd NAME [ASSEMBLER...]: NAME.elf in the working folder, a program that does nothing but
# reserves what the further lines say.
pd() {
  local name=$1
  shift
  printf '%s\n' '.globl _start' '_start: b _start' "$@" \
    '.section .note.GNU-stack, "", %progbits' >"$name.S"
  aarch64-linux-gnu-gcc -nostdlib -static -no-pie -Wl,--build-id=none \
    -Wl,-z,max-page-size=4096 -o "$name.elf" "$name.S"
}

# toml NAME...: a system of these PDs, each a ready NAME.elf.
toml() {
  local name
  for name in "$@"; do
    printf '[[protection_domains]]\nname = "%s"\nbinary = "%s.elf"\npriority = 100\nstack_bytes = 4096\n' \
      "$name" "$name"
  done
}

# compiled FILE.toml: the document as ms-compile leaves it, for PDs that are ready ELF files.
compiled() {
  local doc path
  doc=$(ms-parse "$1" | ms-plan | ms-hash) || return
  for path in $(jq -r '.steps[] | select(.kind == "CompilePd") | .outputs[0]' <<<"$doc"); do
    doc=$(jq -cS --arg path "$path" --arg sha256 "$(sha256sum "$path" | cut -d' ' -f1)" \
      --argjson size "$(stat -c %s "$path")" '
        . as $doc | .artifacts += [{path: $path, sha256: $sha256, size: $size, entry: "0x400078",
          step: ($doc.steps[] | select(.outputs[0] == $path) | .name)}]' <<<"$doc")
  done
  printf '%s\n' "$doc"
}
