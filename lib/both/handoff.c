/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * handoff.c - the rules that seL4's boot code (src/arch/arm/kernel/boot.c, head.S) and its
 * loaders' page tables put on where things lie. Each rule is one line of a check below.
 */
#include "both/handoff.h"

#include <stddef.h>

_Static_assert(sizeof(struct handoff_member) == HANDOFF_MEMBER_SIZE, "written by ms-link");
_Static_assert(sizeof(struct handoff_table) == HANDOFF_TABLE_SIZE, "written by ms-link");
_Static_assert(offsetof(struct handoff_table, kernel) == 48, "written by ms-link");
_Static_assert(offsetof(struct handoff_table, kernel_start) == 192, "written by ms-link");
_Static_assert(offsetof(struct handoff_table, user_entry) == 272, "written by ms-link");

#define GIB_SHIFT 30
/* With 48-bit virtual addresses: where TTBR1_EL1's half begins, where TTBR0_EL2's range ends. */
#define UPPER_HALF 0xffff000000000000ull
#define EL2_LIMIT  0x1000000000000ull

static int aligned(uint64_t value)
{
	return value % HANDOFF_PAGE == 0;
}

static uint64_t round_page(uint64_t value)
{
	return (value + HANDOFF_PAGE - 1) & ~(uint64_t)(HANDOFF_PAGE - 1);
}

static int overlap(uint64_t a_start, uint64_t a_end, uint64_t b_start, uint64_t b_end)
{
	return a_start < b_end && b_start < a_end;
}

/* A range of physical memory that is not empty and that the kernel can reach. */
static int range_is_sound(uint64_t start, uint64_t end)
{
	return start < end && end <= HANDOFF_PHYS_TOP;
}

static int member_is_inside(const struct handoff_table *t, const struct handoff_member *m)
{
	return m->offset <= t->archive_size && m->size <= t->archive_size - m->offset;
}

static const char *members_fault(const struct handoff_table *t)
{
	if (t->archive_size == 0 || t->archive_size > t->image_end - t->image_start)
		return "the archive is larger than the image";
	if (t->kernel.size == 0)
		return "there is no " HANDOFF_KERNEL;
	if (t->root.size == 0)
		return "there is no " HANDOFF_ROOT;
	if (!member_is_inside(t, &t->kernel) || !member_is_inside(t, &t->dtb) ||
	    !member_is_inside(t, &t->root))
		return "a member lies outside the archive";
	if ((t->dtb.size != 0) != (t->dtb_start != 0))
		return HANDOFF_DTB " has no place, or a place but no bytes";
	return NULL;
}

static const char *kernel_fault(const struct handoff_table *t)
{
	if (!range_is_sound(t->kernel_start, t->kernel_end) || !aligned(t->kernel_start) ||
	    !aligned(t->kernel_end))
		return "the kernel's range is not whole pages in reach";
	if (t->kernel_start >> GIB_SHIFT != (t->kernel_end - 1) >> GIB_SHIFT)
		return "the kernel crosses a 1 GiB boundary";
	if ((t->kernel_virt ^ t->kernel_start) % HANDOFF_BLOCK != 0)
		return "the kernel's virtual and physical addresses differ within 2 MiB";
	uint64_t size = t->kernel_end - t->kernel_start;
	if (t->kernel_virt > UINT64_MAX - size)
		return "the kernel's virtual range wraps";
	if (t->flags & HANDOFF_HYPERVISOR) {
		if (t->kernel_virt < HANDOFF_WINDOW_EL2 || t->kernel_virt + size > EL2_LIMIT)
			return "the kernel's virtual address is not one of EL2's window";
	} else if (t->kernel_virt < UPPER_HALF) {
		return "the kernel's virtual address is not one of EL1's upper half";
	}
	if (t->kernel_entry < t->kernel_virt || t->kernel_entry - t->kernel_virt >= size)
		return "the kernel's entry lies outside the kernel";
	return NULL;
}

