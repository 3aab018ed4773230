/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_domains.c - rules about scheduling domains: their ids, who is in them, and the schedule.
 */
#include "base/mem.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdlib.h>

/* What is written comes first, the rest gets the lowest free ids (ms-spec(5)). */
void ms_check_domain_ids(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	struct ms_domain *taken[MS_DOMAIN_MAX] = {0};
	size_t next = 0;

	for (size_t i = 0; i < spec->domains.count; i++) {
		struct ms_domain *domain = &spec->domains.items[i], **first;

		if (!ms_usable(c, &domain->node) || domain->id == MS_ABSENT)
			continue;
		first = &taken[domain->id];
		if (!*first) {
			*first = domain;
			continue;
		}
		ms_fault(c, MS_RULE_DOMAIN_ID_UNIQUE, &domain->node,
		         MS_AT(struct ms_domain, domain, id), "%s and %s have the same id %" PRId64,
		         ms_label(&(*first)->node), ms_label(&domain->node), domain->id);
		ms_fault_note(c, &(*first)->node, MS_AT(struct ms_domain, *first, id),
		              "the first is here");
	}
	for (size_t i = 0; i < spec->domains.count; i++) {
		struct ms_domain *domain = &spec->domains.items[i];

		while (next < MS_DOMAIN_MAX && taken[next])
			next++;
		if (next == MS_DOMAIN_MAX || domain->id != MS_ABSENT)
			continue;
		taken[next] = domain;
		domain->id = (int64_t)next;
	}
}

void ms_check_domain_given(struct ms_checking *c, void *item)
{
	struct ms_pd *pd = item;

	if (!pd->domain && c->spec->domains.count)
		ms_fault(c, MS_RULE_DOMAIN_GIVEN, &pd->node, NULL,
		         "%s is in no domain; where there are domains, each is in one",
		         ms_label(&pd->node));
}

void ms_check_domain_scheduled(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	struct ms_schedule *schedule = &spec->schedule;

	if (!ms_usable(c, &schedule->node))
		return;
	if (spec->domains.count && !schedule->entries.count)
		ms_fault(c, MS_RULE_DOMAIN_SCHEDULED, &spec->domains.items[0].node, NULL,
		         "there are domains but no entry in [domain_schedule]: none would run");
	else if (!spec->domains.count &&
	         (schedule->entries.count || schedule->start_index || schedule->index_shift))
		ms_fault(c, MS_RULE_DOMAIN_SCHEDULED, &schedule->node, NULL,
		         "there is a domain schedule but no domain");
}

void ms_check_schedule_entry(struct ms_checking *c, void *item)
{
	struct ms_schedule_entry *entry = item;
	const char *missing = NULL;

	if (entry->end_marker) {
		if (entry->domain || entry->duration != MS_ABSENT || entry->unit != MS_ABSENT)
			ms_fault(c, MS_RULE_SCHEDULE_ENTRY, &entry->node,
			         MS_AT(struct ms_schedule_entry, entry, end_marker),
			         "%s is an end marker, which has nothing else",
			         ms_label(&entry->node));
		return;
	}
	if (!entry->domain)
		missing = "domain";
	else if (entry->duration == MS_ABSENT)
		missing = "duration";
	else if (entry->unit == MS_ABSENT)
		missing = "unit";
	if (missing)
		ms_fault(c, MS_RULE_SCHEDULE_ENTRY, &entry->node, NULL,
		         "%s has no '%s' and is no end marker", ms_label(&entry->node), missing);
}

void ms_check_schedule_begin(struct ms_checking *c, void *item)
{
	struct ms_schedule *schedule = &((struct ms_spec *)item)->schedule;
	const size_t count = schedule->entries.count;
	const struct ms_mark *mark = MS_AT(struct ms_schedule, schedule, start_index);

	if (!count || !ms_usable(c, &schedule->node))
		return;
	if ((uint64_t)schedule->start_index >= count)
		ms_fault(c, MS_RULE_SCHEDULE_BEGIN, &schedule->node, mark,
		         "start_index of the domain schedule is %" PRId64
		         "; its last entry is number %zu",
		         schedule->start_index, count - 1);
	else if (schedule->entries.items[schedule->start_index].end_marker)
		ms_fault(c, MS_RULE_SCHEDULE_BEGIN, &schedule->node, mark,
		         "start_index of the domain schedule is %" PRId64
		         ", which is an end marker",
		         schedule->start_index);
}
