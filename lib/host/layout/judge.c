/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge.c - the assertions of a system once more, of the finished table.
 *
 * ms-parse judges what a spec declares. This looks at what will be carried out: who has which
 * frame mapped, who holds which capability, wherever they come from and whatever they are called.
 * Only a region's frames are known by their names. Nothing here is shared with the parts that
 * decide a layout.
 */
#include "base/diag.h"
#include "base/mem.h"
#include "both/table.h"
#include "layout/layout.h"
#include "layout/types.h"
#include "spec/document.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PDS         MS_PD_MAX
#define BIT(n)      (UINT64_C(1) << (n))
#define BADGE_CALL  BIT(63) /* as a called domain sees it */
#define BADGE_FAULT BIT(62)
#define ALIAS_STEPS 4 /* capabilities of capabilities: made at most once, in a good table */
#define PAGES_MAX   (1u << 22) /* of a user image that is looked at: 16 GiB */

/* Who has what of the frame, object or page in a slot. */
struct thing {
	uint64_t maps, reads, writes; /* frames: sets of PDs */
	uint64_t receives;            /* endpoints, notifications */
	uint64_t owners;              /* threads, their spaces and contexts */
	uint64_t alias;               /* this slot holds a copy of that one's capability */
	uint64_t badge;
	uint32_t rights;
	uint32_t region; /* of a frame: its number in the spec, from 1; 0: of none */
};
#define NO_REGION UINT32_MAX

struct judge {
	const struct ms_spec *spec;
	const void *table;
	const struct table_header *h;
	/* Work slots, then pages of the user image, then one for others. There may be room for far
	 * more than the table names: only of that is anything written. */
	struct thing *things;
	size_t work, pages;
	uint8_t *types; /* by work slot: type number + 1; 0: no object */
	uint64_t calls[PDS], signals[PDS], flows[PDS];
	uint32_t ways[PDS][PDS]; /* the first record that a flow comes from, by its name */
	uint64_t *mappers, *writers;
	unsigned errors;
};

