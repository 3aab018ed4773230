/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * files.c - hashes and sizes of what was built, and everything that it was built from.
 */
#include "report/page.h"
#include "base/diag.h"
#include "plan/inputs.h"
#include "report/text.h"

#include <inttypes.h>
#include <string.h>

static void put_hash(struct ms_page *page, const char *name, const char *what, const char *hex)
{
	if (*hex)
		ms_html(&page->out,
		        "<div class=\"wide\"><dt>%s <span class=\"more\">%s</span></dt><dd><code "
		        "class=\"digest\">%s</code></dd></div>\n",
		        name, what, hex);
}

static void put_file(struct ms_page *page, const char *name, const char *what, const json_t *row)
{
	ms_buf_puts(&page->out, "<tr>");
	ms_cell_head(page, name);
	ms_cell(page, what);
	ms_cell_size(page, ms_document_number(row, "size"));
	ms_cell_digest(page, ms_document_text(row, "sha256"));
	ms_buf_puts(&page->out, "</tr>\n");
}

static void put_files(struct ms_page *page)
{
	static const struct ms_column columns[] = {
	    {"File", ""}, {"What it is", ""}, {"Size", "num"}, {"SHA-256", ""}};
	const struct ms_document *d = page->doc;
	const json_t *row;
	size_t i;

	ms_table_open(page, "built", "What was built", columns, 4, NULL);
	if (d->image)
		put_file(page, ms_document_text(d->image, "path"),
		         ms_format("the image, %s", ms_document_text(d->image, "format")),
		         d->image);
	json_array_foreach(ms_doc_at(d->image, "files"), i, row)
	{
		put_file(page, ms_document_text(row, "path"),
		         ms_format("the image, %s", ms_document_text(row, "format")), row);
	}
	if (d->archive)
		put_file(page, ms_document_text(d->archive, "path"), "the archive in the image",
		         d->archive);
	json_array_foreach(ms_doc_at(d->archive, "entries"), i, row)
	{
		put_file(page, ms_document_text(row, "name"), "in the archive", row);
	}
	json_array_foreach(d->artifacts, i, row)
	{
		put_file(page, ms_document_text(row, "path"), "a linked program", row);
	}
	ms_table_close(page);
}

static void put_segments(struct ms_page *page)
{
	static const struct ms_column columns[] = {
	    {"Address", "num"}, {"In the file", "num"}, {"In memory", "num"}, {"Rights", ""}};
	const json_t *segments = ms_doc_at(page->doc->image, "segments"), *row;
	size_t i;

	ms_table_open(page, "segments",
	              ms_format("What a boot loader loads; entry at %s",
	                        ms_document_text(page->doc->image, "entry")),
	              columns, 4, NULL);
	json_array_foreach(segments, i, row)
	{
		ms_buf_puts(&page->out, "<tr>");
		ms_html(&page->out, "<th scope=\"row\" class=\"num mono\">%s</th>",
		        ms_document_text(row, "paddr"));
		ms_cell_size(page, ms_document_number(row, "filesz"));
		ms_cell_size(page, ms_document_number(row, "memsz"));
		ms_cell_mono(page, ms_document_text(row, "flags"));
		ms_buf_puts(&page->out, "</tr>\n");
	}
	ms_table_close(page);
}

void ms_page_files(struct ms_page *page)
{
	const struct ms_document *d = page->doc;

	if (!d->hashed && !d->artifacts)
		return;
	ms_section_open(page, "files", "Hashes and sizes", NULL);
	ms_buf_puts(&page->out, "<dl class=\"facts\">\n");
	put_hash(page, "spec_hash", "of the specification", ms_document_text(d->root, "spec_hash"));
	put_hash(page, "plan_hash", "of the commands that follow from it",
	         ms_document_text(d->root, "plan_hash"));
	put_hash(page, "inputs_hash", "of everything that was read",
	         ms_document_text(d->root, "inputs_hash"));
	put_hash(page, "image", "of the bytes that came out", ms_document_text(d->image, "sha256"));
	ms_buf_puts(&page->out, "</dl>\n");
	if (d->artifacts)
		put_files(page);
	if (d->image)
		put_segments(page);
	ms_section_close(page);
}

/* -- inputs ---------------------------------------------------------------------------------- */

static void put_inputs(struct ms_page *page, const char *id, const char *caption,
                       const json_t *list)
{
	static const struct ms_column columns[] = {
	    {"Path", ""}, {"Kind", ""}, {"Size", "num"}, {"SHA-256", ""}, {"Version", ""}};
	const json_t *row;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	ms_html(&page->out, "<details class=\"list\"><summary>%s: %s</summary>\n", caption,
	        ms_count_text(json_array_size(list), "file"));
	ms_table_open(page, id, caption, columns, 5, "Filter files");
	json_array_foreach(list, i, row)
	{
		ms_buf_puts(&page->out, "<tr>");
		ms_cell_head(page, ms_document_text(row, "path"));
		ms_cell(page, ms_document_text(row, "kind"));
		ms_cell_size(page, ms_document_number(row, "size"));
		ms_cell_digest(page, ms_document_text(row, "sha256"));
		ms_cell(page, ms_document_text(row, "version"));
		ms_buf_puts(&page->out, "</tr>\n");
	}
	ms_table_close(page);
	ms_buf_puts(&page->out, "</details>\n");
}

void ms_page_inputs(struct ms_page *page)
{
	static const struct {
		const char *key, *id, *caption;
	} lists[] = {{"inputs.files", "named", "What the plan names"},
	             {"compiled_from", "compiled-from", "What the programs were compiled from"},
	             {"packed_from", "packed-from", "What the archive was packed from"},
	             {"linked_from", "linked-from", "What the image was linked from"}};
	json_t *root = page->doc->root, *list;
	bool all = ms_doc_at(root, "compiled_from") && ms_doc_at(root, "packed_from") &&
	           ms_doc_at(root, "linked_from"),
	     any = all;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		any = any || ms_doc_at(root, lists[i].key);
	if (!any)
		return;
	ms_section_open(
	    page, "inputs", "Inputs",
	    "What was read to build it, byte for byte. @toolkit is this toolkit's board "
	    "sources, @kernel the kernel build, @toolchain the compiler.");
	if (all) {
		list = ms_inputs_of(root);
		if (!list)
			ms_exit(MS_EXIT_INPUT);
		put_inputs(page, "all-inputs", "Everything that was read", list);
	} else {
		for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
			put_inputs(page, lists[i].id, lists[i].caption,
			           ms_doc_at(root, lists[i].key));
	}
	ms_section_close(page);
}
