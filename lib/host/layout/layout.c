/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * layout.c - from a system to its layout, step by step. See layout.h and parts.h.
 */
#include "layout/layout.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/relay.h"
#include "layout/parts.h"
#include "spec/document.h"

#include <stdlib.h>
#include <string.h>

static void open_elf(struct maker *m, const struct ms_pd *pd, struct elf64 *elf, const char *path,
                     const void *data, size_t len)
{
	enum elf64_error error = elf64_open(elf, data, len);

	if (error != ELF64_OK)
		ERROR_AT(m, struct ms_pd, pd, binary, "elf", "%s: %s", path,
		         elf64_error_text(error));
}

static void open_programs(struct maker *m)
{
	size_t *users = ms_alloc(m->members->count + 1, sizeof(*users));

	for (size_t i = 0; i < m->pd_count; i++)
		users[m->members->pds[i].member]++;
	for (size_t i = 0; i < m->pd_count; i++) {
		const struct ms_pd_file *file = &m->members->pds[i];
		const struct ms_member *member = &m->members->items[file->member];
		struct pd *pd = &m->pds[i];
		uint64_t vaddr, size;

		pd->spec = &m->spec->pds.items[i];
		pd->index = i;
		pd->space.name = pd->spec->name;
		pd->space.prefix = ms_format("pd/%s", pd->spec->name);
		pd->space.maps = &pd->spec->maps;
		pd->member = file->member;
		pd->alone = users[file->member] == 1;
		open_elf(m, pd->spec, &pd->linked, file->path, file->data, file->len);
		open_elf(m, pd->spec, &pd->symbols, file->symbols_path, file->symbols,
		         file->symbols_len);
		open_elf(m, pd->spec, &pd->reduced, file->path, member->data, member->len);
		if (!m->errors && ms_pd_is_ready(pd->spec) && !elf64_has_symbols(&pd->symbols))
			WARN_AT(m, struct ms_pd, pd->spec, binary, "pd-symbols",
			        "%s: %s has no symbols (symbols_from can name a file that has "
			        "them): taken for a program with its IPC buffer in the last page "
			        "of user space, and told nothing",
			        pd->spec->name, file->symbols_path);
		if (!m->errors)
			pd->own_buffer =
			    elf64_symbol(&pd->symbols, BUFFER_SYMBOL, &vaddr, &size) == ELF64_OK;
	}
	free(users);
}

static void start(struct maker *m)
{
	m->pd_count = m->spec->pds.count;
	m->pds = ms_alloc(m->pd_count + 1, sizeof(*m->pds));
	m->offsets = ms_alloc(m->members->count + 1, sizeof(*m->offsets));
	m->page_taken = ms_alloc(m->members->count + 1, sizeof(*m->page_taken));
	for (size_t i = 0; i < m->members->count; i++)
		m->page_taken[i] = ms_alloc(m->members->items[i].len / PAGE + 1, 1);
	open_programs(m);
}

/* A reference could not name the last of more; and no memory holds as many. */
static void check_counts(struct maker *m)
{
	const struct group *most = &m->groups[0];
	uint64_t sum = m->extras;

	for (size_t i = 0; i < m->group_count && sum < REF_COUNT; i++) {
		if (m->groups[i].count > most->count)
			most = &m->groups[i];
		sum += m->groups[i].count;
	}
	if (sum >= REF_COUNT)
		ms_maker_error(
		    m, "memory",
		    "the system needs more than %llu objects and copies of capabilities, "
		    "%s alone %llu: too many",
		    REF_COUNT - 1, most->name, (unsigned long long)most->count);
}

json_t *ms_layout_make(const struct ms_spec *spec, const struct ms_kernel *kernel,
                       struct ms_members *members)
{
	struct maker *m = ms_alloc(1, sizeof(*m));
	struct ms_member *table = &members->items[members->table];
	struct ms_buf text = {0};
	uint8_t *bytes;
	json_t *layout;
	size_t len;

	m->spec = spec;
	m->kernel = kernel;
	m->members = members;
	/* The probe kernel has the configuration of a classic seL4: everything can be decided,
	 * proved and built with it, so that a system can be checked where no seL4 is at hand. */
	if (kernel->kind != MS_KERNEL_SEL4)
		ms_report(
		    MS_WARNING, NULL, "kernel",
		    "laid out for the probe kernel, which is not seL4 and runs no system: its "
		    "root task stops at its first invocation; name a seL4 build (--kernel)");
	if (kernel->retype_fan_out < TABLE_RETYPE_MAX)
		ms_maker_error(m, "kernel",
		               "this kernel's RETYPE_FAN_OUT_LIMIT is %u; at least %d is needed",
		               kernel->retype_fan_out, TABLE_RETYPE_MAX);
	start(m);
	if (m->errors)
		return NULL;
	ms_make_objects(m);
	ms_make_capabilities(m);
	ms_make_regions(m);
	if (m->errors)
		return NULL;
	ms_make_spaces(m);
	ms_make_threads(m);
	ms_make_domains(m);
	if (!m->errors)
		check_counts(m);
	if (m->errors)
		return NULL;
	bytes = ms_finish(m, &len);
	if (!bytes)
		return NULL;
	/* What is packed is made from the document alone; ms-cpio makes it, and refuses a document
	 * whose table is not this one. */
	if (!ms_layout_text(TABLE_MEMBER, bytes, len, &text))
		ms_die_system("ms-layout has made a table that is none; this is a fault of it");
	layout = ms_json_raw(text.data, text.len);
	free(text.data);
	table->data = bytes;
	table->len = len;
	ms_relay_know(MS_LAYOUT_FACT, layout, bytes);
	return ms_layout_judge(spec, bytes, len) ? layout : NULL;
}

json_t *ms_layout_none(void)
{
	json_t *layout = json_object();

	ms_doc_set(layout, "root_task", ms_doc_new_string("pd"));
	return layout;
}

static bool says_system(const json_t *layout)
{
	const char *kind = json_string_value(json_object_get(layout, "root_task"));

	return kind && strcmp(kind, "system") == 0;
}

int ms_layout_is_system(const json_t *layout)
{
	static const char said[] = "\"root_task\":\"system\"";
	bool system;
	size_t len;
	const char *raw = ms_json_raw_text(layout, &len);
	json_t *tree;

	if (!raw)
		return says_system(layout);
	/* Whether it stands in the right place is seen when the table is made or compared. */
	if (memmem(raw, len, said, sizeof(said) - 1))
		return true;
	/* Another form of JSON; or none, which is then said by who takes it for a system's. */
	tree = ms_json_load(raw, len, NULL);
	system = !tree || says_system(tree);
	json_decref(tree);
	return system;
}

bool ms_layout_range(const void *table, unsigned kind, const char *name,
                     struct ms_kernel_range *range)
{
	for (uint32_t i = 0; i < table_count(table, TABLE_RANGES); i++) {
		const struct table_range *r = table_record(table, TABLE_RANGES, i);

		if (r->kind != kind || strcmp(table_name(table, r->name), name) != 0)
			continue;
		*range = (struct ms_kernel_range){r->start, r->end};
		return true;
	}
	return false;
}

uint64_t ms_layout_kernel_id(const struct ms_kernel *kernel)
{
	return strtoull(ms_strndup(kernel->image.sha256, 16), NULL, 16);
}

bool ms_layout_is_for(const void *table, const struct ms_kernel *kernel)
{
	const struct table_header *header = table;

	return header->kernel == ms_layout_kernel_id(kernel);
}
