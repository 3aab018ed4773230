/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * checking.c - runs the rules (rules.c) on a system that was read: names are indexed, what follows
 * from other fields is filled in, each rule is asked of the items that it is about, and what is
 * broken is reported with its place.
 */
#include "base/mem.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* -- reporting --------------------------------------------------------------------------- */

static struct ms_place place_of(const struct ms_checking *c, const struct ms_node *node,
                                const struct ms_mark *mark)
{
	struct ms_place place = {.source = &c->source};

	if ((!mark || !mark->line) && node)
		mark = &node->at;
	if ((c->positions || c->borrowed) && mark && mark->line) {
		place.line = mark->line;
		place.col = mark->col;
		place.len = mark->len;
	}
	return place;
}

bool ms_is_shown(const struct ms_checking *c, enum ms_rule_id rule)
{
	return c->shown[rule] < MS_SHOWN_MAX;
}

void ms_break_rule(struct ms_node *node, enum ms_rule_id rule)
{
	node->failed[rule / 64] |= UINT64_C(1) << rule % 64;
}

bool ms_broke_rule(const struct ms_node *node, enum ms_rule_id rule)
{
	return (node->failed[rule / 64] >> rule % 64 & 1) != 0;
}

void ms_fault(struct ms_checking *c, enum ms_rule_id rule, struct ms_node *node,
              const struct ms_mark *mark, const char *fmt, ...)
{
	struct ms_place place = place_of(c, node, mark);
	va_list ap;

	if (ms_rules[rule].severity != MS_ERROR && c->quiet) {
		c->last_shown = false;
		return;
	}
	if (ms_rules[rule].severity == MS_ERROR) {
		c->errors++;
		if (node)
			ms_break_rule(node, rule);
	}
	c->last_shown = ms_is_shown(c, rule);
	if (!c->last_shown) {
		c->hidden[rule]++;
		return;
	}
	c->shown[rule]++;
	va_start(ap, fmt);
	ms_report(ms_rules[rule].severity, &place, ms_rules[rule].name, "%s", ms_vformat(fmt, ap));
	va_end(ap);
}

void ms_fault_note(struct ms_checking *c, const struct ms_node *node, const struct ms_mark *mark,
                   const char *fmt, ...)
{
	struct ms_place place = place_of(c, node, mark);
	va_list ap;

	/* Without a place the fault itself has said all. */
	if (!place.line || !c->last_shown)
		return;
	va_start(ap, fmt);
	ms_report(MS_NOTE, &place, NULL, "%s", ms_vformat(fmt, ap));
	va_end(ap);
}

bool ms_rules_done(struct ms_checking *c)
{
	struct ms_place place = {.source = &c->source};

	for (size_t i = 0; i < MS_RULE_COUNT; i++) {
		if (c->hidden[i])
			ms_report(MS_NOTE, &place, ms_rules[i].name, "%u more %s not shown",
			          c->hidden[i], c->hidden[i] == 1 ? "is" : "are");
	}
	return c->errors == 0;
}

const char *ms_clip(const char *s)
{
	const size_t max = 80;
	size_t len = strlen(s);

	if (len <= max)
		return s;
	for (len = max; len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80;)
		len--;
	return ms_format("%.*s...", (int)len, s);
}

static const char *own_label(const struct ms_node *node)
{
	const struct ms_spec_table *table = node->table;
	const struct ms_spec_row *first = &table->rows[0];

	if (table == &ms_spec_table || table == &ms_build_table || table == &ms_schedule_table)
		return table->noun;
	if (first->doc.kind == MS_KIND_STRING && first->form != MS_FORM_DOMAIN &&
	    ms_get_string(node, first))
		return ms_format("%s '%s'", table->noun, ms_clip(ms_get_string(node, first)));
	if (ms_get_either(node, first))
		return ms_format("%s %" PRId64 " of %s", table->noun,
		                 ms_get_either(node, first)->index,
		                 ms_clip(ms_get_either(node, first)->dt));
	if (first->doc.kind == MS_KIND_INTEGER && ms_get_number(node, first) != MS_ABSENT)
		return ms_format("%s %" PRId64, table->noun, ms_get_number(node, first));
	return ms_format("%s number %zu", table->noun, node->index + 1);
}

