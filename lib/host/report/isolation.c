/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * isolation.c - what is asserted of the system and whether it holds, and who can reach whom.
 */
#include "report/page.h"
#include "report/picture.h"
#include "report/text.h"

#include <inttypes.h>

#define BIT(n) (UINT64_C(1) << (n))

static void put_assertions(struct ms_page *page)
{
	static const struct ms_column columns[] = {{"Asserted", ""}, {"Result", ""}};
	const struct ms_spec *spec = page->spec;

	if (spec->assertions.count == 0) {
		ms_buf_puts(&page->out, "<p>The specification asserts nothing.</p>\n");
		return;
	}
	ms_table_open(page, "assertions",
	              page->reach.by_table
	                  ? "Assertions, judged by what the layout's capabilities and maps allow"
	                  : "Assertions, judged by what the specification says",
	              columns, 2, NULL);
	for (size_t i = 0; i < spec->assertions.count; i++) {
		const struct ms_assertion *a = &spec->assertions.items[i];
		bool holds = ms_reach_holds(spec, &page->reach, a);

		ms_buf_puts(&page->out, "<tr>");
		ms_cell_head(page, ms_assertion_claim(a));
		ms_buf_puts(&page->out, "<td>");
		ms_badge(page, holds ? "good" : "bad", holds ? "holds" : "does not hold");
		ms_buf_puts(&page->out, "</td></tr>\n");
	}
	ms_table_close(page);
}

/* -- who reaches whom ------------------------------------------------------------------------ */

struct matrix {
	struct ms_page *page;
	size_t count;
	int cell, left, top;
};

/* All cells of one kind in one shape. */
static void put_cells(struct matrix *m, const char *class, const uint64_t *rows,
                      const uint64_t *but)
{
	struct ms_buf *out = &m->page->out;
	bool any = false;

	for (size_t i = 0; i < m->count; i++) {
		for (size_t k = 0; k < m->count; k++) {
			if (!(rows[i] & ~(but ? but[i] : 0) & BIT(k)) || i == k)
				continue;
			if (!any)
				ms_html(out, "<path class=\"%s\" d=\"", class);
			any = true;
			ms_buf_printf(out, "M%d %dh%dv%dh-%dz", m->left + (int)k * m->cell + 1,
			              m->top + (int)i * m->cell + 1, m->cell - 2, m->cell - 2,
			              m->cell - 2);
		}
	}
	if (any)
		ms_buf_puts(out, "\"/>\n");
}

static void put_matrix_names(struct matrix *m)
{
	struct ms_buf *out = &m->page->out;

	for (size_t i = 0; i < m->count; i++) {
		const char *name = m->page->spec->pds.items[i].name;
		int y = m->top + (int)i * m->cell + m->cell / 2 + 4;
		int x = m->left + (int)i * m->cell + m->cell / 2 + 4;

		ms_html(out, "<text class=\"row\" x=\"%d\" y=\"%d\">", m->left - 6, y);
		ms_html_clipped(out, name, 24);
		ms_html(out,
		        "</text><text class=\"col\" transform=\"translate(%d %d) rotate(-60)\">", x,
		        m->top - 6);
		ms_html_clipped(out, name, 24);
		ms_buf_puts(out, "</text>\n");
	}
}

static void put_matrix(struct ms_page *page)
{
	struct matrix m = {.page = page, .count = page->spec->pds.count};
	int longest = 0, width, height;

	for (size_t i = 0; i < m.count; i++) {
		int text = ms_picture_text(page->spec->pds.items[i].name, 66);

		text = text > 24 * 66 / 10 ? 24 * 66 / 10 : text;
		longest = text > longest ? text : longest;
	}
	m.cell = m.count <= 12 ? 26 : m.count <= 30 ? 18 : 14;
	m.left = longest + 12;
	m.top = longest * 87 / 100 + 16;
	width = m.left + (int)m.count * m.cell + longest / 2 + 8;
	height = m.top + (int)m.count * m.cell + 2;
	ms_html(&page->out,
	        "<div class=\"scroll\" role=\"region\" aria-label=\"Who reaches whom, as a "
	        "matrix\" tabindex=\"0\">\n<svg class=\"matrix\" width=\"%d\" height=\"%d\" "
	        "viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"A matrix of who reaches whom; the "
	        "table below says the same in words\">\n",
	        width, height, width, height);
	ms_html(&page->out,
	        "<rect class=\"ground\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", m.left,
	        m.top, (int)m.count * m.cell, (int)m.count * m.cell);
	put_cells(&m, "far", page->reach.all, page->reach.now.flows);
	put_cells(&m, "near", page->reach.now.flows, NULL);
	ms_buf_puts(&page->out, "<path class=\"self\" d=\"");
	for (size_t i = 0; i < m.count; i++)
		ms_buf_printf(&page->out, "M%d %dl%d %d", m.left + (int)i * m.cell + 3,
		              m.top + (int)i * m.cell + 3, m.cell - 6, m.cell - 6);
	ms_buf_puts(&page->out, "\"/>\n");
	put_matrix_names(&m);
	ms_buf_puts(&page->out,
	            "</svg>\n</div>\n<p class=\"key\"><span class=\"swatch near\"></span> "
	            "in one step <span class=\"swatch far\"></span> through others. A "
	            "row reaches what its marks stand under.</p>\n");
}

static void put_reach(struct ms_page *page)
{
	static const struct ms_column columns[] = {{"Domain", ""},
	                                           {"Calls", ""},
	                                           {"Signals", ""},
	                                           {"Else, in one step", ""},
	                                           {"Through others", ""}};
	const struct ms_reach *r = &page->reach;

	ms_table_open(page, "reach", "Whom each domain can reach", columns, 5, "Filter domains");
	for (size_t i = 0; i < page->spec->pds.count; i++) {
		uint64_t once = r->now.calls[i] | r->now.signals[i];

		ms_buf_puts(&page->out, "<tr><th scope=\"row\">");
		ms_pd_link(page, page->spec->pds.items[i].name);
		ms_buf_puts(&page->out, "</th><td>");
		ms_pd_set(page, r->now.calls[i], i);
		ms_buf_puts(&page->out, "</td><td>");
		ms_pd_set(page, r->now.signals[i], i);
		ms_buf_puts(&page->out, "</td><td>");
		ms_pd_set(page, r->now.flows[i] & ~once, i);
		ms_buf_puts(&page->out, "</td><td>");
		ms_pd_set(page, r->all[i] & ~r->now.flows[i], i);
		ms_buf_puts(&page->out, "</td></tr>\n");
	}
	ms_table_close(page);
}

void ms_page_isolation(struct ms_page *page)
{
	ms_section_open(
	    page, "isolation", "Isolation",
	    page->reach.known
	        ? "What must hold of the system, and who can tell anything to whom: by a "
	          "call or its answer, by a signal, by memory that one writes and the "
	          "other reads, by faults, or by a capability of the other's thread."
	        : NULL);
	if (page->reach.known) {
		put_assertions(page);
		if (page->spec->pds.count > 1) {
			ms_buf_puts(&page->out, "<h3>Who can reach whom</h3>\n");
			put_matrix(page);
			put_reach(page);
		}
	} else {
		ms_buf_puts(&page->out,
		            "<p class=\"note\">The single protection domain is the root "
		            "task: the kernel gives it every capability, so there is "
		            "nothing from which it is isolated.</p>\n");
	}
	ms_section_close(page);
}
