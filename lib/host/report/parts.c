/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parts.c - what the sections of a page are made of: headings, tables, cells, facts. See page.h.
 */
#include "report/page.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MANY 6 /* so many PDs are rather called "all others but", ... */
#define FEW  3 /* ... where so few are not among them */

void ms_section_open(struct ms_page *page, const char *id, const char *title, const char *what)
{
	ms_html(&page->out, "\n<section id=\"%s\" aria-labelledby=\"%s-title\">\n", id, id);
	ms_html(&page->out, "<h2 id=\"%s-title\">%s</h2>\n", id, title);
	if (what)
		ms_html(&page->out, "<p class=\"what\">%s</p>\n", what);
}

void ms_section_close(struct ms_page *page)
{
	ms_buf_puts(&page->out, "</section>\n");
}

void ms_table_open(struct ms_page *page, const char *id, const char *caption,
                   const struct ms_column *columns, size_t count, const char *filter)
{
	struct ms_buf *out = &page->out;

	if (filter)
		ms_html(out,
		        "<div class=\"filter\" data-table=\"%s\" hidden><label for=\"%s-filter\">%s"
		        "</label> <input id=\"%s-filter\" type=\"search\" autocomplete=\"off\" "
		        "spellcheck=\"false\"> <output for=\"%s-filter\"></output></div>\n",
		        id, id, filter, id, id);
	ms_html(out,
	        "<div class=\"scroll\" role=\"region\" aria-labelledby=\"%s-caption\" "
	        "tabindex=\"0\">\n<table id=\"%s\">\n<caption id=\"%s-caption\">%s</caption>\n"
	        "<thead><tr>",
	        id, id, id, caption);
	for (size_t i = 0; i < count; i++) {
		if (columns[i].class[0])
			ms_html(out, "<th scope=\"col\" class=\"%s\">%s</th>", columns[i].class,
			        columns[i].title);
		else
			ms_html(out, "<th scope=\"col\">%s</th>", columns[i].title);
	}
	ms_buf_puts(out, "</tr></thead>\n<tbody>\n");
}

void ms_table_close(struct ms_page *page)
{
	ms_buf_puts(&page->out, "</tbody>\n</table>\n</div>\n");
}

void ms_cell(struct ms_page *page, const char *text)
{
	ms_html(&page->out, "<td>%s</td>", text);
}

void ms_cell_mono(struct ms_page *page, const char *text)
{
	ms_html(&page->out, "<td class=\"mono\">%s</td>", text);
}

void ms_cell_number(struct ms_page *page, uint64_t number)
{
	ms_html(&page->out, "<td class=\"num\">%" PRIu64 "</td>", number);
}

void ms_cell_size(struct ms_page *page, uint64_t bytes)
{
	char *text = ms_size_text(bytes);

	ms_html(&page->out, "<td class=\"num\" data-value=\"%" PRIu64 "\">%s</td>", bytes, text);
	free(text);
}

void ms_cell_hex(struct ms_page *page, uint64_t value)
{
	ms_html(&page->out, "<td class=\"num mono\">0x%" PRIx64 "</td>", value);
}

void ms_cell_head(struct ms_page *page, const char *text)
{
	ms_html(&page->out, "<th scope=\"row\">%s</th>", text);
}

void ms_cell_digest(struct ms_page *page, const char *hex)
{
	ms_html(&page->out, "<td><code class=\"digest\">%s</code></td>", hex);
}

void ms_fact(struct ms_page *page, const char *term, const char *text)
{
	if (text)
		ms_html(&page->out, "<div><dt>%s</dt><dd>%s</dd></div>\n", term, text);
}

static bool is_pd(const struct ms_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->pds.count; i++)
		if (strcmp(spec->pds.items[i].name, name) == 0)
			return true;
	return false;
}

void ms_pd_link(struct ms_page *page, const char *name)
{
	if (is_pd(page->spec, name))
		ms_html(&page->out, "<a href=\"#pd-%s\">%s</a>", name, name);
	else
		ms_html_text(&page->out, name);
}

void ms_badge(struct ms_page *page, const char *class, const char *text)
{
	ms_html(&page->out, "<span class=\"badge %s\">%s</span>", class, text);
}

/* Links to the PDs of a set. */
static void put_links(struct ms_page *page, uint64_t set)
{
	size_t had = 0;

	for (size_t i = 0; i < page->spec->pds.count; i++) {
		if (!(set >> i & 1))
			continue;
		ms_buf_puts(&page->out, had++ ? ", " : "");
		ms_pd_link(page, page->spec->pds.items[i].name);
	}
}

void ms_pd_set(struct ms_page *page, uint64_t set, size_t self)
{
	size_t count = page->spec->pds.count;
	uint64_t all = count ? UINT64_MAX >> (64 - count) : 0;
	uint64_t rest = all & ~set & ~(self < count ? UINT64_C(1) << self : 0);

	if (!set) {
		ms_buf_puts(&page->out, "<span class=\"none\">nobody</span>");
	} else if (__builtin_popcountll(set) > MANY && __builtin_popcountll(rest) <= FEW) {
		ms_html(&page->out, "all %s", self < count ? "others" : "of them");
		if (rest)
			ms_buf_puts(&page->out, " but ");
		put_links(page, rest);
	} else {
		put_links(page, set);
	}
}
