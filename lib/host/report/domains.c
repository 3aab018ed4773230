/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domains.c - each protection domain and each virtual machine by itself: what it is, its address
 * space to scale, whom it reaches.
 */
#include "report/page.h"
#include "report/picture.h"
#include "report/strip.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 880 /* of all strips of an address space that stand beside each other */
#define LEAST 190 /* of one of them */
#define OPEN  3   /* so many domains are open at first */
#define PAGE  4096u

struct domains {
	struct ms_page *page;
	json_t *maps;     /* by VSpace: the rows of its maps */
	json_t *threads;  /* by name: row */
	json_t *programs; /* by step: row of artifacts */
	json_t *caps;     /* by CNode: how many capabilities it holds */
	bool open;
};

/* -- indices --------------------------------------------------------------------------------- */

static json_t *by_name(const json_t *rows, const char *key)
{
	json_t *index = json_object(), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		ms_doc_set(index, ms_document_text(row, key), json_incref(row));
	}
	return index;
}

static json_t *by_space(const json_t *maps)
{
	json_t *index = json_object(), *row;
	size_t i;

	json_array_foreach(maps, i, row)
	{
		const char *vspace = ms_document_text(row, "vspace");
		json_t *list = json_object_get(index, vspace);

		if (!list) {
			list = json_array();
			ms_doc_set(index, vspace, list);
		}
		ms_doc_append(list, json_incref(row));
	}
	return index;
}

static json_t *count_caps(const json_t *caps)
{
	json_t *index = json_object();
	const json_t *row;
	size_t i;

	json_array_foreach(caps, i, row)
	{
		const char *cnode = ms_document_text(row, "cnode");
		json_int_t before = json_integer_value(json_object_get(index, cnode));

		ms_doc_set(index, cnode, ms_doc_new_integer(before + 1));
	}
	return index;
}

/* Of a PD: what its own CNode holds, and the one above it. */
static uint64_t caps_of(const struct domains *d, const char *name)
{
	const json_t *own = json_object_get(d->caps, ms_format("pd/%s/cnode", name));
	const json_t *above = json_object_get(d->caps, ms_format("pd/%s/cspace", name));

	return (uint64_t)(json_integer_value(own) + json_integer_value(above));
}

/* -- address spaces -------------------------------------------------------------------------- */

struct mapping {
	uint64_t start, end;
	const char *name, *class, *rights, *frames;
	bool cached;
};

static int by_start(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static const char *class_of(const char *name)
{
	static const char *const classes[][2] = {
	    {"code", "c-code"},   {"constants", "c-constants"}, {"data", "c-data"},
	    {"stack", "c-stack"}, {"ipc-buffer", "c-ipc"},      {"guard page", "c-guard"}};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(name, classes[i][0]) == 0)
			return classes[i][1];
	return "c-region";
}

static struct mapping mapping_of(const json_t *row, const char *owner)
{
	const char *name = ms_document_text(row, "name");
	uint64_t pages = ms_document_number(row, "pages"),
	         bits = ms_document_number(row, "page_bits");
	unsigned permissions = (ms_document_has(row, "flags", "read") ? MS_READ : 0u) |
	                       (ms_document_has(row, "flags", "write") ? MS_WRITE : 0u) |
	                       (ms_document_has(row, "flags", "execute") ? MS_EXECUTE : 0u);
	struct mapping m = {.start = ms_document_hex(row, "vaddr")};

	if (strncmp(name, owner, strlen(owner)) == 0)
		name += strlen(owner);
	m.class = class_of(name);
	m.name = ms_starts_with(name, "region/") ? name + 7 : name;
	m.end = m.start + (pages << (bits < 48 ? bits : 0));
	if (m.end < m.start)
		m.end = UINT64_MAX;
	m.rights = ms_permission_text(permissions);
	m.cached = ms_document_has(row, "flags", "cached");
	m.frames = ms_document_text(row, "frames");
	return m;
}

