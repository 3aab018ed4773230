/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory.c - the board's memory, to scale, and the regions of the system.
 */
#include "report/page.h"
#include "report/picture.h"
#include "report/strip.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 940

struct pieces {
	struct ms_piece *items;
	size_t count, cap;
};

static void add_piece(struct pieces *p, uint64_t start, uint64_t end, const char *name)
{
	static const struct {
		const char *name, *class;
	} classes[] = {{"kernel", "c-kernel"},    {"dtb", "c-data"},
	               {"device tree", "c-data"}, {"loader", "c-loader"},
	               {"archive", "c-archive"},  {"rootserver", "c-root"},
	               {"root task", "c-root"},   {"root task's objects", "c-objects"},
	               {"objects", "c-objects"}};
	struct ms_piece *piece;

	if (end <= start)
		return;
	ms_reserve((void **)&p->items, &p->cap, p->count + 1, sizeof(*p->items));
	piece = &p->items[p->count++];
	*piece = (struct ms_piece){start, end, name, "c-data", NULL};
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(classes[i].name, name) == 0)
			piece->class = classes[i].class;
	piece->detail = ms_format("%s: 0x%" PRIx64 " to 0x%" PRIx64 ", %s", name, start, end,
	                          ms_size_text(end - start));
}

static bool touches(const struct pieces *p, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->items[i].start < end && start < p->items[i].end)
			return true;
	return false;
}

/* What the layout says lies where; of the image's map what the layout does not know. */
static void gather(const struct ms_document *d, struct pieces *p)
{
	const json_t *row;
	size_t i;

	json_array_foreach(ms_doc_at(d->layout, "ranges"), i, row)
	{
		if (strcmp(ms_document_text(row, "kind"), "memory") == 0)
			add_piece(p, ms_document_hex(row, "start"), ms_document_hex(row, "end"),
			          ms_document_text(row, "name"));
	}
	json_array_foreach(ms_doc_at(d->image, "memory_map"), i, row)
	{
		uint64_t start = ms_document_hex(row, "start"), end = ms_document_hex(row, "end");

		if (strcmp(ms_document_text(row, "name"), "free") != 0 && !touches(p, start, end))
			add_piece(p, start, end, ms_document_text(row, "name"));
	}
	ms_pieces_sort(p->items, p->count);
}

/* The whole of one piece of RAM, then each crowded part of it by itself, larger. */
static void put_ram(struct ms_page *page, const struct pieces *p, uint64_t start, uint64_t end)
{
	struct ms_strip whole = {.start = start, .end = end, .width = WIDTH};
	size_t first = 0, last, letters = 0;
	struct ms_piece *inside;

	while (first < p->count && p->items[first].start < start)
		first++;
	for (last = first; last < p->count && p->items[last].start < end;)
		last++;
	inside = ms_alloc(last - first + 1, sizeof(*inside));
	memcpy(inside, p->items + first, (last - first) * sizeof(*inside));
	whole.label = ms_format("RAM from 0x%" PRIx64 " to 0x%" PRIx64 ", to scale", start, end);
	for (size_t i = 0; i < last - first; i++)
		inside[i].name = "";
	for (size_t i = 0, to; i < last - first; i = to, letters++) {
		to = ms_pieces_run(inside, last - first, i);
		inside[i].name = ms_format("%c", 'A' + (int)(letters % 26));
	}
	ms_html(&page->out,
	        "<h4>RAM, %s</h4>\n<div class=\"scroll\" role=\"region\" aria-label=\"%s\" "
	        "tabindex=\"0\">\n",
	        ms_size_text(end - start), whole.label);
	ms_strip_draw(&page->out, &whole, inside, last - first);
	letters = 0;
	for (size_t i = first, to; i < last; i = to, letters++) {
		struct ms_strip part = {.start = p->items[i].start, .width = WIDTH};

		to = first + ms_pieces_run(inside, last - first, i - first);
		for (size_t k = i; k < to; k++)
			part.end = p->items[k].end > part.end ? p->items[k].end : part.end;
		part.label =
		    ms_format("Part %c, %s, to a scale of its own", 'A' + (int)(letters % 26),
		              ms_size_text(part.end - part.start));
		ms_html(&page->out, "<p class=\"part\">%s</p>\n", part.label);
		ms_strip_draw(&page->out, &part, p->items + i, to - i);
	}
	ms_buf_puts(&page->out, "</div>\n");
	free(inside);
}

static void put_table(struct ms_page *page, const struct pieces *p)
{
	static const struct ms_column columns[] = {
	    {"What", ""}, {"From", "num"}, {"To", "num"}, {"Size", "num"}};

	ms_table_open(page, "memory-map",
	              "Physical memory when the root task starts; what is not listed is free",
	              columns, 4, NULL);
	for (size_t i = 0; i < p->count; i++) {
		ms_html(&page->out,
		        "<tr><th scope=\"row\"><span class=\"swatch %s\"></span> %s</th>",
		        p->items[i].class, p->items[i].name);
		ms_cell_hex(page, p->items[i].start);
		ms_cell_hex(page, p->items[i].end);
		ms_cell_size(page, p->items[i].end - p->items[i].start);
		ms_buf_puts(&page->out, "</tr>\n");
	}
	ms_table_close(page);
}

