/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare.c - why two documents are not the same. They may be of any maker and version: what is
 * missing or of another type is a difference like any other.
 */
#include "trust/compare_parts.h"

#include "base/diag.h"
#include "base/digest.h"
#include "base/doc.h"
#include "base/mem.h"
#include "plan/words.h"
#include "trust/json.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX    400 /* bytes of a value as it is shown */
#define SPEC_MAX    200
#define KERNEL_MAX  50
#define LAYOUT_MAX  20 /* consequences, mostly */
#define MEMBERS_MAX 100
#define ITEMS_MAX   4096 /* of two lists that are matched by name */

/* -- a difference ------------------------------------------------------------------------ */

/* At most TEXT_MAX bytes, cut between characters. */
static json_t *shown(const char *text)
{
	/* Names come from files that anybody may have written. The last character is whole. */
	char *seen = ms_visible(ms_strndup(text, strnlen(text, TEXT_MAX + 4)));
	size_t n = TEXT_MAX;

	if (strlen(seen) <= TEXT_MAX)
		return ms_doc_new_string(seen);
	while (n && ((unsigned char)seen[n] & 0xc0) == 0x80)
		n--;
	return ms_doc_new_string(ms_format("%.*s...", (int)n, seen));
}

json_t *ms_difference(json_t *list, const char *kind, const char *where, const char *a,
                      const char *b)
{
	json_t *one = json_object();

	ms_doc_set(one, "kind", ms_doc_new_string(kind));
	ms_doc_set(one, "where", shown(where));
	if (a)
		ms_doc_set(one, "a", shown(a));
	if (b)
		ms_doc_set(one, "b", shown(b));
	if (json_array_size(list) < MS_DIFFERENCES_MAX)
		ms_doc_append(list, one);
	else
		one = json_array_get(list, MS_DIFFERENCES_MAX - 1);
	return one;
}

/* -- values ------------------------------------------------------------------------------ */

static char *value_text(const json_t *value)
{
	if (!value)
		return NULL;
	if (json_is_string(value))
		return ms_strdup(json_string_value(value));
	return ms_doc_canonical(value, NULL);
}

static const char *name_of(const json_t *value)
{
	return json_string_value(json_object_get(value, "name"));
}

/* Every member has a name: they are matched by it. */
static bool all_named(const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (!name_of(item))
			return false;
	}
	return json_array_size(list) <= ITEMS_MAX;
}

static json_t *named(const json_t *list, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		const char *own = name_of(item);

		if (own && strcmp(own, name) == 0)
			return item;
	}
	return NULL;
}

static void one_more(json_t *list, const char *kind, const char *path, const json_t *a,
                     const json_t *b, unsigned *left)
{
	if (*left == 0)
		return;
	if (--*left == 0)
		ms_difference(list, kind, ms_format("%s, and more of this kind", path), NULL, NULL);
	else
		ms_difference(list, kind, path, value_text(a), value_text(b));
}

/* Whether what both lists have stands in the same order. */
static bool in_order(const json_t *a, const json_t *b)
{
	size_t i = 0, k = 0, n = json_array_size(a), m = json_array_size(b);

	for (;;) {
		while (i < n && !named(b, name_of(json_array_get(a, i))))
			i++;
		while (k < m && !named(a, name_of(json_array_get(b, k))))
			k++;
		if (i == n || k == m)
			return true;
		if (strcmp(name_of(json_array_get(a, i++)), name_of(json_array_get(b, k++))) != 0)
			return false;
	}
}

static char *names_text(const json_t *list)
{
	struct ms_buf out = {0};
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		ms_buf_puts(&out, i ? ", " : "");
		ms_buf_puts(&out, name_of(item));
	}
	return out.data;
}

static void compare_named(json_t *list, const char *kind, const char *path, const json_t *a,
                          const json_t *b, unsigned *left)
{
	const json_t *item;
	size_t i;

	json_array_foreach(a, i, item)
	{
		const char *name = name_of(item);

		ms_compare_values(list, kind, ms_format("%s[%s]", path, name), item, named(b, name),
		                  left);
	}
	json_array_foreach(b, i, item)
	{
		if (!named(a, name_of(item)))
			one_more(list, kind, ms_format("%s[%s]", path, name_of(item)), NULL, item,
			         left);
	}
	if (*left && !in_order(a, b))
		ms_difference(list, kind, ms_format("%s: their order", path), names_text(a),
		              names_text(b));
}

