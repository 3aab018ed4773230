/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.c - JSON of formats that are not ours. See json.h.
 */
#include "trust/json.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EPOCH_MAX 253402300799LL /* the last second of the year 9999 */

json_t *ms_pack(const char *fmt, ...)
{
	json_error_t error;
	json_t *value;
	va_list ap;

	va_start(ap, fmt);
	value = json_vpack_ex(&error, 0, fmt, ap);
	va_end(ap);
	if (!value)
		ms_die_system("a document cannot be made: %s", error.text);
	return value;
}

void ms_pack_add(struct ms_buf *list, json_t *value)
{
	ms_buf_puts(list, list->len ? "," : "[");
	ms_json_write(list, value);
	json_decref(value);
}

json_t *ms_pack_end(struct ms_buf *list)
{
	json_t *value;

	ms_buf_puts(list, list->len ? "]" : "[]");
	value = ms_json_raw(list->data, list->len);
	free(list->data);
	*list = (struct ms_buf){0};
	return value;
}

json_t *ms_json_parse(const char *name, const char *text, size_t len)
{
	struct ms_source source = {.name = name, .text = text, .len = len};
	struct ms_place place = {.source = &source, .len = 1};
	json_error_t error;
	json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	if (value)
		return value;
	place.line = error.line > 0 ? (unsigned)error.line : 1;
	place.col = error.column > 0 ? (unsigned)error.column : 1;
	ms_report(MS_ERROR, &place, "json", "%s", error.text);
	return NULL;
}

const char *ms_json_string(const json_t *value, const char *path)
{
	return json_string_value(ms_doc_at(value, path));
}

void ms_json_keep(const char *path, const json_t *value)
{
	size_t len;
	char *text = ms_doc_canonical(value, &len);

	text[len] = '\n'; /* in place of the NUL */
	ms_write_file(path, text, len + 1, MS_WRITE_SYNC);
	free(text);
}

bool ms_is_sha256(const char *s)
{
	return s && strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

const char *ms_epoch_time(const char *otherwise)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	char text[32];
	long long seconds;
	struct tm tm;
	time_t when;

	if (!epoch)
		return otherwise;
	if (!*epoch || epoch[strspn(epoch, "0123456789")] || strlen(epoch) > 18 ||
	    (seconds = strtoll(epoch, NULL, 10)) > EPOCH_MAX)
		ms_die_usage("SOURCE_DATE_EPOCH=%s: must be a number of seconds", epoch);
	when = (time_t)seconds;
	if (!gmtime_r(&when, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		ms_die_usage("SOURCE_DATE_EPOCH=%s: no such time", epoch);
	return ms_strdup(text);
}
