/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.h - the rules of a system, by name, and how a broken one is reported.
 *
 * Rules are a table (rules.c, run by checking.c): name, severity, what a rule needs first, the
 * function. A rule that needs others is not run on an item that broke one of those, so that one
 * mistake gives one message; on every other item it is run.
 */
#ifndef MS_SPEC_RULES_H
#define MS_SPEC_RULES_H

#include "base/diag.h"
#include "spec/model.h"

#include <stdbool.h>

/* In the order of the table, which is the order of checking. */
enum ms_rule_id {
	MS_RULE_NONE,
	/* found while reading */
	MS_RULE_TOML_SYNTAX,
	MS_RULE_TOML_UTF8,
	MS_RULE_TOML_REDEFINED,
	MS_RULE_TOML_RANGE,
	MS_RULE_TOML_UNSUPPORTED,
	MS_RULE_TOML_LIMIT,
	MS_RULE_CANONICAL,
	MS_RULE_UNKNOWN_KEY,
	MS_RULE_MISSING_KEY,
	MS_RULE_WRONG_TYPE,
	/* one field at a time */
	MS_RULE_SCHEMA,
	MS_RULE_PRIORITY_ORDER,
	MS_RULE_BUILD_BOARD,
	MS_RULE_BUILD_CONFIG,
	MS_RULE_BUILD_OUTPUT_DIR,
	MS_RULE_BUILD_SDK,
	MS_RULE_BUILD_ROOT_TASK,
	MS_RULE_PD_COUNT,
	MS_RULE_PD_NAME,
	MS_RULE_PD_BINARY,
	MS_RULE_PD_PRIORITY,
	MS_RULE_PD_STACK,
	MS_RULE_PD_SOURCES,
	MS_RULE_PD_INCLUDE_DIRS,
	MS_RULE_PD_DEFINES,
	MS_RULE_PD_LIBS,
	MS_RULE_PD_BUDGET,
	MS_RULE_PD_PERIOD,
	MS_RULE_PD_CPU,
	MS_RULE_PD_DOMAIN,
	MS_RULE_PD_SYMBOLS,
	MS_RULE_PD_PARENT,
	MS_RULE_PD_CHILD_ID,
	MS_RULE_MAP_COUNT,
	MS_RULE_MAP_REGION,
	MS_RULE_MAP_ADDRESS,
	MS_RULE_MAP_PERMISSIONS,
	MS_RULE_MAP_CACHED,
	MS_RULE_SETVAR_COUNT,
	MS_RULE_SETVAR_REGION,
	MS_RULE_SETVAR_VALUE,
	MS_RULE_CAP_COUNT,
	MS_RULE_CAP_KIND,
	MS_RULE_CAP_PD,
	MS_RULE_CAP_SLOT,
	MS_RULE_SYMBOL,
	MS_RULE_CHANNEL_COUNT,
	MS_RULE_CHANNEL_NAME,
	MS_RULE_CHANNEL_END,
	MS_RULE_CHANNEL_KIND,
	MS_RULE_CHANNEL_ID,
	MS_RULE_CHANNEL_NOTIFY,
	MS_RULE_REGION_COUNT,
	MS_RULE_REGION_NAME,
	MS_RULE_DT_PATH,
	MS_RULE_DT_INDEX,
	MS_RULE_REGION_ADDRESS,
	MS_RULE_REGION_SIZE,
	MS_RULE_REGION_CACHING,
	MS_RULE_REGION_PERMISSIONS,
	MS_RULE_REGION_PREFILL,
	MS_RULE_REGION_BOOTINFO,
	MS_RULE_REGION_PAGE,
	MS_RULE_IRQ_COUNT,
	MS_RULE_IRQ_NUMBER,
	MS_RULE_IRQ_TARGET,
	MS_RULE_IRQ_CHANNEL,
	MS_RULE_IRQ_TRIGGER,
	MS_RULE_VM_COUNT,
	MS_RULE_VM_NAME,
	MS_RULE_VM_PARENT,
	MS_RULE_VM_PRIORITY,
	MS_RULE_VM_BUDGET,
	MS_RULE_VM_PERIOD,
	MS_RULE_VCPU_COUNT,
	MS_RULE_VCPU_ID,
	MS_RULE_VCPU_CPU,
	MS_RULE_DOMAIN_COUNT,
	MS_RULE_DOMAIN_NAME,
	MS_RULE_DOMAIN_ID,
	MS_RULE_SCHEDULE_COUNT,
	MS_RULE_SCHEDULE_START,
	MS_RULE_SCHEDULE_SHIFT,
	MS_RULE_SCHEDULE_DOMAIN,
	MS_RULE_SCHEDULE_DURATION,
	MS_RULE_SCHEDULE_UNIT,
	MS_RULE_ASSERTION_COUNT,
	MS_RULE_ASSERTION_NAME,
	MS_RULE_ASSERTION_NUMBER,
	/* several at a time */
	MS_RULE_PD_NAME_UNIQUE,
	MS_RULE_PD_BINARY_KIND,
	MS_RULE_PD_READY_BINARY,
	MS_RULE_PD_READY_SYMBOLS,
	MS_RULE_PD_PERIOD_LENGTH,
	MS_RULE_PD_CHILD,
	MS_RULE_PD_CHILD_ID_UNIQUE,
	MS_RULE_PD_PARENT_CYCLE,
	MS_RULE_CAP_SLOT_UNIQUE,
	MS_RULE_CHANNEL_NAME_UNIQUE,
	MS_RULE_CHANNEL_SELF,
	MS_RULE_CHANNEL_PRIORITY,
	MS_RULE_CHANNEL_CALLER,
	MS_RULE_REGION_NAME_UNIQUE,
	MS_RULE_REGION_WRITE_ONLY,
	MS_RULE_REGION_WRAP,
	MS_RULE_REGION_OVERLAP,
	MS_RULE_REGION_NO_ACCESS,
	MS_RULE_REGION_WRITE_EXECUTE,
	MS_RULE_VM_NAME_UNIQUE,
	MS_RULE_VM_PARENT_UNIQUE,
	MS_RULE_VM_PERIOD_LENGTH,
	MS_RULE_VCPU_TOTAL,
	MS_RULE_VCPU_ID_UNIQUE,
	MS_RULE_DOMAIN_NAME_UNIQUE,
	MS_RULE_DOMAIN_ID_UNIQUE,
	MS_RULE_DOMAIN_GIVEN,
	MS_RULE_DOMAIN_SCHEDULED,
	MS_RULE_SCHEDULE_ENTRY,
	MS_RULE_SCHEDULE_BEGIN,
	MS_RULE_MAP_CEILING,
	MS_RULE_MAP_ACCESS,
	MS_RULE_MAP_RANGE,
	MS_RULE_MAP_OVERLAP,
	MS_RULE_MAP_PREFILL,
	MS_RULE_SYMBOL_UNIQUE,
	MS_RULE_ARCHIVE_NAME,
	MS_RULE_IRQ_UNIQUE,
	MS_RULE_PD_CHANNELS,
	MS_RULE_CHANNEL_ID_CALLED,
	MS_RULE_CHANNEL_ID_UNIQUE,
	MS_RULE_ROOT_TASK,
	MS_RULE_ASSERTION_FORM,
	MS_RULE_ASSERTION_HOLDS,
	MS_RULE_REGION_UNMAPPED,
	MS_RULE_COUNT
};

