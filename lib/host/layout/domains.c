/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domains.c - scheduling domains: what the kernel must be able to do, and the schedule in its
 * own terms.
 */
#include "base/diag.h"
#include "layout/parts.h"

#include <inttypes.h>

#define RULE         "domain-kernel"
#define DURATION_MAX ((1ull << 56) - 1)
#define KILO         1000ull
#define MEGA         1000000ull

uint32_t ms_domain_of(const struct maker *m, const struct ms_pd *pd)
{
	return pd->domain ? (uint32_t)m->spec->domains.items[pd->domain_index].id : 0;
}

/* Timer ticks of an MCS kernel, else ticks of the kernel's own clock; 0 after reporting. */
static uint64_t ticks(struct maker *m, size_t i, const struct ms_schedule_entry *e)
{
	uint64_t us = (uint64_t)e->duration, rate = 0, result = us;

	if (e->unit == MS_MICROSECONDS) {
		const char *key = m->kernel->mcs ? "TIMER_FREQUENCY" : "TIMER_TICK_MS";

		if (!ms_kernel_number(m->kernel, key, &rate) || rate == 0) {
			ERROR_AT(m, struct ms_schedule_entry, e, unit, RULE,
			         "domain_schedule, entry %zu: this kernel build does not "
			         "state its %s; give the duration in ticks",
			         i, key);
			return 0;
		}
		if (m->kernel->mcs && us > UINT64_MAX / rate)
			result = UINT64_MAX;
		else
			result = m->kernel->mcs ? us * rate / MEGA : us / (rate * KILO);
		if (result == 0 || (!m->kernel->mcs && us % (rate * KILO) != 0)) {
			ERROR_AT(m, struct ms_schedule_entry, e, duration, RULE,
			         "domain_schedule, entry %zu: %" PRIu64
			         " us are no whole number of this kernel's ticks (%s %" PRIu64 ")",
			         i, us, key, rate);
			return 0;
		}
	}
	if (result > DURATION_MAX) {
		ERROR_AT(m, struct ms_schedule_entry, e, duration, RULE,
		         "domain_schedule, entry %zu: more than 2^56-1 ticks", i);
		return 0;
	}
	return result;
}

static void make_entries(struct maker *m)
{
	const struct ms_schedule *s = &m->spec->schedule;

	for (size_t i = 0; i < s->entries.count; i++) {
		const struct ms_schedule_entry *e = &s->entries.items[i];
		struct table_schedule *r = ms_maker_add(m, TABLE_SCHEDULE);

		r->index = (uint32_t)((size_t)s->index_shift + i);
		if (e->end_marker)
			continue;
		r->domain = (uint32_t)m->spec->domains.items[e->domain_index].id;
		r->duration = ticks(m, i, e);
	}
	m->schedule_start = (uint64_t)(s->index_shift + s->start_index);
}

/* Whether a domain has a turn in the rounds that are begun with. */
static bool has_turn(const struct ms_schedule *s, const struct ms_spec *spec, int64_t id)
{
	for (size_t i = (size_t)s->start_index; i < s->entries.count; i++) {
		const struct ms_schedule_entry *e = &s->entries.items[i];

		if (e->end_marker)
			break;
		if (spec->domains.items[e->domain_index].id == id)
			return true;
	}
	return false;
}

static void warn_of_idle(const struct maker *m)
{
	const struct ms_spec *spec = m->spec;

	if (!has_turn(&spec->schedule, spec, 0))
		WARN_AT(m, struct ms_schedule, &spec->schedule, start_index, "domain-turn",
		        "domain 0 has no turn: the root task, which prints faults, will not run");
	for (size_t i = 0; i < spec->pds.count; i++) {
		const struct ms_pd *pd = &spec->pds.items[i];
		const struct ms_domain *domain = &spec->domains.items[pd->domain_index];

		if (!has_turn(&spec->schedule, spec, domain->id))
			WARN_AT(m, struct ms_pd, pd, domain, "domain-turn",
			        "%s: its domain %s has no turn: it will not run", pd->name,
			        domain->name);
	}
}

static void check_kernel(struct maker *m)
{
	const struct ms_spec *spec = m->spec;
	const struct ms_kernel *k = m->kernel;
	uint64_t entries = 0, last = (uint64_t)spec->schedule.index_shift;

	if (k->domains < 2) {
		ERROR_AT(m, struct ms_domain, &spec->domains.items[0], name, RULE,
		         "domains need a kernel that is built with NUM_DOMAINS above 1; this "
		         "one has NUM_DOMAINS %u",
		         k->domains);
		return;
	}
	if (k->smp)
		ERROR_AT(m, struct ms_domain, &spec->domains.items[0], name, RULE,
		         "domains need a kernel for one core; this one has "
		         "ENABLE_SMP_SUPPORT");
	for (size_t i = 0; i < spec->domains.count; i++)
		if (spec->domains.items[i].id >= k->domains)
			ERROR_AT(m, struct ms_domain, &spec->domains.items[i], id, RULE,
			         "domain %s: this kernel's NUM_DOMAINS is %u, so that ids go "
			         "up to %u, not to %" PRId64,
			         spec->domains.items[i].name, k->domains, k->domains - 1,
			         spec->domains.items[i].id);
	/* The kernel's last entry is always an end marker. */
	last += spec->schedule.entries.count;
	if (ms_kernel_number(k, "NUM_DOMAIN_SCHEDULES", &entries) && last >= entries)
		ERROR_AT(m, struct ms_schedule, &spec->schedule, index_shift, RULE,
		         "domain_schedule: index_shift and entries make %" PRIu64
		         "; this kernel's NUM_DOMAIN_SCHEDULES is %" PRIu64
		         ", of which the last is taken",
		         last, entries);
	if (spec->schedule.index_shift == 0 && spec->schedule.entries.items[0].end_marker)
		ERROR_AT(m, struct ms_schedule_entry, &spec->schedule.entries.items[0], end_marker,
		         RULE,
		         "domain_schedule: the kernel is in its entry 0 when the schedule is "
		         "written, which cannot be an end marker then");
}

void ms_make_domains(struct maker *m)
{
	if (!m->spec->domains.count)
		return;
	check_kernel(m);
	if (m->errors)
		return;
	make_entries(m);
	warn_of_idle(m);
}
