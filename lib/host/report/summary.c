/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * summary.c - the top of a page: the answers that a reviewer looks for first, how far the document
 * has come, and what it therefore cannot say.
 */
#include "report/page.h"
#include "report/text.h"

#include <inttypes.h>
#include <string.h>

/* An answer: what it is about, the answer, one more line. class: "good", "bad", "open", "". */
static void tile(struct ms_page *page, const char *class, const char *about, const char *answer,
                 const char *more)
{
	ms_html(&page->out,
	        "<li class=\"tile%s%s\"><span class=\"about\">%s</span> <strong>%s</strong>",
	        *class ? " " : "", class, about, answer);
	if (*more)
		ms_html(&page->out, " <span class=\"more\">%s</span>", more);
	ms_buf_puts(&page->out, "</li>\n");
}

static void put_system(struct ms_page *page)
{
	const struct ms_spec *s = page->spec;
	struct ms_buf more = {0};

	ms_buf_printf(&more, "%s, %s, %s", ms_count_text(s->channels.count, "channel"),
	              ms_count_text(s->regions.count, "region"),
	              ms_count_text(s->irqs.count, "interrupt"));
	if (s->vms.count)
		ms_buf_printf(&more, ", %s", ms_count_text(s->vms.count, "virtual machine"));
	tile(page, "", "System", ms_count_text(s->pds.count, "protection domain"), more.data);
}

static void put_isolation(struct ms_page *page)
{
	const struct ms_spec *s = page->spec;
	size_t held = 0;

	if (!page->reach.known) {
		tile(page, "open", "Isolation", "none",
		     "the one protection domain is the root task and has everything");
		return;
	}
	for (size_t i = 0; i < s->assertions.count; i++)
		held += ms_reach_holds(s, &page->reach, &s->assertions.items[i]);
	if (s->assertions.count == 0)
		tile(page, "open", "Isolation", "nothing is asserted",
		     "the section below shows who can reach whom");
	else
		tile(page, held == s->assertions.count ? "good" : "bad", "Isolation",
		     ms_format("%zu of %s", held,
		               s->assertions.count == 1
		                   ? "1 assertion holds"
		                   : ms_format("%zu assertions hold", s->assertions.count)),
		     page->reach.by_table ? "judged by the capabilities of the layout"
		                          : "judged by the specification; there is no layout yet");
}

static void put_kernel(struct ms_page *page)
{
	const json_t *kernel = ms_doc_at(page->doc->archive, "kernel");
	bool probe = strcmp(ms_document_text(kernel, "kind"), "probe") == 0;

	if (!kernel) {
		tile(page, "open", "Kernel", "not chosen yet", "");
		return;
	}
	tile(page, probe ? "open" : "", "Kernel", probe ? "probe kernel" : "seL4",
	     probe ? "stands in for seL4 and is none"
	           : ms_format(
	                 "%s, %s, %s%s",
	                 json_is_true(ms_doc_at(kernel, "hypervisor")) ? "EL2" : "EL1",
	                 json_is_true(ms_doc_at(kernel, "mcs")) ? "MCS" : "classic",
	                 json_is_true(ms_doc_at(kernel, "debug")) ? "debug" : "release",
	                 ms_document_number(kernel, "cores") > 1
	                     ? ms_format(", %" PRIu64 " cores", ms_document_number(kernel, "cores"))
	                     : ""));
}

/* Never more than seL4 states. */
static void put_configuration(struct ms_page *page)
{
	const json_t *verdict = ms_doc_at(page->doc->archive, "kernel.verified_config");
	const char *kind = ms_document_text(verdict, "verdict");
	uint64_t different = ms_document_number(verdict, "different");

	if (!verdict || strcmp(kind, "not-seL4") == 0)
		return;
	if (strcmp(kind, "same-configuration") == 0)
		tile(page, "good", "Kernel configuration", "as a verified one",
		     ms_document_text(verdict, "nearest"));
	else
		tile(page, "open", "Kernel configuration", "not a verified one",
		     ms_format("%s from the nearest, %s",
		               different == 1 ? "1 option differs"
		                              : ms_format("%" PRIu64 " options differ", different),
		               ms_document_text(verdict, "nearest")));
}