#define EACH(j, type, r, section)                                                                  \
	for (uint32_t i_##r = 0; i_##r < table_count((j)->table, section); i_##r++)                \
		for (const struct type *r = table_record((j)->table, section, i_##r),              \
		                       *once_##r = r;                                              \
		     once_##r; once_##r = NULL)

static struct thing *thing(struct judge *j, uint64_t slot)
{
	uint64_t index = slot & ~TABLE_WORK;

	if ((slot & TABLE_WORK) && index < j->work)
		return &j->things[index];
	if (!(slot & TABLE_WORK) && slot >= j->h->image_frames &&
	    slot - j->h->image_frames < j->pages)
		return &j->things[j->work + slot - j->h->image_frames];
	return &j->things[j->work + j->pages];
}

/* The slot of the capability that this one was copied from. */
static uint64_t origin(struct judge *j, uint64_t slot)
{
	for (unsigned i = 0; i < ALIAS_STEPS && thing(j, slot)->alias; i++)
		slot = thing(j, slot)->alias;
	return slot;
}

static bool is_type(const struct judge *j, uint64_t slot, const char *type)
{
	uint32_t number;

	return (slot & TABLE_WORK) && (slot & ~TABLE_WORK) < j->work &&
	       ms_type_number(j->h->flags, type, &number) &&
	       j->types[slot & ~TABLE_WORK] == number + 1;
}

static bool is_frame(const struct judge *j, uint64_t slot)
{
	return is_type(j, slot, "SmallPage") || is_type(j, slot, "LargePage") ||
	       is_type(j, slot, "HugePage") ||
	       (!(slot & TABLE_WORK) && slot >= j->h->image_frames &&
	        slot - j->h->image_frames < j->pages);
}

/* -- objects ------------------------------------------------------------------------------- */

static uint32_t region_named(const struct judge *j, const char *name, size_t len)
{
	for (uint32_t i = 0; i < j->spec->regions.count; i++)
		if (strlen(j->spec->regions.items[i].name) == len &&
		    memcmp(j->spec->regions.items[i].name, name, len) == 0)
			return i;
	return NO_REGION;
}

static void see_objects(struct judge *j)
{
	static const char prefix[] = "region/";
	const char *end = table_name(j->table, 0) + table_count(j->table, TABLE_STRINGS);
	size_t left = j->pages; /* members share none */

	EACH(j, table_retype, r, TABLE_RETYPES)
	{
		const char *name = table_name(j->table, r->name);
		uint64_t first, count, done = 0;
		uint32_t region;
		size_t base;

		for (; done < r->count && name < end; done += count, name += strlen(name) + 1) {
			count = ms_name_count(name, &base, &first);
			region = NO_REGION;
			if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
				region = region_named(j, name + sizeof(prefix) - 1,
				                      base - (sizeof(prefix) - 1));
			for (uint64_t k = done; k < done + count && k < r->count; k++) {
				if (region != NO_REGION)
					thing(j, r->dest + k)->region = region + 1;
				j->types[(r->dest + k) & ~TABLE_WORK] = (uint8_t)(r->type + 1);
			}
		}
	}
	EACH(j, table_range, r, TABLE_RANGES)
	{
		const char *name = table_name(j->table, r->name);
		uint32_t region = region_named(j, name, strlen(name));

		if (r->kind != TABLE_RANGE_MEMBER || region == NO_REGION ||
		    !j->spec->regions.items[region].prefill_from)
			continue;
		for (uint64_t page = r->start >> 12; page << 12 < r->end && left > 0;
		     page++, left--)
			thing(j, j->h->image_frames + j->h->archive_page + page)->region =
			    region + 1;
	}
}

/* -- holders ------------------------------------------------------------------------------- */

/* The PD that a thread is of, as a set; a set of none where the spec has no such PD. What a guest
 * has its monitor has, whose name comes from the spec: "GUEST/vcpu-ID" is one of GUEST's. */
static uint64_t pd_of(const struct judge *j, const struct table_thread *t)
{
	const char *name = table_name(j->table, t->name), *slash = strchr(name, '/');

	for (size_t i = 0; i < j->spec->vms.count && slash; i++) {
		const struct ms_vm *vm = &j->spec->vms.items[i];

		if (strlen(vm->name) == (size_t)(slash - name) &&
		    memcmp(vm->name, name, strlen(vm->name)) == 0)
			return BIT(vm->parent_index);
	}
	for (size_t i = 0; i < j->spec->pds.count; i++)
		if (strcmp(j->spec->pds.items[i].name, name) == 0)
			return BIT(i);
	return 0;
}

/* What a thread is made of is its PD's: whoever else holds it holds the PD. */
static void see_threads(struct judge *j)
{
	EACH(j, table_thread, t, TABLE_THREADS)
	{
		uint64_t pd = pd_of(j, t);

		thing(j, t->tcb)->owners |= pd;
		thing(j, t->cnode)->owners |= pd;
		thing(j, t->vspace)->owners |= pd;
		if (t->vcpu)
			thing(j, t->vcpu)->owners |= pd;
		if (t->sc)
			thing(j, t->sc)->owners |= pd;
		if (t->notification)
			thing(j, t->notification)->receives |= pd;
	}
}

/*
 * Copies that the root task makes for itself, before it hands them on. Maps are of frames, each
 * mapped once, as itself or as a copy: a table that says otherwise is none of ms-layout's, and
 * could name any number of slots that hold nothing. False after reporting that.
 */
static bool see_copies(struct judge *j)
{
	uint64_t left = (uint64_t)j->work + j->pages;

	EACH(j, table_cap, c, TABLE_CAPS)
	if (c->cnode == TABLE_NONE) {
		struct thing *copy = thing(j, TABLE_WORK | c->index);

		copy->alias = c->source;
		copy->badge = c->badge;
		copy->rights = c->rights;
	}
	EACH(j, table_map, m, TABLE_MAPS)
	for (uint32_t i = 0; i < m->count; i++) {
		if (left-- == 0 || !is_frame(j, origin(j, m->frames + i))) {
			ms_report(MS_ERROR, NULL, "table", "%s: a map of what is no frame",
			          table_name(j->table, m->name));
			return false;
		}
		if (m->flags & TABLE_MAP_COPY)
			thing(j, m->copies + i)->alias = m->frames + i;
	}
	return true;
}

static void see_frame(struct judge *j, uint64_t slot, uint64_t pds, bool reads, bool writes)
{
	struct thing *frame = thing(j, origin(j, slot));

	frame->maps |= pds;
	if (reads)
		frame->reads |= pds;
	if (writes)
		frame->writes |= pds;
	if (frame->region) {
		j->mappers[frame->region - 1] |= pds;
		j->writers[frame->region - 1] |= writes ? pds : 0;
	}
}

/* A CNode within a CNode belongs to the same PDs. Then whoever may receive does. */
static void see_holders(struct judge *j)
{
	bool changed;

	do {
		changed = false;
		EACH(j, table_cap, c, TABLE_CAPS)
		{
			struct thing *of = thing(j, origin(j, c->source));
			uint64_t pds = c->cnode ? thing(j, c->cnode)->owners : 0;

			if (!is_type(j, origin(j, c->source), "CNode") || !(pds & ~of->owners))
				continue;
			of->owners |= pds;
			changed = true;
		}
	} while (changed);
	EACH(j, table_cap, c, TABLE_CAPS)
	{
		uint64_t pds = c->cnode ? thing(j, c->cnode)->owners : 0;

		if (c->rights & TABLE_READ)
			thing(j, origin(j, c->source))->receives |= pds;
		if (is_frame(j, origin(j, c->source)))
			see_frame(j, c->source, pds, c->rights & TABLE_READ,
			          c->rights & TABLE_WRITE);
	}
	EACH(j, table_map, m, TABLE_MAPS)
	for (uint32_t i = 0; i < m->count; i++)
		see_frame(j, m->frames + i, thing(j, m->vspace)->owners,
		          m->flags & (TABLE_MAP_READ | TABLE_MAP_EXECUTE),
		          m->flags & TABLE_MAP_WRITE);
}

/* -- relations ----------------------------------------------------------------------------- */

static void flow(struct judge *j, uint64_t from, uint64_t to, uint32_t name)
{
	for (size_t a = 0; a < j->spec->pds.count; a++) {
		if (!(from & BIT(a)))
			continue;
		for (size_t b = 0; b < j->spec->pds.count; b++)
			if ((to & ~j->flows[a] & BIT(b)) && a != b)
				j->ways[a][b] = name;
		j->flows[a] |= to & ~BIT(a);
	}
}

static void relate(uint64_t matrix[PDS], uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < PDS; i++)
		if (from & BIT(i))
			matrix[i] |= to & ~BIT(i);
}

/* What a capability lets its holders do to others. */
static void see_cap(struct judge *j, uint64_t pds, const struct table_cap *c)
{
	uint64_t slot = origin(j, c->source), badge = c->badge;
	uint32_t rights = c->rights;
	const struct thing *of = thing(j, slot);

	if (thing(j, c->source)->alias) {
		badge |= thing(j, c->source)->badge;
		rights &= thing(j, c->source)->rights;
	}
	if (is_type(j, slot, "Notification")) {
		if (rights & TABLE_WRITE) {
			relate(j->signals, pds, of->receives);
			flow(j, pds, of->receives, c->name);
		}
	} else if (is_type(j, slot, "Endpoint")) {
		if (!(rights & TABLE_WRITE))
			return;
		if ((badge & BADGE_CALL) || !(badge & BADGE_FAULT))
			relate(j->calls, pds, of->receives);
		flow(j, pds, of->receives, c->name);
		if (rights & (TABLE_GRANT | TABLE_GRANT_REPLY))
			flow(j, of->receives, pds, c->name);
	} else {
		flow(j, pds, of->owners, c->name);
		flow(j, of->owners, pds, c->name);
	}
}

/* What lies in the root CNode is the whole machine, but for firmware calls and pages. */
static void check_root_cap(struct judge *j, const struct table_cap *c)
{
	uint64_t slot = origin(j, c->source);

	if ((slot & TABLE_WORK) || slot == TABLE_ROOT_SMC || is_frame(j, slot))
		return;
	ms_report(MS_ERROR, NULL, "assertion-layout",
	          "%s: a capability of the root task's own (slot %" PRIu64
	          "): nothing can be asserted of who holds it",
	          table_name(j->table, c->name), slot);
	j->errors++;
}

static void see_relations(struct judge *j)
{
	EACH(j, table_cap, c, TABLE_CAPS)
	{
		uint64_t pds = c->cnode ? thing(j, c->cnode)->owners : 0;

		if (pds) {
			see_cap(j, pds, c);
			check_root_cap(j, c);
		}
	}
	/* The kernel sends a fault in the thread's name, and its handler decides on it. */
	EACH(j, table_thread, t, TABLE_THREADS)
	if (t->fault & TABLE_WORK) {
		uint64_t handlers = thing(j, origin(j, t->fault))->receives;

		flow(j, pd_of(j, t), handlers, t->name);
		flow(j, handlers, pd_of(j, t), t->name);
	}
	/* Named by the map through which it is read. */
	EACH(j, table_map, m, TABLE_MAPS)
	for (uint32_t i = 0; i < m->count; i++) {
		const struct thing *frame = thing(j, origin(j, m->frames + i));

		flow(j, frame->writes, frame->reads & thing(j, m->vspace)->owners, m->name);
	}
}

/* -- assertions ---------------------------------------------------------------------------- */

static size_t pd_named(const struct judge *j, const char *name)
{
	for (size_t i = 0; i < j->spec->pds.count; i++)
		if (strcmp(j->spec->pds.items[i].name, name) == 0)
			return i;
	return PDS;
}

static uint64_t senders(const struct judge *j, const uint64_t matrix[PDS], size_t to)
{
	uint64_t set = 0;

	for (size_t i = 0; i < j->spec->pds.count; i++)
		if (matrix[i] & BIT(to))
			set |= BIT(i);
	return set;
}

static uint64_t reachers(const struct judge *j, size_t to)
{
	uint64_t set = BIT(to), before;

	do {
		before = set;
		for (size_t i = 0; i < j->spec->pds.count; i++)
			if (j->flows[i] & set)
				set |= BIT(i);
	} while (set != before);
	return set & ~BIT(to);
}

static uint64_t related(const struct judge *j, const struct ms_assertion *a)
{
	switch (a->relation) {
	case MS_MAPS: return j->mappers[region_named(j, a->object, strlen(a->object))];
	case MS_WRITES: return j->writers[region_named(j, a->object, strlen(a->object))];
	case MS_CALLS: return senders(j, j->calls, pd_named(j, a->object));
	case MS_SIGNALS: return senders(j, j->signals, pd_named(j, a->object));
	default: return reachers(j, pd_named(j, a->object));
	}
}

/* " -(channel/x)-> 'b'" for each step of a shortest way; nearer: PDs in 0, 1, 2... steps from
 * the end. */
static const char *chain(const struct judge *j, size_t from, size_t to)
{
	uint64_t nearer[PDS + 1] = {BIT(to)}, seen = BIT(to);
	struct ms_buf text = {0};
	size_t steps = 0, at = from;

	while (!(seen & BIT(from)) && steps < PDS) {
		for (size_t i = 0; i < j->spec->pds.count; i++)
			if ((j->flows[i] & nearer[steps]) && !(seen & BIT(i)))
				nearer[steps + 1] |= BIT(i);
		seen |= nearer[++steps];
	}
	ms_buf_printf(&text, ": '%s'", j->spec->pds.items[from].name);
	while (steps-- > 0) {
		size_t next = (size_t)__builtin_ctzll(j->flows[at] & nearer[steps]);

		ms_buf_printf(&text, " -(%s)-> '%s'", table_name(j->table, j->ways[at][next]),
		              j->spec->pds.items[next].name);
		at = next;
	}
	return text.data;
}

static void judge(struct judge *j, const struct ms_assertion *a)
{
	static const char *const verbs[] = {"maps", "can write", "calls", "signals", "reaches"};
	uint64_t set = related(j, a), wrong = 0;
	int64_t count = __builtin_popcountll(set);

	if (a->quantifier == MS_ONLY)
		wrong = set & ~a->subjects;
	else if (a->quantifier == MS_NEVER)
		wrong = set & a->subjects;
	else if (count > a->at_most)
		wrong = set;
	for (size_t i = 0; i < j->spec->pds.count; i++) {
		if (!(wrong & BIT(i)))
			continue;
		ms_report(MS_ERROR, NULL, "assertion-layout",
		          "in the layout '%s' %s '%s'%s; asserted is %s",
		          j->spec->pds.items[i].name, verbs[a->relation], a->object,
		          a->relation == MS_REACHES ? chain(j, i, pd_named(j, a->object)) : "",
		          ms_assertion_claim(a));
		j->errors++;
	}
}

/* Looks at the whole table; false after reporting that it is none. */
static bool see(struct judge *j, size_t len)
{
	enum table_error error = table_check(j->table, len);

	if (error == TABLE_OK &&
	    (j->h->work_bits > MS_WORK_BITS_MAX || j->h->image_pages > PAGES_MAX))
		error = TABLE_EHEADER;
	if (error) {
		ms_report(MS_ERROR, NULL, "table", "%s", table_error_text(error));
		return false;
	}
	j->work = (size_t)1 << j->h->work_bits;
	j->pages = j->h->image_pages;
	j->things = ms_alloc(j->work + j->pages + 1, sizeof(*j->things));
	j->types = ms_alloc(j->work, 1);
	j->mappers = ms_alloc(j->spec->regions.count + 1, sizeof(*j->mappers));
	j->writers = ms_alloc(j->spec->regions.count + 1, sizeof(*j->writers));
	see_objects(j);
	see_threads(j);
	if (!see_copies(j))
		return false;
	see_holders(j);
	see_relations(j);
	free(j->things);
	free(j->types);
	return true;
}

bool ms_layout_judge(const struct ms_spec *spec, const void *table, size_t len)
{
	struct judge j = {.spec = spec, .table = table, .h = table};

	if (spec->assertions.count == 0)
		return true;
	if (!see(&j, len))
		return false;
	for (size_t i = 0; i < spec->assertions.count; i++)
		judge(&j, &spec->assertions.items[i]);
	free(j.mappers);
	free(j.writers);
	return j.errors == 0;
}

bool ms_layout_relations(const struct ms_spec *spec, const void *table, size_t len,
                         struct ms_layout_relations *relations)
{
	struct judge j = {.spec = spec, .table = table, .h = table};

	if (!see(&j, len) || j.errors)
		return false;
	memcpy(relations->calls, j.calls, sizeof(j.calls));
	memcpy(relations->signals, j.signals, sizeof(j.signals));
	memcpy(relations->flows, j.flows, sizeof(j.flows));
	relations->mappers = j.mappers;
	relations->writers = j.writers;
	return true;
}
