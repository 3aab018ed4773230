/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * caps.c - every capability of the layout in one table: who holds what, with which rights.
 */
#include "report/page.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* "uart" of "pd/uart/tcb", "guest" of "vm/guest/vcpu-0/tcb"; "" of anything else. */
static char *whose(const char *object)
{
	if (!ms_starts_with(object, "pd/") && !ms_starts_with(object, "vm/"))
		return ms_strdup("");
	return ms_strndup(object + 3, strcspn(object + 3, "/"));
}

/* What kind of thing an object is, by the last part of its name. */
static const char *kind_of(const char *object)
{
	static const char *const kinds[][2] = {{"tcb", "thread"},
	                                       {"endpoint", "endpoint"},
	                                       {"notification", "notification"},
	                                       {"sched-context", "scheduling context"},
	                                       {"reply", "reply"},
	                                       {"vspace", "address space"},
	                                       {"vcpu", "virtual CPU"},
	                                       {"cnode", "CNode"},
	                                       {"cspace", "CNode"}};
	const char *last = strrchr(object, '/');

	if (ms_starts_with(object, "irq/"))
		return "interrupt handler";
	if (ms_starts_with(object, "root/"))
		return "of the root task";
	if (ms_starts_with(object, "region/"))
		return "frame";
	for (size_t i = 0; last && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(last + 1, kinds[i][0]) == 0)
			return kinds[i][1];
	return "object";
}

static void put_object(struct ms_page *page, const char *object)
{
	char *owner = whose(object);

	ms_cell(page, kind_of(object));
	ms_buf_puts(&page->out, "<td>");
	ms_pd_link(page, *owner ? owner : object);
	ms_buf_puts(&page->out, "</td>");
	free(owner);
}

static void put_rights(struct ms_page *page, const json_t *row)
{
	static const char *const rights[] = {"read", "write", "grant", "grant-reply"};
	size_t had = 0;

	for (size_t i = 0; i < 4; i++)
		had += ms_document_has(row, "rights", rights[i]);
	if (had == 0 || had == 4) {
		ms_cell(page, had ? "all" : "none");
		return;
	}
	ms_buf_puts(&page->out, "<td>");
	had = 0;
	for (size_t i = 0; i < 4; i++)
		if (ms_document_has(row, "rights", rights[i]))
			ms_html(&page->out, "%s%s", had++ ? ", " : "", rights[i]);
	ms_buf_puts(&page->out, "</td>");
}

static void put_cap(struct ms_page *page, const json_t *row)
{
	const char *name = ms_document_text(row, "name"), *badge = ms_document_text(row, "badge");
	char *holder = whose(ms_document_text(row, "cnode"));
	const char *own = ms_format("pd/%s/", holder);

	ms_buf_puts(&page->out, "<tr><th scope=\"row\">");
	if (*holder)
		ms_pd_link(page, holder);
	else
		ms_buf_puts(&page->out, "root task");
	ms_buf_puts(&page->out, "</th>");
	ms_cell_number(page, ms_document_number(row, "slot"));
	put_object(page, ms_document_text(row, "object"));
	put_rights(page, row);
	ms_html(&page->out, "<td class=\"num mono\" data-value=\"%s\">%s</td>", badge,
	        strcmp(badge, "0x0") == 0 ? "" : badge);
	ms_cell(page, strncmp(name, own, strlen(own)) == 0 ? name + strlen(own) : name);
	ms_buf_puts(&page->out, "</tr>\n");
	free(holder);
}

/* What the root task keeps when it has become the monitor. */
static void put_kept(struct ms_page *page, const json_t *row)
{
	ms_buf_puts(&page->out, "<tr><th scope=\"row\">monitor</th>");
	ms_cell_number(page, ms_document_number(row, "slot"));
	put_object(page, ms_document_text(row, "object"));
	ms_cell(page, "all");
	ms_buf_puts(&page->out, "<td class=\"num mono\" data-value=\"0x0\"></td>");
	ms_cell(page, ms_document_text(row, "kind"));
	ms_buf_puts(&page->out, "</tr>\n");
}

void ms_page_caps(struct ms_page *page)
{
	static const struct ms_column columns[] = {
	    {"Holder", ""}, {"Slot", "num"},  {"Capability of", ""}, {"Whose", ""},
	    {"Rights", ""}, {"Badge", "num"}, {"What for", ""}};
	const json_t *caps = ms_doc_at(page->doc->layout, "caps"), *row;
	size_t i;

	if (!page->doc->table)
		return;
	ms_section_open(page, "capabilities", "Capabilities",
	                "Every capability that a domain is given, in its own CNode, and those "
	                "that the root task hands on or keeps as the monitor. Nobody has another "
	                "when the system runs.");
	ms_table_open(page, "caps", "Capabilities", columns, 7, "Filter capabilities");
	json_array_foreach(caps, i, row)
	{
		put_cap(page, row);
	}
	json_array_foreach(ms_doc_at(page->doc->layout, "monitor"), i, row)
	{
		put_kept(page, row);
	}
	ms_table_close(page);
	ms_section_close(page);
}
