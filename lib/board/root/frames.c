/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frames.c - what stands in frames, and where they are mapped.
 *
 * Pages of the user image are written where the root task already has them; a fresh frame is
 * mapped at a scratch address, gets all of its fills and patches there, and is unmapped. Since
 * patches come in the order of the frames that are filled, one walk over both lists does it.
 */
#include "board/root/root.h"
#include <string.h>

#define NAME(record) table_name(root->table, (record)->name)

#define PAGE_BITS 12u
#define PAGE_SIZE (1u << PAGE_BITS)

/* A frame that is being written. */
struct window {
	uint64_t frame;
	uint8_t *at; /* where the root task can write it */
	const char *name;
	uint32_t page_bits;
	uint32_t flags; /* of all its fills, or'ed */
};

/* Where a page of the user image lies, which may be taken from the archive: not one of the
 * table's or the root task's own. */
static uint8_t *image_page(const struct root *root, uint64_t frame, const char *name)
{
	uintptr_t page = root->image + (frame - root->table->image_frames) * PAGE_SIZE;
	uintptr_t table = (uintptr_t)root->table;

	if (page >= root->own || (page + PAGE_SIZE > table && page < table + root->table->size))
		root_fail(root, name, "a page that the root task itself needs");
	return (uint8_t *)page;
}

static void open_window(const struct root *root, struct window *w, uint64_t frame,
                        uint32_t page_bits, const char *name)
{
	struct sel4_invocation inv;
	uint64_t scratch =
	    page_bits == PAGE_BITS ? root->table->scratch_small : root->table->scratch_large;

	*w = (struct window){.frame = frame, .name = name, .page_bits = page_bits};
	if (!(frame & TABLE_WORK)) {
		w->at = image_page(root, frame, name);
		return;
	}
	sel4_page_map(&inv, frame, SEL4_SLOT_VSPACE, scratch, SEL4_READ | SEL4_WRITE,
	              SEL4_CACHED | SEL4_EXECUTE_NEVER);
	root_invoke(root, &inv, name, "ARM_Page_Map for writing at", scratch);
	w->at = (uint8_t *)scratch;
}

static void close_window(const struct root *root, const struct window *w)
{
	struct sel4_invocation inv;

	/* To memory, and out of the caches: a device may write there before anybody reads. */
	if (w->flags & TABLE_FILL_CLEAN) {
		sel4_page_clean_invalidate_data(&inv, w->frame, 0, 1ull << w->page_bits);
		root_invoke(root, &inv, w->name, "ARM_Page_CleanInvalidate_Data of slot", w->frame);
	}
	if (w->flags & TABLE_FILL_EXECUTE) {
		sel4_page_unify_instruction(&inv, w->frame, 0, 1ull << w->page_bits);
		root_invoke(root, &inv, w->name, "ARM_Page_Unify_Instruction of slot", w->frame);
	}
	if (!(w->frame & TABLE_WORK))
		return;
	sel4_page_unmap(&inv, w->frame);
	root_invoke(root, &inv, w->name, "ARM_Page_Unmap of slot", w->frame);
}

static void fill(const struct root *root, const struct window *w, const struct table_fill *f)
{
	uint64_t archive_size = root->own - root->image;

	if (f->flags & TABLE_FILL_ZERO) {
		memset(w->at + f->at, 0, f->size);
		return;
	}
	if (f->source & TABLE_TREE) {
		memcpy(w->at + f->at, root->tree + (f->source & ~TABLE_TREE), f->size);
		return;
	}
	if (f->source > archive_size || f->size > archive_size - f->source)
		root_fail(root, NAME(f), "is filled from outside the archive");
	memcpy(w->at + f->at, root->archive + f->source, f->size);
}

/* Makes the patches from number p on that are for w's frame; returns the number of the next. */
static uint32_t patch(const struct root *root, const struct window *w, uint32_t p)
{
	for (; p < table_count(root->table, TABLE_PATCHES); p++) {
		const struct table_patch *r = table_record(root->table, TABLE_PATCHES, p);

		if (r->frame != w->frame)
			break;
		memcpy(w->at + r->at, &r->value, r->size);
	}
	return p;
}

void root_fill_and_patch(const struct root *root)
{
	uint32_t fills = table_count(root->table, TABLE_FILLS), i = 0;
	uint32_t patches = table_count(root->table, TABLE_PATCHES), p = 0;
	struct window w;

	while (i < fills) {
		const struct table_fill *f = table_record(root->table, TABLE_FILLS, i);

		open_window(root, &w, f->frame, f->page_bits, NAME(f));
		do {
			fill(root, &w, f);
			w.flags |= f->flags;
			if (++i == fills)
				break;
			f = table_record(root->table, TABLE_FILLS, i);
		} while (f->frame == w.frame && f->page_bits == w.page_bits);
		p = patch(root, &w, p);
		close_window(root, &w);
	}
	while (p < patches) {
		const struct table_patch *r = table_record(root->table, TABLE_PATCHES, p);

		open_window(root, &w, r->frame, r->page_bits, NAME(r));
		p = patch(root, &w, p);
		close_window(root, &w);
	}
}

/* -- mapping ------------------------------------------------------------------------------- */

static uint64_t map_rights(uint32_t flags)
{
	return (flags & TABLE_MAP_READ ? SEL4_READ : 0u) |
	       (flags & TABLE_MAP_WRITE ? SEL4_WRITE : 0u);
}

static uint64_t map_attributes(uint32_t flags)
{
	return (flags & TABLE_MAP_CACHED ? SEL4_CACHED : SEL4_UNCACHED) |
	       (flags & TABLE_MAP_EXECUTE ? 0u : SEL4_EXECUTE_NEVER);
}

/* The capability that is to be mapped for the frame in slot `frame`. */
static uint64_t mappable(const struct root *root, const struct table_map *m, uint64_t frame,
                         uint64_t copy)
{
	struct sel4_invocation inv;

	if (m->flags & TABLE_MAP_COPY) {
		struct root_slot from = root_slot(root, frame), to = root_slot(root, copy);

		sel4_cnode_copy(&inv, to.cnode, to.index, to.depth, from.cnode, from.index,
		                from.depth, SEL4_ALL_RIGHTS);
		root_invoke(root, &inv, NAME(m), "CNode_Copy of frame", frame);
		return copy;
	}
	if (!(frame & TABLE_WORK)) {
		image_page(root, frame, NAME(m));
		sel4_page_unmap(&inv, frame);
		root_invoke(root, &inv, NAME(m), "ARM_Page_Unmap of frame", frame);
	}
	return frame;
}

void root_map_pages(const struct root *root)
{
	struct sel4_invocation inv;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_MAPS); i++) {
		const struct table_map *m = table_record(root->table, TABLE_MAPS, i);
		uint64_t rights = map_rights(m->flags), attributes = map_attributes(m->flags);
		uint64_t vaddr = m->vaddr;

		for (uint32_t k = 0; k < m->count; k++, vaddr += 1ull << m->page_bits) {
			uint64_t frame = mappable(root, m, m->frames + k, m->copies + k);

			sel4_page_map(&inv, frame, m->vspace, vaddr, rights, attributes);
			root_invoke(root, &inv, NAME(m), "ARM_Page_Map at", vaddr);
		}
	}
}
