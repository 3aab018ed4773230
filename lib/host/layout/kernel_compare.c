/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel_compare.c - holds the computed numbers against those that the kernel build's own
 * files give. A difference means that a table here does not fit this kernel, and that nothing
 * built with it would do what it should: it is an error that names both numbers.
 */
#include "layout/kernel_parts.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include <errno.h>
#include <string.h>

#define FAULTS_SHOWN 4 /* differences reported per table; one wrong condition shifts them all */
#define SHAPES       4

/* Where each shape keeps the headers that enumerate a table, in the order in which they build
 * on each other. NULL: that shape does not have them. */
struct enumeration {
	enum ms_kernel_table table;
	const char *prefix; /* of the enumerators */
	const char *files[SHAPES][3];
};

#define SEL4_BUILD   "libsel4/include/sel4/"
#define SEL4_BUILD_S "libsel4/sel4_arch_include/aarch64/sel4/sel4_arch/"
#define SEL4_BUILD_A "libsel4/arch_include/arm/sel4/arch/"
#define SEL4_INST    "libsel4/include/sel4/"
#define SEL4_MK      "include/sel4/"

static const struct enumeration enumerations[] = {
    {MS_KERNEL_SYSCALLS,
     "seL4_Sys",
     {[MS_KERNEL_BUILD_TREE] = {SEL4_BUILD "syscall.h"},
      [MS_KERNEL_INSTALL_TREE] = {SEL4_INST "syscall.h"},
      [MS_KERNEL_MICROKIT] = {SEL4_MK "syscall.h"}}},
    {MS_KERNEL_LABELS,
     "",
     {[MS_KERNEL_BUILD_TREE] = {SEL4_BUILD "invocation.h", SEL4_BUILD_S "invocation.h",
                                SEL4_BUILD_A "invocation.h"},
      [MS_KERNEL_INSTALL_TREE] = {SEL4_INST "invocation.h", SEL4_INST "sel4_arch/invocation.h",
                                  SEL4_INST "arch/invocation.h"},
      [MS_KERNEL_MICROKIT] = {SEL4_MK "invocation.h", SEL4_MK "sel4_arch/invocation.h",
                              SEL4_MK "arch/invocation.h"}}},
    {MS_KERNEL_OBJECTS,
     "seL4_",
     {[MS_KERNEL_INSTALL_TREE] = {SEL4_INST "objecttype.h", SEL4_INST "sel4_arch/objecttype.h",
                                  SEL4_INST "arch/objecttype.h"},
      [MS_KERNEL_MICROKIT] = {SEL4_MK "objecttype.h", SEL4_MK "sel4_arch/objecttype.h",
                              SEL4_MK "arch/objecttype.h"}}},
    {MS_KERNEL_FAULTS,
     "seL4_Fault_",
     {[MS_KERNEL_BUILD_TREE] = {SEL4_BUILD_S "types_gen.h"},
      [MS_KERNEL_INSTALL_TREE] = {SEL4_INST "sel4_arch/types_gen.h"},
      [MS_KERNEL_MICROKIT] = {SEL4_MK "sel4_arch/types_gen.h"}}},
};

/* JSON objects of name and number that some shapes bring. whole: every number of the table is
 * in there, and nothing else. */
struct listing {
	enum ms_kernel_table table;
	bool whole;
	const char *files[SHAPES];
};

static const struct listing listings[] = {
    {MS_KERNEL_LABELS,
     true,
     {[MS_KERNEL_BUILD_TREE] = "generated/invocations_all.json",
      [MS_KERNEL_MICROKIT] = "invocations_all.json",
      [MS_KERNEL_FLAT] = "invocations_all.json"}},
    {MS_KERNEL_OBJECT_BITS,
     false,
     {[MS_KERNEL_MICROKIT] = "object_sizes.json", [MS_KERNEL_FLAT] = "object_sizes.json"}},
};

/* The numbers of one of our tables, as the build's files call them. */
struct ours {
	struct our_number {
		const char *name;
		size_t len;
		int number;
	} * items;
	size_t count;
};

static struct ours take_ours(const struct ms_kernel *kernel, enum ms_kernel_table table)
{
	struct ours ours = {ms_alloc(ms_kernel_rows(table)->count, sizeof(*ours.items)), 0};
	const struct ms_kernel_row *row;
	int number;

	for (; (row = ms_kernel_row(kernel, table, ours.count, &number)) != NULL; ours.count++) {
		struct our_number *one = &ours.items[ours.count];

		one->name = row->theirs ? row->theirs : row->name;
		one->len = strlen(one->name);
		one->number = number;
	}
	return ours;
}

static void report(unsigned *faults, const struct ms_place *place, const char *text)
{
	if (++*faults <= FAULTS_SHOWN)
		ms_report(MS_ERROR, place, MS_RULE_NUMBERS, "%s", text);
}

static int finish(unsigned faults, const struct ms_place *place)
{
	if (faults > FAULTS_SHOWN)
		ms_report(MS_ERROR, place, MS_RULE_NUMBERS, "and %s",
		          ms_count_text(faults - FAULTS_SHOWN, "more difference"));
	return faults ? -1 : 0;
}

/* Markers and totals, which are no numbers of the interface. */
static bool counter(const char *name, size_t len)
{
	return (len >= 6 && memcmp(name + len - 6, "Labels", 6) == 0) ||
	       (len >= 5 && memcmp(name + len - 5, "Count", 5) == 0) ||
	       (len == 17 && memcmp(name, "InvalidInvocation", 17) == 0);
}

static bool ours_has(const struct ours *ours, const char *name, size_t len)
{
	for (size_t i = 0; i < ours->count; i++) {
		if (ours->items[i].len == len && memcmp(ours->items[i].name, name, len) == 0)
			return true;
	}
	return false;
}

