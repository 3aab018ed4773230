/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel_parts.h - what the files that make up kernel.h's module share among themselves.
 */
#ifndef MS_LAYOUT_KERNEL_PARTS_H
#define MS_LAYOUT_KERNEL_PARTS_H

#include "layout/kernel.h"

/* Rule names of the reports (moonshot-kernel(5)). */
#define MS_RULE_FOLDER   "kernel-folder"
#define MS_RULE_CONFIG   "kernel-config"
#define MS_RULE_ARCH     "kernel-arch"
#define MS_RULE_IMAGE    "kernel-image"
#define MS_RULE_DTB      "kernel-dtb"
#define MS_RULE_PLATFORM "kernel-platform"
#define MS_RULE_NUMBERS  "kernel-numbers"

#define MS_KERNEL_TEXT_MAX (1024 * 1024) /* bytes of a JSON, YAML or header file of a build */

/* One row of a number table, with what both sides call it. */
struct ms_kernel_row {
	const char *name;   /* ours, see ms_kernel_find */
	const char *macro;  /* after MS_SYS_, MS_LABEL_, … */
	const char *theirs; /* in the kernel's own headers, without a common prefix; NULL: name */
	uint32_t slot, slot_not; /* conditions with and without which the row takes a number up */
	uint32_t need;           /* conditions under which the number is also served */
};

/* A table's rows, how their numbers run, and what comes before MACRO in the header. */
struct ms_kernel_rows {
	const struct ms_kernel_row *rows;
	size_t count;
	int first, step;
	const char *prefix;
};
const struct ms_kernel_rows *ms_kernel_rows(enum ms_kernel_table table);

/* The conditions that hold for a kernel whose other fields are filled in. */
uint32_t ms_kernel_conditions(const struct ms_kernel *kernel);

/* Row i (from 0) of a table in its own order and its number, skipping what this kernel lacks; NULL
 * past the end. */
const struct ms_kernel_row *ms_kernel_row(const struct ms_kernel *kernel,
                                          enum ms_kernel_table table, size_t i, int *number);

/* Types of objects, of which only these two conditions decide what tables name: a name by its
 * number, a number by its name. NULL, -1: there is none. */
const char *ms_kernel_object_name(bool mcs, bool hypervisor, uint32_t number);
int ms_kernel_object_number(bool mcs, bool hypervisor, const char *name);

/* The path dir/name, and whether a file is there. */
bool ms_kernel_path(const char *dir, const char *name, char **path);

/* RAM and device ranges, from platform_gen and the kernel's ELF. 0, or -1 after reporting. */
int ms_kernel_read_platform(struct ms_kernel *kernel);

/* Compares every number with those in the build's own headers. 0, or -1 after reporting. */
int ms_kernel_compare(const struct ms_kernel *kernel);

/* The bytes behind a kernel symbol's virtual address; NULL when they are not in the file. */
const uint8_t *ms_kernel_symbol(const struct ms_kernel *kernel, const char *name, uint64_t *size);

/* One enumerator of a C header. */
struct ms_enum_value {
	const char *name; /* not NUL-terminated */
	size_t len;
	int64_t value;
	unsigned line;
};
struct ms_enum_values {
	struct ms_enum_value *items;
	size_t count, cap;
};

/*
 * Adds the enumerators of a C header to values, as a compiler would number them with
 * CONFIG_… macros defined for the true keys. A value may refer to an enumerator that is
 * already there. Returns NULL, or what it could not understand (*line: where).
 */
const char *ms_enum_read(const char *text, size_t len, const json_t *config,
                         struct ms_enum_values *values, unsigned *line);

#endif
