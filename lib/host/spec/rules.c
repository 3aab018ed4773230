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
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Diagnostics of one rule that are printed; a megabyte can hold 200,000 mistakes. */
#define SHOWN_MAX 50

static_assert(MS_RULE_COUNT <= 256, "ms_node.failed has a bit for each rule");
static_assert(MS_RULE_COUNT <= UCHAR_MAX, "ms_rule.needs holds each rule in a byte");

#define R(id) MS_RULE_##id

/* One row. The last arguments: rules that must hold for an item before this one is asked; a rule
 * that needs itself guards a field, and is not asked where the field could not be read. */
#define ROW(id, level, rule_name, sentence, where, function, ...)                                  \
	[MS_RULE_##id] = {.name = (rule_name),                                                     \
	                  .severity = (level),                                                     \
	                  .summary = (sentence),                                                   \
	                  .scope = MS_SCOPE_##where,                                               \
	                  .check = (function),                                                     \
	                  .needs = {__VA_ARGS__}}
#define READ(id, rule_name, sentence)                                                              \
	ROW(id, MS_ERROR, rule_name, sentence, NONE, NULL, MS_RULE_NONE)
#define FIELD(id, rule_name, sentence)                                                             \
	ROW(id, MS_ERROR, rule_name, sentence, FIELD, NULL, MS_RULE_NONE)
#define RULE(id, rule_name, sentence, where, ...)                                                  \
	ROW(id, MS_ERROR, rule_name, sentence, where, __VA_ARGS__)
#define ADVICE(id, rule_name, sentence, where, ...)                                                \
	ROW(id, MS_WARNING, rule_name, sentence, where, __VA_ARGS__)

