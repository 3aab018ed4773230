/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.h - the fields of the model as data. One row says everything about a field: its key,
 * type and range, its default, the rule that guards it, where its value is kept. Reading TOML,
 * reading and writing JSON and the canonical TOML all walk these rows, in this order.
 *
 * How a value is kept, by the row's kind:
 *   MS_KIND_STRING, MS_KIND_PATH   const char *, NULL: absent
 *   MS_KIND_INTEGER                int64_t
 *   MS_KIND_BOOLEAN                int, 0 or 1
 *   MS_KIND_HEX                    uint64_t
 *   MS_KIND_ENUM                   int, position in values
 *   MS_KIND_ARRAY of MS_KIND_ENUM  unsigned, bit n: values[n] is a member
 *   MS_KIND_ARRAY of MS_KIND_STRING or MS_KIND_PATH  struct ms_strings
 *   MS_KIND_OBJECT                 the table's struct itself
 *   MS_KIND_ARRAY of MS_KIND_OBJECT  struct ms_items
 * A number that was not given has the row's fallback, or MS_ABSENT until derive has been asked.
 */
#ifndef MS_SPEC_TABLE_H
#define MS_SPEC_TABLE_H

#include "base/doc.h"
#include "base/mem.h"
#include "spec/model.h"
#include "spec/rules.h"

#include <stdbool.h>

enum ms_form {
	MS_FORM_ANY,
	MS_FORM_NAME,    /* ms_name_fault */
	MS_FORM_SOURCE,  /* a file of the project, or a folder, that is not built */
	MS_FORM_FOLDER,  /* a folder of the project */
	MS_FORM_INCLUDE, /* MS_FORM_SOURCE, or "." for the project itself */
	MS_FORM_CODE,    /* MS_FORM_SOURCE, .c or .S */
	MS_FORM_LIBRARY, /* MS_FORM_SOURCE, .a */
	MS_FORM_DEFINE,  /* NAME or NAME=VALUE */
	MS_FORM_SYMBOL,  /* a C identifier */
	MS_FORM_PD,      /* the name of a protection domain */
	MS_FORM_REGION,  /* the name of a memory region */
	MS_FORM_DOMAIN,  /* the name of a domain */
	MS_FORM_PROGRAM, /* MS_FORM_SOURCE, .elf */
	MS_FORM_DT       /* a path into a device tree */
};

enum ms_row_flags {
	MS_ROW_REQUIRED = 1,  /* the TOML must give it */
	MS_ROW_ALWAYS = 2,    /* the canonical TOML writes it even when it has its default */
	MS_ROW_DERIVED = 4,   /* follows from other fields; the canonical TOML never writes it */
	MS_ROW_ID = 8,        /* a channel id: written where the ids are not the automatic ones */
	MS_ROW_PRIORITY = 16, /* the TOML writes it by priority_order */
	MS_ROW_AUTO = 32,     /* an address for which "auto" can be written */
	MS_ROW_ELSE = 64,     /* there if, and only if, the string in the row before is not */
	MS_ROW_SYSTEM = 128   /* only a root task of our own can carry it out */
};

struct ms_spec_row {
	struct ms_field doc; /* key, kind and range; first, see ms_shape.stride */
	enum ms_rule_id rule;
	enum ms_form form;
	unsigned flags;
	size_t offset;    /* of the value in the item */
	int64_t fallback; /* the default of a number or an enum */
	const char *text; /* the default of a string */
	int64_t step;     /* numbers: a multiple of this */
	/* The default of a number that follows from the item's other fields. */
	int64_t (*derive)(const struct ms_spec *spec, const void *item);
	size_t index; /* MS_FORM_PD, _REGION, _DOMAIN: offset of the position (size_t); 0: none */
	const struct ms_spec_table *table; /* of an object, of the members of an array */
	/* A number in whose place a struct ms_dt can stand: that one's table and offset. In
	 * documents it is an object under the number's key, in TOML an inline table. */
	const struct ms_spec_table *either;
	size_t either_offset;
};

struct ms_spec_table {
	const char *noun; /* what an item is called in messages */
	const struct ms_spec_row *rows;
	size_t count;
	size_t size; /* bytes of an item */
};

extern const struct ms_spec_table ms_spec_table, ms_build_table, ms_pd_table, ms_channel_table,
    ms_region_table, ms_irq_table, ms_map_table, ms_setvar_table, ms_assertion_table, ms_cap_table,
    ms_vm_table, ms_vm_map_table, ms_vcpu_table, ms_domain_table, ms_schedule_table,
    ms_schedule_entry_table, ms_dt_reg_table, ms_dt_irq_table;

/* Any of the model's collections (struct ms_pds and so on have this layout). */
struct ms_items {
	void *items;
	size_t count, cap;
};

/* Makes item an item of table with every default; marks when the source has positions. */
void ms_item_start(void *item, const struct ms_spec_table *table, size_t index, bool marks);

/* A new last item of a collection. */
void *ms_items_add(void *collection, const struct ms_spec_table *table, bool marks);

/* Values by row; the row's kind must be of that sort. */
const char *ms_get_string(const void *item, const struct ms_spec_row *row);
int64_t ms_get_number(const void *item, const struct ms_spec_row *row); /* all but addresses */
uint64_t ms_get_address(const void *item, const struct ms_spec_row *row);
struct ms_items ms_get_items(const void *item, const struct ms_spec_row *row);
void ms_set_string(void *item, const struct ms_spec_row *row, const char *value);
void ms_set_number(void *item, const struct ms_spec_row *row, int64_t value);
void ms_set_index(void *item, const struct ms_spec_row *row, size_t index); /* row->index */
void ms_set_address(void *item, const struct ms_spec_row *row, uint64_t value);

/* What stands in the place of a row's number; NULL where the number itself does. And where it
 * would stand, of a row that has an `either`. */
const struct ms_dt *ms_get_either(const void *item, const struct ms_spec_row *row);
struct ms_dt *ms_either_place(void *item, const struct ms_spec_row *row);

/* The item of a row of kind object in its parent, and the n-th of a collection. */
void *ms_get_object(void *item, const struct ms_spec_row *row);
const void *ms_get_const_object(const void *item, const struct ms_spec_row *row);
void *ms_item_at(struct ms_items items, const struct ms_spec_table *table, size_t n);

/* True for an array whose members are items; for one of strings. */
bool ms_row_is_list(const struct ms_spec_row *row);
bool ms_row_is_strings(const struct ms_spec_row *row);

/* The list of a row of strings, and a new last member; mark may be NULL. */
struct ms_strings *ms_get_strings(void *item, const struct ms_spec_row *row);
const struct ms_strings *ms_get_const_strings(const void *item, const struct ms_spec_row *row);
void ms_strings_add(struct ms_strings *list, const char *text, const struct ms_mark *mark);

/* True when the field is not there: it is optional and was not given. */
bool ms_row_is_absent(const void *item, const struct ms_spec_row *row);

/* True when the field has what it has when nobody gives it. */
bool ms_row_is_default(const struct ms_spec *spec, const void *item, const struct ms_spec_row *row);

/* What only a root task of our own could carry out, for a message, or NULL. */
const char *ms_needs_system(const struct ms_spec *spec, bool also_regions);

/* Writes s as a TOML string, escaping what must be. */
void ms_toml_string(struct ms_buf *out, const char *s);

/* Why name is no name, or NULL when it is one. */
const char *ms_name_fault(const char *name);

/* The number that the TOML writes for seL4's priority, and back: the same map both ways. */
int64_t ms_turn_priority(const struct ms_spec *spec, int64_t priority);

#endif
