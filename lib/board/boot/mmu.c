/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mmu.c - translation tables: memory one to one as the loader needs it, and the kernel at its
 * virtual address. The registers are set at once to the values that seL4 keeps (EL1) or
 * compares with (EL2), so nothing is switched before the kernel is entered: in EL1 its window
 * hangs on TTBR1, in EL2 both share TTBR0.
 */
#include "board/boot/boot.h"
#include "board/rt/aarch64.h"

#define TABLES  16
#define ENTRIES 512
#define LEVELS  2 /* tables above the one that holds the 2 MiB blocks */
#define SHIFT   39
#define BITS    9
#define SCTLR_CLEAR                                                                                \
	(RT_SCTLR_A | 1ull << 19 /* WXN */ | 1ull << 25 /* EE */ | 1ull << 24 /* E0E, in EL1 */)

static uint64_t tables[TABLES][ENTRIES] __attribute__((aligned(HANDOFF_PAGE)));
static unsigned tables_used;
static uint64_t *low_root, *kernel_root;

static uint64_t *new_table(void)
{
	return tables_used < TABLES ? tables[tables_used++] : NULL;
}

/* The table that holds the block of an address, made when it is not there yet. */
static uint64_t *block_table(uint64_t *table, uint64_t address)
{
	for (unsigned level = 0; level < LEVELS; level++) {
		uint64_t *entry = &table[address >> (SHIFT - BITS * level) & (ENTRIES - 1)];
		if (*entry == 0) {
			uint64_t *below = new_table();
			if (!below)
				return NULL;
			*entry = (uint64_t)(uintptr_t)below | RT_PTE_TABLE;
		}
		table = (uint64_t *)(uintptr_t)(*entry & RT_PTE_ADDRESS);
	}
	return table;
}

/* Maps the blocks that hold [virt, virt + size) to the ones of phys. */
static int map(uint64_t *root, uint64_t virt, uint64_t phys, uint64_t size, enum boot_memory memory)
{
	uint64_t bits = RT_PTE_BLOCK | RT_PTE_AF;
	uint64_t last = virt + size - 1;

	if (memory == BOOT_DEVICE)
		bits |=
		    RT_PTE_ATTR(RT_MAIR_DEVICE) | RT_PTE_XN | (rt_level() == 1 ? RT_PTE_PXN : 0);
	else
		bits |= RT_PTE_ATTR(RT_MAIR_NORMAL) | RT_PTE_SHARED;
	virt -= virt % HANDOFF_BLOCK;
	phys -= phys % HANDOFF_BLOCK;
	for (; virt <= last; virt += HANDOFF_BLOCK, phys += HANDOFF_BLOCK) {
		uint64_t *table = block_table(root, virt);
		if (!table)
			return 0;
		uint64_t *entry = &table[virt >> (SHIFT - BITS * LEVELS) & (ENTRIES - 1)];
		if (*entry != 0 && *entry != (phys | bits))
			return 0;
		*entry = phys | bits;
		if (virt > UINT64_MAX - HANDOFF_BLOCK)
			break;
	}
	rt_dsb();
	rt_isb();
	return 1;
}

int boot_map(uint64_t start, uint64_t end, enum boot_memory memory)
{
	return start >= end || map(low_root, start, start, end - start, memory);
}

int boot_map_kernel(const struct handoff_table *table)
{
	return map(kernel_root, table->kernel_virt, table->kernel_start,
	           table->kernel_end - table->kernel_start, BOOT_NORMAL);
}

int boot_mmu_start(const struct handoff_table *table)
{
	low_root = kernel_root = new_table();
	boot_shared.mair = RT_MAIR;
	if (rt_level() == 1) {
		kernel_root = new_table();
		boot_shared.tcr = RT_TCR_EL1 | (table->cores > 1 ? RT_TCR_EL1_SHARED : 0) |
		                  (RT_READ(id_aa64mmfr0_el1) & 7) << RT_TCR_EL1_IPS;
		boot_shared.sctlr = RT_READ(sctlr_el1);
	} else {
		boot_shared.tcr = table->flags & HANDOFF_PA44 ? RT_TCR_EL2_PA44 : RT_TCR_EL2_PA40;
		boot_shared.sctlr = RT_READ(sctlr_el2);
	}
	boot_shared.sctlr &= ~SCTLR_CLEAR;
	boot_shared.sctlr |= RT_SCTLR_M | RT_SCTLR_C | RT_SCTLR_I;
	boot_shared.ttbr0 = (uint64_t)(uintptr_t)low_root;
	boot_shared.ttbr1 = (uint64_t)(uintptr_t)kernel_root;
	if (!boot_map((uintptr_t)image_start, (uintptr_t)image_end, BOOT_NORMAL))
		return 0;
	boot_mmu_enable();
	return 1;
}
