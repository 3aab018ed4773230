/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text.c - text for pages, drawings and graphs. See text.h.
 */
#include "report/text.h"
#include "base/diag.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

/* What shows nothing, or changes how its neighbours are shown. */
static const struct range unseen[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x34f, 0x34f},     {0x61c, 0x61c},
    {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f}, {0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe000, 0xf8ff}, {0xe0000, 0x10ffff}};

static bool is_unseen(uint32_t code)
{
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (code >= unseen[i].first && code <= unseen[i].last)
			return true;
	return false;
}

/* The next character of s, and its bytes in *len; a byte that begins none stands for itself as
 * the control character of its number. */
static uint32_t next(const char *s, size_t *len)
{
	const unsigned char *u = (const unsigned char *)s;

	*len = ms_utf8_length(s, strnlen(s, 4));
	switch (*len) {
	case 1: return u[0];
	case 2: return (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
	case 3: return (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
	case 4:
		return (u[0] & 0x07u) << 18 | (u[1] & 0x3fu) << 12 | (u[2] & 0x3fu) << 6 |
		       (u[3] & 0x3fu);
	default: *len = 1; return 0x80;
	}
}

static void put_unseen(struct ms_buf *out, uint32_t code, const char *backslash)
{
	if (code < 0x100)
		ms_buf_printf(out, "%sx%02" PRIx32, backslash, code);
	else
		ms_buf_printf(out, "%su%04" PRIx32, backslash, code);
}

static void put_html(struct ms_buf *out, const char *s, size_t len, uint32_t code)
{
	switch (code) {
	case '&': ms_buf_puts(out, "&amp;"); break;
	case '<': ms_buf_puts(out, "&lt;"); break;
	case '>': ms_buf_puts(out, "&gt;"); break;
	case '"': ms_buf_puts(out, "&quot;"); break;
	case '\'': ms_buf_puts(out, "&#39;"); break;
	default:
		if (is_unseen(code))
			put_unseen(out, code, "\\");
		else
			ms_buf_add(out, s, len);
	}
}

void ms_html_text(struct ms_buf *out, const char *s)
{
	for (size_t len; *s; s += len) {
		uint32_t code = next(s, &len);

		put_html(out, s, len, code);
	}
}

void ms_html_clipped(struct ms_buf *out, const char *s, size_t width)
{
	size_t all = ms_text_width(s), head = (width + 1) / 2, tail = width - head, at = 0;

	for (size_t len; *s; s += len, at++) {
		uint32_t code = next(s, &len);

		if (all <= width || at + 1 < head || at >= all - tail)
			put_html(out, s, len, code);
		else if (at + 1 == head)
			ms_buf_puts(out, "\xe2\x80\xa6");
	}
}

void ms_html(struct ms_buf *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	while (*fmt) {
		size_t plain = strcspn(fmt, "%");

		ms_buf_add(out, fmt, plain);
		fmt += plain;
		if (!*fmt)
			break;
		fmt++;
		if (*fmt == 's') {
			ms_html_text(out, va_arg(ap, const char *));
			fmt++;
		} else if (*fmt == 'd') {
			ms_buf_printf(out, "%d", va_arg(ap, int));
			fmt++;
		} else if (ms_starts_with(fmt, "zu")) {
			ms_buf_printf(out, "%zu", va_arg(ap, size_t));
			fmt += 2;
		} else if (strncmp(fmt, PRIu64, sizeof(PRIu64) - 1) == 0) {
			ms_buf_printf(out, "%" PRIu64, va_arg(ap, uint64_t));
			fmt += sizeof(PRIu64) - 1;
		} else if (strncmp(fmt, PRIx64, sizeof(PRIx64) - 1) == 0) {
			ms_buf_printf(out, "%" PRIx64, va_arg(ap, uint64_t));
			fmt += sizeof(PRIx64) - 1;
		} else if (*fmt == '%') {
			ms_buf_puts(out, "%");
			fmt++;
		} else {
			ms_die_system("internal fault: markup with %%%c", *fmt);
		}
	}
	va_end(ap);
}

void ms_dot_text(struct ms_buf *out, const char *s)
{
	ms_buf_puts(out, "\"");
	for (size_t len; *s; s += len) {
		uint32_t code = next(s, &len);

		if (code == '"' || code == '\\')
			ms_buf_puts(out, "\\");
		if (is_unseen(code))
			put_unseen(out, code, "\\\\");
		else
			ms_buf_add(out, s, len);
	}
	ms_buf_puts(out, "\"");
}

size_t ms_text_width(const char *s)
{
	size_t width = 0;

	for (size_t len; *s; s += len, width++)
		next(s, &len);
	return width;
}

char *ms_size_text(uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	size_t unit = 0;
	uint64_t tenths;

	if (bytes < 1024)
		return ms_count_text(bytes, "byte");
	while (unit < 3 && bytes >> (10 * (unit + 2)))
		unit++;
	if (bytes % (UINT64_C(1) << (10 * (unit + 1))) == 0)
		return ms_format("%" PRIu64 " %s", bytes >> (10 * (unit + 1)), units[unit]);
	/* Rounded to a tenth; the shift leaves room for the factor. */
	tenths = ((bytes >> (10 * unit)) * 10 + 512) / 1024;
	return ms_format("%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, units[unit]);
}