/* clang-format off */
const struct ms_rule ms_rules[MS_RULE_COUNT] = {
    READ(TOML_SYNTAX, "toml-syntax",
         "The text is TOML 1.0."),
    READ(TOML_UTF8, "toml-utf8",
         "The text is valid UTF-8."),
    READ(TOML_REDEFINED, "toml-redefined",
         "No key and no table is defined twice."),
    READ(TOML_RANGE, "toml-range",
         "Every integer fits 64 bits with sign."),
    READ(TOML_UNSUPPORTED, "toml-unsupported",
         "No value is a float, a date or a time."),
    READ(TOML_LIMIT, "toml-limit",
         "The text stays within the reader's limits of depth and number of values."),
    READ(CANONICAL, "canonical",
         "A JSON document is what ms-parse would have written."),
    READ(UNKNOWN_KEY, "unknown-key",
         "Every key and every table is one that ms-spec(5) lists."),
    READ(MISSING_KEY, "missing-key",
         "Every required key is there."),
    READ(WRONG_TYPE, "wrong-type",
         "Every value has the type that its key takes."),

    FIELD(SCHEMA, "schema",
          "The schema, where it is stated, is ms-spec/1."),
    FIELD(PRIORITY_ORDER, "priority-order",
          "The order of priorities is zero-lowest or zero-highest."),
    FIELD(BUILD_BOARD, "build-board",
          "The board's name is a name."),
    FIELD(BUILD_CONFIG, "build-config",
          "The configuration's name is a name."),
    FIELD(BUILD_OUTPUT_DIR, "build-output-dir",
          "The output folder is a relative path inside the project."),
    FIELD(BUILD_SDK, "build-sdk",
          "The SDK's folder is inside the project and outside the build folder."),
    FIELD(BUILD_ROOT_TASK, "build-root-task",
          "The root task is auto, pd or system."),
    FIELD(PD_COUNT, "pd-count",
          "There are 1 to 63 protection domains."),
    FIELD(PD_NAME, "pd-name",
          "A protection domain's name is a name."),
    FIELD(PD_BINARY, "pd-binary",
          "A binary's path is relative, inside the project and outside the build folder."),
    FIELD(PD_PRIORITY, "pd-priority",
          "A priority is 0 to 254."),
    FIELD(PD_STACK, "pd-stack",
          "A stack is a multiple of 4096 bytes from 4 KiB to 16 MiB."),
    RULE(PD_SOURCES, "pd-sources",
         "Sources are .c and .S files inside the project, each listed once and none the binary.",
         PD, ms_check_pd_sources, R(PD_SOURCES), R(PD_BINARY)),
    FIELD(PD_INCLUDE_DIRS, "pd-include-dirs",
          "Include folders are inside the project and outside the build folder, each listed once."),
    FIELD(PD_DEFINES, "pd-defines",
          "A define is NAME or NAME=VALUE, each NAME a C identifier that is listed once."),
    FIELD(PD_LIBS, "pd-libs",
          "Libraries are .a files inside the project and outside the build folder."),
    FIELD(PD_BUDGET, "pd-budget",
          "A budget is 20 microseconds or more, below 2^53."),
    FIELD(PD_PERIOD, "pd-period",
          "A period is 20 microseconds or more, below 2^53."),
    FIELD(PD_CPU, "pd-cpu",
          "A core's number is 0 to 255."),
    FIELD(PD_DOMAIN, "pd-domain",
          "A protection domain's domain is a declared domain."),
    FIELD(PD_SYMBOLS, "pd-symbols",
          "Symbols come from an .elf file inside the project and outside the build folder."),
    FIELD(PD_PARENT, "pd-parent",
          "A parent is a declared protection domain."),
    FIELD(PD_CHILD_ID, "pd-child-id",
          "A child id is 0 to 61."),
    FIELD(MAP_COUNT, "map-count",
          "A protection domain has at most 10000 maps."),
    FIELD(MAP_REGION, "map-region",
          "A map is of a declared memory region."),
    FIELD(MAP_ADDRESS, "map-address",
          "A virtual address is a multiple of 4096, or auto."),
    FIELD(MAP_PERMISSIONS, "map-permissions",
          "A map's permissions are read, write and execute, each at most once."),
    RULE(MAP_CACHED, "map-cached",
         "A map of a region that is not cached is not cached either.",
         MAP, ms_check_map_cached, R(MAP_CACHED), R(MAP_REGION)),
    FIELD(SETVAR_COUNT, "setvar-count",
          "A protection domain has at most 1000 setvars."),
    FIELD(SETVAR_REGION, "setvar-region",
          "The region of a setvar is a declared memory region."),
    RULE(SETVAR_VALUE, "setvar-value",
         "A setvar has either region_paddr or a value, which is 0 to 2^64-1.",
         SETVAR, ms_check_setvar_value, R(SETVAR_VALUE), R(SETVAR_REGION)),
    FIELD(CAP_COUNT, "cap-count",
          "A protection domain is given at most 63 caps."),
    FIELD(CAP_KIND, "cap-kind",
          "A cap's kind is tcb, sc or vspace."),
    FIELD(CAP_PD, "cap-pd",
          "A cap is of a declared protection domain."),
    FIELD(CAP_SLOT, "cap-slot",
          "A cap's slot is 1 to 63."),
    FIELD(SYMBOL, "symbol",
          "A symbol is a C identifier of at most 255 bytes, and none that the layout sets."),
    FIELD(CHANNEL_COUNT, "channel-count",
          "There are at most 3969 channels."),
    FIELD(CHANNEL_NAME, "channel-name",
          "A channel's name is a name."),
    FIELD(CHANNEL_END, "channel-end",
          "Both ends of a channel are declared protection domains."),
    FIELD(CHANNEL_KIND, "channel-kind",
          "A channel's kind is ppc or notification."),
    FIELD(CHANNEL_ID, "channel-id",
          "A channel id is 0 to 62."),
    RULE(CHANNEL_NOTIFY, "channel-notify",
         "Over a notification channel one of the ends may signal the other.",
         CHANNEL, ms_check_channel_notify, R(CHANNEL_NOTIFY), R(CHANNEL_KIND)),
    FIELD(REGION_COUNT, "region-count",
          "There are at most 10000 memory regions."),
    FIELD(REGION_NAME, "region-name",
          "A memory region's name is a name."),
    FIELD(DT_PATH, "dt-path",
          "A node of the device tree is named by a path of printable characters."),
    FIELD(DT_INDEX, "dt-index",
          "A register or interrupt of a node is number 0 to 255."),
    FIELD(REGION_ADDRESS, "region-address",
          "A physical address is a multiple of 4096 below 2^64."),
    RULE(REGION_SIZE, "region-size",
         "A region's size is a multiple of 4096 bytes, above zero and below 2^53, and is given "
         "or follows from a prefill.",
         REGION, ms_check_region_size, R(REGION_SIZE), R(REGION_PREFILL), R(REGION_BOOTINFO)),
    FIELD(REGION_CACHING, "region-caching",
          "A region's caching is cached, uncached or device-memory."),
    FIELD(REGION_PERMISSIONS, "region-permissions",
          "Permissions are read, write and execute, each at most once."),
    FIELD(REGION_PREFILL, "region-prefill",
          "A prefill's path is relative, inside the project and outside the build folder."),
    RULE(REGION_BOOTINFO, "region-bootinfo",
         "A region is filled from a file or with the device tree (fdt) that the kernel hands on.",
         REGION, ms_check_region_bootinfo, R(REGION_PREFILL), R(REGION_BOOTINFO)),
    RULE(REGION_PAGE, "region-page",
         "A region's pages are of 4096 or 2097152 bytes, and its size and address are multiples.",
         REGION, ms_check_region_page, R(REGION_PAGE), R(REGION_SIZE), R(REGION_ADDRESS)),
    FIELD(IRQ_COUNT, "irq-count",
          "There are at most 1020 interrupts."),
    FIELD(IRQ_NUMBER, "irq-number",
          "An interrupt's number is 0 to 1019."),
    FIELD(IRQ_TARGET, "irq-target",
          "An interrupt's target is a declared protection domain."),
    FIELD(IRQ_CHANNEL, "irq-channel",
          "An interrupt's channel id is 0 to 62."),
    FIELD(IRQ_TRIGGER, "irq-trigger",
          "An interrupt's trigger is level or edge."),
    FIELD(VM_COUNT, "vm-count",
          "There are at most 63 virtual machines."),
    FIELD(VM_NAME, "vm-name",
          "A virtual machine's name is a name."),
    FIELD(VM_PARENT, "vm-parent",
          "A virtual machine's parent is a declared protection domain."),
    FIELD(VM_PRIORITY, "vm-priority",
          "A virtual machine's priority is 0 to 254."),
    FIELD(VM_BUDGET, "vm-budget",
          "A virtual machine's budget is 20 microseconds or more, below 2^53."),
    FIELD(VM_PERIOD, "vm-period",
          "A virtual machine's period is 20 microseconds or more, below 2^53."),
    FIELD(VCPU_COUNT, "vcpu-count",
          "A virtual machine has 1 to 62 virtual CPUs."),
    FIELD(VCPU_ID, "vcpu-id",
          "A virtual CPU's id is 0 to 61."),
    FIELD(VCPU_CPU, "vcpu-cpu",
          "The number of a virtual CPU's core is 0 to 255."),
    FIELD(DOMAIN_COUNT, "domain-count",
          "There are at most 256 domains."),
    FIELD(DOMAIN_NAME, "domain-name",
          "A domain's name is a name."),
    FIELD(DOMAIN_ID, "domain-id",
          "A domain's id is 0 to 255."),
    FIELD(SCHEDULE_COUNT, "schedule-count",
          "A domain schedule has at most 1024 entries."),
    FIELD(SCHEDULE_START, "schedule-start",
          "The index with which a domain schedule starts is 0 to 1023."),
    FIELD(SCHEDULE_SHIFT, "schedule-shift",
          "A domain schedule is shifted by 0 to 1023 entries."),
    FIELD(SCHEDULE_DOMAIN, "schedule-domain",
          "A schedule entry is of a declared domain."),
    FIELD(SCHEDULE_DURATION, "schedule-duration",
          "A schedule entry's duration is above zero and below 2^53."),
    FIELD(SCHEDULE_UNIT, "schedule-unit",
          "The unit of a duration is us or ticks."),
    FIELD(ASSERTION_COUNT, "assertion-count",
          "There are at most 1000 assertions."),
    FIELD(ASSERTION_NAME, "assertion-name",
          "An assertion names declared protection domains and memory regions."),
    FIELD(ASSERTION_NUMBER, "assertion-number",
          "The number of an assertion is 0 to 63."),

    RULE(PD_NAME_UNIQUE, "pd-name-unique",
         "No two protection domains have the same name.",
         SPEC, ms_check_pd_names, R(PD_NAME)),
    RULE(PD_BINARY_KIND, "pd-binary-kind",
         "A binary is a C source (.c), an assembler source (.S) or a linked program (.elf).",
         PD, ms_check_pd_binary_kind, R(PD_BINARY)),
    RULE(PD_READY_BINARY, "pd-ready-binary",
         "A linked program has no sources, include folders, defines and libraries.",
         PD, ms_check_pd_ready_binary, R(PD_BINARY), R(PD_BINARY_KIND)),
    RULE(PD_READY_SYMBOLS, "pd-ready-symbols",
         "Only a linked program has symbols from another file.",
         PD, ms_check_pd_ready_symbols, R(PD_BINARY), R(PD_BINARY_KIND), R(PD_SYMBOLS)),
    RULE(PD_PERIOD_LENGTH, "pd-period-length",
         "A period is as long as its budget or longer.",
         PD, ms_check_pd_period, R(PD_BUDGET), R(PD_PERIOD)),
    RULE(PD_CHILD, "pd-child",
         "A protection domain has a child id if and only if it has a parent.",
         PD, ms_check_pd_child, R(PD_PARENT), R(PD_CHILD_ID)),
    RULE(PD_CHILD_ID_UNIQUE, "pd-child-id-unique",
         "No two children of a protection domain have the same id.",
         SPEC, ms_check_child_ids, R(PD_PARENT), R(PD_CHILD_ID), R(PD_CHILD)),
    RULE(PD_PARENT_CYCLE, "pd-parent-cycle",
         "No protection domain descends from itself.",
         SPEC, ms_check_parent_cycle, R(PD_PARENT), R(PD_NAME_UNIQUE)),
    RULE(CAP_SLOT_UNIQUE, "cap-slot-unique",
         "No two caps of a protection domain have the same slot.",
         PD, ms_check_cap_slots, R(CAP_SLOT)),
    RULE(CHANNEL_NAME_UNIQUE, "channel-name-unique",
         "No two channels have the same name.",
         SPEC, ms_check_channel_names, R(CHANNEL_NAME)),
    RULE(CHANNEL_SELF, "channel-self",
         "The two ends of a channel are different protection domains.",
         CHANNEL, ms_check_channel_self, R(CHANNEL_END)),
    RULE(CHANNEL_PRIORITY, "channel-priority",
         "The ends of a ppc channel have different priorities: the more urgent one is called.",
         CHANNEL, ms_check_channel_priority, R(CHANNEL_END), R(CHANNEL_SELF), R(CHANNEL_KIND),
         R(PD_PRIORITY)),
    RULE(CHANNEL_CALLER, "channel-caller",
         "A stated caller is the less urgent end of a ppc channel.",
         CHANNEL, ms_check_channel_caller, R(CHANNEL_CALLER), R(CHANNEL_END), R(CHANNEL_SELF),
         R(CHANNEL_KIND), R(CHANNEL_PRIORITY), R(PD_PRIORITY), R(PRIORITY_ORDER)),
    RULE(REGION_NAME_UNIQUE, "region-name-unique",
         "No two memory regions have the same name.",
         SPEC, ms_check_region_names, R(REGION_NAME)),
    RULE(REGION_WRITE_ONLY, "region-write-only",
         "A region that can be written can be read.",
         REGION, ms_check_region_write_only, R(REGION_PERMISSIONS)),
    RULE(REGION_WRAP, "region-wrap",
         "A region ends within the 64-bit address space.",
         REGION, ms_check_region_wrap, R(REGION_ADDRESS), R(REGION_SIZE)),
    RULE(REGION_OVERLAP, "region-overlap",
         "No two memory regions share an address.",
         SPEC, ms_check_region_overlap, R(REGION_ADDRESS), R(REGION_SIZE), R(REGION_WRAP)),
    ADVICE(REGION_NO_ACCESS, "region-no-access",
           "A region has a permission, since without one nobody can use it.",
           REGION, ms_check_region_no_access, R(REGION_PERMISSIONS)),
    ADVICE(REGION_WRITE_EXECUTE, "region-write-execute",
           "No region can be both written and executed.",
           REGION, ms_check_region_write_execute, R(REGION_PERMISSIONS)),
    RULE(VM_NAME_UNIQUE, "vm-name-unique",
         "No two virtual machines have the same name.",
         SPEC, ms_check_vm_names, R(VM_NAME)),
    RULE(VM_PARENT_UNIQUE, "vm-parent-unique",
         "A protection domain is the parent of one virtual machine at most.",
         SPEC, ms_check_vm_parents, R(VM_PARENT)),
    RULE(VM_PERIOD_LENGTH, "vm-period-length",
         "A virtual machine's period is as long as its budget or longer.",
         VM, ms_check_vm_period, R(VM_BUDGET), R(VM_PERIOD)),
    RULE(VCPU_TOTAL, "vcpu-total",
         "There are at most 64 virtual CPUs in all.",
         SPEC, ms_check_vcpu_total, R(VM_COUNT)),
    RULE(VCPU_ID_UNIQUE, "vcpu-id-unique",
         "No two virtual CPUs and children of a protection domain have the same id.",
         SPEC, ms_check_vcpu_ids, R(VM_PARENT), R(VM_PARENT_UNIQUE), R(VCPU_ID), R(PD_PARENT),
         R(PD_CHILD_ID), R(PD_CHILD)),
    RULE(DOMAIN_NAME_UNIQUE, "domain-name-unique",
         "No two domains have the same name.",
         SPEC, ms_check_domain_names, R(DOMAIN_NAME)),
    RULE(DOMAIN_ID_UNIQUE, "domain-id-unique",
         "No two domains have the same id.",
         SPEC, ms_check_domain_ids, R(DOMAIN_ID), R(DOMAIN_COUNT)),
    RULE(DOMAIN_GIVEN, "domain-given",
         "Where there are domains, every protection domain is in one.",
         PD, ms_check_domain_given, R(PD_DOMAIN)),
    RULE(DOMAIN_SCHEDULED, "domain-scheduled",
         "There is a domain schedule if and only if there are domains.",
         SPEC, ms_check_domain_scheduled, R(SCHEDULE_COUNT)),
    RULE(SCHEDULE_ENTRY, "schedule-entry",
         "A schedule entry has a domain, a duration and its unit, or is an end marker.",
         ENTRY, ms_check_schedule_entry, R(SCHEDULE_DOMAIN), R(SCHEDULE_DURATION),
         R(SCHEDULE_UNIT), R(WRONG_TYPE)),
    RULE(SCHEDULE_BEGIN, "schedule-begin",
         "A domain schedule starts with one of its entries that is no end marker.",
         SPEC, ms_check_schedule_begin, R(SCHEDULE_START), R(SCHEDULE_COUNT)),
    RULE(MAP_CEILING, "map-ceiling",
         "A map has no permission that its region lacks.",
         MAP, ms_check_map_ceiling, R(MAP_REGION), R(MAP_PERMISSIONS), R(REGION_PERMISSIONS)),
    RULE(MAP_ACCESS, "map-access",
         "A map has a permission, and can be read where it can be written.",
         MAP, ms_check_map_access, R(MAP_REGION), R(MAP_PERMISSIONS), R(MAP_CEILING),
         R(REGION_PERMISSIONS), R(REGION_WRITE_ONLY)),
    RULE(MAP_RANGE, "map-range",
         "A map begins at a multiple of its region's page size and ends below 2^48.",
         MAP, ms_check_map_range, R(MAP_REGION), R(MAP_ADDRESS), R(REGION_SIZE), R(REGION_PAGE)),
    RULE(MAP_OVERLAP, "map-overlap",
         "No two maps of a protection domain or of a virtual machine share an address.",
         SPEC, ms_check_map_overlap, R(MAP_REGION), R(MAP_ADDRESS), R(MAP_RANGE), R(REGION_SIZE)),
    RULE(MAP_PREFILL, "map-prefill",
         "Only a map of a prefilled region has a setvar_prefill_size.",
         MAP, ms_check_map_prefill, R(MAP_REGION), R(REGION_PREFILL)),
    RULE(SYMBOL_UNIQUE, "symbol-unique",
         "No symbol of a protection domain is set twice.",
         SPEC, ms_check_symbols, R(SYMBOL), R(CHANNEL_END), R(IRQ_TARGET), R(PD_PARENT),
         R(VM_PARENT)),
    RULE(ARCHIVE_NAME, "archive-name",
         "No two members of the image's archive have the same name.",
         SPEC, ms_check_archive_names, R(PD_NAME), R(PD_NAME_UNIQUE), R(REGION_NAME),
         R(REGION_PREFILL)),
    RULE(IRQ_UNIQUE, "irq-unique",
         "An interrupt is delivered once.",
         SPEC, ms_check_irq_unique, R(IRQ_NUMBER)),
    RULE(PD_CHANNELS, "pd-channels",
         "A protection domain has at most 63 channel ends and interrupts, or 62 where it is "
         "called or has children or a virtual machine.",
         SPEC, ms_check_pd_channels, R(CHANNEL_END), R(IRQ_TARGET)),
    RULE(CHANNEL_ID_CALLED, "channel-id-called",
         "A protection domain that is called or has children or a virtual machine has no "
         "channel id 62.",
         SPEC, ms_check_called_ids, R(CHANNEL_END), R(CHANNEL_ID), R(IRQ_TARGET), R(IRQ_CHANNEL)),
    RULE(CHANNEL_ID_UNIQUE, "channel-id-unique",
         "No two channel ends and interrupts of a protection domain have the same id.",
         SPEC, ms_check_channel_ids, R(CHANNEL_END), R(CHANNEL_ID), R(CHANNEL_ID_CALLED),
         R(IRQ_TARGET), R(IRQ_CHANNEL), R(PD_CHANNELS), R(PD_COUNT)),
    RULE(ROOT_TASK, "root-task",
         "A protection domain that is the root task itself stands alone.",
         SPEC, ms_check_root_task, R(BUILD_ROOT_TASK)),
    RULE(ASSERTION_FORM, "assertion-form",
         "An assertion says of whom it is, and what, once each.",
         ASSERTION, ms_check_assertion_form, R(ASSERTION_NAME), R(ASSERTION_NUMBER)),
    RULE(ASSERTION_HOLDS, "assertion-holds",
         "Every assertion holds.",
         SPEC, ms_check_assertions, R(ASSERTION_NAME), R(ASSERTION_FORM)),
    ADVICE(REGION_UNMAPPED, "region-unmapped",
           "A region is mapped, or its address is given to somebody.",
           SPEC, ms_check_region_unmapped, R(REGION_NAME), R(MAP_REGION), R(SETVAR_REGION)),
};
/* clang-format on */

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
	return c->shown[rule] < SHOWN_MAX;
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
			ms_report(MS_NOTE, &place, ms_rules[i].name, "%u more are not shown",
			          c->hidden[i]);
	}
	return c->errors == 0;
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

static void index_names(struct ms_names *names, const void *collection,
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
	qsort(names->items, names->count, sizeof(struct ms_node *), by_name);
}

/* The first of several of one name: that is the one which the others duplicate. */
static void *find_name(const struct ms_names *names, const char *name)
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

void ms_spec_list_rules(void)
{
	for (size_t i = MS_RULE_NONE + 1; i < MS_RULE_COUNT; i++)
		printf("%s\t%s\t%s\n", ms_rules[i].name,
		       ms_rules[i].severity == MS_ERROR ? "error" : "warning", ms_rules[i].summary);
}
