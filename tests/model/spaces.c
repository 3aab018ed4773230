/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spaces.c - address spaces: ASIDs, page tables, pages. What is mapped in the root task's own
 * space is mapped in this process.
 */
#include "parts.h"
#include <stdlib.h>

#define ASIDS     510 /* the initial pool's, less 0 and the root task's */
#define TOP_LEVEL (MS_KERNEL_VSPACE_LEVELS == 3 ? 30 : 39)
#define STEP      9
#define PAGE_BITS 12

static uint64_t floor_to(uint64_t vaddr, unsigned bits)
{
	return vaddr >> bits << bits;
}

static const struct page *page_at(const struct object *space, uint64_t vaddr)
{
	for (size_t i = 0; i < space->page_count; i++)
		if (floor_to(vaddr, space->pages[i].bits) == space->pages[i].vaddr)
			return &space->pages[i];
	return NULL;
}

static int has_span(const struct object *space, uint64_t vaddr, unsigned bits)
{
	for (size_t i = 0; i < space->span_count; i++)
		if (space->spans[i].bits == bits && space->spans[i].vaddr == floor_to(vaddr, bits))
			return 1;
	return 0;
}

/* Address bits below the entry that the kernel's walk for vaddr ends at. */
static unsigned walk(const struct object *space, uint64_t vaddr)
{
	unsigned bits = TOP_LEVEL;

	while (bits > PAGE_BITS && has_span(space, vaddr, bits))
		bits -= STEP;
	return bits;
}

static void add_span(struct object *space, uint64_t vaddr, unsigned bits)
{
	space->spans = realloc(space->spans, (space->span_count + 1) * sizeof(*space->spans));
	if (!space->spans)
		abort();
	space->spans[space->span_count++] = (struct span){floor_to(vaddr, bits), bits};
}

void add_spans(struct object *space, uint64_t vaddr, unsigned page_bits)
{
	for (unsigned bits = walk(space, vaddr); bits > page_bits; bits -= STEP)
		add_span(space, vaddr, bits);
}

void add_page(struct object *space, uint64_t vaddr, unsigned bits, unsigned rights,
              unsigned attributes, struct object *frame)
{
	space->pages = realloc(space->pages, (space->page_count + 1) * sizeof(*space->pages));
	if (!space->pages)
		abort();
	space->pages[space->page_count++] = (struct page){vaddr, bits, rights, attributes, frame};
}

static void drop_page(struct object *space, uint64_t vaddr)
{
	const struct page *p = page_at(space, vaddr);

	if (p)
		space->pages[p - space->pages] = space->pages[--space->page_count];
}

static int is_root_space(const struct object *space)
{
	return space == model.root_tcb->thread->vspace.object;
}

