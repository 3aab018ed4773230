/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_pds.c - rules about protection domains: what they are made of, when they run, whose
 * children they are; and whether a single one can be the root task.
 */
#include "base/mem.h"
#include "spec/document.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* -- files ------------------------------------------------------------------------------- */

void ms_check_pd_binary_kind(struct ms_checking *c, void *item)
{
	struct ms_pd *pd = item;

	if (!ms_ends_with(pd->binary, ".c") && !ms_ends_with(pd->binary, ".S") &&
	    !ms_ends_with(pd->binary, ".elf"))
		ms_fault(c, MS_RULE_PD_BINARY_KIND, &pd->node, MS_AT(struct ms_pd, pd, binary),
		         "binary '%s' of %s is neither a source (.c, .S) nor a program (.elf)",
		         ms_clip(pd->binary), ms_label(&pd->node));
}

void ms_check_pd_sources(struct ms_checking *c, void *item)
{
	struct ms_pd *pd = item;

	for (size_t i = 0; i < pd->sources.count; i++) {
		if (strcmp(pd->sources.items[i], pd->binary) == 0)
			ms_fault(c, MS_RULE_PD_SOURCES, &pd->node,
			         pd->sources.marks ? &pd->sources.marks[i] : NULL,
			         "sources of %s has '%s', which is its binary already",
			         ms_label(&pd->node), ms_clip(pd->binary));
	}
}

void ms_check_pd_ready_binary(struct ms_checking *c, void *item)
{
	struct ms_pd *pd = item;
	const struct {
		const char *key;
		const struct ms_strings *list;
		const struct ms_mark *mark;
	} lists[] = {
	    {"sources", &pd->sources, MS_AT(struct ms_pd, pd, sources)},
	    {"include_dirs", &pd->include_dirs, MS_AT(struct ms_pd, pd, include_dirs)},
	    {"defines", &pd->defines, MS_AT(struct ms_pd, pd, defines)},
	    {"libs", &pd->libs, MS_AT(struct ms_pd, pd, libs)},
	};

	if (!ms_pd_is_ready(pd))
		return;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (lists[i].list->count)
			ms_fault(c, MS_RULE_PD_READY_BINARY, &pd->node, lists[i].mark,
			         "binary '%s' of %s is linked already: there is no use for its %s",
			         ms_clip(pd->binary), ms_label(&pd->node), lists[i].key);
	}
}

void ms_check_pd_ready_symbols(struct ms_checking *c, void *item)
{
	struct ms_pd *pd = item;

	if (pd->symbols_from && !ms_pd_is_ready(pd))
		ms_fault(c, MS_RULE_PD_READY_SYMBOLS, &pd->node,
		         MS_AT(struct ms_pd, pd, symbols_from),
		         "binary '%s' of %s is a source: its program has its own symbols, so "
		         "there is no use for symbols_from",
		         ms_clip(pd->binary), ms_label(&pd->node));
}

/* -- time -------------------------------------------------------------------------------- */

void ms_check_pd_period(struct ms_checking *c, void *item)
{
	struct ms_pd *pd = item;

	if (pd->period_us < pd->budget_us)
		ms_fault(c, MS_RULE_PD_PERIOD_LENGTH, &pd->node, MS_AT(struct ms_pd, pd, period_us),
		         "period_us of %s is %" PRId64 ", less than its budget_us %" PRId64,
		         ms_label(&pd->node), pd->period_us, pd->budget_us);
}

/* -- families ---------------------------------------------------------------------------- */

void ms_check_pd_child(struct ms_checking *c, void *item)
{
	struct ms_pd *pd = item;

	if (pd->parent && pd->child_id == MS_ABSENT)
		ms_fault(c, MS_RULE_PD_CHILD, &pd->node, MS_AT(struct ms_pd, pd, parent),
		         "%s has a parent but no child_id, under which the parent would see it",
		         ms_label(&pd->node));
	else if (!pd->parent && pd->child_id != MS_ABSENT)
		ms_fault(c, MS_RULE_PD_CHILD, &pd->node, MS_AT(struct ms_pd, pd, child_id),
		         "%s has a child_id but no parent", ms_label(&pd->node));
	else if (!pd->parent && pd->setvar_id)
		ms_fault(c, MS_RULE_PD_CHILD, &pd->node, MS_AT(struct ms_pd, pd, setvar_id),
		         "%s has a setvar_id but no parent, whose symbol that would be",
		         ms_label(&pd->node));
}

