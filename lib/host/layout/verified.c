/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verified.c - compares a kernel's configuration with seL4's verified ones, and says the result in
 * words that claim no more than was compared.
 */
#include "layout/verified.h"

#include "base/diag.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DIFFERS_MAX 256 /* listed in a verdict */
#define WORD_MAX    120 /* bytes of a name or value in it */

enum verdict { NOT_SEL4, SAME, OTHER };

static const char *const verdicts[] = {
    [NOT_SEL4] = "not-seL4",
    [SAME] = "same-configuration",
    [OTHER] = "other-configuration",
    NULL,
};
static const char *const properties[] = {"functional-correctness", "integrity", NULL};

/* -- the shape ------------------------------------------------------------------------------- */

static const struct ms_field differ_fields[] = {
    {.name = "option", .kind = MS_KIND_STRING, .min = 1, .max = WORD_MAX},
    {.name = "here", .kind = MS_KIND_STRING, .min = 1, .max = WORD_MAX},
    {.name = "verified", .kind = MS_KIND_STRING, .min = 1, .max = WORD_MAX},
    {.name = "robust", .kind = MS_KIND_BOOLEAN, .optional = 1},
};
static const struct ms_shape differ_shape = {
    .fields = differ_fields, .count = sizeof(differ_fields) / sizeof(differ_fields[0])};
static const struct ms_field differ_item = {.kind = MS_KIND_OBJECT, .shape = &differ_shape};
static const struct ms_field property_item = {.kind = MS_KIND_ENUM, .values = properties};

static const struct ms_field verified_fields[] = {
    {.name = "verdict", .kind = MS_KIND_ENUM, .values = verdicts},
    {.name = "release", .kind = MS_KIND_STRING, .min = 1, .max = WORD_MAX, .optional = 1},
    {.name = "nearest", .kind = MS_KIND_STRING, .min = 1, .max = WORD_MAX, .optional = 1},
    {.name = "different", .kind = MS_KIND_INTEGER, .max = MS_DOC_INT_MAX, .optional = 1},
    {.name = "differs",
     .kind = MS_KIND_ARRAY,
     .max = DIFFERS_MAX,
     .item = &differ_item,
     .optional = 1},
    {.name = "proved", .kind = MS_KIND_ARRAY, .max = 2, .item = &property_item, .optional = 1},
    {.name = "source", .kind = MS_KIND_STRING, .min = 1, .max = WORD_MAX, .optional = 1},
    {.name = "date", .kind = MS_KIND_STRING, .min = 10, .max = 10, .optional = 1},
};
const struct ms_shape ms_verified_shape = {
    .fields = verified_fields, .count = sizeof(verified_fields) / sizeof(verified_fields[0])};

/* -- comparing ------------------------------------------------------------------------------- */

/* An option that is on, or has a value. */
struct option {
	const char *name, *value;
};

struct options {
	struct option *items;
	size_t count, cap;
};

struct difference {
	const char *name, *here, *there;
};

static json_t *fresh(json_t *value)
{
	if (!value)
		ms_die_system("out of memory");
	return value;
}

static void add(struct options *list, const char *name, const char *value)
{
	ms_reserve((void **)&list->items, &list->cap, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = (struct option){name, value};
}

static int by_name(const void *a, const void *b)
{
	const struct option *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void sort(struct options *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), by_name);
}

/* A gen_config file is foreign: what goes into a document, and onto terminals, is plain and short.
 */
static const char *plain(const char *word)
{
	size_t len = strnlen(word, WORD_MAX);
	char *copy = ms_alloc(len + 1, 1);

	for (size_t i = 0; i < len; i++)
		copy[i] = word[i] >= ' ' && word[i] <= '~' ? word[i] : '?';
	copy[len] = '\0';
	return copy;
}

/*
 * What a kernel has on. That an option is absent, false, empty or 0 says the same: the build system
 * leaves options out whose conditions do not hold. PLAT_NAME repeats what PLAT says.
 */
static struct options of_kernel(const struct ms_kernel *kernel)
{
	struct options list = {0};
	const char *key;
	json_t *value;

	json_object_foreach(kernel->keys, key, value)
	{
		const char *text = json_string_value(value);

		if (*key == '\0' || ms_starts_with(key, "PLAT_"))
			continue;
		if (json_is_true(value))
			add(&list, key, "on");
		else if (text && *text && strcmp(text, "0") != 0)
			add(&list, key, text);
	}
	sort(&list);
	return list;
}

