/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel.c - the kernel of the image: what it is, whether its configuration is a verified one, and
 * what is made of its objects.
 */
#include "report/page.h"
#include "layout/verified.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *yes(const json_t *kernel, const char *key)
{
	const json_t *value = ms_doc_at(kernel, key);

	return !value ? NULL : json_is_true(value) ? "yes" : "no";
}

static void put_facts(struct ms_page *page, const json_t *kernel)
{
	bool probe = strcmp(ms_document_text(kernel, "kind"), "probe") == 0;

	ms_buf_puts(&page->out, "<dl class=\"facts\">\n");
	ms_fact(page, "Kernel", probe ? "the probe kernel, which is not seL4" : "seL4");
	ms_fact(page, "Platform", ms_document_text(kernel, "platform"));
	ms_fact(page, "Hypervisor, EL2", yes(kernel, "hypervisor"));
	ms_fact(page, "MCS", yes(kernel, "mcs"));
	ms_fact(page, "Debug build", yes(kernel, "debug"));
	ms_fact(page, "Can print", yes(kernel, "printing"));
	ms_fact(page, "Cores", ms_format("%" PRIu64, ms_document_number(kernel, "cores")));
	ms_fact(page, "Physical addresses",
	        ms_format("%" PRIu64 " bits", ms_document_number(kernel, "pa_bits")));
	ms_html(
	    &page->out,
	    "<div class=\"wide\"><dt>SHA-256 of its ELF, as found</dt><dd><code class=\"digest\">"
	    "%s</code></dd></div>\n</dl>\n",
	    ms_document_text(kernel, "sha256"));
}

/* -- beside the verified configurations -------------------------------------------------------- */

static void put_differences(struct ms_page *page, const json_t *verdict)
{
	static const struct ms_column columns[] = {
	    {"Option", ""}, {"Here", ""}, {"There", ""}, {"", ""}};
	const json_t *differs = ms_doc_at(verdict, "differs"), *row;
	uint64_t all = ms_document_number(verdict, "different");
	size_t i;

	if (json_array_size(differs) == 0)
		return;
	ms_table_open(page, "differs",
	              ms_format("Options that differ from %s%s",
	                        ms_document_text(verdict, "nearest"),
	                        all > json_array_size(differs)
	                            ? ms_format(", %zu of %" PRIu64, json_array_size(differs), all)
	                            : ""),
	              columns, 4, NULL);
	json_array_foreach(differs, i, row)
	{
		ms_buf_puts(&page->out, "<tr>");
		ms_cell_head(page, ms_document_text(row, "option"));
		ms_cell(page, ms_document_text(row, "here"));
		ms_cell(page, ms_document_text(row, "verified"));
		ms_cell(page, json_is_true(ms_doc_at(row, "robust"))
		                  ? "the proofs are said to hold for other numbers"
		                  : "");
		ms_buf_puts(&page->out, "</tr>\n");
	}
	ms_table_close(page);
}

static void put_verified(struct ms_page *page, const json_t *verdict)
{
	const char *kind = ms_document_text(verdict, "verdict");
	bool same = strcmp(kind, "same-configuration") == 0;
	char *line = ms_verified_line(verdict);

	ms_buf_puts(&page->out, "<h3>Is it configured as a verified one?</h3>\n<p>");
	ms_badge(page, same ? "good" : "open",
	         same                            ? "same configuration"
	         : strcmp(kind, "not-seL4") == 0 ? "not seL4"
	                                         : "another configuration");
	ms_html(&page->out, " %s.</p>\n", line);
	free(line);
	if (strcmp(kind, "not-seL4") == 0)
		return;
	put_differences(page, verdict);
	if (!same)
		ms_html(
		    &page->out,
		    "<p>What seL4 states as proved, it states for %s; for this kernel it states "
		    "nothing.</p>\n",
		    ms_document_text(verdict, "nearest"));
	ms_html(&page->out,
	        "<p class=\"what\">Not seen here: whether these bytes were made of the verified "
	        "sources and device tree. Outside the proofs: compiler, linker, machine code, boot "
	        "code, caches and TLBs. (%s, %s)</p>\n",
	        ms_document_text(verdict, "source"), ms_document_text(verdict, "date"));
}

static void put_objects(struct ms_page *page)
{
	static const char *const types[] = {
	    "TCB",      "Endpoint", "Notification", "CNode",     "SchedContext",
	    "Reply",    "VSpace",   "PageTable",    "SmallPage", "LargePage",
	    "HugePage", "VCPU",     "Untyped"};
	static const struct ms_column columns[] = {
	    {"Type", ""}, {"Number", "num"}, {"Memory", "num"}};
	const json_t *objects = ms_doc_at(page->doc->layout, "objects"), *row;
	size_t i;

	ms_table_open(page, "objects", "Kernel objects that the root task makes", columns, 3, NULL);
	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		uint64_t count = 0, bytes = 0;

		json_array_foreach(objects, i, row)
		{
			uint64_t bits = ms_document_number(row, "size_bits");

			if (strcmp(ms_document_text(row, "type"), types[t]) != 0)
				continue;
			count += ms_document_number(row, "count");
			bytes += ms_document_number(row, "count") << (bits < 48 ? bits : 0);
		}
		if (!count)
			continue;
		ms_buf_puts(&page->out, "<tr>");
		ms_cell_head(page, t == 12 ? "Untyped, to reach an address" : types[t]);
		ms_cell_number(page, count);
		ms_cell_size(page, bytes);
		ms_buf_puts(&page->out, "</tr>\n");
	}
	ms_table_close(page);
}

void ms_page_kernel(struct ms_page *page)
{
	const json_t *kernel = ms_doc_at(page->doc->archive, "kernel");

	if (!kernel && !page->doc->table)
		return;
	ms_section_open(page, "kernel", "Kernel", NULL);
	if (kernel)
		put_facts(page, kernel);
	if (ms_doc_at(kernel, "verified_config"))
		put_verified(page, ms_doc_at(kernel, "verified_config"));
	if (page->doc->table)
		ms_buf_puts(&page->out, "<h3>Objects</h3>\n");
	if (page->doc->table)
		put_objects(page);
	ms_section_close(page);
}