enum sel4_error asid_pool_call(struct call *c)
{
	if (c->inv->label != MS_LABEL_ARM_ASID_POOL_ASSIGN)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (too_short(c, 0, 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (c->extra[0]->kind != K_VSPACE || c->extra[0]->object->has_asid)
		return answer_number(c, SEL4_INVALID_CAPABILITY, 1);
	if (model.asids == ASIDS)
		return answer(c, SEL4_DELETE_FIRST);
	model.asids++;
	c->extra[0]->object->has_asid = 1;
	return answer(c, SEL4_NO_ERROR);
}

enum sel4_error page_table_call(struct call *c)
{
	struct cap *space;
	uint64_t vaddr = c->inv->mr[0];
	unsigned bits;

	if (c->inv->label != MS_LABEL_ARM_PAGE_TABLE_MAP)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (too_short(c, 2, 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (c->slot->space)
		return answer_number(c, SEL4_INVALID_CAPABILITY, 0);
	space = c->extra[0];
	if (space->kind != K_VSPACE || !space->object->has_asid)
		return answer_number(c, SEL4_INVALID_CAPABILITY, 1);
	if (vaddr >= MS_KERNEL_USER_TOP)
		return answer_number(c, SEL4_INVALID_ARGUMENT, 0);
	bits = walk(space->object, vaddr);
	if (bits == PAGE_BITS || page_at(space->object, vaddr))
		return answer(c, SEL4_DELETE_FIRST);
	add_span(space->object, vaddr, bits);
	c->slot->space = space->object;
	c->slot->vaddr = floor_to(vaddr, bits);
	return answer(c, SEL4_NO_ERROR);
}

static enum sel4_error page_map(struct call *c)
{
	struct cap *frame = c->slot, *space;
	uint64_t vaddr = c->inv->mr[0], size = 1ull << frame->object->size_bits;
	unsigned bits, rights;

	if (too_short(c, 3, 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	space = c->extra[0];
	if (space->kind != K_VSPACE || !space->object->has_asid)
		return answer_number(c, SEL4_INVALID_CAPABILITY, 1);
	if (frame->space) {
		if (frame->space != space->object)
			return answer_number(c, SEL4_INVALID_CAPABILITY, 1);
		if (frame->vaddr != vaddr)
			return answer_number(c, SEL4_INVALID_ARGUMENT, 0);
	} else if (vaddr + size - 1 >= MS_KERNEL_USER_TOP || vaddr + size < vaddr) {
		return answer_number(c, SEL4_INVALID_ARGUMENT, 0);
	}
	if (vaddr & (size - 1))
		return answer(c, SEL4_ALIGNMENT_ERROR);
	bits = walk(space->object, vaddr);
	if (bits != frame->object->size_bits) {
		struct lookup l = {.why = SEL4_LOOKUP_MISSING_CAP, .bits_left = bits};
		return answer_lookup(c, 0, &l);
	}
	/* The kernel would map over another frame; no table may ask for that. */
	if (!frame->space && page_at(space->object, vaddr))
		return answer(c, SEL4_DELETE_FIRST);
	rights = (unsigned)c->inv->mr[1] & frame->rights & (SEL4_READ | SEL4_WRITE);
	drop_page(space->object, vaddr);
	add_page(space->object, vaddr, bits, rights, (unsigned)c->inv->mr[2], frame->object);
	if (is_root_space(space->object)) {
		if (frame->space)
			memory_unmap(vaddr, size);
		memory_map(vaddr, frame->object->paddr, size, (rights & SEL4_WRITE) != 0);
		/* What the root task can write it has written, for all that is known. */
		frame->object->dirty |= (rights & SEL4_WRITE) && (c->inv->mr[2] & SEL4_CACHED);
	}
	frame->space = space->object;
	frame->vaddr = vaddr;
	return answer(c, SEL4_NO_ERROR);
}

static enum sel4_error page_unmap(struct call *c)
{
	struct cap *frame = c->slot;

	if (frame->space) {
		drop_page(frame->space, frame->vaddr);
		if (is_root_space(frame->space))
			memory_unmap(frame->vaddr, 1ull << frame->object->size_bits);
	}
	frame->space = NULL;
	frame->vaddr = 0;
	return answer(c, SEL4_NO_ERROR);
}

/* Cache maintenance of some of a page's bytes. */
static enum sel4_error page_flush(struct call *c)
{
	uint64_t start = c->inv->mr[0], end = c->inv->mr[1];
	uint64_t size = 1ull << c->slot->object->size_bits;

	if (too_short(c, 2, 0))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (!c->slot->space)
		return answer_number(c, SEL4_INVALID_CAPABILITY, 0);
	if (end <= start)
		return answer_number(c, SEL4_INVALID_ARGUMENT, 1);
	if (end > size)
		return answer_number(c, SEL4_INVALID_ARGUMENT, 0);
	if (c->inv->label != MS_LABEL_ARM_PAGE_UNIFY_INSTRUCTION && start == 0 && end == size)
		c->slot->object->dirty = 0;
	return answer(c, SEL4_NO_ERROR);
}

enum sel4_error frame_call(struct call *c)
{
	switch (c->inv->label) {
	case MS_LABEL_ARM_PAGE_MAP: return page_map(c);
	case MS_LABEL_ARM_PAGE_UNMAP: return page_unmap(c);
	case MS_LABEL_ARM_PAGE_CLEAN_DATA:
	case MS_LABEL_ARM_PAGE_CLEAN_INVALIDATE_DATA:
	case MS_LABEL_ARM_PAGE_UNIFY_INSTRUCTION: return page_flush(c);
	default: return answer(c, SEL4_ILLEGAL_OPERATION);
	}
}
