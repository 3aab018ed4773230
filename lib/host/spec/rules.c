/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.c - the table of rules, and running it. ms-parse(1) lists the same rules in the same
 * order, and tests/ms-parse/cases has a case rule-NAME for each.
 */
#include "spec/rules.h"
#include "base/mem.h"
#include "spec/document.h"
#include "spec/table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Diagnostics of one rule that are printed; a megabyte can hold 200,000 mistakes. */
#define SHOWN_MAX 50

#define BIT(id) (UINT64_C(1) << MS_RULE_##id)
static_assert(MS_RULE_COUNT <= 64, "ms_node.failed has a bit for each rule");

/* One row. NEEDS: rules that must hold for an item before this one is asked; a rule that needs
 * itself guards a field, and is not asked where the field could not be read. */
#define RULE(id, rule_name, sentence, where, needed, function)                                     \
	[MS_RULE_##id] = {.name = (rule_name),                                                     \
	                  .severity = MS_ERROR,                                                    \
	                  .summary = (sentence),                                                   \
	                  .scope = MS_SCOPE_##where,                                               \
	                  .needs = (needed),                                                       \
	                  .check = (function)}
#define ADVICE(id, rule_name, sentence, where, needed, function)                                   \
	[MS_RULE_##id] = {.name = (rule_name),                                                     \
	                  .severity = MS_WARNING,                                                  \
	                  .summary = (sentence),                                                   \
	                  .scope = MS_SCOPE_##where,                                               \
	                  .needs = (needed),                                                       \
	                  .check = (function)}