const char *ms_label(const struct ms_node *node)
{
	if (node->owner && node->owner->table != &ms_spec_table)
		return ms_format("%s of %s", own_label(node), own_label(node->owner));
	return own_label(node);
}

const struct ms_mark *ms_mark_at(const struct ms_node *node, size_t offset)
{
	for (size_t i = 0; node->marks && i < node->table->count; i++) {
		if (node->table->rows[i].offset == offset)
			return &node->marks[i];
	}
	return NULL;
}

bool ms_usable(const struct ms_checking *c, const struct ms_node *node)
{
	for (size_t i = 0; i < sizeof(c->needs) / sizeof(c->needs[0]); i++) {
		if (node->failed[i] & c->needs[i])
			return false;
	}
	return true;
}

/* -- running ----------------------------------------------------------------------------- */

static void run_on_items(struct ms_checking *c, const struct ms_rule *rule, const void *collection,
                         const struct ms_spec_table *table)
{
	struct ms_items items;

	memcpy(&items, collection, sizeof(items));
	for (size_t i = 0; i < items.count; i++) {
		void *item = ms_item_at(items, table, i);

		if (ms_usable(c, item))
			rule->check(c, item);
	}
}

static void run(struct ms_checking *c, const struct ms_rule *rule)
{
	struct ms_spec *spec = c->spec;

	memset(c->needs, 0, sizeof(c->needs));
	for (const unsigned char *need = rule->needs; *need; need++)
		c->needs[*need / 64] |= UINT64_C(1) << *need % 64;
	switch (rule->scope) {
	case MS_SCOPE_NONE:
	case MS_SCOPE_FIELD: break;
	case MS_SCOPE_SPEC:
		if (ms_usable(c, &spec->node))
			rule->check(c, spec);
		break;
	case MS_SCOPE_PD: run_on_items(c, rule, &spec->pds, &ms_pd_table); break;
	case MS_SCOPE_CHANNEL: run_on_items(c, rule, &spec->channels, &ms_channel_table); break;
	case MS_SCOPE_REGION: run_on_items(c, rule, &spec->regions, &ms_region_table); break;
	case MS_SCOPE_MAP:
		for (size_t i = 0; i < spec->pds.count; i++)
			run_on_items(c, rule, &spec->pds.items[i].maps, &ms_map_table);
		for (size_t i = 0; i < spec->vms.count; i++)
			run_on_items(c, rule, &spec->vms.items[i].maps, &ms_vm_map_table);
		break;
	case MS_SCOPE_SETVAR:
		for (size_t i = 0; i < spec->pds.count; i++)
			run_on_items(c, rule, &spec->pds.items[i].setvars, &ms_setvar_table);
		break;
	case MS_SCOPE_VM: run_on_items(c, rule, &spec->vms, &ms_vm_table); break;
	case MS_SCOPE_ENTRY:
		run_on_items(c, rule, &spec->schedule.entries, &ms_schedule_entry_table);
		break;
	case MS_SCOPE_ASSERTION:
		run_on_items(c, rule, &spec->assertions, &ms_assertion_table);
		break;
	}
}

/* -- names ------------------------------------------------------------------------------- */

static const char *name_of(const struct ms_node *node)
{
	return ms_get_string(node, &node->table->rows[0]);
}

static int by_name(const void *a, const void *b)
{
	const struct ms_node *const *x = a, *const *y = b;
	int order = strcmp(name_of(*x), name_of(*y));

	if (order == 0)
		order = (*x)->index < (*y)->index ? -1 : 1;
	return order;
}

static void index_names(struct ms_named *names, const void *collection,
                        const struct ms_spec_table *table)
{
	struct ms_items items;

	memcpy(&items, collection, sizeof(items));
	names->items = ms_alloc(items.count + 1, sizeof(struct ms_node *));
	for (size_t i = 0; i < items.count; i++) {
		struct ms_node *node = ms_item_at(items, table, i);

		if (name_of(node))
			names->items[names->count++] = node;
	}
	names->partial = names->partial || names->count < items.count;
	qsort(names->items, names->count, sizeof(struct ms_node *), by_name);
}