void ms_check_child_ids(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	struct ms_pd **taken =
	    ms_alloc((spec->pds.count + 1) * MS_CHILD_IDS, sizeof(struct ms_pd *));

	for (size_t i = 0; i < spec->pds.count; i++) {
		struct ms_pd *pd = &spec->pds.items[i], **first;

		if (!pd->parent || !ms_usable(c, &pd->node))
			continue;
		first = &taken[pd->parent_index * MS_CHILD_IDS + (size_t)pd->child_id];
		if (!*first) {
			*first = pd;
			continue;
		}
		ms_fault(c, MS_RULE_PD_CHILD_ID_UNIQUE, &pd->node,
		         MS_AT(struct ms_pd, pd, child_id),
		         "%s and %s, children of '%s', have the same child_id %" PRId64,
		         ms_label(&(*first)->node), ms_label(&pd->node), ms_clip(pd->parent),
		         pd->child_id);
		ms_fault_note(c, &(*first)->node, MS_AT(struct ms_pd, *first, child_id),
		              "the first is here");
	}
	free(taken);
}

static void report_cycle(struct ms_checking *c, struct ms_pd *pd)
{
	struct ms_buf chain = {0};
	const struct ms_pd *at = pd;

	do {
		ms_buf_printf(&chain, "'%s' is a child of ", ms_clip(at->name));
		at = &c->spec->pds.items[at->parent_index];
	} while (at != pd);
	ms_fault(c, MS_RULE_PD_PARENT_CYCLE, &pd->node, MS_AT(struct ms_pd, pd, parent), "%s'%s'",
	         chain.data, ms_clip(pd->name));
	free(chain.data);
}

/* Each walk up goes until it meets a PD that some walk has seen: only one of its own is a cycle. */
void ms_check_parent_cycle(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	size_t *walk = ms_alloc(spec->pds.count + 1, sizeof(*walk));

	for (size_t i = 0; i < spec->pds.count; i++) {
		size_t at = i;

		while (at != MS_NO_INDEX && !walk[at]) {
			walk[at] = i + 1;
			at = ms_usable(c, &spec->pds.items[at].node)
			         ? spec->pds.items[at].parent_index
			         : MS_NO_INDEX;
		}
		if (at != MS_NO_INDEX && walk[at] == i + 1)
			report_cycle(c, &spec->pds.items[at]);
	}
	free(walk);
}

/* -- the root task ----------------------------------------------------------------------- */

void ms_check_root_task(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	struct ms_build *build = &spec->build;
	const char *what;

	if (!ms_usable(c, &build->node) || build->root_task != MS_ROOT_PD)
		return;
	/* Regions stay possible: a root task has all memory, and prefills are in the archive. */
	what = ms_needs_system(spec, false);
	for (size_t i = 0; i < spec->regions.count && !what; i++)
		if (spec->regions.items[i].prefill_bootinfo != MS_ABSENT)
			what = "prefill_bootinfo";
	if (what)
		ms_fault(c, MS_RULE_ROOT_TASK, &build->node,
		         MS_AT(struct ms_build, build, root_task),
		         "with root_task \"pd\" the single protection domain is the root task "
		         "itself; nobody would see to %s",
		         what);
}

/* -- caps -------------------------------------------------------------------------------- */

void ms_check_cap_slots(struct ms_checking *c, void *item)
{
	struct ms_pd *pd = item;
	const struct ms_cap *taken[MS_CAP_SLOTS + 1] = {0};

	for (size_t i = 0; i < pd->caps.count; i++) {
		struct ms_cap *cap = &pd->caps.items[i];

		if (!ms_usable(c, &cap->node))
			continue;
		if (!taken[cap->slot]) {
			taken[cap->slot] = cap;
			continue;
		}
		ms_fault(c, MS_RULE_CAP_SLOT_UNIQUE, &cap->node, MS_AT(struct ms_cap, cap, slot),
		         "two caps of %s have slot %" PRId64, ms_label(&pd->node), cap->slot);
		ms_fault_note(c, &taken[cap->slot]->node,
		              MS_AT(struct ms_cap, taken[cap->slot], slot), "the first is here");
	}
}

/* -- setvars ----------------------------------------------------------------------------- */

void ms_check_setvar_value(struct ms_checking *c, void *item)
{
	struct ms_setvar *setvar = item;
	const struct ms_mark *value = MS_AT(struct ms_setvar, setvar, value);

	/* In a document the key that should not be there, or is not, is for "canonical" to see. */
	if (!value)
		return;
	if (setvar->region_paddr && value->line)
		ms_fault(c, MS_RULE_SETVAR_VALUE, &setvar->node, value,
		         "%s has both region_paddr and value", ms_label(&setvar->node));
	else if (!setvar->region_paddr && !value->line)
		ms_fault(c, MS_RULE_SETVAR_VALUE, &setvar->node, NULL,
		         "%s has neither region_paddr nor value", ms_label(&setvar->node));
}