static void put_image(struct ms_page *page)
{
	const json_t *image = page->doc->image;

	if (!image) {
		tile(page, "open", "Image", "not built yet", "");
		return;
	}
	tile(page, "", "Image", ms_size_text(ms_document_number(image, "size")),
	     ms_format("%s, SHA-256 %.12s\xe2\x80\xa6", ms_document_text(image, "format"),
	               ms_document_text(image, "sha256")));
}

static void put_trust(struct ms_page *page)
{
	const struct ms_verify *v = page->extras->verify;
	const json_t *verdict = page->extras->verdict;

	if (v)
		tile(page, v->verdict.failed ? "bad" : "good", "Signatures",
		     v->verdict.failed
		         ? "verification FAILED"
		         : ms_format("%s verified", ms_count_text(v->signer_count, "signer")),
		     ms_format("%zu of %s", v->verdict.checked - v->verdict.failed,
		               v->verdict.checked == 1
		                   ? "1 check holds"
		                   : ms_format("%zu checks hold", v->verdict.checked)));
	else if (verdict)
		tile(page, "open", "Signatures",
		     ms_format("%s, it is said", ms_document_text(verdict, "result")),
		     "read from a file, not verified for this page");
	else
		tile(page, "open", "Signatures", "not looked at",
		     "no envelope was given to ms-report");
}

/* -- how far ---------------------------------------------------------------------------------- */

static void put_stages(struct ms_page *page)
{
	const struct ms_document *d = page->doc;
	const struct {
		bool there;
		const char *program, *adds, *without;
	} stages[] = {
	    {true, "ms-parse", "the specification", ""},
	    {d->root != NULL, "ms-plan", "the plan", "what will be run to build it"},
	    {d->hashed, "ms-hash", "the hashes", "spec_hash and plan_hash"},
	    {d->artifacts != NULL, "ms-compile", "the programs", "the programs' sizes and digests"},
	    {d->layout != NULL, "ms-layout", "the layout",
	     "capabilities, address spaces and what lies where"},
	    {d->archive != NULL, "ms-cpio", "the archive", "the kernel and the archive's members"},
	    {d->image != NULL, "ms-link", "the image",
	     "how the board's memory is used, and the image's digest"},
	};
	size_t missing = 0;

	ms_buf_puts(&page->out, "<ol class=\"stages\" aria-label=\"Stages of the build\">\n");
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		missing += !stages[i].there;
		ms_html(
		    &page->out,
		    "<li class=\"%s\"><b>%s</b> <span>%s</span><span class=\"unseen\">: %s</span>"
		    "</li>\n",
		    stages[i].there ? "there" : "missing", stages[i].program, stages[i].adds,
		    stages[i].there ? "there" : "not there yet");
	}
	ms_buf_puts(&page->out, "</ol>\n");
	if (!missing)
		return;
	ms_buf_puts(&page->out,
	            "<p class=\"note\">This document is of an earlier stage. It does not "
	            "say yet: ");
	for (size_t i = 0, said = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		if (!stages[i].there)
			ms_html(&page->out, "%s%s", said++ ? "; " : "", stages[i].without);
	ms_buf_puts(&page->out, ".</p>\n");
}

void ms_page_summary(struct ms_page *page)
{
	ms_section_open(page, "summary", "Summary", NULL);
	ms_buf_puts(&page->out, "<ul class=\"tiles\">\n");
	put_system(page);
	put_isolation(page);
	put_kernel(page);
	put_configuration(page);
	put_image(page);
	put_trust(page);
	ms_buf_puts(&page->out, "</ul>\n");
	put_stages(page);
	ms_section_close(page);
}
