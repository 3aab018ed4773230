/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml.h - Microkit's system descriptions inside lib/host/spec: the XML as a tree with positions,
 * its elements and attributes as data, and the rules that only an XML can break. What other
 * rooms need is in microkit.h.
 */
#ifndef MS_SPEC_XML_H
#define MS_SPEC_XML_H

#include "base/mem.h"
#include "spec/microkit.h"
#include "spec/rules.h"
#include "spec/table.h"

#include <stdbool.h>
#include <stddef.h>

/* -- rules (xml_faults.c) ---------------------------------------------------------------- */

enum ms_xml_rule {
	MS_XML_SYNTAX,
	MS_XML_UTF8,
	MS_XML_DOCTYPE,
	MS_XML_LIMIT,
	MS_XML_TEXT_FOUND,
	MS_XML_ROOT,
	MS_XML_UNKNOWN_ELEMENT,
	MS_XML_UNKNOWN_ATTRIBUTE,
	MS_XML_MISSING_ELEMENT,
	MS_XML_MISSING_ATTRIBUTE,
	MS_XML_REPEATED_ELEMENT,
	MS_XML_WRONG_VALUE,
	MS_XML_ID_RANGE,
	MS_XML_RESERVED_NAME,
	MS_XML_CHANNEL_ENDS,
	MS_XML_PROGRAM,
	MS_XML_FILE_MISSING,
	MS_XML_FILE_OUTSIDE,
	MS_XML_OTHER_ARCHITECTURE,
	MS_XML_RULE_COUNT
};

struct ms_xml_faults {
	const struct ms_source *source;
	bool quiet; /* they are counted, and not reported */
	unsigned errors;
	unsigned shown[MS_XML_RULE_COUNT], hidden[MS_XML_RULE_COUNT];
};

