/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assign.c - which untyped each object comes from, and thereby its address and its slot.
 *
 * The kernel clears the whole of an untyped at its first Retype, so the untypeds taken are the
 * smallest set that serves. Objects with an address of their own come first, and what has to be
 * skipped to reach them becomes smaller untypeds that serve the others. Then objects in falling
 * size: in memory that is cut in powers of two nothing is lost between them.
 */
#include "base/diag.h"
#include "layout/layout.h"
#include "layout/parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TOP_BYTES 64u /* the root task's top CNode, right behind the work CNode */

/* Untyped memory: one that the kernel hands out, or a filler made of one. */
struct bin {
	uint64_t slot; /* a root slot, or a work slot of a filler */
	uint64_t paddr;
	uint64_t size, used;
	bool device;
	bool open; /* something comes from it, or it is cleared already */
};

struct bins {
	struct bin *items;
	size_t count, cap;
};

struct assign {
	struct maker *m;
	struct bins bins;
	size_t *open; /* bins that serve what has no address of its own, in the order of opening */
	size_t open_count, open_cap;
	struct group **order;
	struct table_retype last; /* not yet a record; count 0: none */
	struct ms_buf names;      /* of its objects */
	uint64_t next_slot;
	uint64_t filler_slot;
	bool failed;
};

static unsigned log2_of(uint64_t value)
{
	return 63 - (unsigned)__builtin_clzll(value);
}

static void add_bin(struct assign *a, struct bin bin)
{
	struct bins *b = &a->bins;

	ms_reserve((void **)&b->items, &b->cap, b->count + 1, sizeof(*b->items));
	b->items[b->count++] = bin;
}

static void open_bin(struct assign *a, size_t bin)
{
	ms_reserve((void **)&a->open, &a->open_cap, a->open_count + 1, sizeof(*a->open));
	a->open[a->open_count++] = bin;
	a->bins.items[bin].open = true;
}

/* -- Retype calls -------------------------------------------------------------------------- */

static void flush(struct assign *a)
{
	struct table_retype *r;

	if (a->last.count == 0)
		return;
	r = ms_maker_add(a->m, TABLE_RETYPES);
	*r = a->last;
	r->name = ms_pool_append(&a->m->names, a->names.data, a->names.len);
	a->last.count = 0;
	a->names.len = 0;
}

/* The name of objects first..first+count-1 of a group: what `--decode` reads (table.h). */
static void add_name(struct assign *a, const struct group *g, uint64_t first, uint64_t count)
{
	ms_buf_puts(&a->names, g->name);
	if (g->count > 1 && count == 1)
		ms_buf_printf(&a->names, "[%" PRIu64 "]", first);
	else if (g->count > 1)
		ms_buf_printf(&a->names, "[%" PRIu64 "..%" PRIu64 "]", first, first + count - 1);
	ms_buf_add(&a->names, "", 1);
}

/* Objects of one group that come from one bin where it is now. */
static void emit(struct assign *a, const struct group *g, uint64_t first, uint64_t count,
                 struct bin *bin, uint64_t slot)
{
	struct table_retype *r = &a->last;
	int type = 0;

	ms_kernel_find(a->m->kernel, MS_KERNEL_OBJECTS, g->type, &type);
	while (count > 0) {
		uint64_t paddr = bin->paddr + bin->used, n;

		if (r->count == 0 || r->count == TABLE_RETYPE_MAX || r->untyped != bin->slot ||
		    r->type != (uint32_t)type || r->size_bits != g->arg ||
		    r->dest + r->count != slot ||
		    r->paddr + ((uint64_t)r->count << g->bits) != paddr) {
			flush(a);
			r->untyped = bin->slot;
			r->dest = slot;
			r->paddr = paddr;
			r->type = (uint32_t)type;
			r->size_bits = g->arg;
		}
		n = TABLE_RETYPE_MAX - r->count;
		if (n > count)
			n = count;
		add_name(a, g, first, n);
		r->count += (uint32_t)n;
		bin->used += n << g->bits;
		first += n;
		slot += n;
		count -= n;
	}
}

/* -- what does not fit --------------------------------------------------------------------- */

static int by_size(const void *x, const void *y)
{
	const struct bin *a = x, *b = y;

	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->paddr < b->paddr ? -1 : a->paddr > b->paddr;
}