void ms_compare_values(json_t *list, const char *kind, const char *path, const json_t *a,
                       const json_t *b, unsigned *left)
{
	size_t i, n = json_array_size(a), m = json_array_size(b);
	const char *key;
	json_t *value;

	if (*left == 0 || a == b || (a && b && json_equal(a, b)))
		return;
	if (json_is_object(a) && json_is_object(b)) {
		json_object_foreach((json_t *)(uintptr_t)a, key, value)
		{
			ms_compare_values(list, kind, ms_format("%s.%s", path, key), value,
			                  json_object_get(b, key), left);
		}
		json_object_foreach((json_t *)(uintptr_t)b, key, value)
		{
			if (!json_object_get(a, key))
				one_more(list, kind, ms_format("%s.%s", path, key), NULL, value,
				         left);
		}
	} else if (json_is_array(a) && json_is_array(b) && all_named(a) && all_named(b)) {
		compare_named(list, kind, path, a, b, left);
	} else if (json_is_array(a) && json_is_array(b) && json_is_object(json_array_get(a, 0))) {
		for (i = 0; i < n || i < m; i++)
			ms_compare_values(list, kind, ms_format("%s[%zu]", path, i),
			                  json_array_get(a, i), json_array_get(b, i), left);
	} else {
		one_more(list, kind, path, a, b, left);
	}
}

/* -- steps ------------------------------------------------------------------------------- */

/* The words of one list that the other does not hold as often, joined. "" for none. */
static char *words_only_in(const json_t *a, const json_t *b)
{
	struct ms_buf out = {0};
	size_t n = json_array_size(a), m = json_array_size(b), i, k;
	const json_t *word;
	bool *used;

	if (n > ITEMS_MAX || m > ITEMS_MAX)
		return ms_format("%zu words", n);
	used = ms_alloc(m + 1, sizeof(*used));

	json_array_foreach(a, i, word)
	{
		for (k = 0; k < m; k++) {
			if (!used[k] && json_equal(word, json_array_get(b, k)))
				break;
		}
		if (k < m) {
			used[k] = true;
		} else if (json_is_string(word)) {
			ms_buf_puts(&out, out.len ? " " : "");
			ms_buf_puts(&out, json_string_value(word));
		}
	}
	free(used);
	return out.data ? out.data : ms_strdup("");
}

/* What a command makes, as ms-compile would take it; "" when it is no command. */
static const char *output_of(const json_t *argv)
{
	struct ms_list words = {0};
	struct ms_words read;
	const json_t *word;
	size_t i;

	json_array_foreach(argv, i, word)
	{
		ms_list_add(&words, json_is_string(word) ? json_string_value(word) : "");
	}
	return words.count && !ms_words_read(&read, words.items) ? words.items[read.output] : "";
}

/* The outputs of a step's commands, in their order. */
static struct ms_list outputs_of(const json_t *commands)
{
	struct ms_list outputs = {0};
	const json_t *argv;
	size_t i;

	json_array_foreach(commands, i, argv)
	{
		ms_list_add(&outputs, output_of(argv));
	}
	return outputs;
}

static const json_t *command_for(const json_t *commands, const struct ms_list *outputs,
                                 const char *output)
{
	for (size_t i = 0; i < outputs->count; i++) {
		if (strcmp(outputs->items[i], output) == 0)
			return json_array_get(commands, i);
	}
	return NULL;
}

/* A change of many commands alike is one difference, with their number. */
static void add_argument(json_t *list, const char *output, const char *a, const char *b)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *kind = ms_json_string(one, "kind");
		const char *old_a = ms_json_string(one, "a"), *old_b = ms_json_string(one, "b");

		if (!kind || strcmp(kind, "argument") != 0 || !old_a || !old_b)
			continue;
		if (strcmp(ms_json_string(one, "where"), output) == 0)
			return; /* several steps have this command */
		if (strcmp(old_a, a) == 0 && strcmp(old_b, b) == 0) {
			ms_doc_set(
			    one, "more",
			    json_integer(json_integer_value(json_object_get(one, "more")) + 1));
			return;
		}
	}
	ms_difference(list, "argument", output, a, b);
}