/* Reports rule broken at mark (line 0: the text as a whole). */
void ms_xml_fault(struct ms_xml_faults *faults, enum ms_xml_rule rule, const struct ms_mark *mark,
                  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Ends the reporting: says how many were not shown. */
void ms_xml_faults_end(struct ms_xml_faults *faults);

/* -- the tree (xml_tree.c) --------------------------------------------------------------- */

#define MS_XML_DEPTH_MAX      72     /* 63 protection domains in each other, and what they hold */
#define MS_XML_NODES_MAX      100000 /* elements and comments */
#define MS_XML_ATTRIBUTES_MAX 64     /* of one element */

struct ms_xml_attr {
	const char *name, *value;
	const char *made; /* of a file: its name in a spec */
	struct ms_mark name_at, value_at;
};

/* A comment or a processing instruction, as the lines of a comment in TOML. */
struct ms_xml_note {
	const char *text;
	struct ms_xml_note *next;
};

struct ms_xml_element;

struct ms_xml_node {
	const char *name;
	struct ms_mark at;  /* "<name" */
	unsigned last_line; /* where it ends */
	struct ms_xml_attr *attrs;
	size_t attr_count;
	struct ms_xml_node *children, *next;
	struct ms_xml_note *before, *beside, *within; /* beside: on its line; within: at its end */
	/* The reader's. */
	const struct ms_xml_element *element; /* NULL: not known, reported */
	const char *made;                     /* of a channel: its name */
	unsigned permissions;                 /* of a memory region: all that maps of it have */
	int caller;                           /* of a channel: enum ms_channel_end */
};

/* The root element, or NULL after reporting. Comments after it are its own at the end. */
struct ms_xml_node *ms_xml_read(const struct ms_source *source, struct ms_xml_faults *faults);

struct ms_xml_attr *ms_xml_find(const struct ms_xml_node *node, const char *name);

/* -- elements and attributes (xml_schema.c) ---------------------------------------------- */

enum ms_xml_form {
	MS_XML_STRING,
	MS_XML_PATH,        /* of a file, found in the search paths */
	MS_XML_NUMBER,      /* decimal or 0x..., with _ anywhere */
	MS_XML_DECIMAL,     /* decimal digits alone */
	MS_XML_BOOL,        /* true or false */
	MS_XML_WORD,        /* one of the words of the row */
	MS_XML_BOOTINFO,    /* the same, and words of x86 machines, which are refused */
	MS_XML_PERMISSIONS, /* letters of rwx */
	MS_XML_DURATION,    /* "N us" or "N ticks" */
	MS_XML_PCI          /* never carried over */
};

enum ms_xml_flags {
	MS_XML_REQUIRED = 1,
	MS_XML_NESTED = 2, /* of a PD in a PD alone */
	MS_XML_ID = 4,     /* 0 to 61 */
	MS_XML_X86 = 8     /* a form of other machines: refused */
};

#define MS_XML_STACK (2 * MS_PAGE) /* bytes, of a PD that states none (Microkit's manual) */

struct ms_xml_attribute {
	const char *name;
	const char *key; /* of the table's row; NULL: the reader and the writer see to it */
	enum ms_xml_form form;
	unsigned flags;
};

struct ms_xml_element {
	const char *name;
	const struct ms_xml_attribute *attributes;
	size_t count;
	const struct ms_spec_table *table; /* of its item; NULL: none of its own */
	const char *const *children;       /* names, NULL-terminated */
};

extern const struct ms_xml_element ms_xml_system, ms_xml_pd, ms_xml_program_image, ms_xml_map,
    ms_xml_vm_map, ms_xml_irq, ms_xml_setvar, ms_xml_vm, ms_xml_vcpu, ms_xml_region, ms_xml_channel,
    ms_xml_end, ms_xml_cspace, ms_xml_cap, ms_xml_domains, ms_xml_domain, ms_xml_schedule,
    ms_xml_schedule_entry, ms_xml_end_marker;

/* The row of the table that has that key; there is one. */
const struct ms_spec_row *ms_xml_row(const struct ms_spec_table *table, const char *key);

/* -- values (xml_values.c) --------------------------------------------------------------- */

/* At work on the tree (xml_model.c). */
struct ms_xml_reader {
	struct ms_spec *spec;
	struct ms_xml_faults *faults;
	const char *const *search_paths;
	struct ms_list channel_names;
	struct {
		struct ms_xml_node **items; /* of memory regions, in order */
		size_t count, cap;
	} regions;
};

/* The value of an attribute becomes that of the field; what cannot be read is reported and the
 * rules are kept from it. */
void ms_xml_take(struct ms_xml_reader *r, struct ms_node *node, const char *key,
                 enum ms_xml_form form, struct ms_xml_attr *attr);

/* The parts of it. All are false after reporting. */
bool ms_xml_wrong_value(struct ms_xml_reader *r, const struct ms_xml_attr *attr, const char *what);
bool ms_xml_take_number(struct ms_xml_reader *r, const struct ms_xml_attr *attr, bool decimal_only,
                        uint64_t *number);
bool ms_xml_take_bool(struct ms_xml_reader *r, const struct ms_xml_attr *attr, int64_t *value);
bool ms_xml_take_word(struct ms_xml_reader *r, const struct ms_xml_attr *attr,
                      const char *const *words, int64_t *value);
bool ms_xml_set_number(struct ms_xml_reader *r, struct ms_node *node, const struct ms_spec_row *row,
                       const struct ms_xml_attr *attr, uint64_t number);

/* -- reading and writing ----------------------------------------------------------------- */

/* Fills spec in from the tree (xml_model.c); what is wrong is in faults, and the rules of the
 * spec are kept from what could not be read. */
void ms_xml_model(struct ms_xml_node *root, struct ms_spec *spec, struct ms_xml_faults *faults,
                  const char *const *search_paths);

/* The path of a file as a spec names it, found in the search paths (xml_paths.c); NULL after
 * reporting. */
const char *ms_xml_path(struct ms_xml_faults *faults, struct ms_xml_attr *attr,
                        const char *const *search_paths);

/* The TOML of a tree that broke no rule (xml_toml.c). */
char *ms_xml_to_toml(const struct ms_xml_node *root, size_t *len);

#endif
