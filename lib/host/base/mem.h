/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mem.h - memory of a run-to-exit program: allocations never fail (out of memory ends the
 * program with 3) and live until exit, so nothing here needs to be freed.
 */
#ifndef MS_BASE_MEM_H
#define MS_BASE_MEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory for count objects of size bytes; the product is checked. */
void *ms_alloc(size_t count, size_t size);

/* malloc and realloc as they are given to the libraries (jansson, libcrypto): these say of
 * an allocation that fails no more than that something has failed, be it an input that is not
 * well formed or a signature that does not hold. So none fails: out of memory ends the program. */
void *ms_library_alloc(size_t size);
void *ms_library_realloc(void *p, size_t size);

/* Copies of a string, of len bytes of it (NUL added), of printf's result. */
char *ms_strdup(const char *s);
char *ms_strndup(const char *s, size_t len);
char *ms_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *ms_vformat(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/* For people: "1 region", "12 regions"; "boxes" and "entries" as well, "keys". */
char *ms_count_text(uint64_t count, const char *noun);

/* True when s ends with end and is longer. */
bool ms_ends_with(const char *s, const char *end);

/* What of s lies behind start, which it begins with; NULL when it does not. */
char *ms_behind(const char *s, const char *start);
bool ms_starts_with(const char *s, const char *start);

/* A program says how long the text is that it is going to work on. Where that will take a
 * megabyte or more its pages come in large pieces, if the kernel has such: a page fault costs
 * more than filling the page. Before the first megabyte. */
void ms_mem_expect_for(size_t len);
#define MS_MEM_MANY (1u << 20) /* of several stages in one process */

/* Makes room in the array *items (of *cap objects) for at least need objects. New ones are zero. */
void ms_reserve(void **items, size_t *cap, size_t need, size_t size);

/* A growing byte string. {0} is empty and ready; data is NUL-terminated once anything was added. */
struct ms_buf {
	char *data;
	size_t len;
	size_t cap;
};
void ms_buf_add(struct ms_buf *buf, const void *data, size_t len);
/* Room for so many more bytes (and the NUL) behind those that are there; who fills it adds to len
 * and writes the NUL or adds something behind it. */
char *ms_buf_room(struct ms_buf *buf, size_t more);
void ms_buf_puts(struct ms_buf *buf, const char *s);
void ms_buf_printf(struct ms_buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A growing, NULL-terminated list of strings (an argument vector). {0} is empty and ready. */
struct ms_list {
	const char **items;
	size_t count;
	size_t cap;
};
void ms_list_add(struct ms_list *list, const char *item); /* keeps the pointer */
bool ms_list_has(const struct ms_list *list, const char *item);
void ms_list_add_once(struct ms_list *list, const char *item); /* where it is not there yet */

#endif
