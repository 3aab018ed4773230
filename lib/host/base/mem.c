/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mem.c - memory of a run-to-exit program. Everything allocated stays reachable until exit.
 */
#include "base/mem.h"
#include "base/diag.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What one object may grow to: far above every cap on input, far below a machine's limits. */
#define MAX_OBJECT ((size_t)1 << 40)

void *ms_alloc(size_t count, size_t size)
{
	void *p;

	if (count == 0 || size == 0)
		count = size = 1;
	if (count > MAX_OBJECT / size)
		ms_die_system("out of memory: %zu objects of %zu bytes", count, size);
	p = calloc(count, size);
	if (!p)
		ms_die_system("out of memory: %zu objects of %zu bytes", count, size);
	return p;
}

void *ms_library_alloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		ms_die_system("out of memory: a library asks for %zu bytes", size);
	return p;
}

void *ms_library_realloc(void *p, size_t size)
{
	void *moved = realloc(p, size ? size : 1);

	if (!moved)
		ms_die_system("out of memory: a library asks for %zu bytes", size);
	return moved;
}

/* Bytes of a text, of any stage, from which on the work on it takes about a megabyte. */
#define LARGE 20000u

void ms_mem_expect_for(size_t len)
{
	const uintptr_t huge = 2u << 20, some = len < MS_MEM_MANY ? 3 : 7;
	static bool expected;
	uintptr_t from;
	static void *volatile gap
	    __attribute__((unused)); /* kept, or the compiler would leave it out */
	void *heap;

	if (len < LARGE || expected)
		return;
	expected = true;
	/* All from one heap that only grows, in large steps of addresses (not of memory). */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_TOP_PAD, (int)((some + 2) * huge));
	heap = malloc(160 * 1024); /* more than the heap has; what lies behind it is untouched */
	if (!heap)
		return;
	from = ((uintptr_t)heap + huge - 1) & ~(huge - 1);
	/* Some large pages: of a last one the most may stay empty. */
	if ((uintptr_t)sbrk(0) > from + some * huge)
		madvise((void *)from, some * huge, MADV_HUGEPAGE);
	free(heap);
	/* What comes next begins where they do; nobody touches the gap. */
	gap = malloc(from - (uintptr_t)heap);
}

char *ms_strndup(const char *s, size_t len)
{
	char *copy = ms_alloc(len + 1, 1);

	memcpy(copy, s, len);
	return copy;
}

bool ms_ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), want = strlen(end);

	return len > want && strcmp(s + len - want, end) == 0;
}

char *ms_behind(const char *s, const char *start)
{
	size_t n = strlen(start);
	const char *rest = s + n;
	char *found;

	if (strncmp(s, start, n) != 0)
		return NULL;
	/* As strchr: it lacks const where the caller's has none. */
	memcpy(&found, &rest, sizeof(found));
	return found;
}

bool ms_starts_with(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

char *ms_strdup(const char *s)
{
	return ms_strndup(s, strlen(s));
}

char *ms_count_text(uint64_t count, const char *noun)
{
	size_t len = strlen(noun);
	const char *end = "s";

	if (count == 1)
		end = "";
	else if (len > 1 && noun[len - 1] == 'y' && !strchr("aeou", noun[len - 2]))
		return ms_format("%" PRIu64 " %.*sies", count, (int)len - 1, noun);
	else if (len && strchr("sx", noun[len - 1]))
		end = "es";
	return ms_format("%" PRIu64 " %s%s", count, noun, end);
}

char *ms_vformat(const char *fmt, va_list ap)
{
	char text[256], *s;
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(text, sizeof(text), fmt, again);
	va_end(again);
	if (len < 0)
		ms_die_system("a message cannot be formatted");
	if ((size_t)len < sizeof(text))
		return ms_strndup(text, (size_t)len);
	s = ms_alloc((size_t)len + 1, 1);
	vsnprintf(s, (size_t)len + 1, fmt, ap);
	return s;
}

char *ms_format(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = ms_vformat(fmt, ap);
	va_end(ap);
	return s;
}

void ms_reserve(void **items, size_t *cap, size_t need, size_t size)
{
	size_t want = *cap ? *cap : 8;
	void *p;

	if (need <= *cap)
		return;
	if (need > MAX_OBJECT / size)
		ms_die_system("out of memory: %zu objects of %zu bytes", need, size);
	while (want < need)
		want *= 2;
	p = realloc(*items, want * size);
	if (!p)
		ms_die_system("out of memory: %zu objects of %zu bytes", want, size);
	memset((char *)p + *cap * size, 0, (want - *cap) * size);
	*items = p;
	*cap = want;
}

/* A call for every few bytes of a document: the common case is short. */
char *ms_buf_room(struct ms_buf *buf, size_t more)
{
	size_t need, want;
	char *data;

	if (more < buf->cap - buf->len)
		return buf->data + buf->len;
	if (more > MAX_OBJECT - buf->len - 1)
		ms_die_system("out of memory: a text of %zu bytes", more);
	need = buf->len + more + 1;
	if (need > buf->cap) {
		want = buf->cap ? buf->cap * 2 : 64;
		want = want < need ? need : want;
		data = realloc(buf->data, want);
		if (!data)
			ms_die_system("out of memory: a text of %zu bytes", want);
		buf->data = data;
		buf->cap = want;
	}
	return buf->data + buf->len;
}

void ms_buf_add(struct ms_buf *buf, const void *data, size_t len)
{
	char *to = ms_buf_room(buf, len);

	if (len)
		memcpy(to, data, len);
	to[len] = '\0';
	buf->len += len;
}

void ms_buf_puts(struct ms_buf *buf, const char *s)
{
	ms_buf_add(buf, s, strlen(s));
}

void ms_buf_printf(struct ms_buf *buf, const char *fmt, ...)
{
	va_list ap, again;
	char *to = ms_buf_room(buf, 64);
	size_t room = buf->cap - buf->len;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(to, room, fmt, again);
	va_end(again);
	if (len < 0)
		ms_die_system("a text cannot be formatted");
	if ((size_t)len >= room)
		vsnprintf(ms_buf_room(buf, (size_t)len), (size_t)len + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)len;
}

void ms_list_add(struct ms_list *list, const char *item)
{
	void *items = list->items;

	ms_reserve(&items, &list->cap, list->count + 2, sizeof(*list->items));
	list->items = items;
	list->items[list->count++] = item;
	list->items[list->count] = NULL;
}

bool ms_list_has(const struct ms_list *list, const char *item)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], item) == 0)
			return true;
	}
	return false;
}

void ms_list_add_once(struct ms_list *list, const char *item)
{
	if (!ms_list_has(list, item))
		ms_list_add(list, item);
}
