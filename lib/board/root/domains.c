/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domains.c - the kernel's domain schedule. As seL4 boots, its first entry is domain 0, the root
 * task's, for ever; what is written changes nothing until the schedule is begun anew. From then
 * on the root task runs when domain 0 has its turn, if it ever has.
 */
#include "board/root/root.h"

#define SCHEDULE_NAME "domain schedule"

void root_write_schedule(const struct root *root)
{
	struct sel4_invocation inv;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_SCHEDULE); i++) {
		const struct table_schedule *r = table_record(root->table, TABLE_SCHEDULE, i);

		sel4_domain_schedule_configure(&inv, SEL4_SLOT_DOMAIN, r->index, r->domain,
		                               r->duration);
		root_invoke(root, &inv, SCHEDULE_NAME, "DomainSet_ScheduleConfigure of entry",
		            r->index);
	}
}

void root_follow_schedule(const struct root *root)
{
	uint64_t start = root->table->schedule_start;
	struct sel4_invocation inv;

	if (table_count(root->table, TABLE_SCHEDULE) == 0)
		return;
	sel4_domain_schedule_set_start(&inv, SEL4_SLOT_DOMAIN, start);
	root_invoke(root, &inv, SCHEDULE_NAME, "DomainSet_ScheduleSetStart at entry", start);
}
