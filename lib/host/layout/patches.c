/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * patches.c - variables of PDs' programs that get their values when the image is made: what
 * Microkit's library wants to know about its PD, and what the spec's setvars say.
 */
#include "layout/parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct collect {
	struct maker *m;
	const struct pd *pd;
	struct patch_list *list;
	const struct ms_node *node; /* what says the value that is being set, */
	size_t offset;              /* and in which field */
};

/* What is set by itself is for the program that has the symbol. */
static void by_itself(struct collect *c)
{
	c->node = &c->pd->spec->node;
	c->offset = offsetof(struct ms_pd, binary);
}

/* The bytes that the program itself has at vaddr; false where that is outside its memory. */
static bool initial(const struct pd *pd, uint64_t vaddr, unsigned size, uint8_t *bytes)
{
	for (unsigned i = 0; i < pd->linked.phnum; i++) {
		struct elf64_segment s = elf64_segment(&pd->linked, i);

		if (s.type != ELF64_PT_LOAD || vaddr < s.vaddr || size > s.memsz ||
		    vaddr - s.vaddr > s.memsz - size)
			continue;
		for (unsigned k = 0; k < size; k++) {
			uint64_t at = vaddr - s.vaddr + k;

			bytes[k] = at < s.filesz ? pd->linked.data[s.offset + at] : 0;
		}
		return true;
	}
	return false;
}

static void add_piece(struct collect *c, const char *symbol, uint64_t vaddr, const uint8_t *bytes,
                      unsigned size, size_t region)
{
	struct patch *p;

	ms_reserve((void **)&c->list->items, &c->list->cap, c->list->count + 1,
	           sizeof(*c->list->items));
	p = &c->list->items[c->list->count++];
	p->vaddr = vaddr;
	memcpy(p->bytes, bytes, size);
	p->size = size;
	p->symbol = symbol;
	p->region = region;
}

/* A value, as patches of those of its words that the program does not have already. */
static void add(struct collect *c, const char *symbol, uint64_t vaddr, const uint8_t *bytes,
                unsigned size, size_t region)
{
	uint8_t have[64];

	if (!initial(c->pd, vaddr, size, have)) {
		ms_maker_error_at(c->m, c->node, c->offset, "setvar-symbol",
		                  "%s: symbol %s lies outside the memory of %s", c->pd->spec->name,
		                  symbol, c->m->members->pds[c->pd->index].path);
		return;
	}
	for (unsigned at = 0; at < size; at += 8) {
		unsigned piece = size - at < 8 ? size - at : 8;

		if (region != NO || memcmp(have + at, bytes + at, piece) != 0)
			add_piece(c, symbol, vaddr + at, bytes + at, piece, region);
	}
}