/* The five largest pieces of memory that nothing has taken. */
static const char *largest(const struct assign *a, bool device)
{
	struct bin *free_bins = ms_alloc(a->bins.count + 1, sizeof(*free_bins));
	struct ms_buf text = {0};
	size_t count = 0;

	for (size_t i = 0; i < a->bins.count; i++) {
		const struct bin *b = &a->bins.items[i];

		if (b->device == device && b->used < b->size) {
			free_bins[count] = *b;
			free_bins[count].paddr += b->used;
			free_bins[count++].size -= b->used;
		}
	}
	qsort(free_bins, count, sizeof(*free_bins), by_size);
	for (size_t i = 0; i < count && i < 5; i++)
		ms_buf_printf(&text, "%s0x%" PRIx64 "..0x%" PRIx64, i ? ", " : "",
		              free_bins[i].paddr, free_bins[i].paddr + free_bins[i].size);
	free(free_bins);
	return count ? text.data : "nothing";
}

static uint64_t left(const struct assign *a)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < a->bins.count; i++)
		if (!a->bins.items[i].device)
			sum += a->bins.items[i].size - a->bins.items[i].used;
	return sum;
}

static void no_room(struct assign *a, const struct group *g, uint64_t count)
{
	a->failed = true;
	ms_maker_error(a->m, "memory",
	               "%s: %" PRIu64 " %s of 0x%llx bytes, aligned to as much%s, do not fit: "
	               "0x%" PRIx64 " bytes of memory are left, the largest pieces are %s",
	               g->name, count, g->type, 1ull << g->bits, g->together ? " and in a row" : "",
	               left(a), largest(a, false));
}

/* What lies at an address that no untyped covers. */
static const char *owner(const struct maker *m, uint64_t paddr)
{
	const struct {
		const struct ms_kernel_range *range;
		const char *name;
	} owners[] = {{&m->boot.kernel, "the kernel"},
	              {&m->dtb, "the device tree"},
	              {&m->user, "the archive and the root task"},
	              {&m->boot.objects, "the root task's own objects"}};

	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
		if (owners[i].range->start <= paddr && paddr < owners[i].range->end)
			return owners[i].name;
	return "the kernel's devices, or nothing that this kernel hands out";
}

/* -- objects with an address --------------------------------------------------------------- */

static struct bin *bin_at(struct assign *a, uint64_t paddr, uint64_t size)
{
	for (size_t i = 0; i < a->bins.count; i++) {
		struct bin *b = &a->bins.items[i];

		if (b->paddr <= paddr && paddr - b->paddr < b->size &&
		    size <= b->size - (paddr - b->paddr) && b->used <= paddr - b->paddr)
			return b;
	}
	return NULL;
}

/* Untypeds for what lies between a bin's next free byte and paddr. */
static void skip_to(struct assign *a, size_t bin, uint64_t paddr)
{
	static const struct group filler = {.name = "filler", .type = "Untyped", .count = 2};

	for (;;) {
		struct bin *b = &a->bins.items[bin];
		uint64_t gap = paddr - b->paddr - b->used;
		struct group g = filler;
		unsigned bits;

		if (gap == 0)
			return;
		bits = log2_of(gap);
		if (b->used && bits > (unsigned)__builtin_ctzll(b->used))
			bits = (unsigned)__builtin_ctzll(b->used);
		g.bits = g.arg = (uint8_t)bits;
		add_bin(a, (struct bin){.slot = TABLE_WORK | a->filler_slot,
		                        .paddr = b->paddr + b->used,
		                        .size = 1ull << bits,
		                        .device = b->device,
		                        .open = true});
		emit(a, &g, a->m->fillers++, 1, &a->bins.items[bin], TABLE_WORK | a->filler_slot);
		a->filler_slot++;
	}
}

/* The region that a group at a fixed address is the pages of; NULL in a test without any. */
static const struct ms_node *region_of(const struct maker *m, const struct group *g)
{
	for (size_t i = 0; m->regions && i < m->spec->regions.count; i++)
		if (m->regions[i].group == (size_t)(g - m->groups))
			return &m->regions[i].spec->node;
	return NULL;
}

static void place_fixed(struct assign *a, struct group *g)
{
	uint64_t page = 1ull << g->bits;

	g->paddr = g->fixed;
	g->slot = a->next_slot;
	a->next_slot += g->count;
	for (uint64_t i = 0; i < g->count;) {
		uint64_t paddr = g->fixed + i * page, n;
		struct bin *b = bin_at(a, paddr, page);

		if (!b) {
			a->failed = true;
			ms_maker_error_at(a->m, region_of(a->m, g),
			                  offsetof(struct ms_region, phys_addr), "region-address",
			                  "%s: at 0x%" PRIx64 " is no untyped memory for 0x%" PRIx64
			                  " bytes: there is %s",
			                  g->name, paddr, page, owner(a->m, paddr));
			return;
		}
		skip_to(a, (size_t)(b - a->bins.items), paddr);
		b = bin_at(a, paddr, page);
		b->open = true;
		n = (b->size - b->used) / page;
		if (n > g->count - i)
			n = g->count - i;
		emit(a, g, i, n, b, TABLE_WORK | (g->slot + i));
		i += n;
	}
}

