/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reach.c - who can reach whom. See reach.h.
 */
#include "report/reach.h"
#include "base/diag.h"
#include "base/mem.h"

#include <string.h>

#define BIT(n) (UINT64_C(1) << (n))

/* -- as the specification says --------------------------------------------------------------- */

static void flow(struct ms_reach *reach, size_t from, size_t to)
{
	if (from != to)
		reach->now.flows[from] |= BIT(to);
}

static void see_channel(struct ms_reach *reach, const struct ms_channel *ch)
{
	bool call = ch->kind == MS_CHANNEL_PPC;

	if (call && ch->caller == MS_END_A)
		reach->now.calls[ch->pd_a] |= BIT(ch->pd_b);
	if (call && ch->caller == MS_END_B)
		reach->now.calls[ch->pd_b] |= BIT(ch->pd_a);
	if (ch->notify_a)
		reach->now.signals[ch->pd_a] |= BIT(ch->pd_b);
	if (ch->notify_b)
		reach->now.signals[ch->pd_b] |= BIT(ch->pd_a);
	if (call || ch->notify_a)
		flow(reach, ch->pd_a, ch->pd_b);
	if (call || ch->notify_b)
		flow(reach, ch->pd_b, ch->pd_a);
}

static void see_maps(struct ms_reach *reach, uint64_t *readers, size_t pd,
                     const struct ms_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct ms_map *map = &maps->items[i];

		reach->now.mappers[map->region_index] |= BIT(pd);
		if (map->permissions & MS_WRITE)
			reach->now.writers[map->region_index] |= BIT(pd);
		if (map->permissions & (MS_READ | MS_EXECUTE))
			readers[map->region_index] |= BIT(pd);
	}
}

static void see_pd(struct ms_reach *reach, const struct ms_spec *spec, uint64_t *readers, size_t i)
{
	const struct ms_pd *pd = &spec->pds.items[i];

	see_maps(reach, readers, i, &pd->maps);
	if (pd->vm_index != MS_NO_INDEX)
		see_maps(reach, readers, i, &spec->vms.items[pd->vm_index].maps);
	for (size_t k = 0; k < pd->caps.count; k++) {
		flow(reach, i, pd->caps.items[k].pd_index);
		flow(reach, pd->caps.items[k].pd_index, i);
	}
	if (pd->parent_index != MS_NO_INDEX) {
		flow(reach, i, pd->parent_index);
		flow(reach, pd->parent_index, i);
	}
}

static void by_spec(const struct ms_spec *spec, struct ms_reach *reach)
{
	uint64_t *readers = ms_alloc(spec->regions.count + 1, sizeof(*readers));

	reach->now.mappers = ms_alloc(spec->regions.count + 1, sizeof(uint64_t));
	reach->now.writers = ms_alloc(spec->regions.count + 1, sizeof(uint64_t));
	for (size_t i = 0; i < spec->channels.count; i++)
		see_channel(reach, &spec->channels.items[i]);
	for (size_t i = 0; i < spec->pds.count; i++)
		see_pd(reach, spec, readers, i);
	for (size_t r = 0; r < spec->regions.count; r++)
		for (size_t i = 0; i < spec->pds.count; i++)
			if (reach->now.writers[r] & BIT(i))
				reach->now.flows[i] |= readers[r] & ~BIT(i);
}

/* -- both ------------------------------------------------------------------------------------ */

static void close_over(const struct ms_spec *spec, struct ms_reach *reach)
{
	for (size_t i = 0; i < spec->pds.count; i++) {
		uint64_t before, *all = &reach->all[i];

		*all = reach->now.flows[i];
		do {
			before = *all;
			for (size_t k = 0; k < spec->pds.count; k++)
				if (*all & BIT(k))
					*all |= reach->now.flows[k];
		} while (*all != before);
		*all &= ~BIT(i);
	}
}

void ms_reach_find(const struct ms_document *d, struct ms_reach *reach)
{
	*reach = (struct ms_reach){.known = ms_spec_is_system(d->spec)};
	if (d->table) {
		if (!ms_layout_relations(d->spec, d->table, d->table_len, &reach->now))
			ms_exit(MS_EXIT_INPUT);
		reach->by_table = true;
	} else {
		by_spec(d->spec, reach);
	}
	close_over(d->spec, reach);
}

/* -- assertions ------------------------------------------------------------------------------ */

static uint64_t columns(const struct ms_spec *spec, const uint64_t *matrix, size_t to)
{
	uint64_t set = 0;

	for (size_t i = 0; i < spec->pds.count; i++)
		if (to < MS_PD_MAX && (matrix[i] & BIT(to)))
			set |= BIT(i);
	return set;
}

static uint64_t related(const struct ms_spec *spec, const struct ms_reach *reach,
                        const struct ms_assertion *a)
{
	size_t object = 0;

	if (a->relation == MS_MAPS || a->relation == MS_WRITES) {
		while (object < spec->regions.count &&
		       strcmp(spec->regions.items[object].name, a->object) != 0)
			object++;
		return a->relation == MS_MAPS ? reach->now.mappers[object]
		                              : reach->now.writers[object];
	}
	while (object < spec->pds.count && strcmp(spec->pds.items[object].name, a->object) != 0)
		object++;
	return columns(spec,
	               a->relation == MS_CALLS     ? reach->now.calls
	               : a->relation == MS_SIGNALS ? reach->now.signals
	                                           : reach->all,
	               object);
}

bool ms_reach_holds(const struct ms_spec *spec, const struct ms_reach *reach,
                    const struct ms_assertion *a)
{
	uint64_t set = related(spec, reach, a);

	switch (a->quantifier) {
	case MS_ONLY: return (set & ~a->subjects) == 0;
	case MS_NEVER: return (set & a->subjects) == 0;
	default: return __builtin_popcountll(set) <= a->at_most;
	}
}
