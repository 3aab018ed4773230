/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.c - the lines of a verification. See verdict.h.
 */
#include "trust/verdict.h"
#include "base/diag.h"
#include "base/mem.h"
#include "trust/json.h"

#include <stdlib.h>

void ms_verdict_add(struct ms_verdict *verdict, enum ms_finding finding, const char *check,
                    const char *fmt, ...)
{
	struct ms_verdict_line *line;
	char *raw;
	va_list ap;

	ms_reserve((void **)&verdict->items, &verdict->cap, verdict->count + 1,
	           sizeof(*verdict->items));
	line = &verdict->items[verdict->count++];
	va_start(ap, fmt);
	raw = ms_vformat(fmt, ap);
	va_end(ap);
	line->finding = finding;
	line->check = check;
	line->text = ms_visible(raw);
	free(raw);
	verdict->failed += finding == MS_FOUND_FAILED;
	verdict->checked += finding == MS_FOUND_FAILED || finding == MS_FOUND_OK;
}

const char *ms_finding_word(enum ms_finding finding)
{
	static const char *const words[] = {"ok", "FAILED", "note", "not checked"};

	return words[finding];
}

char *ms_verdict_text(const struct ms_verdict *verdict)
{
	struct ms_buf out = {0};

	for (size_t i = 0; i < verdict->count; i++) {
		const struct ms_verdict_line *line = &verdict->items[i];

		ms_buf_printf(&out, "%-11s  %-11s  %s\n", ms_finding_word(line->finding),
		              line->check, line->text);
	}
	if (verdict->failed)
		ms_buf_printf(&out, "FAILED: %zu of %s\n", verdict->failed,
		              ms_count_text(verdict->checked, "check"));
	else
		ms_buf_printf(&out, "PASSED: %s\n", ms_count_text(verdict->checked, "check"));
	return out.data;
}

json_t *ms_verdict_json(const struct ms_verdict *verdict)
{
	json_t *checks = ms_pack("[]");

	for (size_t i = 0; i < verdict->count; i++) {
		const struct ms_verdict_line *line = &verdict->items[i];

		ms_doc_append(checks, ms_pack("{s:s, s:s, s:s}", "check", line->check, "finding",
		                              ms_finding_word(line->finding), "text", line->text));
	}
	return ms_pack("{s:s, s:s, s:o}", "schema", "ms-verdict/1", "result",
	               verdict->failed ? "FAILED" : "PASSED", "checks", checks);
}