static bool is_mapped(const struct mapping *m, size_t count, uint64_t at)
{
	for (size_t i = 0; i < count; i++)
		if (m[i].start <= at && at < m[i].end)
			return true;
	return false;
}

/* All mappings of a space, by address; the page that guards the stack's end is one of them. */
static struct mapping *mappings(const struct domains *d, const char *owner, const json_t *thread,
                                size_t *count)
{
	const json_t *rows = json_object_get(d->maps, ms_format("%svspace", owner)), *row;
	uint64_t bottom = ms_document_hex(thread, "stack_bottom");
	struct mapping *list = ms_alloc(json_array_size(rows) + 2, sizeof(*list));
	size_t i;

	*count = 0;
	json_array_foreach(rows, i, row)
	{
		list[(*count)++] = mapping_of(row, owner);
	}
	if (bottom >= PAGE && !is_mapped(list, *count, bottom - PAGE))
		list[(*count)++] = (struct mapping){.start = bottom - PAGE,
		                                    .end = bottom,
		                                    .name = "guard page",
		                                    .class = class_of("guard page"),
		                                    .rights = "---",
		                                    .frames = "not mapped: a touch is a fault"};
	if (*count)
		qsort(list, *count, sizeof(*list), by_start);
	return list;
}

/* How much of the width a run of mappings gets: more the larger it is, but not in proportion. */
static int weight(uint64_t span)
{
	int bits = 4;

	for (span /= PAGE; span > 1; span >>= 1)
		bits += 2;
	return bits;
}

static void put_strips(struct ms_page *page, const char *name, const struct mapping *m,
                       size_t count)
{
	struct ms_piece *pieces = ms_alloc(count + 1, sizeof(*pieces));
	int all = 0;

	for (size_t i = 0; i < count; i++)
		pieces[i] =
		    (struct ms_piece){m[i].start, m[i].end, m[i].name, m[i].class,
		                      ms_format("%s, %s, 0x%" PRIx64 " to 0x%" PRIx64 ", %s",
		                                m[i].name, ms_size_text(m[i].end - m[i].start),
		                                m[i].start, m[i].end, m[i].rights)};
	for (size_t i = 0; i < count;) {
		size_t to = ms_pieces_run(pieces, count, i);

		all += weight(pieces[to - 1].end - pieces[i].start);
		i = to;
	}
	ms_html(&page->out,
	        "<div class=\"scroll strips\" role=\"region\" aria-label=\"Address space of %s\" "
	        "tabindex=\"0\">\n",
	        name);
	for (size_t i = 0; i < count;) {
		size_t to = ms_pieces_run(pieces, count, i);
		struct ms_strip strip = {.start = pieces[i].start, .end = pieces[to - 1].end};

		strip.width = WIDTH * weight(strip.end - strip.start) / (all ? all : 1);
		if (strip.width < LEAST)
			strip.width = LEAST;
		strip.label = ms_format("%s, %s from 0x%" PRIx64 ", to scale", name,
		                        ms_size_text(strip.end - strip.start), strip.start);
		ms_strip_draw(&page->out, &strip, pieces + i, to - i);
		i = to;
	}
	ms_buf_puts(&page->out, "</div>\n");
	free(pieces);
}