/* clang-format off */
const struct ms_rule ms_rules[MS_RULE_COUNT] = {
    RULE(TOML_SYNTAX, "toml-syntax",
         "The text is TOML 1.0.", NONE, 0, NULL),
    RULE(TOML_UTF8, "toml-utf8",
         "The text is valid UTF-8.", NONE, 0, NULL),
    RULE(TOML_REDEFINED, "toml-redefined",
         "No key and no table is defined twice.", NONE, 0, NULL),
    RULE(TOML_RANGE, "toml-range",
         "Every integer fits 64 bits with sign.", NONE, 0, NULL),
    RULE(TOML_UNSUPPORTED, "toml-unsupported",
         "No value is a float, a date or a time.", NONE, 0, NULL),
    RULE(TOML_LIMIT, "toml-limit",
         "The text stays within the reader's limits of depth and number of values.",
         NONE, 0, NULL),
    RULE(CANONICAL, "canonical",
         "A JSON document is what ms-parse would have written.", NONE, 0, NULL),
    RULE(UNKNOWN_KEY, "unknown-key",
         "Every key and every table is one that ms-spec(5) lists.", NONE, 0, NULL),
    RULE(MISSING_KEY, "missing-key",
         "Every required key is there.", NONE, 0, NULL),
    RULE(WRONG_TYPE, "wrong-type",
         "Every value has the type that its key takes.", NONE, 0, NULL),

    RULE(SCHEMA, "schema",
         "The schema, where it is stated, is ms-spec/1.", FIELD, 0, NULL),
    RULE(PRIORITY_ORDER, "priority-order",
         "The order of priorities is zero-lowest or zero-highest.", FIELD, 0, NULL),
    RULE(BUILD_BOARD, "build-board",
         "The board's name is a name.", FIELD, 0, NULL),
    RULE(BUILD_CONFIG, "build-config",
         "The configuration's name is a name.", FIELD, 0, NULL),
    RULE(BUILD_OUTPUT_DIR, "build-output-dir",
         "The output folder is a relative path inside the project.", FIELD, 0, NULL),
    RULE(PD_COUNT, "pd-count",
         "There are 1 to 63 protection domains.", FIELD, 0, NULL),
    RULE(PD_NAME, "pd-name",
         "A protection domain's name is a name.", FIELD, 0, NULL),
    RULE(PD_BINARY, "pd-binary",
         "A binary's path is relative, inside the project and outside the build folder.",
         FIELD, 0, NULL),
    RULE(PD_PRIORITY, "pd-priority",
         "A priority is 0 to 254.", FIELD, 0, NULL),
    RULE(PD_STACK, "pd-stack",
         "A stack is a multiple of 4096 bytes from 4 KiB to 16 MiB.", FIELD, 0, NULL),
    RULE(CHANNEL_COUNT, "channel-count",
         "There are at most 3969 channels.", FIELD, 0, NULL),
    RULE(CHANNEL_NAME, "channel-name",
         "A channel's name is a name.", FIELD, 0, NULL),
    RULE(CHANNEL_END, "channel-end",
         "Both ends of a channel are declared protection domains.",
         CHANNEL, 0, ms_check_channel_ends),
    RULE(CHANNEL_KIND, "channel-kind",
         "A channel's kind is ppc or notification.", FIELD, 0, NULL),
    RULE(CHANNEL_ID, "channel-id",
         "A channel id is 0 to 62.", FIELD, 0, NULL),
    RULE(REGION_COUNT, "region-count",
         "There are at most 10000 memory regions.", FIELD, 0, NULL),
    RULE(REGION_NAME, "region-name",
         "A memory region's name is a name.", FIELD, 0, NULL),
    RULE(REGION_ADDRESS, "region-address",
         "A physical address is a multiple of 4096 below 2^64.", FIELD, 0, NULL),
    RULE(REGION_SIZE, "region-size",
         "A region's size is a multiple of 4096 bytes, above zero and below 2^53.",
         FIELD, 0, NULL),
    RULE(REGION_CACHING, "region-caching",
         "A region's caching is cached, uncached or device-memory.", FIELD, 0, NULL),
    RULE(REGION_PERMISSIONS, "region-permissions",
         "Permissions are read, write and execute, each at most once.", FIELD, 0, NULL),
    RULE(REGION_PREFILL, "region-prefill",
         "A prefill's path is relative, inside the project and outside the build folder.",
         FIELD, 0, NULL),
    RULE(IRQ_COUNT, "irq-count",
         "There are at most 1020 interrupts.", FIELD, 0, NULL),
    RULE(IRQ_NUMBER, "irq-number",
         "An interrupt's number is 0 to 1019.", FIELD, 0, NULL),
    RULE(IRQ_TARGET, "irq-target",
         "An interrupt's target is a declared protection domain.",
         IRQ, BIT(IRQ_TARGET), ms_check_irq_target),
    RULE(IRQ_CHANNEL, "irq-channel",
         "An interrupt's channel id is 0 to 62.", FIELD, 0, NULL),

    RULE(PD_NAME_UNIQUE, "pd-name-unique",
         "No two protection domains have the same name.",
         SPEC, BIT(PD_NAME), ms_check_pd_names),
    RULE(PD_BINARY_KIND, "pd-binary-kind",
         "A binary is a C source (.c), an assembler source (.S) or a linked program (.elf).",
         PD, BIT(PD_BINARY), ms_check_pd_binary_kind),
    RULE(CHANNEL_NAME_UNIQUE, "channel-name-unique",
         "No two channels have the same name.",
         SPEC, BIT(CHANNEL_NAME), ms_check_channel_names),
    RULE(CHANNEL_SELF, "channel-self",
         "The two ends of a channel are different protection domains.",
         CHANNEL, BIT(CHANNEL_END), ms_check_channel_self),
    RULE(CHANNEL_PRIORITY, "channel-priority",
         "The ends of a ppc channel have different priorities: the more urgent one is called.",
         CHANNEL, BIT(CHANNEL_END) | BIT(CHANNEL_SELF) | BIT(CHANNEL_KIND) | BIT(PD_PRIORITY),
         ms_check_channel_priority),
    RULE(CHANNEL_CALLER, "channel-caller",
         "A stated caller is the less urgent end of a ppc channel.",
         CHANNEL, BIT(CHANNEL_CALLER) | BIT(CHANNEL_END) | BIT(CHANNEL_SELF) |
         BIT(CHANNEL_KIND) | BIT(CHANNEL_PRIORITY) | BIT(PD_PRIORITY) | BIT(PRIORITY_ORDER),
         ms_check_channel_caller),
    RULE(REGION_NAME_UNIQUE, "region-name-unique",
         "No two memory regions have the same name.",
         SPEC, BIT(REGION_NAME), ms_check_region_names),
    RULE(REGION_WRITE_ONLY, "region-write-only",
         "A region that can be written can be read.",
         REGION, BIT(REGION_PERMISSIONS), ms_check_region_write_only),
    RULE(REGION_WRAP, "region-wrap",
         "A region ends within the 64-bit address space.",
         REGION, BIT(REGION_ADDRESS) | BIT(REGION_SIZE), ms_check_region_wrap),
    RULE(REGION_OVERLAP, "region-overlap",
         "No two memory regions share an address.",
         SPEC, BIT(REGION_ADDRESS) | BIT(REGION_SIZE) | BIT(REGION_WRAP),
         ms_check_region_overlap),
    ADVICE(REGION_NO_ACCESS, "region-no-access",
           "A region has a permission, since without one nobody can use it.",
           REGION, BIT(REGION_PERMISSIONS), ms_check_region_no_access),
    ADVICE(REGION_WRITE_EXECUTE, "region-write-execute",
           "No region can be both written and executed.",
           REGION, BIT(REGION_PERMISSIONS), ms_check_region_write_execute),
    RULE(ARCHIVE_NAME, "archive-name",
         "No two members of the image's archive have the same name.",
         SPEC, BIT(PD_NAME) | BIT(PD_NAME_UNIQUE) | BIT(REGION_NAME) | BIT(REGION_PREFILL),
         ms_check_archive_names),
    RULE(IRQ_UNIQUE, "irq-unique",
         "An interrupt is delivered once.",
         SPEC, BIT(IRQ_NUMBER), ms_check_irq_unique),
    RULE(PD_CHANNELS, "pd-channels",
         "A protection domain has at most 63 channel ends and interrupts.",
         SPEC, BIT(CHANNEL_END) | BIT(IRQ_TARGET), ms_check_pd_channels),
    RULE(CHANNEL_ID_UNIQUE, "channel-id-unique",
         "No two channel ends and interrupts of a protection domain have the same id.",
         SPEC, BIT(CHANNEL_END) | BIT(CHANNEL_ID) | BIT(IRQ_TARGET) | BIT(IRQ_CHANNEL) |
         BIT(PD_CHANNELS) | BIT(PD_COUNT), ms_check_channel_ids),
};
/* clang-format on */

