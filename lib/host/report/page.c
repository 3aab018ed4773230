/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * page.c - the frame of a page: head, navigation, the sections in their order. See page.h.
 */
#include "report/page.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/digest.h"
#include "report/assets.h"
#include "report/picture.h"
#include "report/text.h"
#include "trust/base64.h"

#include <string.h>

/* Every section, by the id of its heading; those that wrote nothing are in no navigation. */
static const struct section {
	const char *id, *title;
	void (*write)(struct ms_page *page);
} sections[] = {
    {"summary", "Summary", ms_page_summary},
    {"picture", "Picture", ms_page_picture},
    {"isolation", "Isolation", ms_page_isolation},
    {"memory", "Memory", ms_page_memory},
    {"domains", "Protection domains", ms_page_domains},
    {"capabilities", "Capabilities", ms_page_caps},
    {"schedule", "Schedule", ms_page_schedule},
    {"interrupts", "Interrupts", ms_page_interrupts},
    {"kernel", "Kernel", ms_page_kernel},
    {"files", "Hashes and sizes", ms_page_files},
    {"signatures", "Signatures", ms_page_trust},
    {"inputs", "Inputs", ms_page_inputs},
};
#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

void ms_page_picture(struct ms_page *page)
{
	struct ms_graph_choice all = {0};
	struct ms_picture picture;
	struct ms_graph graph;

	ms_graph_make(page->spec, &all, &graph);
	ms_picture_make(&graph, &picture);
	ms_section_open(page, "picture", "Picture",
	                "Who there is, and what connects them. What only one domain has stands in "
	                "its box. Point at a box, or move to it with the keyboard, to see its "
	                "neighbours; it leads to the domain's own part of this page.");
	ms_buf_puts(&page->out, "<div class=\"scroll drawing\" role=\"region\" "
	                        "aria-label=\"The picture\" tabindex=\"0\">\n");
	ms_picture_svg(&picture, false, &page->out);
	ms_buf_puts(&page->out, "</div>\n");
	if (picture.left_out)
		ms_html(&page->out, "<p>%s of shared regions found no room in the picture.</p>\n",
		        ms_count_text(picture.left_out, "further group"));
	ms_section_close(page);
}

/* What a policy calls a text: 'sha256-…'. */
static char *source_hash(const void *data, size_t len)
{
	uint8_t digest[32];
	char text[MS_BASE64_ROOM(sizeof(digest))];

	ms_sha256(data, len, digest);
	ms_base64_encode(digest, sizeof(digest), text);
	return ms_format("'sha256-%s'", text);
}

static char *make_title(const struct ms_spec *spec)
{
	return ms_format("%s on %s", ms_count_text(spec->pds.count, "protection domain"),
	                 spec->build.board);
}

static void put_head(struct ms_page *page, const char *title)
{
	struct ms_buf style = {0}, *out = &page->out;

	ms_buf_puts(&style, ms_page_css);
	ms_buf_puts(&style, ms_picture_css);
	ms_buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	ms_buf_printf(out,
	              "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	              "style-src %s; script-src %s; base-uri 'none'; form-action 'none'\">\n",
	              source_hash(style.data, style.len),
	              source_hash(ms_page_js, strlen(ms_page_js)));
	ms_html(out,
	        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	        "<meta name=\"color-scheme\" content=\"light dark\">\n"
	        "<meta name=\"referrer\" content=\"no-referrer\">\n"
	        "<meta name=\"generator\" content=\"moonshot-toolkit %s\">\n<title>%s</title>\n",
	        MS_VERSION, title);
	ms_buf_puts(out, "<style>");
	ms_buf_add(out, style.data, style.len);
	ms_buf_puts(out, "</style>\n</head>\n");
}

static void put_navigation(struct ms_buf *out, const bool *written)
{
	ms_buf_puts(out, "<nav aria-label=\"Sections\"><ul>\n");
	for (size_t i = 0; i < SECTIONS; i++)
		if (written[i])
			ms_html(out, "<li><a href=\"#%s\">%s</a></li>\n", sections[i].id,
			        sections[i].title);
	ms_buf_puts(out, "</ul></nav>\n");
}

static void put_footer(struct ms_buf *out)
{
	ms_html(
	    out,
	    "<footer><p>Made by ms-report of moonshot-toolkit %s from one document, which was "
	    "checked as strictly as a stage of the build checks it. The same document gives the "
	    "same page, byte for byte.</p></footer>\n",
	    MS_VERSION);
}

char *ms_page_make(const struct ms_document *doc, const struct ms_page_extras *extras, size_t *len)
{
	struct ms_page page = {.doc = doc, .spec = doc->spec, .extras = extras}, body;
	const char *title = extras->title ? extras->title : make_title(doc->spec);
	bool written[SECTIONS];

	ms_reach_find(doc, &page.reach);
	body = page;
	for (size_t i = 0; i < SECTIONS; i++) {
		size_t before = body.out.len;

		sections[i].write(&body);
		written[i] = body.out.len > before;
	}
	put_head(&page, title);
	ms_buf_puts(&page.out,
	            "<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n");
	ms_html(&page.out,
	        "<header><p class=\"kind\">System report</p><h1>%s</h1></header>\n<div "
	        "class=\"frame\">\n",
	        title);
	put_navigation(&page.out, written);
	ms_buf_puts(&page.out, "<main id=\"main\" tabindex=\"-1\">\n");
	ms_buf_add(&page.out, body.out.data, body.out.len);
	ms_buf_puts(&page.out, "</main>\n</div>\n");
	put_footer(&page.out);
	ms_buf_puts(&page.out, "<script>");
	ms_buf_puts(&page.out, ms_page_js);
	ms_buf_puts(&page.out, "</script>\n</body>\n</html>\n");
	*len = page.out.len;
	return page.out.data;
}
