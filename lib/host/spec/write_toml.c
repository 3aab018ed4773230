/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * write_toml.c - the canonical TOML rendering. It is a function of the system alone: keys and
 * tables in the order of table.h, fields with their default left out, addresses in hexadecimal,
 * everything else decimal, basic strings with no escape that is not needed. Reading it back
 * gives the same system, and a field that a later version adds changes no text of today.
 */
#include "base/mem.h"
#include "spec/document.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct writer {
	struct ms_buf out;
	const struct ms_spec *spec;
	bool *with_ids; /* by PD: its channel ids are not the automatic ones */
	bool with_domain_ids;
};

/* -- ids --------------------------------------------------------------------------------- */

/*
 * Ids that were not written are given in order of declaration, channels before interrupts. So
 * a PD whose ids are 0, 1, 2... in that order needs none written; of any other PD all are,
 * since leaving out a single one could change what the others get. Either way the text depends
 * on the ids alone, not on which of them the author wrote.
 */
static void find_ids(struct writer *w)
{
	const struct ms_spec *spec = w->spec;
	int64_t *next = ms_alloc(spec->pds.count, sizeof(*next));

	w->with_ids = ms_alloc(spec->pds.count, sizeof(*w->with_ids));
	for (size_t i = 0; i < spec->channels.count; i++) {
		const struct ms_channel *ch = &spec->channels.items[i];

		if (ch->id_a != next[ch->pd_a]++)
			w->with_ids[ch->pd_a] = true;
		if (ch->id_b != next[ch->pd_b]++)
			w->with_ids[ch->pd_b] = true;
	}
	for (size_t i = 0; i < spec->irqs.count; i++) {
		const struct ms_irq *irq = &spec->irqs.items[i];

		if (irq->target_channel != next[irq->pd]++)
			w->with_ids[irq->pd] = true;
	}
	free(next);
	for (size_t i = 0; i < spec->domains.count; i++) {
		if (spec->domains.items[i].id != (int64_t)i)
			w->with_domain_ids = true;
	}
}

static bool id_is_written(const struct writer *w, const struct ms_node *node,
                          const struct ms_spec_row *row)
{
	if (node->table == &ms_domain_table)
		return w->with_domain_ids;
	if (node->table == &ms_irq_table)
		return w->with_ids[w->spec->irqs.items[node->index].pd];

	const struct ms_channel *ch = &w->spec->channels.items[node->index];

	return w->with_ids[row->offset == offsetof(struct ms_channel, id_a) ? ch->pd_a : ch->pd_b];
}

/* -- values ------------------------------------------------------------------------------ */

void ms_toml_string(struct ms_buf *out, const char *s)
{
	static const char letters[] = "btnfr\"\\", meant[] = "\b\t\n\f\r\"\\";

	ms_buf_puts(out, "\"");
	for (; *s; s++) {
		const char *plain = s, *escape;

		while ((unsigned char)*s >= 0x20 && *s != 0x7f && *s != '"' && *s != '\\')
			s++;
		ms_buf_add(out, plain, (size_t)(s - plain));
		if (!*s)
			break;
		escape = strchr(meant, *s);
		if (escape)
			ms_buf_printf(out, "\\%c", letters[escape - meant]);
		else
			ms_buf_printf(out, "\\u%04X", (unsigned char)*s);
	}
	ms_buf_puts(out, "\"");
}

static void write_strings(struct ms_buf *out, const struct ms_strings *list)
{
	ms_buf_puts(out, "[");
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			ms_buf_puts(out, ", ");
		ms_toml_string(out, list->items[i]);
	}
	ms_buf_puts(out, "]");
}

static void write_words(struct ms_buf *out, int64_t set, const char *const *words)
{
	const char *comma = "";

	ms_buf_puts(out, "[");
	for (int i = 0; words[i]; i++) {
		if (!(set & (INT64_C(1) << i)))
			continue;
		ms_buf_puts(out, comma);
		ms_toml_string(out, words[i]);
		comma = ", ";
	}
	ms_buf_puts(out, "]");
}

/* True when the text need not say the field, since its absence means the same. */
static bool is_left_out(const struct writer *w, const struct ms_node *node,
                        const struct ms_spec_row *row)
{
	if (row->flags & (MS_ROW_ALWAYS | MS_ROW_REQUIRED))
		return false;
	if (row->flags & MS_ROW_DERIVED)
		return true;
	if (row->flags & MS_ROW_ID)
		return !id_is_written(w, node, row);
	return ms_row_is_default(w->spec, node, row);
}

