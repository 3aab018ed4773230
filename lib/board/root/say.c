/* SPDX-License-Identifier: BSD-2-Clause */
/* say.c - printing through the kernel's debug console (say.h). */
#include "board/root/say.h"
#include "board/root/kernel_calls.h"

#include <stdarg.h>

#define DIGITS_MAX 20

static void put_string(const char *s)
{
	while (*s)
		kernel_put_char(*s++);
}

static void put_number(uint64_t value, unsigned base)
{
	char digits[DIGITS_MAX];
	unsigned n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		kernel_put_char(digits[--n]);
}

void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	for (const char *p = format; *p; p++) {
		if (*p != '%') {
			kernel_put_char(*p);
			continue;
		}
		switch (*++p) {
		case 's': put_string(va_arg(ap, const char *)); break;
		case 'u': put_number(va_arg(ap, uint64_t), 10); break;
		case 'x':
			put_string("0x");
			put_number(va_arg(ap, uint64_t), 16);
			break;
		default: kernel_put_char(*p); break;
		}
	}
	va_end(ap);
}