/* Diagnostics of one rule that are printed; a megabyte can hold 200,000 mistakes. */
#define MS_SHOWN_MAX 50

struct ms_checking {
	struct ms_spec *spec;
	struct ms_source source;
	bool positions;                 /* the source is a text: values have marks */
	bool borrowed;                  /* it is a document, with the marks of a text */
	bool quiet;                     /* only errors are told; the text is read once more */
	unsigned errors;                /* reported or not */
	unsigned shown[MS_RULE_COUNT];  /* diagnostics printed, by rule */
	unsigned hidden[MS_RULE_COUNT]; /* diagnostics past the cap */
	bool last_shown;                /* whether the latest was printed */
	uint64_t needs[4];              /* of the rule at work */
	struct ms_named {               /* what has a name, sorted by it */
		struct ms_node **items;
		size_t count;
		bool partial; /* some could not be read: what is not among them may be there */
	} pds, regions, domains;
};

/* What runs a rule; item is one of the rule's scope, or the whole spec. */
typedef void ms_rule_check(struct ms_checking *c, void *item);

enum ms_scope {
	MS_SCOPE_NONE,  /* checked while reading */
	MS_SCOPE_FIELD, /* checked by the field's row (table.h) */
	MS_SCOPE_SPEC,
	MS_SCOPE_PD,
	MS_SCOPE_CHANNEL,
	MS_SCOPE_REGION,
	MS_SCOPE_MAP,
	MS_SCOPE_SETVAR,
	MS_SCOPE_VM,
	MS_SCOPE_ENTRY,
	MS_SCOPE_ASSERTION
};

#define MS_NEEDS_MAX 10

struct ms_rule {
	const char *name;
	enum ms_severity severity;
	const char *summary; /* one sentence: what holds when the rule is kept */
	enum ms_scope scope;
	ms_rule_check *check;
	unsigned char needs[MS_NEEDS_MAX]; /* enum ms_rule_id, ended by MS_RULE_NONE */
};
extern const struct ms_rule ms_rules[MS_RULE_COUNT];

/* Runs every rule on what was read and completes the model. */
void ms_rules_run(struct ms_checking *c);