static void add_words(struct options *list, const char *words)
{
	for (const char *end; *words; words = end + 1) {
		char *name = ms_strndup(words, (size_t)((end = strchr(words, ';')) - words));
		char *value = strchr(name, '=');

		if (value)
			*value++ = '\0';
		add(list, name, value ? value : "on");
	}
}

static struct options of_config(const struct ms_verified_config *config, unsigned release)
{
	struct options list = {0};

	add_words(&list, ms_verified_common);
	add_words(&list, config->options);
	add_words(&list, release >= 16 ? ms_verified_in_16 : ms_verified_in_15);
	if (release >= 16)
		add(&list, "TIMER_FREQUENCY", config->timer);
	sort(&list);
	return list;
}

/* Walks both sorted lists; out: room for as many as both have, or NULL. Returns how many differ. */
static size_t compare(const struct options *here, const struct options *there,
                      struct difference *out)
{
	size_t i = 0, k = 0, count = 0;

	while (i < here->count || k < there->count) {
		const struct option *a = i < here->count ? &here->items[i] : NULL;
		const struct option *b = k < there->count ? &there->items[k] : NULL;
		int order = !a ? 1 : !b ? -1 : strcmp(a->name, b->name);
		const char *name = order <= 0 ? a->name : b->name;
		const char *x = order <= 0 ? a->value : "off", *y = order >= 0 ? b->value : "off";

		i += order <= 0;
		k += order >= 0;
		if (strcmp(x, y) == 0)
			continue;
		if (out)
			out[count] = (struct difference){name, x, y};
		count++;
	}
	return count;
}

static bool differs_in(const struct difference *all, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].name, name) == 0)
			return true;
	return false;
}

/* Another machine is further away than any number of options. */
static size_t distance(const struct difference *all, size_t count)
{
	return count + (differs_in(all, count, "PLAT") ? 1u << 30 : 0) +
	       (differs_in(all, count, "ARM_PLAT") ? 1u << 28 : 0);
}

static const struct ms_verified_config *nearest(const struct options *here, unsigned release,
                                                struct difference **differs, size_t *count)
{
	const struct ms_verified_config *best = NULL;
	size_t least = SIZE_MAX;

	for (size_t c = 0; c < ms_verified_config_count; c++) {
		const struct ms_verified_config *config = &ms_verified_configs[c];
		struct options there;
		struct difference *all;
		size_t n;

		if (config->since > release)
			continue;
		there = of_config(config, release);
		all = ms_alloc(here->count + there.count + 1, sizeof(*all));
		n = compare(here, &there, all);
		if (distance(all, n) < least) {
			least = distance(all, n);
			best = config;
			*differs = all;
			*count = n;
		}
	}
	return best;
}

static json_t *differences(const struct difference *all, size_t count)
{
	json_t *list = fresh(json_array());

	for (size_t i = 0; i < count && i < DIFFERS_MAX; i++) {
		json_t *row = fresh(json_object());

		ms_doc_set(row, "option", ms_doc_new_string(plain(all[i].name)));
		ms_doc_set(row, "here", ms_doc_new_string(plain(all[i].here)));
		ms_doc_set(row, "verified", ms_doc_new_string(plain(all[i].there)));
		/* The only one of which seL4 states that the proofs hold for other values. */
		if (strcmp(all[i].name, "NUM_DOMAINS") == 0)
			ms_doc_set(row, "robust", json_true());
		ms_doc_append(list, row);
	}
	return list;
}

json_t *ms_verified_compare(const struct ms_kernel *kernel)
{
	json_t *verdict = fresh(json_object()), *proved = fresh(json_array());
	struct options here = of_kernel(kernel);
	const struct ms_verified_config *config;
	struct difference *differs = NULL;
	size_t count = 0;

	if (kernel->kind != MS_KERNEL_SEL4) {
		ms_doc_set(verdict, "verdict", ms_doc_new_string(verdicts[NOT_SEL4]));
		return verdict;
	}
	config = nearest(&here, kernel->version, &differs, &count);
	for (unsigned bit = 0; properties[bit]; bit++)
		if (config->proved & 1u << bit)
			ms_doc_append(proved, ms_doc_new_string(properties[bit]));
	ms_doc_set(verdict, "verdict", ms_doc_new_string(verdicts[count ? OTHER : SAME]));
	ms_doc_set(verdict, "release",
	           ms_doc_new_string(kernel->version >= 16 ? "16.0.0" : "15.0.0"));
	ms_doc_set(verdict, "nearest", ms_doc_new_string(config->name));
	ms_doc_set(verdict, "different", ms_doc_new_integer((int64_t)count));
	ms_doc_set(verdict, "differs", differences(differs, count));
	ms_doc_set(verdict, "proved", proved);
	ms_doc_set(verdict, "source", ms_doc_new_string(ms_verified_source));
	ms_doc_set(verdict, "date", ms_doc_new_string(ms_verified_date));
	return verdict;
}

