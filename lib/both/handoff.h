/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * handoff.h - the table that ms-link puts into the loader: where everything goes, decided and
 * proved at link time. The loader checks it against what it finds and carries it out.
 *
 * All addresses are physical unless named virt; ends are exclusive; little-endian.
 */
#ifndef BOTH_HANDOFF_H
#define BOTH_HANDOFF_H

#include <stdint.h>

#define HANDOFF_MAGIC      0x31746f6f62736d00ull /* "\0msboot1" */
#define HANDOFF_VERSION    1
#define HANDOFF_PAGE       4096u
#define HANDOFF_BLOCK      0x200000ull /* 2 MiB: what the loader maps with one descriptor */
#define HANDOFF_LOADER_GAP 0x400000ull /* from the kernel's block to the loader's image */

/*
 * seL4's numbers (15.0.0 and 16.0.0, include/arch/arm/arch/64/mode/hardware.h). The kernel sees
 * physical memory from PPTR_BASE on, as far as PADDR_TOP = PPTR_TOP - PPTR_BASE; the loader maps it
 * one to one, which must stay below a window in EL2. Last user addresses: seL4_UserTop
 * (libsel4/sel4_arch_include/aarch64/sel4/sel4_arch/constants.h).
 */
#define HANDOFF_WINDOW_EL1    0xffffff8000000000ull
#define HANDOFF_WINDOW_EL2    0x8000000000ull
#define HANDOFF_PHYS_TOP      0x7fc0000000ull
#define HANDOFF_USER_TOP_EL1  0x7fffffffffffull
#define HANDOFF_USER_TOP_PA40 0xffffffffffull  /* EL2, 40-bit physical addresses */
#define HANDOFF_USER_TOP_PA44 0xfffffffffffull /* EL2, 44-bit ones */
/* Behind the user image the kernel maps the IPC buffer, the boot info and, with a DTB, a header
 * (seL4_BootInfoHeader) and the DTB. */
#define HANDOFF_BOOT_PAGES 2
#define HANDOFF_DTB_HEADER 16

/*
 * What archive.S (made by ms-link) defines and the loader uses, by symbol:
 *   handoff_table          a struct handoff_table, in section .rodata.handoff
 *   archive_start          the archive's first byte, in section ._archive_cpio, page-aligned
 *   archive_end            the byte after its last one
 * and what boot.lds defines: image_start (= IMAGE_START, given by place.ld; the entry point
 * _start lies there) and image_end, both page-aligned.
 *
 * The table is written before the loader is linked, so its image_end is a bound: image_start +
 * archive_size, page-rounded, + HANDOFF_LOADER_MAX. The image really linked must end at or below
 * it (ms-link checks the ELF, the loader its own image_end symbol).
 */

/* All of the loader but the archive: code, tables, stack, bss. */
#define HANDOFF_LOADER_MAX 0x40000u

#define HANDOFF_MAX_CORES   8
#define HANDOFF_MEMBER_SIZE 48  /* bytes of struct handoff_member */
#define HANDOFF_TABLE_SIZE  280 /* bytes of struct handoff_table: no padding anywhere */

/* Member names in the archive, in this order (seL4's elfloader asks for the same names). */
#define HANDOFF_KERNEL "kernel.elf"
#define HANDOFF_DTB    "kernel.dtb"
#define HANDOFF_ROOT   "rootserver"

enum handoff_flags {
	HANDOFF_HYPERVISOR = 1, /* the kernel runs in EL2 */
	HANDOFF_PA44 = 2,       /* ARM_PA_SIZE_BITS_44: TCR_EL2.PS (else 40 bits) */
	HANDOFF_VERIFY = 4,     /* check every member's digest before it is used */
	HANDOFF_PROBE = 8       /* the kernel is the probe kernel, not seL4 */
};

struct handoff_member {
	uint64_t offset; /* of its data from the archive's start */
	uint64_t size;   /* 0: not present (only the DTB may be) */
	uint8_t sha256[32];
};

struct handoff_table {
	uint64_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t cores;                  /* CONFIG_MAX_NUM_NODES */
	uint32_t reserved;               /* 0 */
	uint64_t image_start, image_end; /* the loaded image: code, archive, stack, bss; a bound */
	uint64_t archive_size;
	struct handoff_member kernel, dtb, root;
	uint64_t kernel_start, kernel_end; /* as its ELF says; end is page-rounded */
	uint64_t kernel_virt;              /* virtual address of kernel_start */
	uint64_t kernel_entry;             /* virtual */
	uint64_t dtb_start;                /* where the DTB is copied to; 0 without one */
	uint64_t root_start, root_end;     /* where the root task's ELF is unpacked; pages */
	uint64_t user_start, user_end;     /* the user image given to the kernel (x0, x1); holds
	                                    * [root_start, root_end), may begin earlier */
	uint64_t pv_offset;                /* user physical minus virtual, modulo 2^64 (x2) */
	uint64_t user_entry;               /* virtual (x3) */
};

/* seL4's boot.c rules on these numbers, checked by ms-link before it writes an image and by the
 * loader before it acts. Returns NULL, or what is wrong in a few words. */
const char *handoff_fault(const struct handoff_table *table);

#endif
