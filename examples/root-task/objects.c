/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * objects.c - kernel objects from untyped memory. Retype takes an untyped, a type and free slots;
 * what it makes never goes back, since this task lives as long as the system does.
 */
#include "task.h"

static const struct sel4_bootinfo *boot;
static uint64_t next_slot;
static uint64_t memory; /* the untyped that objects come from */
static struct sel4_invocation inv;

static enum sel4_error invoke(void)
{
	return sel4_invoke(boot->ipc_buffer, &inv);
}

/* The smallest that serves: the kernel clears all of an untyped at its first use. */
void objects_begin(const struct sel4_bootinfo *info)
{
	uint64_t count = info->untyped.end - info->untyped.start, best = count;

	boot = info;
	next_slot = info->empty.start;
	for (uint64_t i = 0; i < count; i++) {
		const struct sel4_untyped *u = &info->untypeds[i];

		if (!u->is_device && u->size_bits >= 16 &&
		    (best == count || u->size_bits < info->untypeds[best].size_bits))
			best = i;
	}
	memory = best == count ? 0 : info->untyped.start + best;
}

/* count objects into the next slots; the first one's capability, or 0. */
static uint64_t retype(uint64_t untyped, uint64_t type, uint64_t size_bits, uint64_t count)
{
	uint64_t first = next_slot;

	if (count > boot->empty.end - next_slot)
		return 0;
	sel4_untyped_retype(&inv, untyped, type, size_bits, SEL4_SLOT_CNODE, 0, 0, first, count);
	if (invoke() != SEL4_NO_ERROR)
		return 0;
	next_slot += count;
	return first;
}

uint64_t objects_make(uint64_t type, uint64_t size_bits)
{
	return memory ? retype(memory, type, size_bits, 1) : 0;
}

/* A device's page has to be the one at its address: the device untyped that holds it is cut into
 * halves, and the right half again, until a page is left. */
uint64_t objects_device_page(uint64_t paddr)
{
	for (uint64_t i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
		const struct sel4_untyped *u = &boot->untypeds[i];
		uint64_t untyped = boot->untyped.start + i, start = u->paddr;
		unsigned bits = u->size_bits;

		if (!u->is_device || bits < 12 || paddr < start || (paddr - start) >> bits)
			continue;
		while (bits-- > 12) {
			untyped = retype(untyped, MS_OBJECT_UNTYPED, bits, 2);
			if (!untyped)
				return 0;
			if ((paddr - start) >> bits) {
				start += 1ull << bits;
				untyped++;
			}
		}
		return retype(untyped, MS_OBJECT_SMALL_PAGE, 0, 1);
	}
	return 0;
}

/* Readable and writable for us. The kernel says FAILED_LOOKUP while a page table is missing. */
enum sel4_error objects_map(uint64_t frame, uint64_t address, uint64_t attributes)
{
	for (int level = 0; level < MS_KERNEL_VSPACE_LEVELS; level++) {
		enum sel4_error error;
		uint64_t table;

		sel4_page_map(&inv, frame, SEL4_SLOT_VSPACE, address, SEL4_READ | SEL4_WRITE,
		              attributes);
		error = invoke();
		if (error != SEL4_FAILED_LOOKUP)
			return error;
		table = objects_make(MS_OBJECT_PAGE_TABLE, 0);
		if (!table)
			return SEL4_NOT_ENOUGH_MEMORY;
		sel4_page_table_map(&inv, table, SEL4_SLOT_VSPACE, address, SEL4_CACHED);
		error = invoke();
		if (error != SEL4_NO_ERROR)
			return error;
	}
	return SEL4_FAILED_LOOKUP;
}
