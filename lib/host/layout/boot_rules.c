/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot_rules.c - sums of seL4's boot code. See boot_rules.h.
 */
#include "layout/boot_rules.h"
#include "both/handoff.h"

#define PAGE 4096ull

bool ms_boot_three_levels(bool hypervisor, unsigned pa_bits)
{
	return hypervisor && pa_bits == 40;
}

uint64_t ms_boot_tables(bool three_levels, uint64_t start, uint64_t end)
{
	uint64_t count = 0;

	for (unsigned bits = 21; bits <= (three_levels ? 30u : 39u); bits += 9)
		count += ((end - 1) >> bits) - (start >> bits) + 1;
	return count;
}

uint64_t ms_boot_extra_size(uint64_t dtb_size)
{
	return dtb_size ? dtb_size + HANDOFF_DTB_HEADER : 0;
}

uint64_t ms_boot_extra_block(uint64_t dtb_size)
{
	uint64_t block = PAGE;

	while (block < ms_boot_extra_size(dtb_size))
		block *= 2;
	return dtb_size ? block : 0;
}

size_t ms_boot_objects(const struct ms_kernel_range *pieces, size_t count, uint64_t size,
                       uint64_t align, uint64_t *start)
{
	for (size_t i = count; i-- > 0;) {
		if (pieces[i].end - pieces[i].start < size)
			continue;
		*start = (pieces[i].end - size) & ~(align - 1);
		if (*start >= pieces[i].start)
			return i;
	}
	return count;
}
