/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot.h - the parts of the loader and the order in which main.c uses them.
 *
 * start.S moves the image to its place when it was loaded elsewhere, and brings the core to the
 * right exception level with an empty bss and a stack; main.c then turns the MMU and caches on
 * (mmu.c), finds out about the board (platform.c), checks the hand-off table and the archive
 * (verify.c), puts everything in its place (place.c), brings up further cores (cores.c) and enters
 * the kernel. Under EFI firmware efi.c comes first of all.
 */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include "board/rt/rt.h"
#include "both/elf64.h"
#include "both/fdt.h"
#include "both/handoff.h"

/* Defined by archive.S and boot.lds. */
extern const struct handoff_table handoff_table;
extern const uint8_t archive_start[], archive_end[];
extern const uint8_t image_start[], image_end[];

#define BOOT_NAME "moonshot loader"

#define BOOT_PHYS_LIMIT 0x10000000000ull /* 1 TiB: 40-bit physical addresses */
#define BOOT_TREE_MAX   HANDOFF_BLOCK    /* bytes of a device tree that firmware hands over */

/* Where firmware's device tree may lie. Without an address (0) that is where QEMU puts its tree for
 * an ELF image: at the start of RAM, which on its virt board is the start of our own GiB. */
static inline uint64_t boot_tree_address(uint64_t dtb)
{
	return dtb ? dtb : (uintptr_t)image_start & ~((1ull << 30) - 1);
}

/* Prints "moonshot loader: error: ..." and powers the machine off. */
_Noreturn void boot_stop(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* -- what all cores share (start.S reads it by its offsets, with the MMU off) --------------- */

struct boot_core {
	uint64_t mpidr; /* affinity fields */
	uint64_t up;    /* set by the core itself */
};

struct boot_shared {
	uint64_t mair, tcr, ttbr0, ttbr1, sctlr;
	uint64_t kernel_entry;
	uint64_t args[6]; /* x0..x5 of the kernel */
	uint64_t go;      /* the other cores may enter the kernel */
	uint64_t count;   /* cores in the list */
	struct boot_core core[HANDOFF_MAX_CORES];
};
extern struct boot_shared boot_shared;
/* Cores that all started at once wait for this to become non-zero. */
extern uint64_t boot_pen;
/* A byte for each of them, by the last six bits of its affinity. */
extern uint8_t boot_penned[64];
/* Addresses of a GICv2's distributor and CPU interface, once boot_secure has found them; else 0. */
extern uint64_t boot_gic[2];

/* -- start.S -------------------------------------------------------------------------------- */

/* The image's first instruction, for efi.c once firmware has let go. dtb: its device tree or 0. */
_Noreturn void boot_start(uint64_t dtb);
/* loaded: where the image was before it moved itself to image_start. */
_Noreturn void boot_main(uint64_t dtb, unsigned started_level, uint64_t loaded);
/* Loads boot_shared's translation registers and turns MMU and caches on. */
void boot_mmu_enable(void);
/* Entry of every other core, at the physical address. */
extern const char boot_secondary[];
/* Enters the kernel as core 0. */
_Noreturn void boot_enter(void);
/* Called by the vectors. */
_Noreturn void boot_exception(uint64_t kind, uint64_t syndrome, uint64_t address, uint64_t at);

/* -- efi.c ---------------------------------------------------------------------------------- */

/* Entry of the image as an EFI application. Returns when it cannot be started. */
struct efi_system;
uint64_t boot_efi(void *image, const struct efi_system *system);

/* -- secure.c ------------------------------------------------------------------------------- */

/* In EL3: gives the interrupts to the side that the kernel runs on. dtb as for boot_start. */
void boot_secure(uint64_t dtb);

/* -- mmu.c ---------------------------------------------------------------------------------- */

enum boot_memory { BOOT_NORMAL, BOOT_DEVICE };

/* Builds the tables for the image itself and the kernel's window, fills in boot_shared's
 * registers, and turns the MMU on. Returns 0 when there were not enough tables. */
int boot_mmu_start(const struct handoff_table *table);
/* Maps [start, end) one to one, in 2 MiB blocks. 0: no table left, or mapped otherwise. */
int boot_map(uint64_t start, uint64_t end, enum boot_memory memory);
/* Maps the kernel's window. */
int boot_map_kernel(const struct handoff_table *table);

/* -- platform.c ----------------------------------------------------------------------------- */

struct boot_platform {
	const char *console; /* what drives it, for the banner; NULL: none */
	struct rt_uart uart;
	enum rt_conduit conduit;
	unsigned cores;
	uint64_t mpidr[HANDOFF_MAX_CORES];
	uint64_t release[HANDOFF_MAX_CORES]; /* spin-table address, 0: started by PSCI */
	enum fdt_error archive_dtb;          /* what is wrong with the archive's device tree */
	uint64_t boot_dtb;                   /* where firmware's device tree lies; 0: none */
};
extern struct boot_platform boot_platform;

/* Fills in boot_platform from the archive's device tree (when the table is sound), then what
 * is still missing from firmware's: at dtb, else at the start of the GiB that we run from. */
void boot_platform_find(const struct handoff_table *table, uint64_t dtb, unsigned started_level);

/* -- console.c ------------------------------------------------------------------------------ */

/* The serial port that /chosen names, when one of our drivers fits: its "compatible" string. */
const char *boot_console(const struct fdt *fdt, struct rt_uart *uart);

/* -- verify.c ------------------------------------------------------------------------------- */

/* Finds the table's members in the archive by name and compares place and size; with
 * HANDOFF_VERIFY their digests too. Stops when something is wrong. */
void boot_verify(const struct handoff_table *table);

/* -- place.c -------------------------------------------------------------------------------- */

/* Opens kernel and root task, compares them with the table, copies them and the DTB. */
void boot_place(const struct handoff_table *table);

/* -- cores.c -------------------------------------------------------------------------------- */

/* Brings up the other cores of an SMP kernel; they wait for boot_shared.go. */
void boot_cores(const struct handoff_table *table, unsigned started_level);

#endif