/* The first of several of one name: that is the one which the others duplicate. */
static void *find_name(const struct ms_named *names, const char *name)
{
	size_t low = 0, high = names->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(name_of(names->items[middle]), name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < names->count && strcmp(name_of(names->items[low]), name) == 0)
		return names->items[low];
	return NULL;
}

struct ms_pd *ms_find_pd(const struct ms_checking *c, const char *name)
{
	return find_name(&c->pds, name);
}

struct ms_region *ms_find_region(const struct ms_checking *c, const char *name)
{
	return find_name(&c->regions, name);
}

struct ms_domain *ms_find_domain(const struct ms_checking *c, const char *name)
{
	return find_name(&c->domains, name);
}

/* -- all --------------------------------------------------------------------------------- */

/* While reading items move; now that they stay, each can say what it is a part of. */
static void link_owners(struct ms_node *node)
{
	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];
		struct ms_items items;

		if (row->either)
			ms_either_place(node, row)->node.owner = node;
		if (row->doc.kind == MS_KIND_OBJECT) {
			struct ms_node *part = ms_get_object(node, row);

			part->owner = node;
			link_owners(part);
		}
		if (!ms_row_is_list(row))
			continue;
		items = ms_get_items(node, row);
		for (size_t n = 0; n < items.count; n++) {
			struct ms_node *part = ms_item_at(items, row->table, n);

			part->owner = node;
			link_owners(part);
		}
	}
}

/* Fills in the numbers that were not given and follow from others. */
static void derive(const struct ms_spec *spec, struct ms_node *node)
{
	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];
		struct ms_items items;

		if (row->derive && ms_get_number(node, row) == MS_ABSENT)
			ms_set_number(node, row, row->derive(spec, node));
		if (!ms_row_is_list(row))
			continue;
		items = ms_get_items(node, row);
		for (size_t n = 0; n < items.count; n++)
			derive(spec, ms_item_at(items, row->table, n));
	}
}

static void complete_pds(struct ms_checking *c)
{
	struct ms_pds *pds = &c->spec->pds;

	for (size_t i = 0; i < pds->count; i++) {
		struct ms_pd *pd = &pds->items[i];

		pd->vm_index = MS_NO_INDEX;
		if (pd->parent_index != MS_NO_INDEX)
			pds->items[pd->parent_index].is_parent = 1;
		/* What was read is the TOML's number; from here on a priority is seL4's. */
		if (c->positions && !ms_broke_rule(&pd->node, MS_RULE_PD_PRIORITY))
			pd->priority = ms_turn_priority(c->spec, pd->priority);
	}
}

static void complete_vms(struct ms_checking *c)
{
	for (size_t i = 0; i < c->spec->vms.count; i++) {
		struct ms_vm *vm = &c->spec->vms.items[i];
		struct ms_pd *parent;

		if (c->positions && !ms_broke_rule(&vm->node, MS_RULE_VM_PRIORITY))
			vm->priority = ms_turn_priority(c->spec, vm->priority);
		if (vm->parent_index == MS_NO_INDEX)
			continue;
		parent = &c->spec->pds.items[vm->parent_index];
		parent->is_parent = 1;
		if (parent->vm_index == MS_NO_INDEX)
			parent->vm_index = i;
	}
}

void ms_rules_run(struct ms_checking *c)
{
	struct ms_spec *spec = c->spec;

	link_owners(&spec->node);
	index_names(&c->pds, &spec->pds, &ms_pd_table);
	index_names(&c->regions, &spec->regions, &ms_region_table);
	index_names(&c->domains, &spec->domains, &ms_domain_table);
	ms_check_fields(c);
	complete_pds(c);
	complete_vms(c);
	derive(spec, &spec->node);
	for (size_t i = MS_RULE_NONE + 1; i < MS_RULE_COUNT; i++)
		run(c, &ms_rules[i]);
}