static void write_value(struct writer *w, const struct ms_node *node,
                        const struct ms_spec_row *row);

/* Under the key of the number that it stands for: as { dt = "...", ... }. */
static void write_either(struct writer *w, const struct ms_node *node)
{
	const char *comma = "{ ";

	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];

		if (is_left_out(w, node, row))
			continue;
		ms_buf_printf(&w->out, "%s%s = ", comma, row->doc.name);
		write_value(w, node, row);
		comma = ", ";
	}
	ms_buf_puts(&w->out, " }");
}

static void write_value(struct writer *w, const struct ms_node *node, const struct ms_spec_row *row)
{
	const struct ms_dt *either = ms_get_either(node, row);
	struct ms_buf *out = &w->out;
	int64_t n;

	if (either) {
		write_either(w, &either->node);
		return;
	}
	switch (row->doc.kind) {
	case MS_KIND_STRING:
	case MS_KIND_PATH: ms_toml_string(out, ms_get_string(node, row)); return;
	case MS_KIND_HEX: {
		uint64_t address = ms_get_address(node, row);

		/* TOML's integers end at 2^63-1. */
		ms_buf_printf(out, address > INT64_MAX ? "\"0x%" PRIx64 "\"" : "0x%" PRIx64,
		              address);
		return;
	}
	case MS_KIND_ENUM: ms_toml_string(out, row->doc.values[ms_get_number(node, row)]); return;
	case MS_KIND_BOOLEAN: ms_buf_puts(out, ms_get_number(node, row) ? "true" : "false"); return;
	case MS_KIND_ARRAY:
		if (ms_row_is_strings(row))
			write_strings(out, ms_get_const_strings(node, row));
		else
			write_words(out, ms_get_number(node, row), row->doc.item->values);
		return;
	default:
		n = ms_get_number(node, row);
		if (row->flags & MS_ROW_PRIORITY)
			n = ms_turn_priority(w->spec, n);
		ms_buf_printf(out, "%" PRId64, n);
	}
}

/* -- tables ------------------------------------------------------------------------------ */

/* The item's own keys. */
static void write_keys(struct writer *w, const struct ms_node *node)
{
	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];

		if (row->table || is_left_out(w, node, row))
			continue;
		ms_buf_puts(&w->out, row->doc.name);
		ms_buf_puts(&w->out, " = ");
		write_value(w, node, row);
		ms_buf_puts(&w->out, "\n");
	}
}

static void write_tables(struct writer *w, const struct ms_node *node, const char *prefix);

/* A table under its header. A member of a list is there even when it has nothing to say. */
static void write_table(struct writer *w, const struct ms_node *node, const char *path,
                        bool in_list)
{
	size_t before = w->out.len, after;
	char *below = ms_format("%s.", path);

	ms_buf_puts(&w->out, in_list ? "\n[[" : "\n[");
	ms_buf_puts(&w->out, path);
	ms_buf_puts(&w->out, in_list ? "]]\n" : "]\n");
	after = w->out.len;
	write_keys(w, node);
	if (w->out.len == after && !in_list) {
		w->out.len = before;
		w->out.data[before] = '\0';
	}
	write_tables(w, node, below);
	free(below);
}

static void write_tables(struct writer *w, const struct ms_node *node, const char *prefix)
{
	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];
		struct ms_items items;
		char *path;

		if (!row->table)
			continue;
		path = ms_format("%s%s", prefix, row->doc.name);
		if (row->doc.kind == MS_KIND_OBJECT) {
			write_table(w, ms_get_const_object(node, row), path, false);
		} else {
			items = ms_get_items(node, row);
			for (size_t n = 0; n < items.count; n++)
				write_table(w, ms_item_at(items, row->table, n), path, true);
		}
		free(path);
	}
}

char *ms_spec_to_toml(const struct ms_spec *spec, size_t *len)
{
	struct writer w = {.spec = spec};

	find_ids(&w);
	write_keys(&w, &spec->node);
	write_tables(&w, &spec->node, "");
	free(w.with_ids);
	if (len)
		*len = w.out.len;
	return w.out.data;
}