/* -- regions --------------------------------------------------------------------------------- */

/* Physical addresses of the regions that the layout gives one, by name. */
static json_t *region_places(const struct ms_document *d)
{
	json_t *places = json_object();
	const json_t *row;
	size_t i;

	json_array_foreach(ms_doc_at(d->layout, "objects"), i, row)
	{
		const char *name = ms_document_text(row, "name");
		char *region;

		if (!ms_starts_with(name, "region/"))
			continue;
		region = ms_strndup(name + 7, strcspn(name + 7, "["));
		if (!json_object_get(places, region))
			ms_doc_set(places, region,
			           ms_doc_new_string(ms_document_text(row, "paddr")));
		free(region);
	}
	return places;
}

/* How large a region is, and what it is filled from or which register it is. */
static void put_size(struct ms_page *page, const struct ms_region *region, const json_t *device)
{
	if (region->size_bytes)
		ms_cell_size(page, (uint64_t)region->size_bytes);
	else if (device)
		ms_cell_size(page, ms_document_number(device, "size_bytes"));
	else
		ms_html(&page->out, "<td class=\"num\" data-value=\"0\">%s</td>",
		        region->phys_from.dt                    ? "as its register"
		        : region->prefill_bootinfo != MS_ABSENT ? "as the device tree"
		                                                : "as its file");
}

static const char *filled_from(const struct ms_region *region, const json_t *device)
{
	if (!region->phys_from.dt && region->prefill_bootinfo != MS_ABSENT)
		return "the device tree that the kernel hands on";
	if (!region->phys_from.dt)
		return region->prefill_from ? region->prefill_from : "";
	return ms_format("register %" PRId64 " of %s%s%s", region->phys_from.index,
	                 region->phys_from.dt, device ? ", " : "",
	                 ms_document_text(device, "node"));
}

static void put_place(struct ms_page *page, const struct ms_region *region, const char *place)
{
	if (place)
		ms_html(&page->out, "<td class=\"num mono\">%s</td>", place);
	else if (region->phys_addr != MS_ANYWHERE)
		ms_cell_hex(page, region->phys_addr);
	else
		ms_html(&page->out, "<td class=\"num\">%s</td>",
		        !page->doc->layout     ? "not decided yet"
		        : region->prefill_from ? "in the archive"
		                               : "none");
}

static void put_region(struct ms_page *page, size_t i, const json_t *places)
{
	static const char *const caching[] = {"cached", "uncached", "device memory"};
	const struct ms_region *region = &page->spec->regions.items[i];
	uint64_t mappers = page->reach.now.mappers[i], writers = page->reach.now.writers[i];
	const json_t *device =
	    region->phys_from.dt
	        ? ms_document_device(page->doc, "region", region->name, &region->phys_from)
	        : NULL;

	ms_html(&page->out, "<tr id=\"region-%s\">", region->name);
	ms_cell_head(page, region->name);
	put_size(page, region, device);
	ms_cell(page, caching[region->caching]);
	ms_cell_mono(page, ms_permission_text(region->permissions));
	put_place(page, region, json_string_value(json_object_get(places, region->name)));
	ms_cell(page, filled_from(region, device));
	ms_buf_puts(&page->out, "<td>");
	ms_pd_set(page, writers, SIZE_MAX);
	ms_buf_puts(&page->out, "</td><td>");
	ms_pd_set(page, mappers & ~writers, SIZE_MAX);
	ms_buf_puts(&page->out, "</td></tr>\n");
}

static void put_regions(struct ms_page *page)
{
	static const struct ms_column columns[] = {
	    {"Region", ""}, {"Size", "num"}, {"Memory", ""},    {"At most", ""},
	    {"At", "num"},  {"From", ""},    {"Can write", ""}, {"Only read", ""}};
	json_t *places = region_places(page->doc);

	ms_buf_puts(&page->out, "<h3>Regions</h3>\n");
	ms_table_open(page, "regions", "Memory regions, and who has them mapped", columns, 8,
	              "Filter regions");
	for (size_t i = 0; i < page->spec->regions.count; i++)
		put_region(page, i, places);
	ms_table_close(page);
	json_decref(places);
}

void ms_page_memory(struct ms_page *page)
{
	const json_t *ram = ms_doc_at(page->doc->archive, "kernel.memory"), *row;
	struct pieces p = {0};
	size_t i;

	gather(page->doc, &p);
	if (p.count == 0 && page->spec->regions.count == 0)
		return;
	ms_section_open(page, "memory", "Memory", NULL);
	if (p.count)
		ms_buf_puts(&page->out, "<h3>The board</h3>\n");
	json_array_foreach(ram, i, row)
	{
		if (p.count)
			put_ram(page, &p, ms_document_hex(row, "start"),
			        ms_document_hex(row, "end"));
	}
	if (p.count)
		put_table(page, &p);
	if (page->spec->regions.count)
		put_regions(page);
	ms_section_close(page);
	free(p.items);
}