/* -- in words -------------------------------------------------------------------------------- */

/* Documents come from anywhere: a verdict may lack what its kind has. */
static const char *word(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? text : "(not said)";
}

static enum verdict kind_of(const json_t *verdict)
{
	const char *said = word(verdict, "verdict");
	enum verdict kind = NOT_SEL4;

	while (kind < OTHER && strcmp(verdicts[kind], said) != 0)
		kind++;
	return kind;
}

static const char *proved_words(const json_t *verdict)
{
	static const char *const words[] = {"functional correctness of its C code",
	                                    "integrity (no write without authority)"};
	const json_t *property;
	struct ms_buf out = {0};
	size_t i;

	json_array_foreach(json_object_get(verdict, "proved"), i, property)
	{
		size_t k = strcmp(json_string_value(property), properties[0]) != 0;

		ms_buf_printf(&out, "%s%s", out.len ? ", " : "", words[k]);
	}
	return out.len ? out.data : NULL;
}

/* The kernel's machine, where the nearest configuration is for another one; or NULL. */
static const char *other_machine(const json_t *verdict)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(verdict, "differs"), i, row)
	{
		if (strcmp(word(row, "option"), "PLAT") == 0)
			return word(row, "here");
	}
	return NULL;
}

char *ms_verified_line(const json_t *verdict)
{
	enum verdict kind = kind_of(verdict);
	const char *proved, *name, *release, *machine;
	json_int_t count;

	if (kind == NOT_SEL4)
		return ms_format("the kernel is not seL4: nothing is proved about it");
	name = word(verdict, "nearest");
	release = word(verdict, "release");
	proved = proved_words(verdict);
	if (kind == SAME)
		return ms_format("the kernel is configured as seL4 %s's %s, for which seL4 states "
		                 "%s%s",
		                 release, name, proved ? "as proved: " : "that the proof is in ",
		                 proved ? proved : "progress");
	count = json_integer_value(json_object_get(verdict, "different"));
	machine = other_machine(verdict);
	return ms_format("the kernel is not configured as any that seL4 is verified in%s%s: "
	                 "%" JSON_INTEGER_FORMAT
	                 " option%s differ%s from seL4 %s's %s, the nearest",
	                 machine ? ", of which none is for " : "", machine ? machine : "", count,
	                 count == 1 ? "" : "s", count == 1 ? "s" : "", release, name);
}

static void put_differences(struct ms_buf *out, const json_t *verdict, const char *indent)
{
	const json_t *list = json_object_get(verdict, "differs"), *row;
	json_int_t more = json_integer_value(json_object_get(verdict, "different")) -
	                  (json_int_t)json_array_size(list);
	size_t i;

	json_array_foreach(list, i, row)
	{
		ms_buf_printf(out, "%s  %-34s here %s, there %s%s\n", indent, word(row, "option"),
		              word(row, "here"), word(row, "verified"),
		              json_is_true(json_object_get(row, "robust"))
		                  ? " (the proofs are said to hold for other numbers)"
		                  : "");
	}
	if (more > 0)
		ms_buf_printf(out, "%s  and %" JSON_INTEGER_FORMAT " more\n", indent, more);
}

char *ms_verified_text(const json_t *verdict, const char *indent)
{
	enum verdict kind = kind_of(verdict);
	struct ms_buf out = {0};
	const char *proved;

	ms_buf_printf(&out, "%s%s\n", indent, ms_verified_line(verdict));
	if (kind == NOT_SEL4)
		return out.data;
	put_differences(&out, verdict, indent);
	proved = proved_words(verdict);
	if (kind == OTHER)
		ms_buf_printf(
		    &out, "%sfor %s seL4 states %s%s; for this kernel it states nothing\n", indent,
		    word(verdict, "nearest"), proved ? "as proved: " : "that the proof is in ",
		    proved ? proved : "progress");
	ms_buf_printf(&out,
	              "%snot seen here: whether these bytes were made of the verified sources and "
	              "device tree;\n"
	              "%soutside the proofs: compiler, linker, machine code, boot code, caches and "
	              "TLBs\n"
	              "%s(%s, %s)\n",
	              indent, indent, indent, word(verdict, "source"), word(verdict, "date"));
	return out.data;
}