static const struct ms_enum_value *find_value(const struct ms_enum_values *values,
                                              const char *prefix, const char *name, size_t len)
{
	size_t skip = strlen(prefix);

	for (size_t i = 0; i < values->count; i++) {
		const struct ms_enum_value *v = &values->items[i];

		if (v->len == skip + len && memcmp(v->name, prefix, skip) == 0 &&
		    memcmp(v->name + skip, name, len) == 0)
			return v;
	}
	return NULL;
}

static int compare_values(const struct ms_kernel *kernel, const struct enumeration *e,
                          const struct ms_enum_values *values, const struct ms_source *source)
{
	struct ms_place place = {source, 0, 0, 1};
	size_t skip = strlen(e->prefix);
	unsigned faults = 0;
	struct ours ours = take_ours(kernel, e->table);

	for (size_t i = 0; i < ours.count; i++) {
		const char *name = ours.items[i].name;
		int number = ours.items[i].number;
		const struct ms_enum_value *v =
		    find_value(values, e->prefix, name, ours.items[i].len);

		if (!v)
			report(&faults, &place,
			       ms_format("%s%s is %d by the configuration, but not in the "
			                 "build's headers",
			                 e->prefix, name, number));
		else if (v->value != number)
			report(&faults, &place,
			       ms_format("%s%s is %d by the configuration, but %lld in the "
			                 "build's headers",
			                 e->prefix, name, number, (long long)v->value));
	}
	for (size_t i = 0; i < values->count; i++) {
		const struct ms_enum_value *v = &values->items[i];

		if (v->len <= skip || memcmp(v->name, e->prefix, skip) != 0 ||
		    counter(v->name + skip, v->len - skip) ||
		    ours_has(&ours, v->name + skip, v->len - skip))
			continue;
		report(&faults, &place,
		       ms_format("%.*s is %lld in the build's headers, but does not exist by the "
		                 "configuration",
		                 (int)v->len, v->name, (long long)v->value));
	}
	return finish(faults, &place);
}

/* Reads a text file of the build; NULL when there is none. */
static char *read_text(const struct ms_kernel *kernel, const char *name, struct ms_source *source)
{
	char *path;

	if (!ms_kernel_path(kernel->dir, name, &path))
		return NULL;
	source->name = path;
	source->text = ms_read_file(path, MS_KERNEL_TEXT_MAX, &source->len);
	return path;
}

static int compare_enumeration(const struct ms_kernel *kernel, const struct enumeration *e)
{
	struct ms_enum_values values = {0};
	struct ms_source sources[3];
	size_t n = 0;

	while (n < 3 && e->files[kernel->shape][n]) {
		const char *fault;
		unsigned line;

		if (!read_text(kernel, e->files[kernel->shape][n], &sources[n]))
			return 0; /* a build without its headers: nothing to compare with */
		fault = ms_enum_read(sources[n].text, sources[n].len, kernel->keys, &values, &line);
		if (fault) {
			struct ms_place place = {&sources[n], line, 1, 1};

			ms_report(MS_ERROR, &place, MS_RULE_NUMBERS, "%s", fault);
			return -1;
		}
		n++;
	}
	return n ? compare_values(kernel, e, &values, &sources[n - 1]) : 0;
}

static int compare_numbers(const struct ms_kernel *kernel, const struct listing *l,
                           const json_t *theirs, const struct ms_place *place)
{
	const char *key;
	json_t *value;
	unsigned faults = 0;
	struct ours ours = take_ours(kernel, l->table);

	for (size_t i = 0; i < ours.count; i++) {
		const char *name = ours.items[i].name;
		int number = ours.items[i].number;

		value = json_object_get(theirs, name);
		if (!value && !l->whole)
			continue;
		if (!value)
			report(&faults, place,
			       ms_format("%s is %d by the configuration, but not in this list",
			                 name, number));
		else if (!json_is_integer(value) || json_integer_value(value) != number)
			report(&faults, place,
			       ms_format("%s is %d by the configuration, but %lld in this list",
			                 name, number, json_integer_value(value)));
	}
	if (l->whole)
		json_object_foreach((json_t *)(uintptr_t)theirs, key,
		                    value) if (!ours_has(&ours, key, strlen(key)))
		    report(&faults, place,
		           ms_format("%s is %lld in this list, but does not exist "
		                     "by the configuration",
		                     key, json_integer_value(value)));
	return finish(faults, place);
}

static int compare_listing(const struct ms_kernel *kernel, const struct listing *l)
{
	const char *name = l->files[kernel->shape];
	struct ms_source source;
	struct ms_place place = {&source, 0, 0, 1};
	json_error_t error;
	json_t *theirs;
	int status;

	if (!name || !read_text(kernel, name, &source))
		return 0;
	theirs = ms_json_load(source.text, source.len, &error);
	if (!json_is_object(theirs)) {
		ms_report(MS_ERROR, &place, MS_RULE_NUMBERS, "this is not a JSON object%s%s",
		          theirs ? "" : ": ", theirs ? "" : error.text);
		json_decref(theirs);
		return -1;
	}
	status = compare_numbers(kernel, l, theirs, &place);
	json_decref(theirs);
	return status;
}

int ms_kernel_compare(const struct ms_kernel *kernel)
{
	int status = 0;

	for (size_t i = 0; i < sizeof(enumerations) / sizeof(enumerations[0]); i++)
		status |= compare_enumeration(kernel, &enumerations[i]);
	for (size_t i = 0; i < sizeof(listings) / sizeof(listings[0]); i++)
		status |= compare_listing(kernel, &listings[i]);
	return status;
}