static void compare_commands(json_t *list, const char *step, const json_t *a, const json_t *b)
{
	const struct ms_list in_a = outputs_of(a), in_b = outputs_of(b);
	const json_t *argv;
	size_t i;

	if (in_a.count > ITEMS_MAX || in_b.count > ITEMS_MAX) {
		if (!json_equal(a, b))
			ms_difference(list, "step", ms_format("%s: its commands", step),
			              ms_format("%zu", in_a.count), ms_format("%zu", in_b.count));
		return;
	}
	json_array_foreach(a, i, argv)
	{
		const char *output = in_a.items[i];
		const json_t *other = command_for(b, &in_b, output);
		const char *only_a, *only_b;

		if (other && json_equal(argv, other))
			continue;
		if (!other) {
			ms_difference(list, "step",
			              ms_format("%s: the command for %s", step, output),
			              words_only_in(argv, NULL), NULL);
			continue;
		}
		only_a = words_only_in(argv, other);
		only_b = words_only_in(other, argv);
		if (!*only_a && !*only_b) {
			only_a = "the same words";
			only_b = "in another order";
		}
		add_argument(list, output, only_a, only_b);
	}
	json_array_foreach(b, i, argv)
	{
		if (!command_for(a, &in_a, in_b.items[i]))
			ms_difference(list, "step",
			              ms_format("%s: the command for %s", step, in_b.items[i]),
			              NULL, words_only_in(argv, NULL));
	}
}

static void compare_step(json_t *list, const json_t *a, const json_t *b)
{
	static const char *const lists[] = {"inputs", "outputs"};
	static const char *const texts[] = {"kind", "description"};
	const char *name = name_of(a);
	unsigned left = SPEC_MAX;

	for (size_t i = 0; i < 2; i++) {
		const json_t *x = json_object_get(a, lists[i]), *y = json_object_get(b, lists[i]);

		if (!json_equal(x, y))
			ms_difference(list, "step", ms_format("%s: %s", name, lists[i]),
			              words_only_in(x, y), words_only_in(y, x));
	}
	for (size_t i = 0; i < 2; i++)
		ms_compare_values(list, "step", ms_format("%s: %s", name, texts[i]),
		                  json_object_get(a, texts[i]), json_object_get(b, texts[i]),
		                  &left);
	compare_commands(list, name, json_object_get(a, "commands"),
	                 json_object_get(b, "commands"));
}

static void compare_steps(json_t *list, const json_t *a, const json_t *b)
{
	const json_t *step;
	size_t i;

	if (!all_named(a) || !all_named(b))
		return;
	json_array_foreach(a, i, step)
	{
		const json_t *other = named(b, name_of(step));

		if (!other)
			ms_difference(list, "step", name_of(step),
			              ms_json_string(step, "description"), NULL);
		else if (!json_equal(step, other))
			compare_step(list, step, other);
	}
	json_array_foreach(b, i, step)
	{
		if (!named(a, name_of(step)))
			ms_difference(list, "step", name_of(step), NULL,
			              ms_json_string(step, "description"));
	}
}

/* -- inputs ------------------------------------------------------------------------------ */

static int by_path(const void *a, const void *b)
{
	return strcmp(ms_json_string(*(const json_t *const *)a, "path"),
	              ms_json_string(*(const json_t *const *)b, "path"));
}

struct entries {
	const json_t **items;
	size_t count, cap;
};

static void add_entries(struct entries *all, const json_t *record)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(record, i, entry)
	{
		void *items = all->items;

		if (!ms_json_string(entry, "path") || !ms_json_string(entry, "sha256"))
			continue;
		ms_reserve(&items, &all->cap, all->count + 1, sizeof(const json_t *));
		all->items = items;
		all->items[all->count++] = entry;
	}
}

/* All that a document records, or, before anything was compiled, what its plan names. */
static struct entries entries_of(const json_t *document)
{
	static const char *const records[] = {"compiled_from", "packed_from", "linked_from"};
	struct entries all = {0};
	size_t n = 0;

	for (size_t i = 0; i < 3; i++)
		add_entries(&all, json_object_get(document, records[i]));
	if (!json_object_get(document, records[0]))
		add_entries(&all, ms_doc_at(document, "inputs.files"));
	if (all.count)
		qsort(all.items, all.count, sizeof(*all.items), by_path);
	for (size_t i = 0; i < all.count; i++) {
		if (n == 0 || by_path(&all.items[n - 1], &all.items[i]) != 0)
			all.items[n++] = all.items[i];
	}
	all.count = n;
	return all;
}

static char *entry_text(const json_t *entry)
{
	const char *version = ms_json_string(entry, "version");
	const char *kind = ms_json_string(entry, "kind");

	return ms_format("%s, sha256 %s%s%s", kind ? kind : "input",
	                 ms_json_string(entry, "sha256"), version ? ", " : "",
	                 version ? version : "");
}

