/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trust.c - who signed, what was verified when the page was made, and what was not.
 */
#include "report/page.h"
#include "base/diag.h"
#include "base/file.h"
#include "plan/inputs.h"
#include "report/text.h"

#include <stdlib.h>
#include <string.h>

#define CHECKS_MAX (MS_INPUTS_MAX + 1000) /* one for each input, and what else there is */
#define TEXT_MAX   65536

/* -- a verdict of somebody else --------------------------------------------------------------- */

static const char *const findings[] = {"ok", "FAILED", "note", "not checked", NULL};
static const char *const results[] = {"PASSED", "FAILED", NULL};
static const struct ms_field check_fields[] = {
    {.name = "check", .kind = MS_KIND_STRING, .min = 1, .max = 80},
    {.name = "finding", .kind = MS_KIND_ENUM, .values = findings},
    {.name = "text", .kind = MS_KIND_STRING, .max = TEXT_MAX},
};
static const struct ms_shape check_shape = {
    .fields = check_fields, .count = sizeof(check_fields) / sizeof(check_fields[0])};
static const struct ms_field check_item = {.kind = MS_KIND_OBJECT, .shape = &check_shape};
static const struct ms_field verdict_fields[] = {
    {.name = "schema", .kind = MS_KIND_STRING},
    {.name = "result", .kind = MS_KIND_ENUM, .values = results},
    {.name = "checks", .kind = MS_KIND_ARRAY, .max = CHECKS_MAX, .item = &check_item},
};
static const struct ms_shape verdict_shape = {
    .fields = verdict_fields, .count = sizeof(verdict_fields) / sizeof(verdict_fields[0])};

json_t *ms_page_read_verdict(const char *path)
{
	return ms_doc_read(path, "ms-verdict/1", &verdict_shape);
}

/* -- the section ------------------------------------------------------------------------------ */

static void put_checks(struct ms_page *page, const json_t *verdict, const char *caption)
{
	static const struct ms_column columns[] = {
	    {"Looked at", ""}, {"Finding", ""}, {"What", ""}};
	const json_t *row;
	size_t i;

	ms_table_open(page, "checks", caption, columns, 3, NULL);
	json_array_foreach(ms_doc_at(verdict, "checks"), i, row)
	{
		const char *finding = ms_document_text(row, "finding");

		ms_buf_puts(&page->out, "<tr>");
		ms_cell_head(page, ms_document_text(row, "check"));
		ms_buf_puts(&page->out, "<td>");
		ms_badge(page,
		         strcmp(finding, "ok") == 0       ? "good"
		         : strcmp(finding, "FAILED") == 0 ? "bad"
		                                          : "open",
		         finding);
		ms_buf_puts(&page->out, "</td>");
		ms_html(&page->out, "<td class=\"long\">%s</td></tr>\n",
		        ms_document_text(row, "text"));
	}
	ms_table_close(page);
}

static void put_result(struct ms_page *page, const json_t *verdict, const char *words)
{
	bool failed = strcmp(ms_document_text(verdict, "result"), "FAILED") == 0;

	ms_buf_puts(&page->out, "<p>");
	ms_badge(page, failed ? "bad" : "good", failed ? "FAILED" : "PASSED");
	ms_html(&page->out, " %s</p>\n", words);
}

static void put_keys(struct ms_page *page, const struct ms_verify *v)
{
	static const struct ms_column columns[] = {
	    {"Trusted key", ""}, {"Kind", ""}, {"From", ""}, {"Signed", ""}};

	ms_table_open(page, "keys", "Keys that this verification trusted", columns, 4, NULL);
	for (size_t i = 0; i < v->trust.count; i++) {
		const struct ms_key *key = &v->trust.items[i];
		bool signer = false;

		for (size_t k = 0; k < v->signer_count; k++)
			signer = signer || strcmp(v->signers[k]->id, key->id) == 0;
		ms_html(&page->out, "<tr><th scope=\"row\"><code class=\"digest\">%s</code></th>",
		        key->id);
		ms_cell(page, key->kind);
		ms_cell(page, key->source);
		ms_buf_puts(&page->out, "<td>");
		ms_badge(page, signer ? "good" : "open", signer ? "yes" : "no");
		ms_buf_puts(&page->out, "</td></tr>\n");
	}
	ms_table_close(page);
}

static void put_verify(struct ms_page *page, const struct ms_verify *v)
{
	json_t *verdict = ms_verdict_json(&v->verdict);

	put_result(page, verdict,
	           "Verified when this page was made, with the keys below. Whoever gets this page "
	           "from somebody else does not see that from the page: verify it anew with "
	           "ms-verify.");
	put_keys(page, v);
	put_checks(page, verdict, "What was verified, and what was not");
	json_decref(verdict);
}

void ms_page_trust(struct ms_page *page)
{
	const struct ms_page_extras *e = page->extras;

	ms_section_open(page, "signatures", "Signatures", NULL);
	if (e->verify)
		put_verify(page, e->verify);
	if (e->verdict) {
		put_result(page, e->verdict,
		           ms_format("So says %s, a verdict that was read and not checked for this "
		                     "page; nothing ties it to this document.",
		                     e->verdict_name));
		put_checks(page, e->verdict,
		           "What the verdict says was verified, and what was not");
	}
	if (!e->verify && !e->verdict)
		ms_buf_puts(&page->out,
		            "<p>No signature was looked at: ms-report was given no envelope "
		            "(--envelope, --trust) and no verdict of ms-verify "
		            "(--verdict).</p>\n");
	ms_section_close(page);
}
