/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot.c - finds the system table, and compares what the kernel has handed out with what
 * ms-layout foresaw: slots and physical addresses in the table mean something in that boot only.
 */
#include "board/root/root.h"
#include "board/root/say.h"
#include "both/newc.h"

#define PAGE 4096u

void root_find_table(struct root *root, const struct sel4_bootinfo *info, uintptr_t own)
{
	uint64_t pages = info->image_frames.end - info->image_frames.start;
	struct newc_entry entry;
	enum newc_status status;
	enum table_error error;

	root->info = info;
	root->ipc = info->ipc_buffer;
	root->image = (uintptr_t)info->ipc_buffer - pages * PAGE;
	root->archive = (const uint8_t *)root->image;
	root->own = own;
	if (own < root->image || own >= (uintptr_t)info->ipc_buffer)
		root_fail(root, "archive", "the root task does not lie in the user image");
	status = newc_find(root->archive, own - root->image, TABLE_MEMBER, &entry);
	if (status != NEWC_ENTRY)
		root_fail(root, "archive: " TABLE_MEMBER,
		          status == NEWC_END ? "no such member" : newc_status_text(status));
	if ((uintptr_t)entry.data % sizeof(uint64_t) != 0)
		root_fail(root, TABLE_MEMBER, "does not lie at a multiple of 8 bytes");
	root->table = (const void *)entry.data;
	error = table_check(root->table, entry.size);
	if (error)
		root_fail(root, TABLE_MEMBER, table_error_text(error));
}

/* One number that both sides must agree on. */
static void expect(const struct root *root, const char *what, uint64_t found, uint64_t foreseen)
{
	if (found == foreseen)
		return;
	say("root task: " TABLE_MEMBER ": made for another boot: %s: %x, not %x as foreseen\n",
	    what, found, foreseen);
	kernel_stop(root->ipc);
}

/* The chunk of BootInfo with the device tree, from which frames are filled. */
static const struct sel4_extra *find_tree(const struct root *root)
{
	const struct sel4_extra *chunk = sel4_extra_next(root->info, NULL);

	while (chunk && chunk->id != SEL4_EXTRA_FDT)
		chunk = sel4_extra_next(root->info, chunk);
	if (!chunk)
		root_fail(root, "BootInfo",
		          "the kernel hands on no device tree, which a region is filled with");
	expect(root, "bytes of the device tree in BootInfo", chunk->len, root->table->tree_size);
	return chunk;
}

static void check_untypeds(const struct root *root)
{
	const struct sel4_slots *slots = &root->info->untyped;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_UNTYPEDS); i++) {
		const struct table_untyped *u = table_record(root->table, TABLE_UNTYPEDS, i);
		const struct sel4_untyped *found;

		if (u->slot >= slots->end || u->slot - slots->start >= MS_KERNEL_MAX_UNTYPEDS)
			root_fail(root, TABLE_MEMBER, "made for another boot: fewer untypeds");
		found = &root->info->untypeds[u->slot - slots->start];
		expect(root, "address of an untyped", found->paddr, u->paddr);
		expect(root, "size of an untyped, in bits", found->size_bits, u->size_bits);
		expect(root, "an untyped for devices", found->is_device, u->device);
	}
}

void root_check_boot(struct root *root)
{
	const struct table_header *t = root->table;
	const struct sel4_bootinfo *info = root->info;
	uint32_t flags = (MS_KERNEL_MCS ? TABLE_MCS : 0) |
	                 (MS_KERNEL_HYPERVISOR ? TABLE_HYPERVISOR : 0) |
	                 (MS_KERNEL_SMP ? TABLE_SMP : 0);

	expect(root, "kind of kernel", flags, t->flags);
	expect(root, "cores", info->node_count, t->cores);
	expect(root, "size of the root CNode, in bits", info->cnode_bits, t->root_cnode_bits);
	expect(root, "slot of the user image", info->image_frames.start, t->image_frames);
	expect(root, "pages of the user image", info->image_frames.end - info->image_frames.start,
	       t->image_pages);
	expect(root, "page of the archive", 0, t->archive_page);
#if MS_KERNEL_MCS
	expect(root, "slot of the scheduling control", info->sched_control.start, t->sched_control);
#endif
	expect(root, "slot of the untypeds", info->untyped.start, t->untyped_slot);
	expect(root, "first empty slot", info->empty.start, t->empty_slot);
	check_untypeds(root);
	if (t->tree_size)
		root->tree = (const uint8_t *)find_tree(root);
}
