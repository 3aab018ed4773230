/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * page.h - a system as one HTML page that needs nothing but itself: no font, image, script or
 * style from elsewhere, and a content security policy that forbids any.
 *
 * Without its script everything is there to be read; with it, tables can be sorted and filtered.
 * The same document, options and toolkit give the same bytes.
 */
#ifndef MS_REPORT_PAGE_H
#define MS_REPORT_PAGE_H

#include "report/document.h"
#include "report/reach.h"
#include "trust/verify.h"

/* What is to be shown besides the document. */
struct ms_page_extras {
	const char *title;              /* NULL: made from the system */
	const struct ms_verify *verify; /* what was verified just now; NULL: nothing */
	const json_t *verdict;          /* an ms-verdict/1 of somebody else; NULL: none */
	const char *verdict_name;       /* the file that it came from */
};

struct ms_page {
	struct ms_buf out;
	const struct ms_document *doc;
	const struct ms_spec *spec;
	const struct ms_page_extras *extras;
	struct ms_reach reach;
};

/* The page, NUL-terminated past *len. Ends the program with 1 when the document contradicts
 * itself. */
char *ms_page_make(const struct ms_document *document, const struct ms_page_extras *extras,
                   size_t *len);

/* Reads an ms-verdict/1, as `ms-verify --json` prints it; ends the program with 1 or 3. */
json_t *ms_page_read_verdict(const char *path);

/* -- its sections, in their order; each one writes nothing where it has nothing to say --------- */

void ms_page_summary(struct ms_page *page);    /* summary.c */
void ms_page_picture(struct ms_page *page);    /* page.c */
void ms_page_isolation(struct ms_page *page);  /* isolation.c */
void ms_page_memory(struct ms_page *page);     /* memory.c */
void ms_page_domains(struct ms_page *page);    /* domains.c */
void ms_page_caps(struct ms_page *page);       /* caps.c */
void ms_page_schedule(struct ms_page *page);   /* schedule.c */
void ms_page_interrupts(struct ms_page *page); /* schedule.c */
void ms_page_kernel(struct ms_page *page);     /* kernel.c */
void ms_page_files(struct ms_page *page);      /* files.c */
void ms_page_trust(struct ms_page *page);      /* trust.c */
void ms_page_inputs(struct ms_page *page);     /* files.c */

/* -- parts of a section (parts.c) ---------------------------------------------------------------
 */

/* Begins and ends a section; what: one sentence under its heading, or NULL. */
void ms_section_open(struct ms_page *page, const char *id, const char *title, const char *what);
void ms_section_close(struct ms_page *page);

struct ms_column {
	const char *title;
	const char *class; /* "num", "mono", "" */
};

/* Begins a table in a frame of its own that can be scrolled; between the two come rows. filter:
 * NULL, or what a box for words above the table is for. */
void ms_table_open(struct ms_page *page, const char *id, const char *caption,
                   const struct ms_column *columns, size_t count, const char *filter);
void ms_table_close(struct ms_page *page);

/* A cell, escaped; numbers and addresses stand to the right. */
void ms_cell(struct ms_page *page, const char *text);
void ms_cell_mono(struct ms_page *page, const char *text);
void ms_cell_number(struct ms_page *page, uint64_t number);
void ms_cell_size(struct ms_page *page, uint64_t bytes);
void ms_cell_hex(struct ms_page *page, uint64_t value);

/* The first cell of a row, its heading. */
void ms_cell_head(struct ms_page *page, const char *text);

/* A digest, which breaks anywhere. */
void ms_cell_digest(struct ms_page *page, const char *hex);

/* A term and what it is; NULL: nothing at all. */
void ms_fact(struct ms_page *page, const char *term, const char *text);

/* A link to a domain's own part; plain text where there is none of that name. */
void ms_pd_link(struct ms_page *page, const char *name);

/* A word that is a verdict: its class is "good", "bad" or "open", which is shown by more than
 * colour. */
void ms_badge(struct ms_page *page, const char *class, const char *text);

/* The PDs of a set, with links and commas; "nobody"; "all others but a, b" of a large one. self:
 * who is not asked about; SIZE_MAX: everybody is. */
void ms_pd_set(struct ms_page *page, uint64_t set, size_t self);

#endif