static void put_space(struct domains *d, const char *id, const char *name, const char *owner,
                      const json_t *thread)
{
	static const struct ms_column columns[] = {{"What", ""},    {"From", "num"}, {"To", "num"},
	                                           {"Size", "num"}, {"Rights", ""},  {"Caches", ""},
	                                           {"Frames", ""}};
	size_t count;
	struct mapping *m = mappings(d, owner, thread, &count);
	struct ms_page *page = d->page;

	if (count)
		put_strips(page, name, m, count);
	ms_table_open(page, ms_format("%s-space", id), ms_format("Address space of %s", name),
	              columns, 7, NULL);
	for (size_t i = 0; i < count; i++) {
		ms_html(&page->out,
		        "<tr><th scope=\"row\"><span class=\"swatch %s\"></span> %s</th>",
		        m[i].class, m[i].name);
		ms_cell_hex(page, m[i].start);
		ms_cell_hex(page, m[i].end);
		ms_cell_size(page, m[i].end - m[i].start);
		ms_cell_mono(page, m[i].rights);
		ms_cell(page, m[i].rights[0] == '-' && m[i].rights[1] == '-' ? ""
		              : m[i].cached                                  ? "cached"
		                                                             : "uncached");
		ms_cell_mono(page, m[i].frames);
		ms_buf_puts(&page->out, "</tr>\n");
	}
	ms_table_close(page);
	free(m);
}

/* Before there is a layout: what is to be mapped. */
static void put_wishes(struct ms_page *page, const char *id, const char *name,
                       const struct ms_maps *maps)
{
	static const struct ms_column columns[] = {
	    {"Region", ""}, {"At", "num"}, {"Rights", ""}, {"Caches", ""}};

	if (!maps->count)
		return;
	ms_table_open(page, ms_format("%s-space", id),
	              ms_format("What %s maps; there is no layout yet", name), columns, 4, NULL);
	for (size_t i = 0; i < maps->count; i++) {
		const struct ms_map *map = &maps->items[i];

		ms_buf_puts(&page->out, "<tr>");
		ms_cell_head(page, map->region);
		if (map->vaddr == MS_ANYWHERE)
			ms_buf_puts(&page->out, "<td class=\"num\">chosen later</td>");
		else
			ms_cell_hex(page, map->vaddr);
		ms_cell_mono(page, ms_permission_text(map->permissions));
		ms_cell(page, map->cached ? "cached" : "uncached");
		ms_buf_puts(&page->out, "</tr>\n");
	}
	ms_table_close(page);
}

/* -- one domain ------------------------------------------------------------------------------ */

static void open_part(struct domains *d, const char *id, const char *name, const char *more)
{
	ms_html(&d->page->out,
	        "<details class=\"domain\" id=\"%s\"%s>\n<summary><h3>%s</h3> <span>%s</span>"
	        "</summary>\n",
	        id, d->open ? " open" : "", name, more);
}

static void put_thread(struct ms_page *page, const struct ms_pd *pd, const json_t *thread)
{
	ms_fact(page, "Priority", ms_format("%" PRId64, pd->priority));
	ms_fact(page, "Stack", ms_size_text((uint64_t)pd->stack_bytes));
	if (thread && ms_document_text(thread, "entry")[0])
		ms_fact(page, "Entry", ms_document_text(thread, "entry"));
	ms_fact(page, "Faults go to", pd->parent ? pd->parent : "the monitor");
	if (pd->domain)
		ms_fact(page, "Domain", pd->domain);
	if (pd->cpu)
		ms_fact(page, "Core", ms_format("%" PRId64, pd->cpu));
	if (pd->passive)
		ms_fact(page, "Runs", "passive: on its callers' time");
	if (!pd->fpu)
		ms_fact(page, "FPU", "may not be used");
	if (pd->smc)
		ms_fact(page, "Secure monitor calls", "allowed");
}

static void put_program(struct ms_page *page, const struct ms_pd *pd, const json_t *program)
{
	ms_html(&page->out, "<div class=\"wide\"><dt>Program%s</dt><dd>%s</dd></div>\n",
	        ms_pd_is_ready(pd) ? ", ready-made" : ", compiled from", pd->binary);
	if (program)
		ms_html(&page->out,
		        "<div class=\"wide\"><dt>SHA-256 of its ELF</dt><dd><code "
		        "class=\"digest\">%s</code></dd></div>\n",
		        ms_document_text(program, "sha256"));
}

