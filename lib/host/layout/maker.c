/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maker.c - what all parts of the maker use: groups of objects, records, errors.
 */
#include "base/diag.h"
#include "layout/parts.h"
#include "spec/document.h"

#include <stdarg.h>

void ms_maker_error(struct maker *m, const char *rule, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ms_report(MS_ERROR, NULL, rule, "%s", ms_vformat(fmt, ap));
	va_end(ap);
	m->errors++;
}

static void report_at(const struct maker *m, enum ms_severity severity, const struct ms_node *node,
                      size_t offset, const char *rule, const char *text)
{
	struct ms_place place = {0};

	if (node)
		place = ms_spec_place(m->spec, node, offset);
	ms_report(severity, place.line ? &place : NULL, rule, "%s", text);
}

void ms_maker_error_at(struct maker *m, const struct ms_node *node, size_t offset, const char *rule,
                       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_at(m, MS_ERROR, node, offset, rule, ms_vformat(fmt, ap));
	va_end(ap);
	m->errors++;
}

void ms_maker_warn_at(const struct maker *m, const struct ms_node *node, size_t offset,
                      const char *rule, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_at(m, MS_WARNING, node, offset, rule, ms_vformat(fmt, ap));
	va_end(ap);
}

unsigned ms_maker_bits(const struct maker *m, const char *type)
{
	int bits;

	return ms_kernel_find(m->kernel, MS_KERNEL_OBJECT_BITS, type, &bits) ? (unsigned)bits : 0;
}

size_t ms_maker_group(struct maker *m, const char *name, const char *type, unsigned bits,
                      unsigned arg, uint64_t count)
{
	struct group *g;

	ms_reserve((void **)&m->groups, &m->group_cap, m->group_count + 1, sizeof(*m->groups));
	g = &m->groups[m->group_count];
	g->name = name;
	g->type = type;
	g->bits = (uint8_t)bits;
	g->arg = (uint8_t)arg;
	g->fixed = ANYWHERE;
	g->count = count;
	return m->group_count++;
}

size_t ms_maker_objects(struct maker *m, const char *name, const char *type, uint64_t count)
{
	unsigned bits = ms_maker_bits(m, type);

	return ms_maker_group(m, name, type, bits, bits, count);
}

void *ms_maker_add(struct maker *m, enum table_section section)
{
	return ms_records_add(&m->records[section], table_record_size(section));
}

uint32_t ms_maker_name(struct maker *m, const char *name)
{
	return ms_pool_add(&m->names, name);
}
