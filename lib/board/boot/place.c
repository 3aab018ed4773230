/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * place.c - kernel, DTB and root task go to where the hand-off table says. Each range is
 * cleared whole, then the segments are copied into it: gaps, bss and the tail of the last page
 * are zero without a thought.
 */
#include "board/boot/boot.h"

#include <string.h>

static uint64_t round_page(uint64_t value)
{
	return (value + HANDOFF_PAGE - 1) & ~(uint64_t)(HANDOFF_PAGE - 1);
}

static struct elf64 open_member(const struct handoff_member *member, const char *name)
{
	struct elf64 elf;
	enum elf64_error error = elf64_open(&elf, archive_start + member->offset, member->size);

	if (error != ELF64_OK)
		boot_stop("%s: %s", name, elf64_error_text(error));
	return elf;
}

static void check_kernel(const struct handoff_table *table, const struct elf64 *elf)
{
	if (elf->paddr_start != table->kernel_start ||
	    round_page(elf->paddr_end) != table->kernel_end ||
	    elf->vaddr_start != table->kernel_virt || elf->entry != table->kernel_entry)
		boot_stop("%s is not the kernel that the hand-off table describes", HANDOFF_KERNEL);
	for (unsigned i = 0; i < elf->phnum; i++) {
		struct elf64_segment s = elf64_segment(elf, i);
		if (s.type == ELF64_PT_LOAD && s.memsz > 0 &&
		    s.vaddr - s.paddr != table->kernel_virt - table->kernel_start)
			boot_stop("%s: its segments are shifted against each other",
			          HANDOFF_KERNEL);
	}
}

static void check_root(const struct handoff_table *table, const struct elf64 *elf)
{
	uint64_t start = elf->vaddr_start - elf->vaddr_start % HANDOFF_PAGE;

	if (elf->vaddr_end > UINT64_MAX - HANDOFF_PAGE ||
	    start + table->pv_offset != table->root_start ||
	    round_page(elf->vaddr_end) + table->pv_offset != table->root_end ||
	    elf->entry != table->user_entry)
		boot_stop("%s is not the root task that the hand-off table describes",
		          HANDOFF_ROOT);
}

/* Copies the segments of an ELF to [start, end): each by its virtual address plus shift. */
static void place_elf(const struct elf64 *elf, uint64_t shift, uint64_t start, uint64_t end)
{
	if (!boot_map(start, end, BOOT_NORMAL))
		boot_stop("no translation table is left for 0x%lx..0x%lx", start, end);
	rt_zero(start, end);
	for (unsigned i = 0; i < elf->phnum; i++) {
		struct elf64_segment s = elf64_segment(elf, i);
		if (s.type == ELF64_PT_LOAD && s.filesz > 0)
			memcpy((void *)(uintptr_t)(s.vaddr + shift), elf->data + s.offset,
			       s.filesz);
	}
	rt_cache_clean(start, end);
}

static void place_dtb(const struct handoff_table *table)
{
	uint64_t end = table->dtb_start + round_page(table->dtb.size);

	if (!boot_map(table->dtb_start, end, BOOT_NORMAL))
		boot_stop("no translation table is left for 0x%lx..0x%lx", table->dtb_start, end);
	rt_zero(end - HANDOFF_PAGE, end);
	memcpy((void *)(uintptr_t)table->dtb_start, archive_start + table->dtb.offset,
	       table->dtb.size);
	rt_cache_clean(table->dtb_start, end);
}

void boot_place(const struct handoff_table *table)
{
	struct elf64 kernel = open_member(&table->kernel, HANDOFF_KERNEL);
	struct elf64 root = open_member(&table->root, HANDOFF_ROOT);

	/* Nothing is overwritten before everything was checked. */
	check_kernel(table, &kernel);
	check_root(table, &root);
	if (boot_platform.archive_dtb != FDT_OK)
		boot_stop("%s: %s", HANDOFF_DTB, fdt_error_text(boot_platform.archive_dtb));

	place_elf(&kernel, table->kernel_start - table->kernel_virt, table->kernel_start,
	          table->kernel_end);
	rt_print(BOOT_NAME ": kernel at 0x%lx..0x%lx, virtual 0x%lx\n", table->kernel_start,
	         table->kernel_end, table->kernel_virt);
	if (table->dtb.size > 0) {
		place_dtb(table);
		rt_print(BOOT_NAME ": device tree at 0x%lx..0x%lx\n", table->dtb_start,
		         table->dtb_start + table->dtb.size);
	}
	place_elf(&root, table->pv_offset, table->root_start, table->root_end);
	rt_print(BOOT_NAME ": root task at 0x%lx..0x%lx, virtual 0x%lx\n", table->root_start,
	         table->root_end, table->root_start - table->pv_offset);
}
