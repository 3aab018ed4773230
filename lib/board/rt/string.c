/* SPDX-License-Identifier: BSD-2-Clause */
/* string.c - the part of <string.h> that need not be fast. The mem* ones are in memory.S. */
#include <string.h>

void *memchr(const void *s, int byte, size_t size)
{
	const unsigned char *p = s;

	for (; size > 0; p++, size--) {
		if (*p == (unsigned char)byte)
			return (void *)(size_t)p;
	}
	return NULL;
}

size_t strlen(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	return len;
}

int strncmp(const char *a, const char *b, size_t size)
{
	for (; size > 0; a++, b++, size--) {
		if (*a != *b || *a == 0)
			return (unsigned char)*a - (unsigned char)*b;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)-1);
}