/* Microkit's own symbols: a program that does not use one lacks it. */
static void own(struct collect *c, const char *symbol, unsigned size, uint64_t value)
{
	uint64_t vaddr, have;
	uint8_t bytes[8];

	by_itself(c);
	if (elf64_symbol(&c->pd->symbols, symbol, &vaddr, &have) != ELF64_OK)
		return;
	if (have != size) {
		ms_maker_error_at(c->m, c->node, c->offset, "setvar-size",
		                  "%s: its symbol %s has %s, not %u", c->pd->spec->name, symbol,
		                  ms_count_text(have, "byte"), size);
		return;
	}
	for (unsigned i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	add(c, symbol, vaddr, bytes, size, NO);
}

static void own_name(struct collect *c)
{
	static const char symbol[] = "microkit_name";
	uint64_t vaddr, have;
	uint8_t bytes[64] = {0};
	size_t len = strlen(c->pd->spec->name);

	by_itself(c);
	if (elf64_symbol(&c->pd->symbols, symbol, &vaddr, &have) != ELF64_OK)
		return;
	if (have < 64 && have <= len) {
		ms_maker_error_at(c->m, c->node, c->offset, "setvar-size",
		                  "%s: its symbol %s has %s: the name does not fit",
		                  c->pd->spec->name, symbol, ms_count_text(have, "byte"));
		return;
	}
	memcpy(bytes, c->pd->spec->name, len);
	add(c, symbol, vaddr, bytes, have < 64 ? (unsigned)have : 64, NO);
}

/* A setvar: a symbol that must be there, of a size that holds the value. */
static void set(struct collect *c, const struct ms_node *node, size_t offset, const char *symbol,
                uint64_t value, size_t region)
{
	uint64_t vaddr, size;
	enum elf64_error error;
	uint8_t bytes[8];

	if (!symbol)
		return;
	c->node = node;
	c->offset = offset;
	error = elf64_symbol(&c->pd->symbols, symbol, &vaddr, &size);
	if (error != ELF64_OK) {
		ms_maker_error_at(c->m, c->node, c->offset, "setvar-symbol",
		                  "%s: %s has %s symbol %s", c->pd->spec->name,
		                  c->m->members->pds[c->pd->index].symbols_path,
		                  error == ELF64_EAMBIGUOUS ? "more than one" : "no", symbol);
		return;
	}
	if ((size != 1 && size != 2 && size != 4 && size != 8) || (region != NO && size != 8)) {
		ms_maker_error_at(c->m, c->node, c->offset, "setvar-size",
		                  "%s: its symbol %s has %s; %s", c->pd->spec->name, symbol,
		                  ms_count_text(size, "byte"),
		                  region != NO ? "an address needs 8" : "1, 2, 4 or 8 can be set");
		return;
	}
	if (size < 8 && value >> 8 * size) {
		ms_maker_error_at(c->m, c->node, c->offset, "setvar-size",
		                  "%s: 0x%" PRIx64 " does not fit its symbol %s of %s",
		                  c->pd->spec->name, value, symbol, ms_count_text(size, "byte"));
		return;
	}
	if (region != NO && vaddr % 8) {
		ms_maker_error_at(c->m, c->node, c->offset, "setvar-size",
		                  "%s: its symbol %s does not lie at a multiple of 8 bytes",
		                  c->pd->spec->name, symbol);
		return;
	}
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	add(c, symbol, vaddr, bytes, (unsigned)size, region);
}

#define SET(c, type, item, member, ...)                                                            \
	set(c, &(item)->node, offsetof(type, member), (item)->member, __VA_ARGS__)

static int by_vaddr(const void *a, const void *b)
{
	const struct patch *x = a, *y = b;

	if (x->vaddr != y->vaddr)
		return x->vaddr < y->vaddr ? -1 : 1;
	return strcmp(x->symbol, y->symbol);
}

static void set_links(struct collect *c)
{
	const struct ms_spec *s = c->m->spec;

	for (size_t i = 0; i < s->channels.count; i++) {
		const struct ms_channel *ch = &s->channels.items[i];

		if (ch->pd_a == c->pd->index)
			SET(c, struct ms_channel, ch, setvar_id_a, (uint64_t)ch->id_a, NO);
		if (ch->pd_b == c->pd->index)
			SET(c, struct ms_channel, ch, setvar_id_b, (uint64_t)ch->id_b, NO);
	}
	for (size_t i = 0; i < s->irqs.count; i++)
		if (s->irqs.items[i].pd == c->pd->index)
			SET(c, struct ms_irq, &s->irqs.items[i], setvar_id,
			    (uint64_t)s->irqs.items[i].target_channel, NO);
	if (c->pd->spec->vm_index != MS_NO_INDEX) {
		const struct ms_vcpus *vcpus = &s->vms.items[c->pd->spec->vm_index].vcpus;

		for (size_t i = 0; i < vcpus->count; i++)
			SET(c, struct ms_vcpu, &vcpus->items[i], setvar_id,
			    (uint64_t)vcpus->items[i].id, NO);
	}
	for (size_t i = 0; i < s->pds.count; i++)
		if (s->pds.items[i].parent && s->pds.items[i].parent_index == c->pd->index)
			SET(c, struct ms_pd, &s->pds.items[i], setvar_id,
			    (uint64_t)s->pds.items[i].child_id, NO);
}

void ms_collect_patches(struct maker *m, const struct pd *pd, struct patch_list *list)
{
	struct collect c = {.m = m, .pd = pd, .list = list};

	own_name(&c);
	own(&c, "microkit_passive", 1, (uint64_t)pd->spec->passive);
	own(&c, "microkit_irqs", 8, pd->irqs);
	own(&c, "microkit_notifications", 8, pd->notifications);
	own(&c, "microkit_pps", 8, pd->calls);
	set_links(&c);
	for (size_t i = 0; i < pd->spec->maps.count; i++) {
		const struct ms_map *map = &pd->spec->maps.items[i];
		const struct region *r = &m->regions[map->region_index];

		SET(&c, struct ms_map, map, setvar_vaddr, pd->space.map_vaddrs[i], NO);
		SET(&c, struct ms_map, map, setvar_size, r->size, NO);
		SET(&c, struct ms_map, map, setvar_prefill_size, r->prefill, NO);
	}
	for (size_t i = 0; i < pd->spec->setvars.count; i++) {
		const struct ms_setvar *v = &pd->spec->setvars.items[i];

		SET(&c, struct ms_setvar, v, symbol, v->region_paddr ? 0 : v->value,
		    v->region_paddr ? v->region_index : NO);
	}
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), by_vaddr);
	for (size_t i = 1; i < list->count; i++)
		if (list->items[i].vaddr < list->items[i - 1].vaddr + list->items[i - 1].size)
			ERROR_AT(m, struct ms_pd, pd->spec, binary, "setvar-symbol",
			         "%s: its symbols %s and %s overlap", pd->spec->name,
			         list->items[i - 1].symbol, list->items[i].symbol);
}