/* -- reporting --------------------------------------------------------------------------- */

static struct ms_place place_of(const struct ms_checking *c, const struct ms_node *node,
                                const struct ms_mark *mark)
{
	struct ms_place place = {.source = &c->source};

	if ((!mark || !mark->line) && node)
		mark = &node->at;
	if (c->positions && mark && mark->line) {
		place.line = mark->line;
		place.col = mark->col;
		place.len = mark->len;
	}
	return place;
}

void ms_fault(struct ms_checking *c, enum ms_rule_id rule, struct ms_node *node,
              const struct ms_mark *mark, const char *fmt, ...)
{
	struct ms_place place = place_of(c, node, mark);
	va_list ap;

	if (ms_rules[rule].severity == MS_ERROR) {
		c->errors++;
		if (node)
			node->failed |= UINT64_C(1) << rule;
	}
	c->last_shown = c->shown[rule] < SHOWN_MAX;
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
			ms_report(MS_NOTE, &place, ms_rules[i].name, "%u more are not shown",
			          c->hidden[i]);
	}
	return c->errors == 0;
}

const char *ms_label(const struct ms_node *node)
{
	const struct ms_spec_table *table = node->table;
	const struct ms_spec_row *first = &table->rows[0];

	if (table == &ms_spec_table || table == &ms_build_table)
		return table->noun;
	if (first->doc.kind == MS_KIND_STRING && ms_get_string(node, first))
		return ms_format("%s '%s'", table->noun, ms_clip(ms_get_string(node, first)));
	if (first->doc.kind == MS_KIND_INTEGER && ms_get_number(node, first) != MS_ABSENT)
		return ms_format("%s %" PRId64, table->noun, ms_get_number(node, first));
	return ms_format("%s number %zu", table->noun, node->index + 1);
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
	return (node->failed & c->needs) == 0;
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

	c->needs = rule->needs;
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
	case MS_SCOPE_IRQ: run_on_items(c, rule, &spec->irqs, &ms_irq_table); break;
	}
}

static int by_name(const void *a, const void *b)
{
	const struct ms_pd *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	if (order == 0)
		order = (*x)->node.index < (*y)->node.index ? -1 : 1;
	return order;
}

static void index_pds(struct ms_checking *c)
{
	struct ms_pds *pds = &c->spec->pds;

	c->by_name = ms_alloc(pds->count + 1, sizeof(struct ms_pd *));
	for (size_t i = 0; i < pds->count; i++) {
		if (pds->items[i].name)
			c->by_name[c->by_name_count++] = &pds->items[i];
	}
	qsort(c->by_name, c->by_name_count, sizeof(struct ms_pd *), by_name);
}

const struct ms_pd *ms_find_pd(const struct ms_checking *c, const char *name)
{
	size_t low = 0, high = c->by_name_count;

	/* The first of several of one name: that is the one which the others duplicate. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(c->by_name[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < c->by_name_count && strcmp(c->by_name[low]->name, name) == 0)
		return c->by_name[low];
	return NULL;
}

void ms_rules_run(struct ms_checking *c)
{
	struct ms_spec *spec = c->spec;

	ms_check_fields(c);
	/* What was read is the TOML's number; from here on a priority is seL4's. */
	for (size_t i = 0; c->positions && i < spec->pds.count; i++) {
		struct ms_pd *pd = &spec->pds.items[i];

		if (!(pd->node.failed & BIT(PD_PRIORITY)))
			pd->priority = ms_turn_priority(spec, pd->priority);
	}
	index_pds(c);
	for (size_t i = 0; i < MS_RULE_COUNT; i++)
		run(c, &ms_rules[i]);
}

void ms_spec_list_rules(void)
{
	for (size_t i = 0; i < MS_RULE_COUNT; i++)
		printf("%s\t%s\t%s\n", ms_rules[i].name,
		       ms_rules[i].severity == MS_ERROR ? "error" : "warning", ms_rules[i].summary);
}
