/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.h - what a verification has found, one line for each thing that was looked at and for
 * each that was not; as text for people and as JSON for programs.
 */
#ifndef MS_TRUST_VERDICT_H
#define MS_TRUST_VERDICT_H

#include "base/doc.h"
#include <stdbool.h>
#include <stddef.h>

enum ms_finding {
	MS_FOUND_OK,
	MS_FOUND_FAILED,
	MS_FOUND_NOTE,   /* said by somebody, or passed over; decides nothing */
	MS_FOUND_SKIPPED /* was not asked for, or could not be looked at without more */
};

struct ms_verdict_line {
	enum ms_finding finding;
	const char *check; /* "signature", "image", ... */
	char *text;
};

struct ms_verdict {
	struct ms_verdict_line *items;
	size_t count, cap;
	size_t failed, checked;
};

/* Adds a line. Control characters in its text are escaped: much of it comes from files. */
void ms_verdict_add(struct ms_verdict *verdict, enum ms_finding finding, const char *check,
                    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* "ok", "FAILED", "note", "not checked"; the same in JSON. */
const char *ms_finding_word(enum ms_finding finding);

/* One line each, the verdict last. */
char *ms_verdict_text(const struct ms_verdict *verdict);

/* {"schema":"ms-verdict/1","result":"PASSED"|"FAILED","checks":[{"check","finding","text"}...]} */
json_t *ms_verdict_json(const struct ms_verdict *verdict);

#endif