/* Physical order is kernel, DTB, user image; more than two gaps between and behind them are
 * more than the kernel's list of free memory can hold, so the DTB touches the kernel. */
static const char *order_fault(const struct handoff_table *t)
{
	if (!range_is_sound(t->user_start, t->user_end) || !aligned(t->user_start) ||
	    !aligned(t->user_end))
		return "the user image is not whole pages in reach";
	if (t->root_start >= t->root_end || !aligned(t->root_start) || !aligned(t->root_end) ||
	    t->root_start < t->user_start || t->root_end > t->user_end)
		return "the root task is not whole pages inside the user image";
	if (t->dtb_start == 0)
		return t->user_start >= t->kernel_end ? NULL
		                                      : "the user image is not above the kernel";
	if (t->dtb_start != t->kernel_end)
		return "the DTB is not on the page after the kernel";
	if (t->dtb.size > UINT32_MAX)
		return "the DTB is larger than 4 GiB";
	if (t->user_start < t->dtb_start + t->dtb.size)
		return "the user image is not above the DTB";
	return NULL;
}

/* What the loader writes must not touch the loader or the archive that it reads. */
static const char *overlap_fault(const struct handoff_table *t)
{
	if (overlap(t->image_start, t->image_end, t->kernel_start, t->kernel_end))
		return "the loader's image overlaps the kernel";
	if (overlap(t->image_start, t->image_end, t->dtb_start,
	            t->dtb_start + round_page(t->dtb.size)))
		return "the loader's image overlaps the DTB";
	if (overlap(t->image_start, t->image_end, t->root_start, t->root_end))
		return "the loader's image overlaps the root task";
	return NULL;
}

static const char *user_fault(const struct handoff_table *t)
{
	uint64_t start = t->user_start - t->pv_offset;
	uint64_t end = t->user_end - t->pv_offset;
	uint64_t top = HANDOFF_USER_TOP_EL1;
	uint64_t extra = HANDOFF_BOOT_PAGES * (uint64_t)HANDOFF_PAGE;

	if (t->flags & HANDOFF_HYPERVISOR)
		top = t->flags & HANDOFF_PA44 ? HANDOFF_USER_TOP_PA44 : HANDOFF_USER_TOP_PA40;
	if (t->dtb.size > 0)
		extra += round_page(HANDOFF_DTB_HEADER + t->dtb.size);
	if (!aligned(t->pv_offset) || start >= end)
		return "the user image's virtual range wraps or is not whole pages";
	if (end > top || extra > top - end)
		return "the user image lies above the last user address";
	if (t->user_entry < t->root_start - t->pv_offset ||
	    t->user_entry >= t->root_end - t->pv_offset)
		return "the root task's entry lies outside the root task";
	return NULL;
}

const char *handoff_fault(const struct handoff_table *t)
{
	static const char *(*const checks[])(const struct handoff_table *) = {
	    members_fault, kernel_fault, order_fault, overlap_fault, user_fault};
	const uint32_t flags = HANDOFF_HYPERVISOR | HANDOFF_PA44 | HANDOFF_VERIFY | HANDOFF_PROBE;

	if (t->magic != HANDOFF_MAGIC)
		return "this is not a hand-off table";
	if (t->version != HANDOFF_VERSION)
		return "the hand-off table is of another version";
	if ((t->flags & ~flags) != 0 || t->reserved != 0)
		return "the hand-off table has unknown flags";
	if (t->cores < 1 || t->cores > HANDOFF_MAX_CORES)
		return "the number of cores is out of range";
	if (!range_is_sound(t->image_start, t->image_end) || !aligned(t->image_start) ||
	    !aligned(t->image_end))
		return "the image's range is not whole pages in reach";
	for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		const char *fault = checks[i](t);
		if (fault)
			return fault;
	}
	return NULL;
}
