/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_regions.c - rules about memory regions.
 */
#include "base/mem.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdlib.h>

void ms_check_region_write_only(struct ms_checking *c, void *item)
{
	struct ms_region *region = item;

	if ((region->permissions & MS_WRITE) && !(region->permissions & MS_READ))
		ms_fault(c, MS_RULE_REGION_WRITE_ONLY, &region->node,
		         MS_AT(struct ms_region, region, permissions),
		         "%s can be written but not read, which AArch64 cannot express",
		         ms_label(&region->node));
}

void ms_check_region_no_access(struct ms_checking *c, void *item)
{
	struct ms_region *region = item;

	if (region->permissions == 0)
		ms_fault(c, MS_RULE_REGION_NO_ACCESS, &region->node,
		         MS_AT(struct ms_region, region, permissions),
		         "%s has no permissions: nobody can use it", ms_label(&region->node));
}

void ms_check_region_write_execute(struct ms_checking *c, void *item)
{
	struct ms_region *region = item;

	if ((region->permissions & MS_WRITE) && (region->permissions & MS_EXECUTE))
		ms_fault(c, MS_RULE_REGION_WRITE_EXECUTE, &region->node,
		         MS_AT(struct ms_region, region, permissions),
		         "%s can be written and executed", ms_label(&region->node));
}

void ms_check_region_size(struct ms_checking *c, void *item)
{
	struct ms_region *region = item;

	if (!region->size_bytes && !region->prefill_from && region->prefill_bootinfo == MS_ABSENT &&
	    !region->phys_from.dt && !region->phys_from.node.at.line)
		ms_fault(c, MS_RULE_REGION_SIZE, &region->node,
		         MS_AT(struct ms_region, region, size_bytes),
		         "%s has neither size_bytes nor prefill_from: how large is it?",
		         ms_label(&region->node));
}

void ms_check_region_bootinfo(struct ms_checking *c, void *item)
{
	struct ms_region *region = item;

	if (region->prefill_bootinfo != MS_ABSENT && region->prefill_from)
		ms_fault(c, MS_RULE_REGION_BOOTINFO, &region->node,
		         MS_AT(struct ms_region, region, prefill_bootinfo),
		         "%s has both prefill_from and prefill_bootinfo: it begins with the one or "
		         "the other",
		         ms_label(&region->node));
}

void ms_check_region_page(struct ms_checking *c, void *item)
{
	struct ms_region *region = item;
	const int64_t page = region->page_bytes;
	const char *key = NULL;

	if (!page)
		return;
	if (page != MS_PAGE && page != MS_LARGE_PAGE)
		ms_fault(c, MS_RULE_REGION_PAGE, &region->node,
		         MS_AT(struct ms_region, region, page_bytes),
		         "page_bytes of %s is %" PRId64 "; pages have 4096 or 2097152 bytes",
		         ms_label(&region->node), page);
	else if (region->size_bytes % page)
		key = "size_bytes";
	else if (region->phys_addr != MS_ANYWHERE && region->phys_addr % (uint64_t)page)
		key = "phys_addr";
	if (key)
		ms_fault(c, MS_RULE_REGION_PAGE, &region->node,
		         MS_AT(struct ms_region, region, page_bytes),
		         "%s of %s is no multiple of its page_bytes, %" PRId64, key,
		         ms_label(&region->node), page);
}

/* ms-layout sees the rest. */
uint64_t ms_region_least(const struct ms_region *region)
{
	const int64_t page = region->page_bytes ? region->page_bytes : MS_PAGE;

	return (uint64_t)(region->size_bytes ? region->size_bytes : page);
}

void ms_check_region_wrap(struct ms_checking *c, void *item)
{
	struct ms_region *region = item;

	if (region->phys_addr != MS_ANYWHERE &&
	    region->phys_addr > UINT64_MAX - (ms_region_least(region) - 1))
		ms_fault(c, MS_RULE_REGION_WRAP, &region->node,
		         MS_AT(struct ms_region, region, phys_addr),
		         "%s begins at 0x%" PRIx64 " and is %" PRId64
		         " bytes long: it would end past 2^64",
		         ms_label(&region->node), region->phys_addr, region->size_bytes);
}