static void put_capabilities(struct domains *d, const char *name)
{
	if (d->page->doc->table)
		ms_html(&d->page->out,
		        "<div><dt>Holds</dt><dd><a class=\"filtered\" href=\"#capabilities\" "
		        "data-filter=\"holder:%s\">%s</a></dd></div>\n",
		        name, ms_count_text(caps_of(d, name), "capability"));
}

static void put_pd(struct domains *d, size_t i)
{
	const struct ms_pd *pd = &d->page->spec->pds.items[i];
	const json_t *thread = json_object_get(d->threads, pd->name);
	const json_t *program = json_object_get(d->programs, pd->name);
	const char *id = ms_format("pd-%s", pd->name);
	struct ms_page *page = d->page;
	struct ms_buf more = {0};

	ms_buf_printf(&more, "priority %" PRId64 "%s", pd->priority,
	              pd->passive ? ", passive" : "");
	if (page->doc->table)
		ms_buf_printf(&more, ", %s", ms_count_text(caps_of(d, pd->name), "capability"));
	if (program)
		ms_buf_printf(&more, ", ELF of %s",
		              ms_size_text(ms_document_number(program, "size")));
	open_part(d, id, pd->name, more.data);
	free(more.data);
	ms_buf_puts(&page->out, "<dl class=\"facts\">\n");
	put_thread(page, pd, thread);
	put_capabilities(d, pd->name);
	if (page->reach.known) {
		ms_buf_puts(&page->out, "<div class=\"wide\"><dt>Reaches in one step</dt><dd>");
		ms_pd_set(page, page->reach.now.flows[i], i);
		ms_buf_puts(&page->out, "</dd></div>\n");
	}
	put_program(page, pd, program);
	ms_buf_puts(&page->out, "</dl>\n");
	if (page->doc->table)
		put_space(d, id, pd->name, ms_format("pd/%s/", pd->name), thread);
	else
		put_wishes(page, id, pd->name, &pd->maps);
	ms_buf_puts(&page->out, "</details>\n");
}

static void put_vm(struct domains *d, size_t i)
{
	const struct ms_vm *vm = &d->page->spec->vms.items[i];
	const char *id = ms_format("vm-%s", vm->name);
	struct ms_page *page = d->page;

	open_part(d, id, vm->name,
	          ms_format("virtual machine, %s", ms_count_text(vm->vcpus.count, "CPU")));
	ms_buf_puts(&page->out, "<dl class=\"facts\">\n");
	ms_fact(page, "Monitor", vm->parent);
	ms_fact(page, "Priority", ms_format("%" PRId64, vm->priority));
	ms_buf_puts(&page->out, "</dl>\n");
	if (d->page->doc->table)
		put_space(d, id, vm->name, ms_format("vm/%s/", vm->name), NULL);
	else
		put_wishes(page, id, vm->name, &vm->maps);
	ms_buf_puts(&page->out, "</details>\n");
}

void ms_page_domains(struct ms_page *page)
{
	struct domains d = {.page = page};

	d.open = page->spec->pds.count <= OPEN;
	d.maps = by_space(ms_doc_at(page->doc->layout, "maps"));
	d.threads = by_name(ms_doc_at(page->doc->layout, "threads"), "pd");
	d.programs = by_name(page->doc->artifacts, "step");
	d.caps = count_caps(ms_doc_at(page->doc->layout, "caps"));
	ms_section_open(page, "domains", "Protection domains",
	                page->doc->table
	                    ? "Each address space is drawn to scale; between two strips "
	                      "nothing is mapped."
	                    : NULL);
	for (size_t i = 0; i < page->spec->pds.count; i++)
		put_pd(&d, i);
	for (size_t i = 0; i < page->spec->vms.count; i++)
		put_vm(&d, i);
	ms_section_close(page);
	json_decref(d.maps);
	json_decref(d.threads);
	json_decref(d.programs);
	json_decref(d.caps);
}