/* Cleared memory beside what had an address serves the rest. */
static void open_fillers(struct assign *a)
{
	for (size_t i = 0; i < a->bins.count; i++) {
		struct bin *b = &a->bins.items[i];

		if (b->open && !b->device && b->used < b->size)
			open_bin(a, i);
	}
}

/* -- the others ---------------------------------------------------------------------------- */

/* How many objects of that size still come from the bin. */
static uint64_t room(const struct bin *b, unsigned bits)
{
	uint64_t size = 1ull << bits, at = (b->used + size - 1) & ~(size - 1);

	/* Only fillers lie at addresses that are no multiple of their size, and none does. */
	return at < b->size ? (b->size - at) >> bits : 0;
}

/* Unopened memory of at least 2^bits bytes, by falling size. */
static size_t candidates(const struct assign *a, unsigned bits, size_t *list)
{
	size_t count = 0;

	for (size_t i = 0; i < a->bins.count; i++) {
		const struct bin *b = &a->bins.items[i];
		size_t at;

		if (b->open || b->device || b->size >> bits == 0)
			continue;
		for (at = count++; at > 0 && a->bins.items[list[at - 1]].size < b->size; at--)
			list[at] = list[at - 1];
		list[at] = i;
	}
	return count;
}

/*
 * Opens the untypeds of at least 2^bits bytes with the smallest sum that holds need bytes. From
 * large to small, each one either goes in, or would be the last one: sizes are powers of two, so
 * the best of these choices is the best of all.
 */
static bool open_more(struct assign *a, uint64_t need, unsigned bits)
{
	size_t *list = ms_alloc(a->bins.count + 1, sizeof(*list));
	size_t count = candidates(a, bits, list), best_taken = 0, taken = 0;
	size_t best_last = NO, *chosen = ms_alloc(count + 1, sizeof(*chosen));
	uint64_t have = 0, best = UINT64_MAX;

	for (size_t i = 0; i < count && have < need; i++) {
		uint64_t size = a->bins.items[list[i]].size;

		if (size > need - have) {
			if (have + size <= best) {
				best = have + size;
				best_taken = taken;
				best_last = list[i];
			}
			continue;
		}
		chosen[taken++] = list[i];
		have += size;
	}
	if (have >= need) {
		best_taken = taken;
		best_last = NO;
	} else if (best == UINT64_MAX) {
		best_taken = 0;
	}
	for (size_t i = 0; i < best_taken; i++)
		open_bin(a, chosen[i]);
	if (best_last != NO)
		open_bin(a, best_last);
	free(list);
	free(chosen);
	return have >= need || best != UINT64_MAX;
}

/* A piece of memory for objects that must lie in a row: the smallest that holds them. */
static bool open_for_row(struct assign *a, const struct group *g)
{
	size_t best = NO;

	for (size_t i = 0; i < a->bins.count; i++) {
		const struct bin *b = &a->bins.items[i];

		if (!b->open && !b->device && b->size >> g->bits >= g->count &&
		    (best == NO || b->size < a->bins.items[best].size))
			best = i;
	}
	if (best != NO)
		open_bin(a, best);
	return best != NO;
}

/* Takes up to count objects from the open bins; returns how many. wasteful: also where a page or
 * more is lost by alignment, which is what an untyped that something odd began with offers. */
static uint64_t take(struct assign *a, struct group *g, uint64_t first, uint64_t count,
                     bool wasteful)
{
	for (size_t i = 0; i < a->open_count; i++) {
		struct bin *b = &a->bins.items[a->open[i]];
		uint64_t size = 1ull << g->bits, n = room(b, g->bits);

		uint64_t waste = (size - b->used % size) % size;

		if (n == 0 || (g->together && n < count) || (waste >= PAGE && !wasteful))
			continue;
		if (n > count)
			n = count;
		b->used = (b->used + size - 1) & ~(size - 1);
		if (first == 0)
			g->paddr = b->paddr + b->used;
		emit(a, g, first, n, b, TABLE_WORK | (g->slot + first));
		return n;
	}
	return 0;
}

/* Bytes of the groups from position `from` on. */
static uint64_t demand(const struct assign *a, size_t from, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = from; i < count; i++)
		sum += a->order[i]->count << a->order[i]->bits;
	return sum;
}