/* Ends the reporting; true when there was no error. */
bool ms_rules_done(struct ms_checking *c);

/* Reports rule broken by an item (NULL: by the text as a whole) at mark; an error also keeps the
 * rules that need this one from the item. A mark of line 0 stands for the item's header. */
void ms_fault(struct ms_checking *c, enum ms_rule_id rule, struct ms_node *node,
              const struct ms_mark *mark, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* True while faults of that rule are still printed: the others need no elaborate text. */
bool ms_is_shown(const struct ms_checking *c, enum ms_rule_id rule);

/* Keeps the rules that need this one from the item, without a report. */
void ms_break_rule(struct ms_node *node, enum ms_rule_id rule);
bool ms_broke_rule(const struct ms_node *node, enum ms_rule_id rule);

/* Says more about the fault just reported. */
void ms_fault_note(struct ms_checking *c, const struct ms_node *node, const struct ms_mark *mark,
                   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* True when the item broke nothing that the rule at work needs. */
bool ms_usable(const struct ms_checking *c, const struct ms_node *node);

/* Where the member at that offset of the item is written. */
const struct ms_mark *ms_mark_at(const struct ms_node *node, size_t offset);
#define MS_AT(type, item, member) ms_mark_at(&(item)->node, offsetof(type, member))

/* "protection domain 'hello'", or "protection domain number 3" where it has no name; of a part
 * also what it is a part of. */
const char *ms_label(const struct ms_node *node);

/* Bytes that a region has at least: its size, or a page where that follows from its prefill. */
uint64_t ms_region_least(const struct ms_region *region);

/* At most 80 bytes of a text from the input, cut between characters, for a message. */
const char *ms_clip(const char *s);

/* The PD, the region, the domain of that name, NULL when there is none; the first where there are
 * several. */
struct ms_pd *ms_find_pd(const struct ms_checking *c, const char *name);
struct ms_region *ms_find_region(const struct ms_checking *c, const char *name);
struct ms_domain *ms_find_domain(const struct ms_checking *c, const char *name);

/* Checks of the rules table, by file. */
void ms_check_fields(struct ms_checking *c); /* check_fields.c */
ms_rule_check ms_check_pd_names;             /* check_names.c */
ms_rule_check ms_check_channel_names;
ms_rule_check ms_check_region_names;
ms_rule_check ms_check_vm_names;
ms_rule_check ms_check_domain_names;
ms_rule_check ms_check_archive_names;
ms_rule_check ms_check_symbols;
ms_rule_check ms_check_pd_binary_kind; /* check_pds.c */
ms_rule_check ms_check_pd_sources;
ms_rule_check ms_check_pd_ready_binary;
ms_rule_check ms_check_pd_ready_symbols;
ms_rule_check ms_check_pd_period;
ms_rule_check ms_check_cap_slots;
ms_rule_check ms_check_pd_child;
ms_rule_check ms_check_child_ids;
ms_rule_check ms_check_parent_cycle;
ms_rule_check ms_check_root_task;
ms_rule_check ms_check_setvar_value;
ms_rule_check ms_check_channel_self; /* check_links.c */
ms_rule_check ms_check_channel_priority;
ms_rule_check ms_check_channel_caller;
ms_rule_check ms_check_channel_notify;
ms_rule_check ms_check_irq_unique;
ms_rule_check ms_check_pd_channels;
ms_rule_check ms_check_called_ids;
ms_rule_check ms_check_channel_ids;
ms_rule_check ms_check_region_page; /* check_regions.c */
ms_rule_check ms_check_region_size;
ms_rule_check ms_check_region_bootinfo;
ms_rule_check ms_check_region_write_only;
ms_rule_check ms_check_region_wrap;
ms_rule_check ms_check_region_no_access;
ms_rule_check ms_check_region_write_execute;
ms_rule_check ms_check_region_unmapped; /* check_maps.c */
ms_rule_check ms_check_map_ceiling;
ms_rule_check ms_check_map_cached;
ms_rule_check ms_check_map_access;
ms_rule_check ms_check_map_range;
ms_rule_check ms_check_map_prefill;
ms_rule_check ms_check_region_overlap; /* check_overlap.c */
ms_rule_check ms_check_map_overlap;
ms_rule_check ms_check_vm_parents; /* check_vms.c */
ms_rule_check ms_check_vm_period;
ms_rule_check ms_check_vcpu_total;
ms_rule_check ms_check_vcpu_ids;
ms_rule_check ms_check_domain_ids; /* check_domains.c */
ms_rule_check ms_check_domain_given;
ms_rule_check ms_check_domain_scheduled;
ms_rule_check ms_check_schedule_entry;
ms_rule_check ms_check_schedule_begin;
ms_rule_check ms_check_assertion_form; /* check_assertions.c */
ms_rule_check ms_check_assertions;

#endif