static void compare_inputs(json_t *list, const json_t *a, const json_t *b)
{
	struct entries x = entries_of(a), y = entries_of(b);
	size_t i = 0, k = 0;

	/* Of a plan alone nothing is known: that is no difference in inputs. */
	if (x.count == 0 || y.count == 0 ||
	    !json_object_get(a, "compiled_from") != !json_object_get(b, "compiled_from"))
		return;
	while (i < x.count || k < y.count) {
		int order = i == x.count   ? 1
		            : k == y.count ? -1
		                           : by_path(&x.items[i], &y.items[k]);
		const json_t *one = order <= 0 ? x.items[i] : NULL;
		const json_t *other = order >= 0 ? y.items[k] : NULL;

		i += order <= 0;
		k += order >= 0;
		if (one && other && json_equal(one, other))
			continue;
		ms_difference(list, "input", ms_json_string(one ? one : other, "path"),
		              one ? entry_text(one) : NULL, other ? entry_text(other) : NULL);
	}
}

/* -- all of it --------------------------------------------------------------------------- */

/* Of each member its digest and size: where it lies follows from that. */
static void compare_members(json_t *list, const json_t *a, const json_t *b)
{
	const json_t *x = ms_doc_at(a, "archive.entries"), *y = ms_doc_at(b, "archive.entries");
	unsigned left = MEMBERS_MAX;
	const json_t *entry;
	size_t i;

	if (!x || !y || !all_named(x) || !all_named(y))
		return;
	json_array_foreach(x, i, entry)
	{
		const json_t *other = named(y, name_of(entry));

		if (!other ||
		    !json_equal(json_object_get(entry, "sha256"), json_object_get(other, "sha256")))
			one_more(list, "member", name_of(entry), json_object_get(entry, "sha256"),
			         json_object_get(other, "sha256"), &left);
	}
	json_array_foreach(y, i, entry)
	{
		if (!named(x, name_of(entry)))
			one_more(list, "member", name_of(entry), NULL,
			         json_object_get(entry, "sha256"), &left);
	}
}

json_t *ms_compare_documents(const json_t *a, const json_t *b)
{
	unsigned spec = SPEC_MAX, kernel = KERNEL_MAX, layout = LAYOUT_MAX;
	const json_t *x = json_object_get(a, "layout"), *y = json_object_get(b, "layout");
	json_t *list = json_array();

	/* Of documents that nobody has checked: with two members of one name, say. */
	if (json_equal(a, b))
		return list;
	ms_compare_values(list, "spec", "spec", json_object_get(a, "spec"),
	                  json_object_get(b, "spec"), &spec);
	compare_steps(list, json_object_get(a, "steps"), json_object_get(b, "steps"));
	compare_inputs(list, a, b);
	if (ms_doc_at(a, "archive.kernel") && ms_doc_at(b, "archive.kernel"))
		ms_compare_values(list, "kernel", "kernel", ms_doc_at(a, "archive.kernel"),
		                  ms_doc_at(b, "archive.kernel"), &kernel);
	if (x && y)
		ms_compare_values(list, "layout", "layout", x, y, &layout);
	compare_members(list, a, b);
	return list;
}

char *ms_compare_text(const json_t *differences, const char *name_a, const char *name_b)
{
	struct ms_buf out = {0};
	const json_t *one;
	size_t i;

	if (json_array_size(differences))
		ms_buf_printf(&out, "- %s\n+ %s\n", name_a, name_b);
	json_array_foreach(differences, i, one)
	{
		const json_t *offset = json_object_get(one, "offset");
		const json_t *more = json_object_get(one, "more");
		const char *input = ms_json_string(one, "input");
		const char *a = ms_json_string(one, "a"), *b = ms_json_string(one, "b");

		ms_buf_printf(&out, "%s %s", ms_json_string(one, "kind"),
		              ms_json_string(one, "where"));
		if (more)
			ms_buf_printf(&out, " and %" JSON_INTEGER_FORMAT " more",
			              json_integer_value(more));
		if (offset)
			ms_buf_printf(&out, ", from byte %" JSON_INTEGER_FORMAT " on",
			              json_integer_value(offset));
		if (input)
			ms_buf_printf(&out, ", made by %s", ms_visible(input));
		ms_buf_puts(&out, "\n");
		if (a)
			ms_buf_printf(&out, "  - %s\n", a);
		if (b)
			ms_buf_printf(&out, "  + %s\n", b);
	}
	return out.data ? out.data : ms_strdup("");
}