static void place_rest(struct assign *a, size_t from, size_t count)
{
	for (size_t i = from; i < count && !a->failed; i++) {
		struct group *g = a->order[i];
		uint64_t done = 0;

		g->slot = a->next_slot;
		a->next_slot += g->count;
		while (done < g->count) {
			uint64_t n = take(a, g, done, g->count - done, false), need;
			size_t same = i + 1;

			done += n;
			if (n > 0)
				continue;
			if (g->together && open_for_row(a, g))
				continue;
			/* What is smaller than a page is asked for together, as pages. */
			need = (g->count - done) << g->bits;
			while (same < count && !a->order[same]->together &&
			       (g->bits <= SMALL_BITS || a->order[same]->bits == g->bits))
				same++;
			need += demand(a, i + 1, same);
			if (!g->together &&
			    open_more(a, need, g->bits > SMALL_BITS ? g->bits : SMALL_BITS))
				continue;
			if (!g->together && open_more(a, (g->count - done) << g->bits, g->bits))
				continue;
			n = take(a, g, done, g->count - done, true);
			done += n;
			if (n == 0) {
				no_room(a, g, g->count - done);
				return;
			}
		}
	}
}

/* -- the whole ----------------------------------------------------------------------------- */

/* Objects with an address by address; the others by falling size, those in a row first. */
static int by_order(const void *x, const void *y)
{
	const struct group *a = *(const struct group *const *)x;
	const struct group *b = *(const struct group *const *)y;
	int type;

	if (a->fixed != b->fixed)
		return a->fixed < b->fixed ? -1 : 1;
	if (a->bits != b->bits)
		return a->bits > b->bits ? -1 : 1;
	if (a->together != b->together)
		return a->together ? -1 : 1;
	type = strcmp(a->type, b->type);
	if (type != 0)
		return type;
	return a < b ? -1 : a > b;
}

/* The root task's work CNode comes before everything else, from an untyped that nothing else has
 * begun. What is left of it serves small objects. */
static bool place_work(struct assign *a)
{
	uint64_t cnode = 1ull << (a->m->work_bits + ms_maker_bits(a->m, "CNode"));
	size_t best = NO;

	for (size_t i = 0; i < a->bins.count; i++) {
		const struct bin *b = &a->bins.items[i];

		if (!b->open && !b->device && b->size > cnode + TOP_BYTES &&
		    (best == NO || b->size < a->bins.items[best].size))
			best = i;
	}
	if (best == NO) {
		struct group g = {.name = "root/work-cnode", .type = "CNode"};

		g.bits = (uint8_t)(log2_of(cnode) + 1);
		no_room(a, &g, 1);
		return false;
	}
	a->m->work_untyped = a->bins.items[best].slot;
	a->bins.items[best].used = cnode + TOP_BYTES;
	open_bin(a, best);
	return true;
}

/* One attempt, with a work CNode of m->work_bits. */
static bool attempt(struct maker *m, size_t fixed, struct group **order)
{
	struct assign a = {.m = m, .order = order};

	for (size_t i = 0; i < m->boot.count; i++)
		add_bin(&a, (struct bin){.slot = m->boot.untyped.first + i,
		                         .paddr = m->boot.untypeds[i].paddr,
		                         .size = 1ull << m->boot.untypeds[i].bits,
		                         .device = m->boot.untypeds[i].device});
	a.filler_slot = m->objects + m->extras;
	m->fillers = 0;
	for (size_t i = 0; i < fixed; i++)
		place_fixed(&a, order[i]);
	open_fillers(&a);
	if (!a.failed && place_work(&a))
		place_rest(&a, fixed, m->group_count);
	flush(&a);
	m->work_slots = a.filler_slot;
	free(a.bins.items);
	free(a.open);
	return !a.failed;
}

bool ms_assign(struct maker *m)
{
	struct group **order = ms_alloc(m->group_count + 1, sizeof(*order));
	size_t names = m->names.bytes.len;
	size_t fixed = 0;
	bool good;

	m->objects = 0;
	for (size_t i = 0; i < m->group_count; i++) {
		order[i] = &m->groups[i];
		m->objects += m->groups[i].count;
		fixed += m->groups[i].fixed != ANYWHERE;
	}
	qsort(order, m->group_count, sizeof(struct group *), by_order);
	for (m->work_bits = 1; (m->objects + m->extras) >> m->work_bits;)
		m->work_bits++;
	for (;;) {
		if (m->work_bits > MS_WORK_BITS_MAX) {
			ms_maker_error(m, "memory",
			               "the system has %" PRIu64 " objects and capabilities, at "
			               "most %u are possible: larger pages (page_bytes) are fewer",
			               m->objects + m->extras, 1u << MS_WORK_BITS_MAX);
			good = false;
			break;
		}
		m->records[TABLE_RETYPES].count = 0;
		m->names.bytes.len = names;
		good = attempt(m, fixed, order);
		if (!good || m->work_slots >> m->work_bits == 0)
			break;
		m->work_bits++; /* fillers need slots too */
	}
	free(order);
	return good;
}
